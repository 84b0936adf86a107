"""Advanced filters: conditions over any field, and how they travel.

fields.py      which fields may be asked for, by path (``product_id.categ_id.name``)
conditions.py  the tree of conditions: from and to its text in an address, as a domain, in words
builder.py     the same tree as the inputs of a form
"""
