"""Names for an input of a linked record, as they are typed."""

from __future__ import annotations

import hmac
import json
from typing import Any

from werkzeug.wrappers import Response

from core.db.text_match import escape_like
from core.exceptions import MissingError
from core.i18n import _
from core.web.forms.quick_create import can_create
from core.web.pages.form import sign_given
from core.web.visit import Visit

_MOST = 8


def show(visit: Visit, model: str) -> Response:
    """``GET /app/complete/<model>?q=...``: the options of a list box."""
    if model not in visit.env.registry.models:
        raise MissingError(_("There is no model %(model)s in this database.", model=model))
    args = visit.request.args
    words = args.get("q", "").strip()[:100]
    records = visit.env[model]
    domain, defaults = _signed(visit, model, args)
    found = _found(records, words, domain)
    exact = any(str(label).lower() == words.lower() for _id, label in found)
    creatable = bool(words) and not exact and can_create(records, defaults)
    html = visit.app.templates.macros("_complete.html").options(
        [(id_, str(label)) for id_, label in found[:_MOST]],
        len(found) > _MOST,
        words if creatable and args.get("create") else "",
        args.get("label", "")[:50],
    )
    return Response(html, mimetype="text/html")


def _found(records: Any, words: str, domain: list[Any]) -> list[tuple[int, str]]:
    """What is called just `words` before what only contains them: the first option is the one that Enter takes."""
    exact = records.name_search(escape_like(words), domain, operator="=ilike", limit=_MOST) if words else []
    others = records.name_search(words, domain, limit=_MOST + 1)
    return list(dict([*exact, *others]).items())


def _signed(visit: Visit, model: str, args: Any) -> tuple[list[Any], dict[str, Any]]:
    """The domain and the defaults that the form gave, if they are unchanged."""
    text = args.get("given", "")
    if not text or not hmac.compare_digest(sign_given(visit, model, text).encode(), args.get("sign", "").encode()):
        return [], {}
    domain, defaults = json.loads(text)
    return [tuple(leaf) if isinstance(leaf, list) else leaf for leaf in domain or ()], defaults
