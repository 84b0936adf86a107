"""The built-in addon's answers to hooks."""

from __future__ import annotations

from typing import Any

from core.api import hookimpl
from core.base.services import audit_events
from core.doctor import Check, column_checks, company_check, derived_check, link_check, tree_check


@hookimpl(trylast=True)
def on_unlink(env: Any, records: Any) -> None:
    """A deleted record must no longer be found by its external id."""
    env["ir.model.data"]._forget_records(records)


@hookimpl(model=audit_events.MODELS, specname="on_create")
def audit_create(env: Any, records: Any) -> None:
    """What matters to security goes into the audit log."""
    audit_events.created(env, records)


@hookimpl(model=audit_events.MODELS, specname="on_write")
def audit_write(env: Any, records: Any, names: Any) -> None:
    """What matters to security goes into the audit log."""
    audit_events.changed(env, records, names)


@hookimpl(model=audit_events.MODELS, specname="on_unlink")
def audit_unlink(env: Any, records: Any) -> None:
    """What matters to security goes into the audit log."""
    audit_events.deleted(env, records)


@hookimpl(model=audit_events.RIGHTS, specname="on_create")
def confirm_new_rights(env: Any, records: Any) -> None:
    """Who changes what others may do gives the password again."""
    _confirm(env)


@hookimpl(model=audit_events.RIGHTS, specname="on_write")
def confirm_changed_rights(env: Any, records: Any, names: Any) -> None:
    """As above."""
    _confirm(env)


@hookimpl(model=audit_events.RIGHTS, specname="on_unlink")
def confirm_deleted_rights(env: Any, records: Any) -> None:
    """As above."""
    _confirm(env)


def _confirm(env: Any) -> None:
    if not env.su:
        env["res.users"]._require_identity()


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


@hookimpl
def register_doctor_checks(env: Any) -> list[Check]:
    """What the declarations of all models promise."""
    return [link_check(), *column_checks(), tree_check(), company_check(), derived_check()]
