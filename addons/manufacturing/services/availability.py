"""Whether the components of orders are there: a word for the list, and when the missing ones come."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import promise
from addons.manufacturing.services import production_states


def of_components(productions: Any) -> dict[Any, tuple[str | bool, str]]:
    """Order -> (availability state, words). Forecasts are asked for once, and only for components that are missing."""
    env = productions.env
    missing: dict[Any, list[Any]] = {}
    for production in productions:
        if production.state in production_states.UNFINISHED:
            missing[production] = [
                move for move in production.move_raw_ids if move.state not in ("assigned", "done", "cancel")
            ]
    wanted = env["stock.move"].browse([move.id for moves in missing.values() for move in moves])
    return {production: _status(production, missing.get(production), wanted) for production in productions}


def _status(production: Any, missing: list[Any] | None, wanted: Any) -> tuple[str | bool, str]:
    _ = production.env._
    if missing is None:
        return False, ""
    if not missing:
        return "available", _("Available")
    dates = []
    for move in wanted.browse([move.id for move in missing]).with_prefetch(wanted.ids):
        if production.state == "draft" and move.availability >= move.product_qty:
            continue
        if not move.forecast_expected_date:
            return "unavailable", _("Not Available")
        dates.append(move.forecast_expected_date)
    if not dates:
        return "available", _("Available")
    words, state = promise.in_words_of_date(production.env, max(dates), production.date_start)
    return state, words
