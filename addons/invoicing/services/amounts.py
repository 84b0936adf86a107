"""The arithmetic of invoices: exact, in Decimal, rounded half up per line and per tax.

    subtotal of a line    round(quantity x unit price x (100 - discount) / 100)
    tax of a line         round(subtotal x rate / 100), for each tax by itself; prices are without taxes
    totals of a document  sums of what its lines say; nothing is rounded again

Rounding half up is symmetric, so a credit note over the same lines has exactly the opposite amounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

ZERO = Decimal(0)
HUNDRED = Decimal(100)


class TaxTotal(NamedTuple):
    """One tax of a document: its label, its rate in percent, what it is charged on and how much it is."""

    name: str
    rate: Decimal
    base: Decimal
    amount: Decimal


def subtotal(quantity: Decimal, price_unit: Decimal, discount: Decimal, currency: Any) -> Decimal:
    """Return the amount of a line without taxes; not rounded where no currency is known yet."""
    amount = quantity * price_unit * (HUNDRED - discount) / HUNDRED
    return currency.round(amount) if currency else amount


def tax_amounts(base: Decimal, taxes: Any, currency: Any) -> dict[int, Decimal]:
    """Return tax id -> tax on `base`, each rounded by itself."""
    amounts = {tax.id: base * tax.amount / HUNDRED for tax in taxes}
    return {id_: currency.round(amount) for id_, amount in amounts.items()} if currency else amounts


def tax_details(base: Decimal, taxes: Any, currency: Any, rounding: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the taxes of a line as they are stored with it, so that they stand when a tax changes later.

    Args:
        rounding: tax id (as text) -> amount (as text) that this line adds, so that partial invoices make up the whole.
    """
    amounts = tax_amounts(base, taxes, currency)
    return [
        {
            "id": str(tax.id or ""),
            "name": tax.invoice_label or tax.name,
            "rate": str(tax.amount),
            "base": str(base),
            "amount": str(amounts[tax.id] + Decimal(rounding.get(str(tax.id), "0"))),
        }
        for tax in taxes
    ]


def tax_totals(details: Iterable[Mapping[str, str]]) -> list[TaxTotal]:
    """Return the taxes of a document from those of its lines, one row per tax, the lowest rate first."""
    totals: dict[tuple[str, str], TaxTotal] = {}
    for row in details:
        key = (row["id"], row["name"])
        known = totals.get(key, TaxTotal(row["name"], Decimal(row["rate"]), ZERO, ZERO))
        totals[key] = known._replace(
            base=known.base + Decimal(row["base"]), amount=known.amount + Decimal(row["amount"])
        )
    return sorted(totals.values(), key=lambda total: (total.rate, total.name))
