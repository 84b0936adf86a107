"""The laws of invoices that `stillage doctor` checks; amounts are computed fields, which core compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from addons.invoicing.services.closed_invoices import NO_NUMBER
from core.doctor import MOST, Check, Problem, circle_check, company_check, describe

COMPANIES = (("account.move", "reversed_entry_id"), ("account.move.line", "move_id"))


def checks() -> list[Check]:
    """The checks of invoices."""
    return [
        Check("invoicing.numbers", "Posted invoices have a number and a date", _numbers),
        circle_check(
            "invoicing.credit_chain",
            "account.move",
            "reversed_entry_id",
            "No invoice credits itself",
            "empty reversed_entry_id of invoice {id} in `stillage shell`",
        ),
        company_check("invoicing.companies", COMPANIES),
    ]


def _numbers(env: Any) -> Iterator[Problem]:
    move = env.registry.table("account.move")
    bare = sa.or_(move.c.name == NO_NUMBER, move.c.name.is_(None), move.c.invoice_date.is_(None))
    rows = sa.select(move.c.id).where(move.c.state == "posted", bare).order_by(move.c.id).limit(MOST)
    for res_id in env.execute(rows).scalars().all():
        yield Problem(
            "account.move",
            res_id,
            f"{describe(env, 'account.move', res_id)} is posted without a number or a date",
            hint="restore both from the invoice that was sent; post it again as a draft if none was sent",
        )
