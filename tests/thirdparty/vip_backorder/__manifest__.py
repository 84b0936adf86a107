{
    "name": "VIP backorder",
    "summary": "Backorders without a question for chosen customers",
    "version": "1.0.0",
    "author": "Somebody Else Ltd",
    "license": "MIT",
    "depends": ["inventory"],
    "data": ["views/views.xml"],
}
