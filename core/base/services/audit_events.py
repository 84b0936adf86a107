"""Which changes of records go into the audit log, and what is said of them: for the hooks of base.

Set-based: one call and a constant number of statements for any number of records.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from core.base.services import audit
from core.orm.client import INSTALLER

#: What decides what users may see and do.
RIGHTS: Final = ("res.groups", "ir.model.access", "ir.rule")
MODELS: Final = ("res.users", "res.users.apikeys", "web.session", "ir.config_parameter", "ir.addon", *RIGHTS)
#: Fields of a user whose change is an entry "User changed".
_OF_USERS: Final = ("login", "active", "group_ids", "company_ids")
#: Records named in one entry.
_NAMED: Final = 20


def created(env: Any, records: Any) -> None:
    """Record what was created."""
    model, stored = records._name, records.sudo()
    if _is_data(env, model):
        return
    if model == "res.users":
        audit.record(env, "user_created", stored, details=[_groups(user) for user in stored])
    elif model == "res.users.apikeys":
        details = [
            f"{key.index}: {key.name}, scope {key.scope or 'all'}, until {key.expiration_date or '-'}" for key in stored
        ]
        _per_owner(env, "key_created", stored, details)
    elif model == "web.session":
        _per_owner(env, "sign_in", stored, [_way(row) for row in stored])
    elif model == "ir.config_parameter":
        audit.record(env, "parameter_changed", details=[row.key for row in stored])
    elif model == "ir.addon":
        _addons_changed(env, stored)
    else:
        audit.record(env, "rights_changed", details=[f"created {_name(row)}" for row in stored])


def changed(env: Any, records: Any, names: Collection[str]) -> None:
    """Record the change of the fields `names`, where they matter."""
    model, stored = records._name, records.sudo()
    if _is_data(env, model):
        return
    if model == "res.users":
        _user_changed(env, stored, names)
    elif model == "ir.config_parameter":
        audit.record(env, "parameter_changed", details=[row.key for row in stored])
    elif model == "ir.addon":
        if {"state", "version"} & set(names):
            _addons_changed(env, stored)
    elif model in RIGHTS:
        fields = ", ".join(sorted(names))
        audit.record(
            env, "rights_changed", details=[f"changed {_name(row)}: {fields}{_members(row, names)}" for row in stored]
        )


def deleted(env: Any, records: Any) -> None:
    """Record what is about to be deleted."""
    model, stored = records._name, records.sudo()
    if _is_data(env, model):
        return
    if model == "res.users":
        audit.record(env, "user_deleted", details=[f"{user.login} ({user.id})" for user in stored])
    elif model == "res.users.apikeys":
        _per_owner(env, "key_removed", stored, [f"{key.index}: {key.name}" for key in stored])
    elif model == "web.session":
        own = [row.id == env.client.session_id for row in stored]
        for event, chosen in (("sign_out", True), ("session_ended", False)):
            rows = stored.browse([row.id for row, is_own in zip(stored, own, strict=True) if is_own is chosen])
            _per_owner(env, event, rows, [f"signed in {row.created} from {row.address or '-'}" for row in rows])
    elif model == "ir.config_parameter":
        audit.record(env, "parameter_changed", details=[f"{row.key} removed" for row in stored])
    elif model in RIGHTS:
        audit.record(env, "rights_changed", details=[f"deleted {_name(row)}" for row in stored])


def _way(session: Any) -> str:
    """What a session was opened with."""
    if session.key_id:
        return f"API key {session.key_id.index}"
    return "password and code" if session.user_id.totp_enabled else "password"


def _addons_changed(env: Any, addons: Any) -> None:
    details = [f"{addon.name} {addon.version or ''}: {addon.state}" for addon in addons if addon.state != "uninstalled"]
    if details:
        audit.record(env, "addon_changed", details=details)


def _is_data(env: Any, model: str) -> bool:
    """Whether the data of an addon is being installed: one entry names the addon instead."""
    return env.client.agent == INSTALLER and model != "ir.addon"


def _user_changed(env: Any, users: Any, names: Collection[str]) -> None:
    if "password_hash" in names:
        audit.record(env, "password_changed", users)
    if "totp_secret" in names:
        for event, chosen in (
            ("totp_enabled", users.filtered("totp_secret")),
            ("totp_disabled", users.filtered(lambda user: not user.totp_secret)),
        ):
            audit.record(env, event, chosen)
    if logged := [name for name in _OF_USERS if name in names]:
        audit.record(env, "user_changed", users, details=[_user_text(user, logged) for user in users])


def _user_text(user: Any, names: Collection[str]) -> str:
    texts = {
        "login": lambda: f"login {user.login}",
        "active": lambda: "active" if user.active else "archived",
        "group_ids": lambda: _groups(user),
        "company_ids": lambda: "companies " + ", ".join(user.company_ids.mapped("name")),
    }
    return "; ".join(texts[name]() for name in names)


def _groups(user: Any) -> str:
    return "groups " + (", ".join(sorted(group.full_name or "" for group in user.group_ids)) or "none")


def _members(row: Any, names: Collection[str]) -> str:
    if row._name != "res.groups" or "user_ids" not in names:
        return ""
    logins = row.user_ids[:_NAMED].mapped("login")
    more = len(row.user_ids) - len(logins)
    return f"; users {', '.join(logins) or 'none'}" + (f" and {more} more" if more else "")


def _name(row: Any) -> str:
    return f"{row._description} {row.display_name} ({row.id})"


def _per_owner(env: Any, event: str, rows: Any, details: list[str]) -> None:
    """One entry for each row, about the user whose it is."""
    if rows:
        audit.record_rows(
            env,
            event,
            [(row.user_id.id, row.user_id.login or "", text) for row, text in zip(rows, details, strict=True)],
        )
