"""What invoicing answers to hooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from addons.invoicing.services import checks, doctor
from core.api import hookimpl


@hookimpl
def register_checks() -> Iterable[Any]:
    """Totals and numbers of invoices."""
    return [checks.check_invoices]


@hookimpl
def register_doctor_checks(env: Any) -> list[Any]:
    """The laws of invoices."""
    return doctor.checks()
