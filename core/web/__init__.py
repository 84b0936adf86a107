"""The web client: pages rendered on the server from XML views.

Reading order: `app` (a request from the socket to the answer), `views` (XML architectures become trees),
`forms` (a record's values become text in a form and come back), `pages` (one module per kind of page),
`templating` and `templates` (HTML), `static` (one stylesheet, one script).
"""
