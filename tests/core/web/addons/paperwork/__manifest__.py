{
    "name": "Paperwork",
    "version": "1.0.0",
    "depends": ["base"],
    "license": "Apache-2.0",
    "data": ["security/groups.xml", "security/ir.model.access.csv", "views/views.xml"],
}
