"""Which rule applies: routes that were chosen come first, then the product's, its category's, the warehouse's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any


def around(location: Any) -> list[int]:
    """The location and those it lies in, from the inside out."""
    return [int(part) for part in reversed((location.parent_path or f"{location.id}/").split("/")) if part]


def by_place(rules: Any, name: str) -> dict[int, list[Any]]:
    """The rules by the id of their location `name`, each list in the rules' own order."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for rule in rules:
        found[rule[name].id].append(rule)
    return found


def levels(product: Any, warehouse: Any, asked: Iterable[int], *more: Iterable[int]) -> list[set[int]]:
    """The ids of the routes that may apply, level by level: a later level speaks only where the earlier are silent."""
    # Which routes are archived is settled by the rules that were read.
    product = product.sudo().with_context(active_test=False)
    warehouse = warehouse.sudo().with_context(active_test=False)
    return [
        set(asked),
        set(product.route_ids.ids),
        set(product.categ_id.total_route_ids.ids),
        set(warehouse.route_ids.ids),
        *(set(each) for each in more),
    ]


def first(
    rules: Mapping[int, list[Any]], places: Iterable[int], routes: Iterable[set[int]], warehouse: Any, company: Any
) -> Any:
    """The rule that applies, or None: the nearest place decides, then the level of the route, then the sequence.

    Within a route, a rule of the warehouse itself is taken before one that holds for all warehouses.
    """
    routes = list(routes)
    for place in places:
        fitting = [
            rule
            for rule in rules.get(place, ())
            if (not rule.warehouse_id or not warehouse or rule.warehouse_id == warehouse)
            and (not rule.company_id or rule.company_id == company)
        ]
        for level in routes:
            candidates = [rule for rule in fitting if rule.route_id.id in level]
            if candidates:
                return min(candidates, key=_order)
    return None


def _order(rule: Any) -> tuple[Any, ...]:
    return rule.route_sequence, rule.route_id.id, not rule.warehouse_id, rule.sequence, rule.id
