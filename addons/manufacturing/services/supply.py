"""Manufacturing in the supply chain: needs become orders, and the components of orders become needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from addons.inventory.services import supply_links
from addons.inventory.services.procurement import id_of, ids_of
from addons.manufacturing.exceptions import NoBillOfMaterials
from core.fields import Datetime

MAKE_TO_ORDER = "make_to_order"


def manufacture(env: Any, needs: Sequence[Any]) -> dict[Any, Any]:
    """Answer needs by confirmed orders; one create and one confirmation for all.

    Args:
        needs: with rules that say *manufacture*.

    Returns:
        need -> the order that was made for it; True where one will be made once there is a bill of materials.

    Raises:
        NoBillOfMaterials: a product is to be made, its company requires a bill of materials, and there is none.
    """
    env = env(su=True)
    boms = dict(zip(needs, bills(env, needs), strict=True))
    strict = {need: bom for need, bom in boms.items() if need.company_id.require_bom}
    postponed = env["mrp.production"]._postpone_without_bom(
        [need for need, bom in strict.items() if not (bom and bom.bom_line_ids)]
    )
    _refuse_without_bill(env, [need for need, bom in strict.items() if not bom and need not in postponed])
    made = [need for need in needs if need not in postponed]
    productions = env["mrp.production"].sudo().create([_order_values(need, boms[need]) for need in made])
    for need, production in zip(made, productions, strict=True):
        _tie(need, production)
    supply_links.link(env, [(need, order._product_moves()) for need, order in zip(made, productions, strict=True)])
    env.log_created(productions)  # named before what their components need
    productions.action_confirm()
    return dict.fromkeys(postponed, True) | dict(zip(made, productions, strict=True))


def bills(env: Any, needs: Sequence[Any]) -> list[Any]:
    """The bill by which each need is made: the one it asks for, or the first that applies; None where there is none."""
    places = {need: (need.rule.picking_type_id, need.company_id) for need in needs}
    found: dict[Any, Any] = {}
    for place in dict.fromkeys(places.values()):
        picking_type, company = place
        products = env["product.product"].union(*(need.product_id for need in needs if places[need] == place))
        found[place] = env["mrp.bom"].sudo()._bom_find(products, picking_type, company.id, "normal")
    return [need.values.get("bom_id") or found[places[need]].get(need.product_id) or None for need in needs]


def refusals(env: Any, needs: Iterable[Any]) -> dict[int, str]:
    """id(need) -> why it cannot be made, for needs whose rule says *manufacture* and companies that require bills."""
    ours = [need for need in needs if need.rule and need.rule.action == "manufacture" and need.company_id.require_bom]
    boms = dict(zip(ours, bills(env, ours), strict=True))
    empty = [need for need, bom in boms.items() if bom and not bom.bom_line_ids]
    waiting = env["mrp.production"]._postpone_without_bom(empty)
    return {id(need): env._("no bill of materials") for need, bom in boms.items() if not bom} | {
        id(need): env._("no components in the bill of materials") for need in waiting
    }


def _refuse_without_bill(env: Any, missing: Sequence[Any]) -> None:
    if not missing:
        return
    raise NoBillOfMaterials(
        env._(
            "%(products)s is to be manufactured (for %(origins)s) but has no bill of materials. Create one under "
            "Manufacturing > Products > Bills of Materials, or take the product off the route Manufacture.",
            products=sorted({need.product_id.display_name for need in missing}),
            origins=sorted({need.origin or need.name for need in missing}),
        ),
    )


def _order_values(need: Any, bom: Any) -> dict[str, Any]:
    now = Datetime.now()
    due = need.values.get("date_planned") or now
    # Nothing is begun in the past: what is needed before it can be made is expected as soon as it can.
    following = need.values.get("move_dest_ids")
    plan = need.values.get("production_plan_id") or (following and following.production_plan_id[:1])
    start = max(due - timedelta(days=bom.produce_delay if bom else 0), now)
    values = {
        "product_id": need.product_id.id,
        "product_qty": need.product_qty,
        "product_uom_id": need.product_uom.id,
        "bom_id": bom.id if bom else False,
        "origin": need.origin,
        "company_id": need.company_id.id,
        "picking_type_id": need.rule.picking_type_id.id,
        "date_start": start,
        "date_deadline": need.values.get("date_deadline") or due,
        "priority": need.values.get("priority") or "0",
        "orderpoint_id": id_of(need.values.get("orderpoint_id")),
        "propagate_cancel": need.rule.propagate_cancel,
        "explode_subassemblies": bool(plan and plan.explode_subassemblies),
        "plan_id": id_of(plan),
    }
    references = ids_of(need.values.get("reference_ids"))
    if references:
        values["reference_ids"] = [(6, 0, list(references))]
    return values


def _tie(need: Any, production: Any) -> None:
    """The moves that need the product wait for the move that brings it in."""
    targets = production.env["stock.move"].browse(ids_of(need.values.get("move_dest_ids")))
    if targets:
        production._product_moves().write({"move_dest_ids": [(4, target.id) for target in targets]})
        targets.filtered(lambda move: not move.created_production_id).write({"created_production_id": production.id})


def set_procure_methods(moves: Any) -> None:
    """Decide for draft components whether they are taken from stock or set off a rule: one write for those that do.

    A rule is set off at a pre-production location, which the warehouse fills for each order, and for products that
    are replenished on order (MTO), unless the warehouse's rule for them (`manufacture_mto_pull_id`) is archived or
    takes from stock.
    """
    raw = moves.filtered(
        lambda move: (
            move.raw_material_production_id
            and move.state == "draft"
            and move.procure_method != MAKE_TO_ORDER
            and not move.move_orig_ids
        )
    )
    if not raw:
        return
    chosen: dict[tuple[Any, Any, Any], bool] = {}
    ordered = []
    for move in raw:
        key = (move.product_id, move.location_id, move.raw_material_production_id.picking_type_id)
        if key not in chosen:
            chosen[key] = _sets_off_a_rule(*key)
        if chosen[key]:
            ordered.append(move.id)
    if ordered:
        raw.browse(ordered).write({"procure_method": MAKE_TO_ORDER})


def _sets_off_a_rule(product: Any, place: Any, kind: Any) -> bool:
    """Whether a component that orders of an operation type consume at a place is brought there by a rule."""
    warehouse = kind.warehouse_id
    fetched = warehouse.manufacture_steps not in (False, "mrp_one_step") and place == warehouse.pbm_loc_id
    if fetched and product.is_storable:
        return True
    stocked = place == kind.default_location_src_id or place._is_below(warehouse.lot_stock_id)
    return stocked and is_made_to_order(product, warehouse)


def is_made_to_order(product: Any, warehouse: Any) -> bool:
    """Whether a component is replenished on order when production in the warehouse takes it from stock."""
    rule = warehouse.manufacture_mto_pull_id
    if not product.is_storable or not rule.active or rule.procure_method != MAKE_TO_ORDER:
        return False
    return product.env.ref("inventory.route_warehouse0_mto", raise_if_not_found=False) in product._route_ids()
