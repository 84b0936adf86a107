"""The law that removal strategies in use are registered: an addon that brought one may be uninstalled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from addons.inventory.services import removal
from core.doctor import Check, Problem, describe


def checks() -> list[Check]:
    """That categories and locations have strategies that an installed addon registers."""
    title = "Categories and locations have a removal strategy that an installed addon registers"
    return [Check("inventory.removal_strategies", title, _orphans, at_uninstall=True)]


def _orphans(env: Any) -> Iterator[Problem]:
    known = removal.registered(env)
    orphans = env["product.removal"].search([("method", "not in", list(known))])
    for model in ("product.category", "stock.location"):
        for record in env[model].search([("removal_strategy_id", "in", orphans.ids)]):
            strategy = record.removal_strategy_id
            yield Problem(
                model,
                record.id,
                f"{describe(env, model, record.id)}: no installed addon registers its removal strategy "
                f"“{strategy.method}” ({strategy.name}); stock cannot be reserved by it",
                hint=f"choose one of {', '.join(known)} there, or keep the addon that registers “{strategy.method}”",
            )
