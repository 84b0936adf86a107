"""The laws of stock on a live database: what inventory brings to `stillage doctor`.

    stock_laws        rows of stock and reservations          move_laws    lines, moves and transfers
    backorder_laws    what is outstanding, and its history    link_laws    chains, backorders, companies

Every law is compared by the database or in slices of rows; done move lines are never changed.
"""

from __future__ import annotations

from typing import Any

from addons.inventory.services import backorder_laws, link_laws, move_laws, stock_laws
from core.doctor import Check, Problem, examine


def checks() -> list[Check]:
    """All checks of stock, in the order in which their repairs build on one another."""
    return [*link_laws.checks(), *move_laws.checks(), *stock_laws.checks(), *backorder_laws.checks()]


def check_laws(env: Any) -> list[Problem]:
    """The problems that the laws of stock find; empty when all is well."""
    return examine(env, checks())
