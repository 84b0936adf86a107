"""A document as a page to print: ``/app/<model>/<id>/print``.

A model can be printed when an addon brings a template ``<model>/print.html`` (``account_move/print.html``); it extends
core's ``print.html`` and is given the record. The form of such a model has a *Print* button.
"""

from __future__ import annotations

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from core.web.contexts import PrintContext
from core.web.pages.opening import find_record, open_model
from core.web.site import Site
from core.web.visit import Visit


def is_printable(site: Site, model: str) -> bool:
    """Whether an addon brings a page to print records of `model`."""
    return site.templates.has(site.templates.candidates("print", model)[0])


def show(visit: Visit, model: str, id: int) -> Response:
    """``GET /app/<model>/<id>/print``."""
    opening = open_model(visit, model, id)
    if not is_printable(visit.app, model):
        raise NotFound()
    record = find_record(opening, id)
    context = PrintContext(title=str(record.display_name), record=record, back=opening.url(id))
    return visit.page("print", context, model=model)
