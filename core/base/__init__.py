"""The built-in addon: users, companies, partners, access rights, views, menus, numbering, jobs.

It is an addon like any other: the loader installs it first and it has no private way into core. What core needs
from it, core finds by contract: the models of `models/`, and the services that `core.boot` hands to the registry
(`services.access.AccessControl` as `registry.access`, `services.tracking` as `registry.tracking`).

Reading order: `models/` (what is stored), `services/` (the algorithms over it), `security/`, `data/`, `views/`.
"""
