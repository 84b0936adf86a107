{
    "name": "Quality gate",
    "summary": "Urgent transfers and manufacturing orders are checked before they are done",
    "version": "1.0.0",
    "author": "My Company",
    "license": "Apache-2.0",
    "depends": ["inventory"],
    "data": ["security/ir.model.access.csv", "views/quality_gate.xml"],
}
