"""Counting stock: what was counted becomes true by a movement from or to the inventory loss location.

count ─> (stock moved since? ask which figure holds) ─> difference ─> move, done ─> reservations beyond it released
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from addons.inventory.exceptions import InventoryError, SerialTaken
from addons.inventory.services import action_scope, product_lock, reservation
from addons.inventory.services.quants import STOCKED, Key
from core.fields import Datetime
from core.rounding import format_number

ZERO = Decimal(0)
#: Why the counts are applied that are under way.
REASON = "inventory.count_reason"
LINKS = ("product_id", "location_id", "lot_id", "package_id", "owner_id")
#: What a row says while nothing is counted.
NOT_COUNTED = {"inventory_quantity": 0, "inventory_quantity_set": False, "inventory_base_quantity": 0, "user_id": False}


def loss_location(env: Any) -> Any:
    """Where counted differences come from and go to."""
    found = env.ref("inventory.location_inventory", raise_if_not_found=False)
    return found or env["stock.location"].sudo().search([("usage", "=", "inventory")], limit=1)


# ---------------------------------------------------------------------------- rows
def open_rows(model: Any, vals_list: Sequence[Mapping[str, Any]]) -> Any:
    """The stock rows for the values, existing or new; a quantity given is counted and applied, a count recorded."""
    model.check_access("create")
    rows, targets = [], {}
    proposed = model.default_get(["location_id"]) if any("location_id" not in vals for vals in vals_list) else {}
    for vals in vals_list:
        row = _row_for(model, {**proposed, **vals})
        rows.append(row.id)
        for name in ("quantity", "inventory_quantity_auto_apply"):
            if name in vals:
                targets[row] = _typed(model, name, vals)
        more = {
            name: vals[name] for name in ("inventory_quantity", "inventory_date", "user_id", "in_date") if name in vals
        }
        if more:
            row.write(more)
    if targets:
        set_on_hand(targets)
    return model.browse(rows)


def _typed(rows: Any, name: str, vals: Mapping[str, Any]) -> Decimal:
    """A typed quantity as a number; raises ValidationError for what is none."""
    value = rows._fields[name].convert_to_cache(vals[name], rows[:1])
    return ZERO if value is None else value


def _row_for(model: Any, vals: Mapping[str, Any]) -> Any:
    for name in ("product_id", "location_id"):
        if not vals.get(name):
            raise InventoryError(
                model.env._("Say which product is where: %(field)s is missing.", field=model._fields[name].string),
                code="inventory.count_incomplete",
                data={"field": name},
            )
    product = model.env["product.product"].browse(vals["product_id"])
    place = model.env["stock.location"].browse(vals["location_id"])
    if not product.is_storable:
        raise InventoryError(
            model.env._(
                "The quantity of %(product)s is not tracked, so it cannot be counted.", product=product.display_name
            ),
            code="inventory.product_not_storable",
        )
    if place.usage not in STOCKED:
        raise InventoryError(
            model.env._("No stock is kept in %(place)s; choose an internal location.", place=place.complete_name),
            code="inventory.location_without_stock",
        )
    links = {name: vals.get(name) or False for name in LINKS}
    found = model.search([(name, "=", value) for name, value in links.items()], limit=1)
    return found or model.sudo()._settle_create([links]).with_env(model.env)


def ensure_rows(env: Any, products: Any) -> None:
    """Give storable products without any row of stock one at the first warehouse."""
    env["stock.quant"].check_access("create")
    known = {
        product.id
        for product, _count in env["stock.quant"]._read_group([("product_id", "in", products.ids)], ["product_id"])
    }
    place = env["stock.warehouse"]._default_for(env.company).lot_stock_id
    missing = [product for product in products if product.id not in known and product.is_storable]
    if missing and place:
        env["stock.quant"].sudo()._settle_create(
            [{"product_id": product.id, "location_id": place.id} for product in missing]
        )


# ---------------------------------------------------------------------------- counting
def record_count(rows: Any, vals: Mapping[str, Any]) -> bool:
    """Write a count, and what the books said when it was taken."""
    counted = _typed(rows, "inventory_quantity", vals)
    if counted < 0:
        raise InventoryError(
            rows.env._(
                "%(stock)s: a counted quantity cannot be negative (%(quantity)s).",
                stock=rows[:1].display_name,
                quantity=format_number(counted),
            ),
            code="inventory.negative_count",
        )
    for row in rows:
        if row.product_id.tracking == "serial" and row.lot_id and counted not in (0, 1):
            raise SerialTaken(
                rows.env._(
                    "Serial number %(lot)s of %(product)s is one unit: count 0 or 1.",
                    lot=row.lot_id.name,
                    product=row.product_id.display_name,
                )
            )
    product_lock.lock_products(rows.env, rows.product_id.ids)
    more = {name: value for name, value in vals.items() if name not in ("inventory_quantity", "inventory_quantity_set")}
    more |= {"inventory_quantity": counted, "inventory_quantity_set": True}
    rows._settle_multi([{**more, "inventory_base_quantity": row.quantity} for row in rows])
    return True


def record_as_booked(rows: Any) -> None:
    """Take what the books say as counted."""
    product_lock.lock_products(rows.env, rows.product_id.ids)
    for row in rows:
        record_count(row, {"inventory_quantity": row.quantity})


def lock(rows: Any) -> Any:
    """Lock the products and the rows, and return those that there are; what was read of them is read again."""
    product_lock.lock_products(rows.env, rows.product_id.ids)
    return rows.lock_for_update().exists()


def apply(rows: Any, answers: Mapping[str, Any]) -> Any:
    """Make the counts true, or return the wizard that asks which figure holds where stock has moved since.

    Args:
        answers: `{"conflict": {id of a row: "counted" | "difference"}, "reason": the text that the movements keep}`;
            each may be missing.
    Raises InventoryError where nothing is counted, also because another user has applied the counts meanwhile.
    """
    rows.check_access("write")
    counted = lock(rows).filtered("inventory_quantity_set")
    if not counted:
        raise InventoryError(
            rows.env._("Nothing is counted yet. Enter the counted quantities first."), code="inventory.nothing_counted"
        )
    given = {int(key): value for key, value in (answers.get("conflict") or {}).items()}
    conflicts = counted.filtered(lambda row: row.is_outdated and row.id not in given)
    if conflicts:
        return rows.env["stock.inventory.conflict"].create(
            {
                "quant_ids": [(6, 0, counted.ids)],
                "quant_to_fix_ids": [(6, 0, conflicts.ids)],
                "reason": answers.get("reason") or False,
            }
        )
    differing = counted.filtered(lambda row: given.get(row.id) == "difference")
    differing._settle_multi(
        [
            {"inventory_quantity": max(row.quantity + row.inventory_quantity - row.inventory_base_quantity, ZERO)}
            for row in differing
        ]
    )
    announce(counted)
    with action_scope.scoped(rows.env, REASON, answers.get("reason")):
        counted._apply_inventory()
    return None


def announce(rows: Any) -> None:
    """Queue the message that follows when the counts of these rows are applied; call it before they are."""
    env = rows.env
    if len(rows) > 1:
        env.notify(env._("%(number)s counts are applied.", number=len(rows)))
        return
    text = env._(
        "%(product)s: %(qty)s %(unit)s are on hand in %(place)s now, %(before)s before the count.",
        product=rows.product_id.display_name,
        qty=format_number(rows.inventory_quantity),
        unit=rows.product_uom_id.name,
        place=rows.location_id.complete_name,
        before=format_number(rows.quantity),
    )
    env.notify(text)


def post(rows: Any, date: Any = None) -> None:
    """Post the counted differences as done moves, and close the counts.

    Args:
        date: the moment of the moves; now if None.
    Raises AccessError unless the user may change the rows.
    """
    rows.check_access("write")
    rows = lock(rows).sudo()
    when = date or Datetime.now()
    differences = {row: row.inventory_quantity - row.quantity for row in rows}
    moves = _difference_moves({row: change for row, change in differences.items() if change}, when)
    rows.location_id.write({"last_inventory_date": when.date()})
    rows.exists()._settle({**NOT_COUNTED, "last_count_date": when.date()})
    if moves:
        moves._action_done()


def _difference_moves(differences: Mapping[Any, Decimal], when: Any) -> Any:
    """Moves with their lines, one for each row: from the inventory loss location, or to it where there is less."""
    if not differences:
        return None
    env = next(iter(differences)).env
    loss = loss_location(env)
    rows = list(differences.items())
    ways = [
        (loss, row.location_id, env["stock.package"], row.package_id)
        if change > 0
        else (row.location_id, loss, row.package_id, env["stock.package"])
        for row, change in rows
    ]
    values = [
        row._get_inventory_move_values(abs(change), *way) | {"state": "confirmed", "date": when}
        for (row, change), way in zip(rows, ways)
    ]
    moves = env["stock.move"].sudo().create(values)
    env["stock.move.line"].sudo()._settle_create(
        [
            {
                **reservation.line_values(move, abs(change)),
                "lot_id": row.lot_id.id,
                "owner_id": row.owner_id.id,
                "package_id": package.id,
                "result_package_id": package_dest.id,
                "date": when,
            }
            for move, (row, change), (_source, _dest, package, package_dest) in zip(moves, rows, ways)
        ]
    )
    return moves


def reason(env: Any) -> str:
    """Why the stock is adjusted, for the moves: the reason given, or that the quantity was updated."""
    return env.cr.memory.get(REASON) or env._("Product Quantity Updated")


def set_on_hand(targets: Mapping[Any, Decimal]) -> None:
    """Make the rows hold exactly these quantities, whatever they hold now."""
    rows = next(iter(targets)).browse([row.id for row in targets])
    lock(rows)
    for row, quantity in targets.items():
        record_count(row.sudo(), {"inventory_quantity": quantity})
    rows._apply_inventory()


def adjust(env: Any, key: Key, change: Decimal, in_date: Any = None) -> Any:
    """Add `change` to one row of stock by a movement from or to the inventory loss location.

    Args:
        in_date: since when what is added has been in stock; now if None.
    Returns the date since when the row holds stock.
    """
    product_lock.lock_products(env, [key.product])
    row = _row_for(env["stock.quant"].sudo(), dict(zip(LINKS, key)))
    since = row.in_date if row.quantity > 0 else None
    move = _difference_moves({row: change}, Datetime.now()) if change else None
    if move:
        move._action_done()
    if in_date and change > 0:
        row._settle({"in_date": min(in_date, since or in_date)})
    row = row.exists()
    return row.in_date if row else in_date or Datetime.now()
