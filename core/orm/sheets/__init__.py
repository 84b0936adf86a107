"""Records as rows of cells: `load` and `export_data`, as Odoo's clients and spreadsheets know them.

    paths     what the title of a column names: partner_id, partner_id/id, order_line/product_uom_qty
    cells     a value from a cell
    rows      rows into records, each with the rows of its lines
    links     records named in cells: by name, external id or database id, all of a sheet looked up together
    loading   load: records created and updated, or nothing and every reason why
    export    export_data: records into rows that load reads back

A column's title is a path. ``id`` is the external id, ``.id`` the database id. A row that has cells for lines only
continues the record above it.
"""
