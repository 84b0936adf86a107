"""What purchasing does when something happens elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addons.purchasing.services import doctor, ordering
from core.api import hookimpl


@hookimpl
def plan_supply(env: Any, needs: Sequence[Any]) -> dict[Any, Any]:
    """Buy what a rule says is to be bought."""
    return ordering.buy(env, needs)


@hookimpl
def register_doctor_checks(env: Any) -> list[Any]:
    """The laws of purchase orders."""
    return doctor.checks()
