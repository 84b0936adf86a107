"""The built-in addon's answers to hooks."""

from __future__ import annotations

from typing import Any

from core.api import hookimpl


@hookimpl(trylast=True)
def on_unlink(env: Any, records: Any) -> None:
    """A deleted record must no longer be found by its external id."""
    env["ir.model.data"]._forget_records(records)


@hookimpl
def register_jobs() -> list[dict[str, Any]]:
    """The daily clean-up."""
    return [
        {
            "id": "ir_cron_autovacuum",
            "name": "Clean up temporary and outdated records",
            "model": "ir.autovacuum",
            "method": "_run_vacuum_cleaner",
            "interval_minutes": 24 * 60,
        }
    ]
