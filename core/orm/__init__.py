"""Recordsets on SQLAlchemy Core. Reading order:

types, commands, decorators    small vocabulary
fields/                        descriptors: conversions, reading through the cache, writing
domain/                        conditions, to SQL and to Python
recordset                      identity, iteration, set algebra
crud, search, reading,         behaviours of a model, one per file, put together in `model`
grouping, group_shapes,
specified, rights, validation,
hierarchy, states, forms
keeping                        rows that all transactions of the process share
triggers                       what must be computed again when a field changes
flush                          from the cache to the database
tables                         models to SQLAlchemy tables
environment                    Environment and Transaction
notifications                  what an action tells its user
registry                       definitions of the installed addons to final classes
"""
