"""From a need to whatever answers it: a move by a pull rule, or what another addon does about it.

    run   needs ─> rule of each ─> hook plan_supply ─> stock.rule._run_<action> for the rest: buy, manufacture, pull

All needs of a call are answered together: the rules are read once, each action is run once, the moves are created in
one go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.exceptions import NoRule
from addons.inventory.services import action_scope, message_texts, quants, routing, supply_links
from core.fields import Datetime
from core.rounding import format_number

ZERO = Decimal(0)
COPIED = ("move_dest_ids", "reference_ids", "route_ids")
#: The actions that answer a need by a move.
MOVES = frozenset({"pull", "push", "pull_push"})
#: Set in the memory of the transaction while moves may have a demand below zero.
NEGATIVE_DEMAND = "inventory.negative_demand"


class Procurement(NamedTuple):
    """So many of a product are needed at a place.

    `values` may hold date_planned, date_deadline, warehouse_id, partner_id, priority, move_dest_ids, reference_ids,
    route_ids, picking_policy, orderpoint_id, demand_shares (see `supply_links.link`) and what addons add
    (see `stock.rule._get_custom_move_fields`). After the run, `supply_document` in it is the document by which an addon
    answered the need, where it named one.
    """

    product_id: Any
    product_qty: Decimal
    product_uom: Any
    location_id: Any
    name: str
    origin: str
    company_id: Any
    values: dict[str, Any]


@dataclass(eq=False, slots=True)
class Need:
    """A procurement on its way to an answer, with the rule that applies (an empty recordset if none does).

    `procurement, rule = need` takes it apart.
    """

    procurement: Procurement
    rule: Any

    def __iter__(self) -> Iterator[Any]:
        return iter((self.procurement, self.rule))

    @property
    def product_id(self) -> Any:
        """What is needed."""
        return self.procurement.product_id

    @property
    def product_qty(self) -> Decimal:
        """How many, in `product_uom`."""
        return self.procurement.product_qty

    @property
    def product_uom(self) -> Any:
        """The unit of the quantity."""
        return self.procurement.product_uom

    @property
    def location_id(self) -> Any:
        """Where."""
        return self.procurement.location_id

    @property
    def name(self) -> str:
        """The words for it on documents."""
        return self.procurement.name

    @property
    def origin(self) -> str:
        """The document it comes from."""
        return self.procurement.origin

    @property
    def company_id(self) -> Any:
        """For which company."""
        return self.procurement.company_id

    @property
    def values(self) -> dict[str, Any]:
        """Everything else that is to be carried along."""
        return self.procurement.values


def run(env: Any, procurements: Sequence[Procurement], raise_user_error: bool = True) -> list[Need]:
    """Answer the needs. Services need no answer.

    Returns the needs that nothing answered; with `raise_user_error` they raise NoRule, which names all of them.
    The documents that answer them are logged for the message of the action that has the needs (`document_messages`).
    """
    wanted = [p for p in procurements if p.product_qty and p.product_id.type == "consu"]
    if not wanted:
        return []
    with env.log_documents():
        return _answer(env, wanted, raise_user_error)


def _answer(env: Any, wanted: Sequence[Procurement], raise_user_error: bool) -> list[Need]:
    needs = find_rules(env, wanted)
    open_needs = _ask_addons(env, needs)
    unanswered = []
    by_action: defaultdict[str, list[Need]] = defaultdict(list)
    for need in open_needs:
        if need.rule:
            by_action[need.rule.action].append(need)
        else:
            unanswered.append(need)
    # What is bought or made is a document before the moves that come from stock are.
    for action in sorted(by_action, key=lambda action: (action in MOVES, action)):
        method = getattr(env["stock.rule"], f"_run_{action}", None)
        if method is None:
            unanswered += by_action[action]
        else:
            method(by_action[action])
    if unanswered and raise_user_error:
        raise _no_rule_error(env, unanswered)
    return unanswered


def _ask_addons(env: Any, needs: list[Need]) -> list[Need]:
    """Offer the needs to the hook `plan_supply`; returns those still open.

    A need that a pull rule answers from stock is not offered: nothing has to be supplied for it.
    """
    asked = [need for need in needs if not need.rule or need.rule.action not in MOVES]
    if not asked:
        return needs
    answered: set[int] = set()
    for answer in env.hooks.plan_supply(env=env, needs=asked):
        given = {need: document for need, document in (answer or {}).items() if document}
        answered.update(id(need) for need in given)
        note_documents(env, given)
    return [need for need in needs if id(need) not in answered]


def note_documents(env: Any, answers: Mapping[Need, Any]) -> None:
    """Note and log the documents by which needs are answered (need -> document; True where none is named)."""
    for need, document in answers.items():
        if document is not True:
            need.values["supply_document"] = document
            env.log_created(document)


def _no_rule_error(env: Any, needs: Iterable[Need]) -> NoRule:
    lines = [
        env._(
            "%(quantity)s in %(place)s (for %(origin)s)",
            quantity=message_texts.quantity_of(need.product_id, need.product_qty, need.product_uom),
            place=need.location_id.complete_name,
            origin=need.origin or need.name,
        )
        for need in needs
    ]
    return NoRule(
        env._(
            "No replenishment route found for:\n%(needs)s\n"
            "Set a route (Buy, Manufacture) on the product, or a rule in its warehouse.",
            needs="\n".join(lines),
        ),
        data={
            "needs": [
                {
                    "product": need.product_id.display_name,
                    "quantity": format_number(need.product_qty),
                    "unit": need.product_uom.name,
                    "location": need.location_id.complete_name,
                    "origin": need.origin or need.name,
                }
                for need in needs
            ]
        },
        records=env["product.template"].union(*(need.product_id.product_tmpl_id for need in needs)),
        page="inventory",
    )


# ---------------------------------------------------------------------------- rules
def find_rules(env: Any, procurements: Sequence[Procurement]) -> list[Need]:
    """The needs, each with the first rule that applies.

    Routes asked for come first, then those of the product, of its category, of the warehouse; within each by
    sequence; the place itself before the places around it.
    """
    around = {place: routing.around(place) for place in {procurement.location_id for procurement in procurements}}
    places = {id_ for ids in around.values() for id_ in ids}
    none = env["stock.rule"]
    rules = none.sudo().search(
        [("location_dest_id", "in", list(places)), ("action", "!=", "push"), ("route_id.active", "=", True)]
    )
    by_place = routing.by_place(rules, "location_dest_id")
    memo: dict[Any, Any] = {}
    needs = []
    for procurement in procurements:
        warehouse = _warehouse(env, procurement)
        asked = ids_of(procurement.values.get("route_ids"))
        place = procurement.location_id
        key = (procurement.product_id.id, place.id, warehouse.id, asked, procurement.company_id.id)
        if key not in memo:
            levels = routing.levels(procurement.product_id, warehouse, asked)
            memo[key] = routing.first(by_place, around[place], levels, warehouse, procurement.company_id) or none
        needs.append(Need(procurement, memo[key]))
    return needs


def _warehouse(env: Any, procurement: Procurement) -> Any:
    """The warehouse that answers: the one asked for, the one around the place, or the company's first."""
    return (
        _record(env, "stock.warehouse", procurement.values.get("warehouse_id"))
        or procurement.location_id.warehouse_id
        or env["stock.warehouse"].sudo()._default_for(procurement.company_id)
    )


def _record(env: Any, model: str, value: Any) -> Any:
    return value if hasattr(value, "_ids") else env[model].browse(value or ())


def ids_of(value: Any) -> tuple[int, ...]:
    """The ids in a value of a need that names records: these, their ids or a list of either."""
    if not value:
        return ()
    return tuple(value.ids) if hasattr(value, "ids") else tuple(v.id if hasattr(v, "id") else v for v in value)


# ---------------------------------------------------------------------------- pull
def pull(env: Any, needs: list[Need]) -> Any:
    """Answer needs by moves along their pull rules; the moves are confirmed and returned."""
    rows = []
    methods = _methods(env, needs)
    for need in needs:
        for method, quantity in methods[id(need)]:
            wanted = need.procurement
            if quantity != wanted.product_qty:
                wanted = wanted._replace(product_qty=quantity)
            row = need.rule._get_stock_move_values(*wanted)
            row["procure_method"] = method
            rows.append((need, row))
    # What is taken back of a need is a demand below zero until it is merged, or turns around.
    with action_scope.scoped(env, NEGATIVE_DEMAND, True):
        moves = env["stock.move"].sudo().create([row for _need, row in rows])
    supply_links.link(env, [(need, move) for (need, _row), move in zip(rows, moves, strict=True)])
    policies = {move.id: need.values.get("picking_policy") for (need, _row), move in zip(rows, moves)}
    confirmed = moves._action_confirm()
    set_policies(confirmed, policies)
    return confirmed


def set_policies(moves: Any, policies: dict[int, Any]) -> None:
    """Transfers take over the shipping policy of the order they ship."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for move in moves:
        policy = policies.get(move.id)
        if policy and move.picking_id and move.picking_id.move_type != policy:
            wanted[policy].add(move.picking_id.id)
    for policy, ids in wanted.items():
        moves.env["stock.picking"].sudo().browse(sorted(ids)).write({"move_type": policy})


def _methods(env: Any, needs: list[Need]) -> dict[int, list[tuple[str, Decimal]]]:
    """How each need is supplied: from stock, to order, or in two parts where the rule prefers the stock."""
    result: dict[int, list[tuple[str, Decimal]]] = {}
    mixed = [need for need in needs if need.rule.procure_method == "mts_else_mto"]
    left: dict[tuple[int, int], Decimal] = {}
    for need in needs:
        result[id(need)] = [(need.rule.procure_method, need.product_qty)]
    for need in mixed:
        source = need.rule.location_src_id
        key = (need.product_id.id, source.id)
        if key not in left:
            slots = quants.free(env, need.product_id, source)
            left[key] = max(sum((slot.free for slot in slots), ZERO), ZERO)
        wanted = need.product_uom._convert(need.product_qty, need.product_id.uom_id)
        stocked = min(left[key], wanted)
        left[key] -= stocked
        part = need.product_id.uom_id._convert_exactly(stocked, need.product_uom)
        if part is None:  # the stock is no exact number of the unit asked for: order all of it
            part = ZERO
        parts = [("make_to_stock", part), ("make_to_order", need.product_qty - part)]
        result[id(need)] = [(method, quantity) for method, quantity in parts if quantity > 0]
    return result


def move_values(rule: Any, need: Procurement) -> dict[str, Any]:
    """The values of the move by which a pull rule answers a need."""
    values = need.values
    planned = values.get("date_planned") or Datetime.now()
    deadline = values.get("date_deadline")
    lead = timedelta(days=rule.delay or 0)
    row = {
        "product_id": need.product_id.id,
        "product_uom": need.product_uom.id,
        "product_uom_qty": need.product_qty,
        "location_id": rule.location_src_id.id,
        "location_dest_id": _landing(rule, need.location_id).id,
        "location_final_id": need.location_id.id,
        "company_id": (rule.company_id or need.company_id).id,
        "picking_type_id": rule.picking_type_id.id,
        "warehouse_id": rule.warehouse_id.id,
        "partner_id": rule.partner_address_id.id or id_of(values.get("partner_id")),
        "procure_method": rule.procure_method,
        "rule_id": rule.id,
        "propagate_cancel": rule.propagate_cancel,
        "origin": need.origin,
        "description_picking": need.name if need.name and need.name != need.product_id.display_name else False,
        "date": planned - lead,
        "date_deadline": deadline - lead if deadline else False,
        "priority": values.get("priority") or "0",
        "orderpoint_id": id_of(values.get("orderpoint_id")),
    }
    for name in COPIED:
        ids = ids_of(values.get(name))
        if ids:
            row[name] = [(4, linked) for linked in ids]
    row.update((name, id_of(values[name])) for name in rule._get_custom_move_fields() if name in values)
    return row


def _landing(rule: Any, wanted: Any) -> Any:
    """Where the move of a pull rule ends: where its operation type puts things, on the way to the place in need.

    A rule may insist on its own destination (`location_dest_from_rule`). An operation type that would not take the
    goods anywhere, or that only says what kind of outside they go to, leaves the destination to the need.
    """
    if rule.location_dest_from_rule:
        return rule.location_dest_id
    place = rule.picking_type_id.default_location_dest_id
    if not place or place.usage not in quants.STOCKED or wanted._is_below(place):
        return wanted
    return wanted if rule.location_src_id._is_below(place) else place


def id_of(value: Any) -> Any:
    """The id in a value of a need that names a record: this or its id; False where there is none."""
    return value.id if hasattr(value, "id") else value or False


def _supplier(move: Any) -> Any:
    """The warehouse that is asked: that of the move, or the one that the route between two warehouses draws on."""
    warehouse = move.warehouse_id or move.picking_type_id.warehouse_id
    return warehouse if move.location_id.warehouse_id else move.rule_id.route_id.supplier_wh_id or warehouse


def for_move(move: Any) -> Procurement:
    """The need of a make-to-order move at its source."""
    return Procurement(
        product_id=move.product_id,
        product_qty=move.product_uom_qty,
        product_uom=move.product_uom,
        location_id=move.location_id,
        name=move.description_picking or move.product_id.display_name,
        origin=move._prepare_procurement_origin(),
        company_id=move.company_id,
        values=move._prepare_procurement_values(),
    )


def values_of_move(move: Any) -> dict[str, Any]:
    """What the need of a make-to-order move carries along to what answers it."""
    return {
        "date_planned": move.date,
        "date_deadline": move.date_deadline or False,
        "warehouse_id": _supplier(move),
        "priority": move.priority,
        "partner_id": move.partner_id.id,
        "move_dest_ids": move,
        "reference_ids": move.reference_ids,
        "route_ids": move.route_ids,
    }
