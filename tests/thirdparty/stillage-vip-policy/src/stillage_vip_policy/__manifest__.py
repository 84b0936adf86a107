{
    "name": "VIP policy",
    "summary": "Marks the customers who are served first",
    "version": "1.0.0",
    "author": "Somebody Else Ltd",
    "license": "MIT",
    "depends": ["base"],
    "data": ["views/res_partner.xml"],
}
