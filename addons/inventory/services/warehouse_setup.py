"""What a warehouse consists of: its locations, operation types, routes and rules, for any number of steps.

    receive   vendors ─> [Input] ─> [Quality Control] ─> Stock        push rules, one per arrow after the first
    deliver   Stock ─> [Packing Zone] ─> [Output] ─> customers        a pull rule first, then push rules

Everything exists from the start; the steps decide what is active.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.inventory.services import move_states

# field of the warehouse, name
LOCATIONS = (
    ("lot_stock_id", "Stock"),
    ("wh_input_stock_loc_id", "Input"),
    ("wh_qc_stock_loc_id", "Quality Control"),
    ("wh_pack_stock_loc_id", "Packing Zone"),
    ("wh_output_stock_loc_id", "Output"),
)
# field of the warehouse, name, code, sequence code
TYPES = (
    ("in_type_id", "Receipts", "incoming", "IN"),
    ("qc_type_id", "Quality Control", "internal", "QC"),
    ("store_type_id", "Storage", "internal", "STOR"),
    ("int_type_id", "Internal Transfers", "internal", "INT"),
    ("pick_type_id", "Pick", "internal", "PICK"),
    ("pack_type_id", "Pack", "internal", "PACK"),
    ("out_type_id", "Delivery Orders", "outgoing", "OUT"),
)
#: Values that a rule is created with. They do not follow from the steps, so they are the user's to change afterwards.
INITIAL = frozenset({"name", "procure_method", "propagate_cancel"})


def partner_location(env: Any, usage: str) -> Any:
    """The common location of vendors (`supplier`) or customers (`customer`)."""
    xmlid = {"supplier": "stock_location_suppliers", "customer": "stock_location_customers"}[usage]
    found = env.ref(f"inventory.{xmlid}", raise_if_not_found=False)
    return found or env["stock.location"].search([("usage", "=", usage)], limit=1)


def create_parts(warehouse: Any, model: str, rows: Mapping[str, dict[str, Any]]) -> dict[str, int]:
    """Create the locations, operation types or rules that a warehouse lacks; it is still to be written to name them.

    Args:
        model: of the parts.
        rows: field of the warehouse -> the values of its part.

    Returns:
        field -> the id of its new part. Fields whose part is there are left out.
    """
    missing = {field: values for field, values in rows.items() if not warehouse[field]}
    shared = {"warehouse_id": warehouse.id, "company_id": warehouse.company_id.id}
    created = warehouse.env[model].create([values | shared for values in missing.values()])
    return dict(zip(missing, created.ids, strict=True))


def set_rules(warehouse: Any, rules: Mapping[str, dict[str, Any]]) -> None:
    """Bring the rules that fields of a warehouse name in line with their values (see `rule_values`); create others.

    Rules that exist keep what users may have changed (`INITIAL`).
    """
    for field, values in rules.items():
        if warehouse[field]:
            warehouse[field].write(_following_steps(values))
    created = create_parts(warehouse, "stock.rule", rules)
    if created:
        warehouse.write(created)


def _following_steps(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of the values of a rule, those that follow from the steps of its warehouse."""
    return {name: value for name, value in values.items() if name not in INITIAL}


def build(warehouse: Any) -> None:
    """Create what a new warehouse lacks and set it up for its steps."""
    env = warehouse.env
    values = create_parts(warehouse, "stock.location", {"view_location_id": {"name": warehouse.code, "usage": "view"}})
    view = values.get("view_location_id", warehouse.view_location_id.id)
    places = {
        field: {
            "name": name,
            "usage": "internal",
            "location_id": view,
            "replenish_location": field == "lot_stock_id",
        }
        for field, name in LOCATIONS
    }
    kinds = {
        field: {
            "name": name,
            "code": code,
            "sequence_code": prefix,
            "sequence": position,
            "use_create_lots": code == "incoming",
        }
        for position, (field, name, code, prefix) in enumerate(TYPES, 1)
    }
    values |= create_parts(warehouse, "stock.location", places) | create_parts(warehouse, "stock.picking.type", kinds)
    routes = env["stock.route"].create([_route(warehouse, "receive"), _route(warehouse, "deliver")])
    values.update(reception_route_id=routes[0].id, delivery_route_id=routes[1].id)
    warehouse.write({**values, "route_ids": [(4, routes[0].id), (4, routes[1].id)]})
    _adopt(warehouse)
    apply_steps(warehouse)


def _adopt(warehouse: Any) -> None:
    """Tie places and operation types that existed before to the warehouse."""
    places = warehouse.env["stock.location"]
    for field, *_name in (("view_location_id",), *LOCATIONS):
        places |= warehouse[field]
    places.filtered(lambda place: place.warehouse_id != warehouse).write({"warehouse_id": warehouse.id})
    kinds = warehouse.env["stock.picking.type"]
    for field, *_rest in TYPES:
        kinds |= warehouse[field]
    loose = kinds.filtered(lambda kind: kind.warehouse_id != warehouse)
    if loose:
        loose.write({"warehouse_id": warehouse.id})
        rename(warehouse)


def _route(warehouse: Any, direction: str) -> dict[str, Any]:
    return {
        "name": f"{warehouse.name}: {direction}",
        "sequence": 10 if direction == "deliver" else 9,
        "company_id": warehouse.company_id.id,
        "product_selectable": False,
        "product_categ_selectable": True,
        "warehouse_selectable": True,
    }


def apply_steps(warehouse: Any) -> None:
    """Bring locations, operation types and rules in line with the number of steps."""
    incoming, outgoing = _reception_path(warehouse), _delivery_path(warehouse)
    _activate(warehouse, incoming, outgoing)
    _point_types(warehouse, incoming, outgoing)
    replace_rules(warehouse.reception_route_id, _reception_rules(warehouse, incoming))
    replace_rules(warehouse.delivery_route_id, _delivery_rules(warehouse, outgoing))
    _set_mto_rule(warehouse)


def _reception_path(warehouse: Any) -> list[Any]:
    """The places that goods pass on their way in, the last one being the stock."""
    path = []
    if warehouse.reception_steps != "one_step":
        path.append(warehouse.wh_input_stock_loc_id)
    if warehouse.reception_steps == "three_steps":
        path.append(warehouse.wh_qc_stock_loc_id)
    return [*path, warehouse.lot_stock_id]


def _delivery_path(warehouse: Any) -> list[Any]:
    """The places that goods pass on their way out, the first one being the stock."""
    path = [warehouse.lot_stock_id]
    if warehouse.delivery_steps == "pick_pack_ship":
        path.append(warehouse.wh_pack_stock_loc_id)
    if warehouse.delivery_steps != "ship_only":
        path.append(warehouse.wh_output_stock_loc_id)
    return path


def _activate(warehouse: Any, incoming: list[Any], outgoing: list[Any]) -> None:
    warehouse = warehouse.with_context(active_test=False)
    used = {place.id for place in incoming + outgoing} | _destinations(warehouse)
    for field, _name in LOCATIONS:
        place = warehouse[field]
        # A place that still holds stock stays in sight until it is empty.
        wanted = place.id in used or (place.active and not place.is_empty)
        if place.active != wanted:
            place.active = wanted
    for field, wanted in (
        ("qc_type_id", warehouse.reception_steps == "three_steps"),
        ("store_type_id", warehouse.reception_steps != "one_step"),
        ("pick_type_id", warehouse.delivery_steps != "ship_only"),
        ("pack_type_id", warehouse.delivery_steps == "pick_pack_ship"),
    ):
        if warehouse[field].active != wanted:
            warehouse[field].active = wanted


def _destinations(warehouse: Any) -> set[int]:
    """Places of the warehouse to which something is under way."""
    places = [warehouse[field].id for field, _name in LOCATIONS]
    rows = warehouse.env["stock.move"]._read_group(
        [("location_dest_id", "in", places), ("state", "in", move_states.OPEN)], ["location_dest_id"]
    )
    return {place.id for place, _count in rows}


def _point_types(warehouse: Any, incoming: list[Any], outgoing: list[Any]) -> None:
    stock, env = warehouse.lot_stock_id, warehouse.env
    suppliers, customers = partner_location(env, "supplier"), partner_location(env, "customer")
    ends = {
        "in_type_id": (suppliers, incoming[0]),
        "qc_type_id": (warehouse.wh_input_stock_loc_id, warehouse.wh_qc_stock_loc_id),
        "store_type_id": (incoming[-2] if len(incoming) > 1 else warehouse.wh_input_stock_loc_id, stock),
        "int_type_id": (stock, stock),
        "pick_type_id": (stock, outgoing[1] if len(outgoing) > 1 else warehouse.wh_output_stock_loc_id),
        "pack_type_id": (warehouse.wh_pack_stock_loc_id, warehouse.wh_output_stock_loc_id),
        "out_type_id": (outgoing[-1], customers),
    }
    for field, (source, destination) in ends.items():
        warehouse[field].write({"default_location_src_id": source.id, "default_location_dest_id": destination.id})
    warehouse.in_type_id.return_picking_type_id = warehouse.out_type_id
    warehouse.out_type_id.return_picking_type_id = warehouse.in_type_id


def replace_rules(route: Any, rules: list[dict[str, Any]]) -> None:
    """Set the rules of a route that is made for its warehouse, and archive all others of it."""
    kept = put_rules(route, rules)
    unused = (route.rule_ids - kept).filtered("active")
    if unused:
        unused.write({"active": False})


def put_rules(route: Any, rules: list[dict[str, Any]]) -> Any:
    """Set rules of a route, using those of the same action and places again, archived ones too.

    Args:
        rules: the values of each; active unless they say otherwise. Rules that exist keep what users may have changed
            (`INITIAL`).

    Returns:
        The rules. Others of the route stay as they are.
    """
    kept = route.env["stock.rule"]
    # Of several alike the oldest is the one made here; others are the user's.
    rules_of_route = route.with_context(active_test=False).rule_ids.sorted("id")
    known = {_shape_of(rule): rule for rule in reversed(rules_of_route)}
    for sequence, values in enumerate(rules, 1):
        values = {"active": True, **values, "sequence": sequence * 10, "route_id": route.id}
        rule = known.get((values["action"], values["location_src_id"], values["location_dest_id"]))
        if rule:
            rule.write(_following_steps(values))
        else:
            rule = kept.create(values)
        kept |= rule
    return kept


def _shape_of(rule: Any) -> tuple[Any, ...]:
    return rule.action, rule.location_src_id.id, rule.location_dest_id.id


def rule_values(warehouse: Any, action: str, source: Any, destination: Any, kind: Any, **more: Any) -> dict[str, Any]:
    """The values of one rule of a warehouse, by its name in the manner of "WH: Stock → Output"."""
    return {
        "name": f"{warehouse.code}: {source.name} → {destination.name}",
        "action": action,
        "location_src_id": source.id,
        "location_dest_id": destination.id,
        "picking_type_id": kind.id,
        "warehouse_id": warehouse.id,
        "company_id": warehouse.company_id.id,
        "propagate_cancel": False,
        **more,
    }


def _delivery_rules(warehouse: Any, path: list[Any]) -> list[dict[str, Any]]:
    """The first step answers the customer's need; each further one sends on what the step before has brought."""
    customers = partner_location(warehouse.env, "customer")
    kinds = {
        1: [warehouse.out_type_id],
        2: [warehouse.pick_type_id, warehouse.out_type_id],
        3: [warehouse.pick_type_id, warehouse.pack_type_id, warehouse.out_type_id],
    }[len(path)]
    stops = [*path[1:], customers]
    first = rule_values(warehouse, "pull", path[0], customers, kinds[0], procure_method="make_to_stock")
    return [first] + [
        rule_values(warehouse, "push", stops[step], stops[step + 1], kind, procure_method="make_to_order")
        for step, kind in enumerate(kinds[1:])
    ]


def _reception_rules(warehouse: Any, path: list[Any]) -> list[dict[str, Any]]:
    kinds = {
        1: [],
        2: [warehouse.store_type_id],
        3: [warehouse.qc_type_id, warehouse.store_type_id],
    }[len(path)]
    return [rule_values(warehouse, "push", path[step], path[step + 1], kind) for step, kind in enumerate(kinds)]


def _set_mto_rule(warehouse: Any) -> None:
    """The rule of the common route "Replenish on Order (MTO)" that takes from this warehouse."""
    env = warehouse.env
    route = env.ref("inventory.route_warehouse0_mto", raise_if_not_found=False)
    if not route:
        return
    path = _delivery_path(warehouse)
    kind = warehouse.out_type_id if len(path) == 1 else warehouse.pick_type_id
    source, target = path[0], partner_location(env, "customer")
    values = rule_values(warehouse, "pull", source, target, kind, procure_method="make_to_order", route_id=route.id)
    set_rules(warehouse, {"mto_pull_id": values})


def rename(warehouse: Any) -> None:
    """Carry a new short name into the view location and the prefixes of the next documents."""
    warehouse.view_location_id.name = warehouse.code
    kinds = (
        warehouse.env["stock.picking.type"]
        .with_context(active_test=False)
        .search([("warehouse_id", "=", warehouse.id)])
    )
    for kind in kinds:
        kind.sequence_id.sudo().prefix = f"{warehouse.code}/{kind.sequence_code}/"
