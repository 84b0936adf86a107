"""Users of one group each, and what a call changed in the database: for tests of rights by class."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

#: Role -> groups of a user who has nothing else.
ROLES = {
    "portal": ["base.group_portal"],
    "plain": ["base.group_user"],
    "picker": ["inventory.group_stock_user"],
    "salesman": ["sales.group_sale_salesman"],
    "buyer": ["purchasing.group_purchase_user"],
    "worker": ["manufacturing.group_mrp_user"],
    "bookkeeper": ["invoicing.group_account_invoice"],
}
#: A user with all rights in a company of their own.
NEIGHBOUR = "neighbour"
MANAGERS = [
    "inventory.group_stock_manager",
    "sales.group_sale_manager",
    "purchasing.group_purchase_manager",
    "manufacturing.group_mrp_manager",
    "invoicing.group_account_manager",
]

_CHANGE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)


def environment(env: Any, role: str) -> Any:
    """The environment of a new user of the role."""
    groups = MANAGERS if role == NEIGHBOUR else ROLES[role]
    values = {
        "name": f"User {role}",
        "login": f"{role}@example.com",
        "group_ids": [(6, 0, [env.ref(group).id for group in groups])],
    }
    if role == NEIGHBOUR:
        company = env["res.company"].create({"name": "Neighbour"})
        values |= {"company_id": company.id, "company_ids": [(6, 0, company.ids)]}
    user = env["res.users"].create(values)
    env.flush_all()
    return env(uid=user.id, context={}, su=False)


class _Undo(Exception):
    """Takes back what a call did."""


@contextmanager
def changes(env: Any) -> Iterator[set[str]]:
    """The tables of lasting records that the block changes, filled at its end; the changes are taken back.

    Raises whatever the block raises, after undoing its part.
    """
    env.flush_all()
    private = {
        env.registry.table(name).name for name, model in env.registry.models.items() if getattr(model, "_transient", 0)
    }
    touched: set[str] = set()

    def record(_connection: Any, _cursor: Any, statement: str, *_details: Any) -> None:
        found = _CHANGE.match(statement)
        if found:
            touched.add(found.group(1))

    connection = env.cr.connection
    result: set[str] = set()
    sa.event.listen(connection, "before_cursor_execute", record)
    try:
        with env.savepoint():
            yield result
            env.flush_all()
            raise _Undo
    except _Undo:
        pass
    finally:
        sa.event.remove(connection, "before_cursor_execute", record)
        relations = {table for table in touched if _is_of_transient(env, table)}
        result |= touched - private - relations - {"ir_model_data"}


def _is_of_transient(env: Any, table: str) -> bool:
    """Whether a table holds the links of a many2many field of a transient model."""
    for model in env.registry.models.values():
        if getattr(model, "_transient", False):
            for field in model._fields.values():
                if field.type == "many2many" and field.store and getattr(field, "relation", None) == table:
                    return True
    return False
