"""Where to go after a button: business methods return records or nothing, never pages.

None, True, an empty recordset   -> where the button was
a transient record               -> that question, as a dialog over where the button was
one record                       -> its form
several records                  -> a list of them
a window action as a dictionary  -> what it describes (for addons that come from elsewhere)
a URL action (`ir.actions.act_url`) -> its address, where that is on this server
a client action with the tag `display_notification` -> its message on the page that its `next` leads to, or where the
                                    button was
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from core.bounds import is_integer
from core.web.addresses import LISTED_MAX, address, pack_ids
from core.web.security import local_path

_KINDS = ("success", "info", "warning", "danger")


def follow(visit: Any, result: Any, here: str, *, document: str = "") -> str:
    """`destination`, after telling the user what the method had to say."""
    if isinstance(result, dict) and result.get("tag") == "display_notification":
        said = result.get("params") or {}
        text = ": ".join(str(part) for part in (said.get("title"), said.get("message")) if part)
        if text:
            visit.tell(text, said["type"] if said.get("type") in _KINDS else "info")
        return follow(visit, said.get("next"), here, document=document)
    return destination(result, here, document=document)


def destination(result: Any, here: str, *, document: str = "") -> str:
    """The address to go to after a method returned `result`.

    Args:
        here: the page the button was on.
        document: the document's own address, when `here` is a dialog over it.
    """
    base = document or here
    if isinstance(result, dict):
        return _of_action(result, base)
    if not hasattr(result, "_ids") or not result:
        return base
    if result._transient:
        return address(result._name, result.id, over=base)
    if len(result) == 1:
        own = address(result._name, result.id)
        return base if base.partition("?")[0] == own else address(result._name, result.id, **{"from": _plain(base)})
    return address(result._name, ids=pack_ids(result.ids[:LISTED_MAX]), **{"from": _plain(base)})


def _plain(path: str) -> str:
    """A document's address without its own way back: breadcrumbs are one step long. Its menu entry stays."""
    place, _mark, query = path.partition("?")
    if not is_integer(place.rpartition("/")[2]):
        return ""
    action = dict(parse_qsl(query)).get("action", "")
    return f"{place}?action={action}" if is_integer(action) else place


def _of_action(action: dict[str, Any], base: str) -> str:
    if action.get("type") == "ir.actions.act_url":
        return local_path(action.get("url"), base)
    model = action.get("res_model")
    if action.get("type") != "ir.actions.act_window" or not model:
        return base
    if action.get("id"):
        return address("action", action["id"])
    if action.get("res_id"):
        return address(
            model, action["res_id"], **({"over": base} if action.get("target") == "new" else {"from": _plain(base)})
        )
    for leaf in action.get("domain") or ():
        if isinstance(leaf, list | tuple) and len(leaf) == 3 and leaf[0] == "id" and leaf[1] == "in":
            return address(model, ids=pack_ids(leaf[2]), **{"from": _plain(base)})
    return address(model)
