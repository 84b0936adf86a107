"""Names for an input of a linked record, as they are typed."""

from __future__ import annotations

import hmac
import json
from typing import Any

from werkzeug.wrappers import Response

from core.exceptions import MissingError
from core.i18n import _
from core.web.pages.form import sign_domain
from core.web.visit import Visit

_MOST = 8


def show(visit: Visit, model: str) -> Response:
    """``GET /app/complete/<model>?q=...``: the options of a list box."""
    if model not in visit.env.registry.models:
        raise MissingError(_("There is no model %(model)s in this database.", model=model))
    args = visit.request.args
    words = args.get("q", "").strip()[:100]
    records = visit.env[model]
    found = _found(records, words, _domain(visit, model, args))
    exact = any(str(label).lower() == words.lower() for _id, label in found)
    creatable = bool(words) and not exact and can_create(records)
    html = visit.app.templates.macros("_complete.html").options(
        [(id_, str(label)) for id_, label in found[:_MOST]],
        len(found) > _MOST,
        words if creatable and args.get("create") else "",
    )
    return Response(html, mimetype="text/html")


def _found(records: Any, words: str, domain: list[Any]) -> list[tuple[int, str]]:
    """What is called just `words` before what only contains them: the first option is the one that Enter takes."""
    exact = records.name_search(words, domain, operator="=ilike", limit=_MOST) if words else []
    others = records.name_search(words, domain, limit=_MOST + 1)
    return list(dict([*exact, *others]).items())


def can_create(records: Any) -> bool:
    """Whether the user may make a record of which only the name is known."""
    if not records._rec_name or records._transient or not records.check_access_rights("create", False):
        return False
    needed = [
        spec
        for spec in records._fields.values()
        if spec.required and spec.store and not spec.compute and not spec.inherited
    ]
    return all("default" in spec.args or spec.name == records._rec_name for spec in needed)


def _domain(visit: Visit, model: str, args: Any) -> list[Any]:
    """The domain that the form gave, if it is unchanged."""
    text = args.get("domain", "")
    if not text or not hmac.compare_digest(sign_domain(visit, model, text), args.get("sign", "")):
        return []
    domain = json.loads(text)
    return [tuple(leaf) if isinstance(leaf, list) else leaf for leaf in domain]
