{
    "name": "Sales and Manufacturing",
    "version": "1.0",
    "category": "Sales",
    "summary": "Kits on sales orders, and the manufacturing orders that are made for them",
    "author": "Stillage contributors",
    "license": "Apache-2.0",
    "depends": ["sales", "manufacturing"],
    "data": ["security/ir.model.access.csv", "views/links.xml"],
    "auto_install": True,
    "installable": True,
}
