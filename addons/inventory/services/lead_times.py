"""How long it takes from asking for goods to having them: along the rules, up to the one that has them or gets them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from addons.inventory.services import procurement

PULLS = ("pull", "pull_push")


def of_needs(env: Any, needs: Mapping[Any, procurement.Procurement]) -> dict[Any, int]:
    """Key -> days, for needs under keys of the caller's; one reading of the rules for each step of the longest chain.

    A rule that pulls takes its own time, and that of the next one where it sets that off. A need without a rule takes
    no time: it is not known how it is answered.
    """
    result = dict.fromkeys(needs, 0)
    asking, seen = dict(needs), defaultdict(set)
    while asking:
        found = dict(zip(asking, procurement.find_rules(env, list(asking.values())), strict=True))
        for key, days in _days_of_rules(found).items():
            result[key] += days
        asking = {}
        for key, need in found.items():
            goes_on = need.rule and need.rule.action in PULLS and need.rule.procure_method != "make_to_stock"
            if goes_on and need.rule.id not in seen[key]:
                seen[key].add(need.rule.id)
                asking[key] = need.procurement._replace(location_id=need.rule.location_src_id)
    return result


def _days_of_rules(found: Mapping[Any, procurement.Need]) -> dict[Any, int]:
    groups: defaultdict[Any, list[Any]] = defaultdict(list)
    for key, need in found.items():
        if need.rule:
            groups[need.rule].append(key)
    result: dict[Any, int] = {}
    for rule, keys in groups.items():
        result.update(zip(keys, rule._lead_days([found[key] for key in keys]), strict=True))
    return result
