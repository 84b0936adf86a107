"""The domain editor: advanced filters of lists, with conditions on any field.

field_paths     which fields may be searched, by path (``product_id.categ_id.name``)
condition_tree  the tree of conditions: from and to its text in an address, as a domain, in words
inputs          the same tree as the inputs of a form
"""
