{
    "name": "Fair share",
    "summary": "Shares scarce stock out in proportion to what is missing",
    "version": "1.0.0",
    "author": "Even Steven Ltd",
    "license": "MIT",
    "depends": ["inventory"],
}
