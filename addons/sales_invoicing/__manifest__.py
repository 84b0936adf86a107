{
    "name": "Sales and Invoicing",
    "version": "1.0",
    "category": "Sales",
    "summary": "Sales orders are invoiced: taxes, quantities to invoice, and Release Backorders to ship or invoice",
    "author": "Stillage",
    "license": "Apache-2.0",
    "depends": ["sales", "invoicing"],
    "after": ["sales_manufacturing"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "views/sale_release_backorders_views.xml",
        "views/links.xml",
        "views/menus.xml",
    ],
    "auto_install": True,
    "installable": True,
}
