"""The database below the ORM: engine, transactions, exact types, bulk statements and schema changes.

Built on SQLAlchemy Core and Alembic; SQLite and PostgreSQL behave alike from here up. Nothing in here knows a model.
"""
