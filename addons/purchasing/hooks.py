"""What purchasing does when something happens elsewhere."""

from __future__ import annotations

from typing import Any

from addons.purchasing.services import doctor
from core.api import hookimpl


@hookimpl
def register_doctor_checks(env: Any) -> list[Any]:
    """The laws of purchase orders."""
    return doctor.checks(env)
