"""Who may do what: the object that the ORM consults as `registry.access`.

Two questions, both answered from tables that are read once and kept (`services/caching.py`):

1. *May this user perform this operation on this model at all?*  `ir.model.access` rows: any row that grants it to one
   of the user's groups, or to everyone (no group), is enough. No row means no.
2. *On which records?*  `ir.rule` domains: global rules all hold, of the rules of the user's groups one is enough.

Superuser mode (`env.su`) answers yes and "all records" before anything is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from core.api import Domain, _
from core.base.services.caching import cached
from core.base.services.evaluation import ExpressionError, evaluate, names_in
from core.base.services.rule_names import rule_names
from core.exceptions import AccessError, UserError

OPERATIONS = ("read", "write", "create", "unlink")
#: A field whose `groups` is this is for superuser code only, whatever the user's groups.
NOBODY = "."
EMPLOYEE = "base.group_user"
#: Who sees of other users more than their names and addresses.
USER_MANAGERS = "base.group_erp_manager"


class Rule(NamedTuple):
    """One `ir.rule` row with its groups."""

    id: int
    name: str
    domain: str
    operations: frozenset[str]
    groups: frozenset[int]


class AccessControl:
    """Answers for one database; holds no state of its own besides the registry."""

    def __init__(self, registry: Any) -> None:
        self.registry = registry

    # ---------------------------------------------------------------- models

    def allowed(self, env: Any, model_name: str, operation: str) -> bool:
        """Return whether the user of `env` may perform `operation` ("read", "write", "create", "unlink").

        A transient model without any access row is open to internal users: its records are private to whoever
        made them, so there is nothing further to protect.
        """
        if env.su:
            return True
        rights = cached(env, "rights", env.uid, lambda: self._rights_of_user(env))
        if (model_name, operation) in rights:
            return True
        model = self.registry.models.get(model_name)
        if getattr(model, "_transient", False) and model_name not in _access_rows(env):
            return user_has_group(env, EMPLOYEE)
        return False

    def check(self, env: Any, model_name: str, operation: str) -> None:
        """Raise AccessError, saying who may do it, unless `operation` is allowed."""
        if not self.allowed(env, model_name, operation):
            raise self._refusal(env, model_name, operation)

    def _rights_of_user(self, env: Any) -> frozenset[tuple[str, str]]:
        groups = group_ids(env, env.uid)
        return frozenset(
            (model_name, operation)
            for model_name, rows in _access_rows(env).items()
            for group, operations in rows
            if group is None or group in groups
            for operation in operations
        )

    def _refusal(self, env: Any, model_name: str, operation: str) -> AccessError:
        rows = _access_rows(env).get(model_name, [])
        granted = sorted({group for group, operations in rows if group is not None and operation in operations})
        return AccessError(
            _(
                "You may not %(operation)s %(model)s.\n%(who)s\nYou are signed in as %(user)s.",
                operation=_verb(operation),
                model=_described(env, model_name),
                who=_who_may(env, granted),
                user=_user_name(env),
            ),
            data={"model": model_name, "operation": operation, "groups": granted},
        )

    # --------------------------------------------------------------- records

    def rule_domain(self, env: Any, model_name: str, operation: str) -> Domain:
        """Return the domain of the records that the user may perform `operation` on.

        Rules of a model that this one delegates to (`_inherits`) hold for it as well.
        """
        if env.su:
            return Domain.TRUE
        key = (env.uid, model_name, operation, tuple(env.companies.ids))
        domain = cached(env, "rule_domain", key, lambda: self._lasting_domain(env, model_name, operation))
        return self._compute_domain(env, model_name, operation) if domain is None else domain

    def _lasting_domain(self, env: Any, model_name: str, operation: str) -> Domain | None:
        """Return the domain if it may be kept, i.e. if no rule asks what time it is."""
        if any("time" in names_in(rule.domain) for rule in self._rules_for(env, model_name, operation)):
            return None
        return self._compute_domain(env, model_name, operation)

    def refuse_records(self, records: Any, operation: str) -> AccessError:
        """Return the error for `records` that are outside `rule_domain`, naming the rules and a few of the records.

        A record that the user may not even see is counted and not named.
        """
        env = records.env
        visible = records if operation == "create" else records._filtered_access("read")
        shown = [str(record.display_name) for record in visible.sudo()[:5]]
        if len(visible) > 5:
            shown.append("…")
        if len(visible) < len(records):
            shown.append(str(_("%(count)s hidden from you", count=len(records) - len(visible))))
        rules = [rule.name for rule in self._rules_for(env, records._name, operation)]
        message = _(
            "You may not %(operation)s these records of %(model)s: %(names)s.\n%(rules)sYou are signed in as %(user)s.",
            operation=_verb(operation),
            model=_described(env, records._name),
            names=", ".join(shown),
            rules=_("The rules that decide are: %(rules)s.\n", rules=", ".join(rules)) if rules else "",
            user=_user_name(env),
        )
        return AccessError(message, data={"model": records._name, "operation": operation, "ids": records.ids})

    def refuse_change(self, records: Any) -> AccessError:
        """Return the error for a change that takes `records` out of what the rules let the user change."""
        env = records.env
        rules = [rule.name for rule in self._rules_for(env, records._name, "write")]
        message = _(
            "After this change you could no longer change these records of %(model)s, so it is refused: %(names)s.\n"
            "%(rules)sYou are signed in as %(user)s.",
            model=_described(env, records._name),
            names=", ".join(map(str, records[:5].sudo().mapped("display_name"))) + ("…" if len(records) > 5 else ""),
            rules=_("The rules that decide are: %(rules)s.\n", rules=", ".join(rules)) if rules else "",
            user=_user_name(env),
        )
        return AccessError(message, data={"model": records._name, "operation": "write", "ids": records.ids})

    def _rules_for(self, env: Any, model_name: str, operation: str) -> list[Rule]:
        groups = group_ids(env, env.uid)
        rules = _rules(env).get(model_name, [])
        return [r for r in rules if operation in r.operations and (not r.groups or r.groups & groups)]

    def _compute_domain(self, env: Any, model_name: str, operation: str) -> Domain:
        common: list[Domain] = []
        alternatives: list[Domain] = []
        names = rule_names(env)
        for rule in self._rules_for(env, model_name, operation):
            (alternatives if rule.groups else common).append(_rule_domain(rule, model_name, names))
        model = self.registry.models[model_name]
        for parent, field_name in getattr(model, "_inherits", {}).items():
            delegated = self.rule_domain(env, parent, operation)
            if delegated != Domain.TRUE:
                common.append(Domain(field_name, "any", delegated))
        if alternatives:
            common.append(Domain.OR(alternatives))
        return Domain.AND(common) if common else Domain.TRUE

    # ---------------------------------------------------------------- fields

    def field_groups_allowed(self, env: Any, field: Any) -> bool:
        """Return whether the user may see and change `field`, by its `groups` (comma separated, "!" negates)."""
        groups = field.groups
        if not groups or env.su:
            return True
        if groups == NOBODY:
            return False
        return matches_groups(env, groups)


# ------------------------------------------------------------------- groups


def group_ids(env: Any, uid: int) -> frozenset[int]:
    """Return the ids of all groups of a user, implied ones included."""
    return cached(env, "user_groups", uid, lambda: _compute_group_ids(env, uid))


def implied_groups(env: Any, direct: Iterable[int]) -> frozenset[int]:
    """Return `direct` and all groups that they imply, whatever the number of steps."""
    implied = cached(env, "implied", "", lambda: _read_implied(env))
    found: set[int] = set()
    waiting = list(direct)
    while waiting:
        group = waiting.pop()
        if group not in found:
            found.add(group)
            waiting.extend(implied.get(group, ()))
    return frozenset(found)


def group_id(env: Any, xmlid: str) -> int | None:
    """Return the id of the group with this external id, or None when there is no such group."""
    return env["ir.model.data"]._xmlid_to_res_id(xmlid) or None


def user_has_group(env: Any, xmlid: str, uid: int | None = None) -> bool:
    """Return whether the user (default: of `env`) is in the group, directly or by implication."""
    group = group_id(env, xmlid)
    return group is not None and group in group_ids(env, env.uid if uid is None else uid)


def matches_groups(env: Any, groups: str, uid: int | None = None) -> bool:
    """Return whether the user (default: of `env`) matches "a.group,b.group,!c.group".

    That is: is in one of the plain groups, if there are any, and in none of the negated ones.
    """
    wanted = [name.strip() for name in groups.split(",") if name.strip()]
    refused = [name[1:] for name in wanted if name.startswith("!")]
    positive = [name for name in wanted if not name.startswith("!")]
    if any(user_has_group(env, name, uid) for name in refused):
        return False
    return not positive or any(user_has_group(env, name, uid) for name in positive)


def _compute_group_ids(env: Any, uid: int) -> frozenset[int]:
    rows = env.cr.execute("SELECT gid FROM res_groups_users_rel WHERE uid = :uid", {"uid": uid})
    return implied_groups(env, [row[0] for row in rows])


def _read_implied(env: Any) -> dict[int, list[int]]:
    implied: dict[int, list[int]] = {}
    for group, other in env.cr.execute("SELECT gid, hid FROM res_groups_implied_rel"):
        implied.setdefault(group, []).append(other)
    return implied


# --------------------------------------------------------------- the tables


def _access_rows(env: Any) -> dict[str, list[tuple[int | None, frozenset[str]]]]:
    """Return all active access rows: model name -> [(group id or None, operations granted)]."""
    return cached(env, "acl", "", lambda: _read_access_rows(env))


def _read_access_rows(env: Any) -> dict[str, list[tuple[int | None, frozenset[str]]]]:
    rows: dict[str, list[tuple[int | None, frozenset[str]]]] = {}
    for model_name, group, *flags in env.cr.execute(
        "SELECT m.model, a.group_id, a.perm_read, a.perm_write, a.perm_create, a.perm_unlink"
        " FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id WHERE a.active"
    ):
        rows.setdefault(model_name, []).append((group, _operations(flags)))
    return rows


def _rules(env: Any) -> dict[str, list[Rule]]:
    """Return all active rules by model name."""
    return cached(env, "rules", "", lambda: _read_rules(env))


def _read_rules(env: Any) -> dict[str, list[Rule]]:
    groups: dict[int, set[int]] = {}
    for rule_id, group in env.cr.execute("SELECT rule_group_id, group_id FROM rule_group_rel"):
        groups.setdefault(rule_id, set()).add(group)
    rules: dict[str, list[Rule]] = {}
    for model_name, rule_id, name, domain, *flags in env.cr.execute(
        "SELECT m.model, r.id, r.name, r.domain_force,"
        " r.perm_read, r.perm_write, r.perm_create, r.perm_unlink"
        " FROM ir_rule r JOIN ir_model m ON m.id = r.model_id WHERE r.active ORDER BY r.id"
    ):
        rule = Rule(rule_id, name, domain or "[]", _operations(flags), frozenset(groups.get(rule_id, ())))
        rules.setdefault(model_name, []).append(rule)
    return rules


def _operations(flags: Iterable[Any]) -> frozenset[str]:
    return frozenset(name for name, flag in zip(OPERATIONS, flags, strict=True) if flag)


def _rule_domain(rule: Rule, model_name: str, names: dict[str, Any]) -> Domain:
    try:
        return Domain(evaluate(rule.domain, names))
    except (ExpressionError, ValueError, TypeError) as error:
        raise UserError(
            _(
                "The record rule “%(rule)s” of %(model)s is broken: %(error)s",
                rule=rule.name,
                model=model_name,
                error=error,
            ),
            code="broken_rule",
        ) from error


# ----------------------------------------------------------------- wording


def _verb(operation: str) -> str:
    return {"read": _("see"), "write": _("change"), "create": _("create"), "unlink": _("delete")}[operation]


def _described(env: Any, model_name: str) -> str:
    model = env.registry.models.get(model_name)
    description = getattr(model, "_description", None)
    return f"“{description}” ({model_name})" if description else model_name


def _who_may(env: Any, groups: list[int]) -> str:
    if not groups:
        return str(_("No group is allowed to do that; an administrator can grant it under Settings, Access Rights."))
    names = env["res.groups"].sudo().browse(groups).mapped("full_name")
    return str(_("It is allowed for: %(groups)s. An administrator can add you.", groups=", ".join(names)))


def _user_name(env: Any) -> str:
    user = env["res.users"].sudo().browse(env.uid)
    return f"{user.name} ({user.login})" if user.exists() else str(_("a deleted user"))
