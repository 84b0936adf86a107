"""What manufacturing does when something happens elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.manufacturing import pages
from addons.manufacturing.services import doctor, questions, shopfloor
from core.api import hookimpl

SHOP_FLOOR = {"show": pages.show_shop_floor, "submit": pages.submit_shop_floor}
DONE_KEYS = ("skip_backorder", "skip_consumption")


@hookimpl(model="mrp.production", trylast=True)
def on_validate(env: Any, documents: Any, answers: Mapping[str, Any]) -> Any:
    """Before orders are closed: serial numbers, deviating consumption, backorders."""
    return questions.ask(documents, answers)


@hookimpl
def register_pages() -> list[dict[str, Any]]:
    """The Shop Floor: all orders, and the work of each work center."""
    return [
        {"path": shopfloor.PATH, **SHOP_FLOOR},
        {"path": f"{shopfloor.PATH}/<int:workcenter_id>", **SHOP_FLOOR},
    ]


@hookimpl
def translate_context(env: Any, model: str, method: str, context: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answers that existing clients give by context when they close orders.

    `skip_backorder` with `mo_ids_to_backorder` says which orders get a backorder (the others none), `skip_consumption`
    that deviating consumption is accepted.
    """
    if model != "mrp.production" or method != "button_mark_done" or not any(context.get(key) for key in DONE_KEYS):
        return None
    answers: dict[str, Any] = {}
    if context.get("skip_backorder"):
        answers["backorder"] = {"*": False, **dict.fromkeys(context.get("mo_ids_to_backorder") or [], True)}
    if context.get("skip_consumption"):
        answers["consumption"] = True
    return {"answers": answers}


@hookimpl
def register_doctor_checks(env: Any) -> list[Any]:
    """The laws of manufacturing orders."""
    return doctor.checks()
