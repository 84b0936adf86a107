"""A small workshop for the tests: tables from tops and legs, chairs with serial numbers, lots of varnish."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.testing import put_stock

D = Decimal


def product(env: Any, name: str, **values: Any) -> Any:
    """A storable product."""
    template = env["product.template"].create({"name": name, "is_storable": True, **values})
    return template.product_variant_id


def on_hand(product: Any, location: Any = None) -> Decimal:
    """How many there are now, read afresh."""
    return _figure(product, "qty_available", location)


def free(product: Any) -> Decimal:
    """How many there are and not reserved, read afresh."""
    return _figure(product, "free_qty", None)


def _figure(product: Any, name: str, location: Any) -> Decimal:
    product.env.flush_all()
    product.env.invalidate_all()
    return (product.with_context(location=location.id) if location else product)[name]


def bill(env: Any, made: Any, components: dict[Any, Any], **values: Any) -> Any:
    """A bill of materials: component -> quantity for one."""
    lines = [(0, 0, {"product_id": part.id, "product_qty": quantity}) for part, quantity in components.items()]
    return env["mrp.bom"].create({"product_tmpl_id": made.product_tmpl_id.id, "bom_line_ids": lines, **values})


def family_name(order: Any, number: int) -> str:
    """What the part `number` of the order's family is called: WH/MO/00001-002."""
    return f"{order.production_group_id.name}-{number:03d}"


class Workshop:
    """A table of one top and four legs, with stock for 20 of them; everything can be changed by the test."""

    def __init__(self, env: Any, tops: Any = 20, legs: Any = 80, **table: Any) -> None:
        self.env = env
        self.top = product(env, "Table Top")
        self.leg = product(env, "Table Leg")
        self.table = product(env, "Table", **table)
        self.bom = bill(env, self.table, {self.top: 1, self.leg: 4})
        if tops:
            put_stock(self.top, tops)
        if legs:
            put_stock(self.leg, legs)

    def order(self, quantity: Any = 10, confirm: bool = True, **values: Any) -> Any:
        """An order for tables."""
        production = self.env["mrp.production"].create({"product_id": self.table.id, "product_qty": quantity, **values})
        if confirm:
            production.action_confirm()
        return production

    def consumed(self, production: Any) -> dict[str, Decimal]:
        """Component name -> what was really consumed."""
        return {move.product_id.name: move.quantity for move in production.move_raw_ids if move.state == "done"}

    def reserved(self, production: Any) -> dict[str, Decimal]:
        """Component name -> what is reserved."""
        return {
            move.product_id.name: move.quantity
            for move in production.move_raw_ids
            if move.state not in ("done", "cancel")
        }
