"""What sales answers: the laws of its orders. Deliveries follow their orders through fields alone."""

from __future__ import annotations

from typing import Any

from addons.sales.services import doctor
from core.api import hookimpl


@hookimpl
def register_doctor_checks(env: Any) -> list[Any]:
    """The laws of sales orders."""
    return doctor.checks(env)
