"""What the meeting of sales and invoicing answers to hooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.sales_invoicing.services import invoicing
from core.api import hookimpl


@hookimpl
def choose_release(env: Any, orders: Any, answers: Mapping[str, Any]) -> Any:
    """Newly available items are shipped or invoiced: the user says which."""
    if "release" in answers:
        return None
    return env["sale.release.backorders"]._ask(orders, answers)


@hookimpl(model="sale.order")
def on_cancel(env: Any, documents: Any) -> None:
    """A cancelled order leaves no draft invoice behind."""
    invoicing.cancel_drafts(documents)
