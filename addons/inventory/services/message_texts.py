"""Parts of messages that many of them have: a quantity of a product, and the first of many names."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from core.rounding import format_number

#: So many names are stated in a message; the rest is counted.
NAMED = 5


def quantity_of(product: Any, quantity: Decimal, unit: Any = None) -> str:
    """Return a quantity in words: "5 Units of Drawer".

    Args:
        quantity: in `unit`; by default in the product's own.
    """
    text: str = product.env._(
        "%(qty)s %(unit)s of %(product)s",
        qty=format_number(quantity),
        unit=(unit or product.uom_id).name,
        product=product.display_name,
    )
    return text


def first_of(env: Any, names: Sequence[str], separator: str = ", ", most: int = NAMED) -> str:
    """Return the first `most` names, and how many more there are."""
    return with_rest(env, separator.join(names[:most]), len(names) - most)


def first_records(records: Any, most: int = NAMED) -> str:
    """Return the names of the first `most` records, and how many more there are; the names of those are not read."""
    text = ", ".join(str(name) for name in records[:most].mapped("display_name"))
    return with_rest(records.env, text, len(records) - most)


def with_rest(env: Any, text: str, more: int) -> str:
    """Return the names `text` and how many more there are; `text` alone where there are none."""
    return str(env._("%(names)s and %(number)s more", names=text, number=more)) if more > 0 else text
