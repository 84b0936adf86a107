"""Going on: what has arrived at a place with a push rule is sent to the next one, until it is where it was wanted.

    push   done moves ─> rule of each ─> stock.rule._run_push ─> the next moves, confirmed (and reserved)

`location_final_id` of a move says where its goods are wanted in the end; it travels along. What was under way when the
steps of its warehouse changed finishes on the route that it started on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from addons.inventory.services import move_states, procurement, routing
from addons.inventory.services.quants import STOCKED

ACTIONS = ("push", "pull_push")


def push(moves: Any) -> Any:
    """Send on what done moves have brought to places with a push rule; returns the new moves, confirmed."""
    arrived = moves.filtered(_goes_on)
    if not arrived:
        return moves.browse()
    rules = _rules(arrived)
    steps = []
    for move in arrived:
        rule = _rule_for(move, rules)
        back = move.origin_returned_move_id
        if rule and rule.auto != "transparent" and not (back and back.location_dest_id == rule.location_dest_id):
            steps.append((move, rule))
    return moves.env["stock.rule"]._run_push(steps) if steps else moves.browse()


def send_on(env: Any, steps: Sequence[tuple[Any, Any]]) -> Any:
    """Create and confirm the moves that send on what done moves have brought, each by its rule; returns them."""
    rows = [rule._push_prepare_move_copy_values(move, due(rule, move)) for move, rule in steps]
    onward = env["stock.move"].sudo().create(rows)
    done = [move for move, _rule in steps]
    for move, following in zip(done, onward, strict=True):
        _hand_over_followers(move, following)
    # An order that ships together does so on every step.
    policies = {
        following.id: move.picking_id.move_type
        for move, following in zip(done, onward, strict=True)
        if move.location_final_id.usage == "customer"
    }
    confirmed = onward._action_confirm()
    procurement.set_policies(confirmed, policies)
    return confirmed


def redirect(moves: Any) -> None:
    """Let planned moves go straight to where a push rule without a step of its own ("transparent") sends goods on."""
    todo = moves.filtered(lambda move: move.location_dest_id.usage in STOCKED and not move.is_inventory)
    if not todo:
        return
    rules = routing.by_place([rule for rule in _active_rules(todo) if rule.auto == "transparent"], "location_src_id")
    for move in todo if rules else ():
        seen = set()
        while rule := _rule_for(move, rules):
            if rule.id in seen:
                break
            seen.add(rule.id)
            move._settle(
                {"location_dest_id": rule.location_dest_id.id, "date": move.date + timedelta(days=rule.delay or 0)}
            )


def _goes_on(move: Any) -> bool:
    place = move.location_dest_id
    if place.usage not in STOCKED or move.is_inventory:
        return False
    return not any(target.location_id._is_below(place) for target in move.move_dest_ids)


def _active_rules(moves: Any) -> Any:
    places = {place for move in moves for place in routing.around(move.location_dest_id)}
    return (
        moves.env["stock.rule"]
        .sudo()
        .search([("location_src_id", "in", sorted(places)), ("action", "in", ACTIONS), ("route_id.active", "=", True)])
    )


def _rules(moves: Any) -> dict[int, list[Any]]:
    """The push rules by the place they send on from; archived ones of the moves' own routes come last."""
    active = _active_rules(moves)
    under_way = moves.filtered(lambda move: move.location_final_id and not _has_arrived(move))
    old = active.browse()
    if under_way:
        old = active.with_context(active_test=False).search(
            [
                ("location_src_id", "in", under_way.location_dest_id.ids),
                ("action", "in", ACTIONS),
                ("active", "=", False),
                ("warehouse_id", "in", under_way.picking_type_id.warehouse_id.ids),
            ]
        )
    return routing.by_place([*active, *old], "location_src_id")


def _has_arrived(move: Any) -> bool:
    return not move.location_final_id or move.location_dest_id._is_below(move.location_final_id)


def _rule_for(move: Any, rules: dict[int, list[Any]]) -> Any:
    """The push rule of a move, or None. A rule that leads away from where the goods are wanted does not apply."""
    places = routing.around(move.location_dest_id)
    usable = {place: [rule for rule in rules.get(place, ()) if _leads_on(rule, move)] for place in places}
    if not any(usable.values()):
        return None
    warehouse, rule_model = move.warehouse_id or move.picking_type_id.warehouse_id, move.env["stock.rule"]
    active = {place: [rule for rule in found if rule.active] for place, found in usable.items()}
    levels = routing.levels(
        move.product_id, warehouse, move.route_ids.ids, rule_model._push_routes(move).ids, move.rule_id.route_id.ids
    )
    rule = routing.first(active, places, levels, warehouse, move.company_id)
    if rule or _has_arrived(move):
        return rule
    # The steps of the warehouse changed meanwhile: its goods finish the way they were sent.
    stale = {place: [rule for rule in found if not rule.active] for place, found in usable.items()}
    return routing.first(stale, places, levels, warehouse, move.company_id)


def _leads_on(rule: Any, move: Any) -> bool:
    target, final = rule.location_dest_id, move.location_final_id
    return not final or _has_arrived(move) or target.usage in STOCKED or final._is_below(target)


def _hand_over_followers(move: Any, following: Any) -> None:
    """Moves that wait for the goods at their final place wait for the new step instead."""
    followers = move.move_dest_ids - following
    final = move.location_final_id
    waiting = followers.filtered(lambda target: target.state not in move_states.CLOSED)
    handed = waiting.filtered(lambda target: final and target.location_id._is_below(final))
    if handed:
        handed.write({"move_orig_ids": [(3, move.id), (4, following.id)]})
        handed._recompute_state()


def _target(rule: Any, move: Any) -> Any:
    """Where a push rule sends the goods of a move: to its destination, or to where they are wanted within that."""
    target, final = rule.location_dest_id, move.location_final_id
    return final if final and final._is_below(target) else target


def due(rule: Any, move: Any) -> datetime:
    """When the next step is due: as soon as it can be, but what goes to customers no sooner than it was promised."""
    soonest: datetime = move.date + timedelta(days=rule.delay or 0)
    promised = move.date_deadline
    final = move.location_final_id or _target(rule, move)
    return max(soonest, promised) if promised and final.usage == "customer" else soonest


def values(rule: Any, move: Any, date: datetime) -> dict[str, Any]:
    """The values of the move that sends on what `move` has brought."""
    return {
        "product_id": move.product_id.id,
        "product_uom": move.product_uom.id,
        "product_uom_qty": move.quantity,
        "location_id": move.location_dest_id.id,
        "location_dest_id": _target(rule, move).id,
        "location_final_id": False if _has_arrived(move) else move.location_final_id.id,
        "company_id": move.company_id.id,
        "picking_type_id": rule.picking_type_id.id,
        "warehouse_id": rule.warehouse_id.id,
        "partner_id": rule.partner_address_id.id or move.partner_id.id,
        "procure_method": "make_to_order",
        "propagate_cancel": rule.propagate_cancel,
        "rule_id": rule.id,
        "origin": move._prepare_procurement_origin(),
        "description_picking": move.description_picking,
        "date": date,
        "date_deadline": move.date_deadline or False,
        "priority": move.priority,
        "restrict_partner_id": move.restrict_partner_id.id,
        "shortfall_id": move.shortfall_id.id,
        "move_orig_ids": [(4, move.id)],
        "reference_ids": [(4, reference.id) for reference in move.reference_ids],
        "route_ids": [(4, route.id) for route in move.route_ids],
    }
