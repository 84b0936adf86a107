"""The pages of manufacturing: the Shop Floor.

/app/shop-floor                          all open orders
/app/shop-floor/<work center>            the work of one work center; with ?workorder=<id> one card alone
"""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import board, shopfloor
from core.exceptions import MissingError

TEMPLATE = "manufacturing/shop_floor"
CARDS = "manufacturing/shop_floor_cards"

#: What the buttons of a card may call: the kind of record in their value -> its model and methods.
ACTIONS = {
    "workorder": (
        "mrp.workorder",
        {
            "button_start",
            "button_pending",
            "action_register_production",
            "action_register_all",
            "do_finish",
            "action_close_production",
        },
    ),
    "production": ("mrp.production", {"button_mark_done"}),
    "step": ("mrp.workorder.step", {"do_pass", "do_reset"}),
}


def show_shop_floor(page: Any, workcenter_id: int = 0) -> Any:
    """The page; htmx gets the cards alone, or nothing where they are as it has them."""
    workcenter, workorder = _places(page, workcenter_id)
    shown = board.read(page.env, workcenter, workorder)
    if page.htmx and page.request.args.get("version") == shown.version:
        return page.nothing()
    values = {
        "board": shown,
        "here": shopfloor.address(workcenter, workorder),
        "unfiltered": shopfloor.address(workcenter),
        "workcenter": workcenter,
        "pictures": _pictures(page, [*shown.cards, *shown.closing]),
        "formats": page.formats,
        "once": page.once,
    }
    if page.htmx:
        return page.fragment(CARDS, **values)
    return page.render(TEMPLATE, title=page.env._("Shop Floor"), **values)


def submit_shop_floor(page: Any, workcenter_id: int = 0) -> Any:
    """A button of a card: `<kind>:<id>:<method>`."""
    workcenter, isolated = _places(page, workcenter_id)
    here = shopfloor.address(workcenter, isolated)
    kind, _colon, rest = page.request.form.get("_do", "").partition(":")
    id_, _colon, method = rest.partition(":")
    model, methods = ACTIONS.get(kind, ("", set()))
    if method not in methods or not page.read_id(id_):
        return page.redirect(here)
    record = page.env[model].browse(page.read_id(id_))
    return page.call(lambda: _carry_out(record, method, workcenter, isolated), here)


def _places(page: Any, workcenter_id: int) -> tuple[Any, Any]:
    """The work center that the address names, and the work order whose card is shown alone; both may be empty."""
    workcenter = page.env["mrp.workcenter"].browse(workcenter_id or ()).exists()
    if workcenter_id and not workcenter:
        raise MissingError(page.env._("This work center does not exist. Choose another one on the Shop Floor."))
    given = page.request.args.get("workorder", "")
    workorder = page.env["mrp.workorder"].search(
        [("id", "=", page.read_id(given)), ("workcenter_id", "=", workcenter.id)]
    )
    return workcenter, workorder


def _carry_out(record: Any, method: str, workcenter: Any, isolated: Any) -> Any:
    """Call the method; returns a question, where to go, or None for the page as it was."""
    if not record.exists():
        raise MissingError(record.env._("This work order no longer exists. The cards show the current work."))
    result = getattr(record, method)()
    if getattr(result, "_transient", False):
        return result
    if isolated and method == "do_finish":
        return _after(isolated, result, workcenter)
    if isolated and method == "action_close_production":
        return shopfloor.url_action(workcenter)
    return None


def _after(done: Any, following: Any, workcenter: Any) -> Any:
    """Where to go from a card alone that was marked as done: the card of its rest, the card that closes, or all."""
    if following and following.operation_id == done.operation_id and following.workcenter_id == workcenter:
        return shopfloor.url_action(workcenter, following)
    return shopfloor.url_action(workcenter, done if done.production_state == "to_close" else None)


def _pictures(page: Any, cards: list[board.Card]) -> dict[int, str]:
    templates = page.env["product.template"].browse(dict.fromkeys(card.template_id for card in cards))
    return page.pictures(templates, "image_1920")
