{
    "name": "Route notes",
    "summary": "Remembers on which delivery route a contact lies",
    "version": "1.0.0",
    "author": "Yet Another Ltd",
    "license": "MIT",
    "depends": ["base"],
    "data": ["views/res_partner.xml"],
}
