"""For tests, of this addon and of others: the stock laws in one assertion, and stock by one call."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import counting, doctor


def assert_stock_laws(env: Any) -> None:
    """Fail with every violation of the stock laws, if there is any."""
    problems = doctor.check_laws(env)
    assert not problems, "\n".join(f"{problem.check}: {problem.text}" for problem in problems)


def put_stock(product: Any, quantity: Any, location: Any = None, lot: Any = None) -> Any:
    """Have exactly `quantity` of the product at the location (by default the first warehouse's stock).

    Returns the row of stock.
    """
    return put_lots(product, {lot: quantity}, location)


def put_lots(product: Any, quantities: Mapping[Any, Any], location: Any = None) -> Any:
    """Have exactly these quantities of the product at the location, by lot; None stands for what has no lot.

    Returns the rows of stock, in the order of `quantities`.
    """
    env = product.env
    location = location or env["stock.warehouse"]._default_for(env.company).lot_stock_id
    rows = env["stock.quant"].create(
        [
            {"product_id": product.id, "location_id": location.id, "lot_id": lot.id if lot else False}
            for lot in quantities
        ]
    )
    counting.set_on_hand({row: Decimal(str(quantity)) for row, quantity in zip(rows, quantities.values(), strict=True)})
    return rows
