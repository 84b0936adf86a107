"""What invoicing answers to hooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from addons.invoicing.services import checks
from core.api import hookimpl


@hookimpl
def register_checks() -> Iterable[Any]:
    """Totals and numbers of invoices."""
    return [checks.check_invoices]
