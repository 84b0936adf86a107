"""What lines of orders may not be, and what must not change once it is agreed: the same for sales and purchasing.

The lines are those of `order.line.mixin`, and have `order_id` (with `locked`), `price_unit` and `discount`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.inventory.exceptions import OrderLocked
from addons.inventory.services import ledger, product_lock
from core.api import _
from core.exceptions import UserError, ValidationError
from core.rounding import format_number

DISCOUNT = _("The discount must be between 0 and 100 percent.")
#: What is agreed on a line besides its quantity, and stays when the order is locked.
AGREED = frozenset({"product_id", "name", "product_uom_id", "price_unit", "discount"})


def lock(orders: Any, action: str) -> None:
    """Lock the rows of orders, and check again that `action` is possible, as another user may have acted meanwhile.

    Orders created in this transaction are not locked: others cannot see them. SQLite has one writer and needs no lock.
    """
    env = orders.env
    shared = orders._written()
    if env.cr.dialect == "postgresql" and shared:
        shared.lock_for_update()
        env[orders._fields["order_line"].comodel_name].invalidate_model()
        orders._check_transition(action)


def lock_lines(lines: Any) -> Any:
    """Lock the products of lines, then their orders; what was read of orders, lines and moves is read again.

    For changes of what is ordered: whether the order is confirmed, how much has moved already, and which moves are
    open, holds from here on until the transaction ends. Lines that are written one by one are locked once together
    before (`order.mixin.write`).

    Returns those of the lines whose order is confirmed.
    """
    product_lock.lock_moves(lines.move_ids.sudo())
    orders = lines.order_id._written()
    if lines.env.cr.dialect == "postgresql" and not orders._is_locked():
        orders.lock_for_update()
        lines.invalidate_model()
        product_lock.lock_moves(lines.move_ids.sudo())  # those of an order that was confirmed meanwhile
    return lines.filtered(lambda line: line.state == line._kind.confirmed)


def set_state(orders: Any, action: str, state: str) -> None:
    """Give orders the state that the transition `action` leads to, unless another user has acted meanwhile."""
    lock(orders, action)
    orders._settle({"state": state})


def check_kind(lines: Any) -> None:
    """Refuse lines that are neither over a product nor a mere text. Raises ValidationError."""
    env, quantity = lines.env, lines._kind.demand
    for line in lines:
        if line.product_id and not line.display_type:
            continue
        title = line.name or env._("Order line")
        if not line.display_type:
            raise ValidationError(
                env._("%(line)s: choose a product.", line=title),
                fields=["product_id"],
                code="inventory.line_without_product",
            )
        if line.product_id or line[quantity] or line.price_unit:
            raise ValidationError(
                env._(
                    "%(line)s is a section or a note: it has a text, and neither product, quantity nor price.",
                    line=title,
                ),
                fields=["display_type"],
                code="inventory.text_line",
            )


def check_not_negative(lines: Any) -> None:
    """Refuse negative quantities. Raises ValidationError."""
    kind, refusal = lines._kind, lines._refusals["negative"]
    for line in lines:
        if line[kind.demand] < 0:
            raise ValidationError(
                lines.env._(
                    refusal.text, product=line.product_id.display_name, quantity=format_number(line[kind.demand])
                ),
                fields=[kind.demand],
                code=refusal.code,
            )


def check_discount(lines: Any, code: str) -> None:
    """Refuse discounts that are no part of the price. Raises ValidationError with this code."""
    if any(not 0 <= line.discount <= 100 for line in lines):
        raise ValidationError(lines.env._(DISCOUNT), fields=["discount"], code=code)


def check_unit(lines: Any) -> None:
    """Refuse units that measure something else than the product's. Raises ValidationError."""
    for line in lines:
        unit, own = line.product_uom_id, line.product_id.uom_id
        if unit and own and unit != own and not unit._has_common_reference(own):
            raise ValidationError(
                lines.env._(
                    "%(product)s is kept in %(product_unit)s; it cannot be ordered in %(unit)s.",
                    product=line.product_id.display_name,
                    product_unit=own.name,
                    unit=unit.name,
                ),
                fields=["product_uom_id"],
                code="inventory.unit_family",
            )


def refuse_locked(orders: Any) -> None:
    """Refuse to change, or to cancel, what was agreed on a locked order. Raises OrderLocked."""
    locked = orders.filtered("locked")
    if locked:
        raise OrderLocked(
            orders.env._(
                "%(orders)s is locked. Unlock it before you change its lines or cancel it.", orders=locked._described()
            ),
            data={"orders": locked.mapped("name")},
        )


def refuse_entered(lines: Any) -> None:
    """Refuse to enter the fulfilled quantity of goods, which is computed from transfers. Raises UserError."""
    kind = lines._kind
    goods = lines.filtered(lambda line: line[kind.method] == kind.by_moves)
    if goods:
        refusal = lines._refusals["entered"]
        raise UserError(
            lines.env._(refusal.text, product=goods[0].product_id.display_name, order=goods[0].order_id.name),
            code=refusal.code,
        )


def refuse_changes(lines: Any, vals: Mapping[str, Any]) -> None:
    """Refuse changes of locked terms, of the fulfilled quantity and of the product on lines. Raises UserError."""
    kind = lines._kind
    if (AGREED | {kind.demand}) & vals.keys():
        refuse_locked(lines.order_id)
    if kind.fulfilled in vals:
        refuse_entered(lines)
    _refuse_exchange(lines, vals)


def _refuse_exchange(lines: Any, vals: Mapping[str, Any]) -> None:
    """Refuse another product or unit on lines of confirmed orders, and another kind of line. Raises UserError."""
    env = lines.env
    if "display_type" in vals and any(ledger.changes(line, "display_type", vals["display_type"]) for line in lines):
        raise UserError(
            env._("A line stays what it is. Delete it and add a line of the other kind."),
            code="inventory.line_kind_fixed",
        )
    for name in ("product_id", "product_uom_id"):
        for line in lines if name in vals else ():
            if line.state == lines._kind.confirmed and ledger.changes(line, name, vals[name]):
                raise UserError(
                    env._(
                        "%(product)s on %(order)s is part of a confirmed order: its product and unit stay. "
                        "Set its quantity to 0 and add a line instead.",
                        product=line.product_id.display_name,
                        order=line.order_id.name,
                    ),
                    code="inventory.line_confirmed",
                )


def refuse_deletion(lines: Any) -> None:
    """Refuse to delete lines of locked orders, and those of confirmed ones that are no texts. Raises UserError."""
    refuse_locked(lines.order_id)
    for line in lines:
        if line.state == lines._kind.confirmed and not line.display_type:
            raise UserError(
                lines.env._(
                    "%(product)s on %(order)s is part of a confirmed order. Set its quantity to 0 instead.",
                    product=line.product_id.display_name,
                    order=line.order_id.name,
                ),
                code="inventory.line_confirmed",
            )
