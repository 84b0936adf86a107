"""Rights, rules and groups."""

from __future__ import annotations

import pytest

from core.api import Command, Domain
from core.exceptions import AccessError, UserError, ValidationError


@pytest.fixture
def employee(env):
    """An internal user without further rights."""
    return env["res.users"].create({"name": "Erin Employee", "login": "erin"})


@pytest.fixture
def as_employee(env, employee):
    return env(uid=employee.id, su=False)


def grant(env, model, group=None, **operations):
    return env["ir.model.access"].create(
        {
            "name": f"test {model}",
            "model_id": env["ir.model"]._get(model).id,
            "group_id": group.id if group else False,
            **{f"perm_{name}": True for name in operations},
        }
    )


def test_an_internal_user_reads_contacts_and_may_not_change_them(env, as_employee):
    partner = as_employee["res.partner"].search([], limit=1)
    assert partner.name
    with pytest.raises(AccessError) as caught:
        partner.write({"name": "Other"})
    message = str(caught.value)
    assert "change" in message
    assert "Contact" in message
    assert "Contact Creation" in message, "the message says which group would allow it"
    assert "Erin Employee (erin)" in message


def test_what_nobody_granted_is_refused_to_everyone_but_the_superuser(env, as_employee, refused):
    access = env.registry.access
    assert not access.allowed(as_employee, "ir.config_parameter", "read")
    assert access.allowed(as_employee(su=True), "ir.config_parameter", "unlink")
    with refused(AccessError):
        as_employee["ir.config_parameter"].search([])


def test_a_right_granted_counts_at_once_and_ends_when_withdrawn(env, as_employee):
    right = grant(env, "ir.config_parameter", env.ref("base.group_user"), read=True)
    assert as_employee["ir.config_parameter"].search_count([]) >= 0
    right.active = False
    assert not env.registry.access.allowed(as_employee, "ir.config_parameter", "read")
    right.active = True
    assert env.registry.access.allowed(as_employee, "ir.config_parameter", "read")
    right.unlink()
    assert not env.registry.access.allowed(as_employee, "ir.config_parameter", "read")


def test_a_right_without_group_is_for_everyone(env, as_employee):
    grant(env, "ir.cron", None, read=True)
    portal = env["res.users"].create(
        {"name": "Pia", "login": "pia", "group_ids": [Command.set([env.ref("base.group_portal").id])]}
    )
    assert env.registry.access.allowed(as_employee, "ir.cron", "read")
    assert env.registry.access.allowed(env(uid=portal.id, su=False), "ir.cron", "read")


def test_groups_imply_groups_over_several_steps(env, employee):
    one, two, three = env["res.groups"].create([{"name": name} for name in ("One", "Two", "Three")])
    one.implied_ids = [Command.link(two.id)]
    two.implied_ids = [Command.link(three.id)]
    employee.group_ids = [Command.link(one.id)]
    assert {one, two, three} <= set(employee.all_group_ids)
    assert three in one.all_implied_ids
    assert one in three.all_implied_by_ids
    assert employee in three.all_user_ids
    employee.group_ids = [Command.unlink(one.id)]
    assert three not in employee.all_group_ids


def test_a_group_cannot_imply_itself(env, refused):
    one, two = env["res.groups"].create([{"name": "One"}, {"name": "Two"}])
    one.implied_ids = [Command.link(two.id)]
    with refused(ValidationError, code="base.group_in_itself", data={"group": "Two"}):
        two.implied_ids = [Command.link(one.id)]


def test_has_group_knows_implication_and_negation(env, employee):
    admin = env.ref("base.user_admin")
    assert admin.has_group("base.group_user")
    assert employee.has_group("base.group_user")
    assert not employee.has_group("base.group_system")
    assert not employee.has_group("nowhere.group_unknown")
    assert employee.has_groups("base.group_user,!base.group_system")
    assert not admin.has_groups("base.group_user,!base.group_system")


# ------------------------------------------------------------------- rules


def rule(env, model, domain, *groups, **values):
    return env["ir.rule"].create(
        {
            "name": f"rule {domain}",
            "model_id": env["ir.model"]._get(model).id,
            "domain_force": domain,
            "groups": [Command.set([group.id for group in groups])],
            **values,
        }
    )


def test_global_rules_all_hold_and_of_group_rules_one_is_enough(env, as_employee):
    currencies = env["res.currency"].with_context(active_test=False)
    group = env.ref("base.group_user")
    rule(env, "res.currency", "[('rounding', '<', 1)]")
    rule(env, "res.currency", "[('name', '=', 'EUR')]", group)
    rule(env, "res.currency", "[('name', 'in', ['USD', 'JPY'])]", group)
    rule(env, "res.currency", "[('name', '=', 'GBP')]", env.ref("base.group_portal"))
    seen = as_employee["res.currency"].with_context(active_test=False).search([]).mapped("name")
    assert sorted(seen) == ["EUR", "USD"]
    assert len(currencies.search([])) > 3, "the superuser is under no rule"


def test_a_rule_counts_for_its_operations_only(env, as_employee):
    grant(env, "res.currency", env.ref("base.group_user"), read=True, write=True)
    rule(env, "res.currency", "[('name', '=', 'EUR')]", perm_read=False)
    euro, dollar = (as_employee["res.currency"].search([("name", "=", name)]) for name in ("EUR", "USD"))
    euro.write({"full_name": "The euro"})
    assert dollar.name == "USD"
    with pytest.raises(AccessError):
        dollar.write({"full_name": "The dollar"})


def test_a_refusal_names_what_the_user_may_see_and_nothing_else(env, as_employee, refused):
    grant(env, "res.currency", env.ref("base.group_user"), read=True, write=True)
    rule(env, "res.currency", "[('name', '!=', 'USD')]", name="abroad")
    rule(env, "res.currency", "[('name', '=', 'EUR')]", name="at home", perm_read=False)
    names = ("EUR", "GBP", "USD")
    euro, pound, dollar = (as_employee.ref(f"base.{name}") for name in names)
    env.invalidate_all()
    for attempt in (lambda: dollar.name, lambda: dollar.read(["name"])):
        with refused(AccessError, name="read") as refusal:
            attempt()
        assert "USD" not in refusal.value.message
    with refused(AccessError, name="write") as refusal:
        (euro + pound + dollar).write({"full_name": "Money"})
    assert "USD" not in refusal.value.message and "EUR" not in refusal.value.message


def test_a_rule_may_use_the_user_and_the_companies(env, as_employee, employee):
    domain = env.registry.access.rule_domain(as_employee, "res.partner", "read")
    assert domain != Domain.TRUE
    other = env["res.company"].create({"name": "Other Company"})
    foreign = env["res.partner"].create({"name": "Foreign", "company_id": other.id})
    shared = env["res.partner"].create({"name": "Shared"})
    found = as_employee["res.partner"].search([("id", "in", [foreign.id, shared.id])])
    assert found == shared
    employee.company_ids = [Command.link(other.id)]
    found = as_employee["res.partner"].search([("id", "in", [foreign.id, shared.id])])
    assert found == foreign + shared, "a new company counts at once"
    narrow = as_employee["res.partner"].with_context(allowed_company_ids=[env.ref("base.main_company").id])
    assert narrow.search([("id", "in", [foreign.id, shared.id])]) == shared


def test_rules_of_the_record_delegated_to_hold_as_well(env, as_employee):
    rule(env, "res.partner", "[('name', '!=', 'Hidden Harry')]")
    harry = env["res.users"].create({"name": "Hidden Harry", "login": "harry"})
    assert not as_employee["res.users"].search([("id", "=", harry.id)])


def test_a_broken_rule_is_refused_when_it_is_written(env, refused):
    with refused(ValidationError, code="base.rule_domain"):
        rule(env, "res.partner", "[('no_such_field', '=', 1)]")
    with refused(ValidationError, code="base.rule_domain"):
        rule(env, "res.partner", "[('name', '=', nobody.id)]")
    with refused(ValidationError, code="base.rule_domain"):
        rule(env, "res.partner", "__import__('os').system('true')")


def test_a_global_rule_says_so(env):
    everyone = rule(env, "res.partner", "[]")
    some = rule(env, "res.partner", "[]", env.ref("base.group_user"))
    assert everyone["global"]
    assert not some["global"]


# ------------------------------------------------------------------ fields


def test_secrets_are_for_nobody(env):
    admin = env(uid=env.ref("base.user_admin").id, su=False)
    field = admin["res.users"]._fields["password_hash"]
    assert not env.registry.access.field_groups_allowed(admin, field)
    assert env.registry.access.field_groups_allowed(env, field)
    with pytest.raises(AccessError):
        admin["res.users"].search([]).read(["password_hash"])
    assert "password_hash" not in admin["res.users"].fields_get()


def test_the_cache_is_filled_once_and_costs_no_statement_then(env, as_employee):
    access = env.registry.access
    access.rule_domain(as_employee, "res.partner", "read")
    access.allowed(as_employee, "res.partner", "read")
    before = env.cr.statements
    for _number in range(10):
        access.rule_domain(as_employee, "res.partner", "read")
        access.allowed(as_employee, "res.partner", "write")
    assert env.cr.statements == before


def test_changes_that_are_rolled_back_leave_no_trace_in_the_shared_cache(db):
    with db.transaction() as env:
        uid = env["res.users"].create({"name": "Erin", "login": "erin"}).id
    with pytest.raises(UserError), db.transaction() as env:
        grant(env, "ir.cron", None, read=True)
        assert env.registry.access.allowed(env(uid=uid, su=False), "ir.cron", "read")
        raise UserError("changed my mind")
    with db.transaction() as env:
        assert not env.registry.access.allowed(env(uid=uid, su=False), "ir.cron", "read")


def test_changes_undone_by_a_savepoint_are_undone_in_the_cache(env, as_employee):
    access = env.registry.access
    with pytest.raises(UserError), env.savepoint():
        grant(env, "ir.cron", None, read=True)
        assert access.allowed(as_employee, "ir.cron", "read")
        raise UserError("no")
    assert not access.allowed(as_employee, "ir.cron", "read")
    grant(env, "ir.addon", None, write=True)
    with pytest.raises(UserError), env.savepoint():
        grant(env, "ir.cron", None, read=True)
        raise UserError("no")
    assert not access.allowed(as_employee, "ir.cron", "read")
    assert access.allowed(as_employee, "ir.addon", "write")


# ---------------------------------------------------------------- dialogs


def test_dialogs_obey_access_rows_as_other_models_do(env):
    portal = env["res.users"].create(
        {"name": "Pat", "login": "pat", "group_ids": [Command.set(env.ref("base.group_portal").ids)]}
    )
    own = {"change.password.own", "res.users.identitycheck", "auth_totp.wizard", "auth_totp.recovery"}
    for name in own:
        assert env(uid=portal.id, su=False)[name].check_access_rights("create"), (
            "everyone sees to their own credentials"
        )
    dialogs = [name for name, cls in env.registry.models.items() if cls._transient and name not in own]
    for name in dialogs:
        model = env(uid=portal.id, su=False)[name]
        assert not model.check_access_rights("create", raise_exception=False)
        with pytest.raises(AccessError):
            model.create({})
        with pytest.raises(AccessError):
            model.search([])


def test_a_change_that_would_hide_a_record_is_refused(env, as_employee, refused):
    grant(env, "res.partner", env.ref("base.group_user"), read=True, write=True)
    rule(env, "res.partner", "[('ref', '!=', 'theirs')]", name="not theirs")
    shared = env["res.partner"].create({"name": "Shared"}).with_env(as_employee)
    with refused(AccessError):
        shared.write({"ref": "theirs"})


def test_a_link_to_a_company_of_others_is_refused_without_its_name(env, as_employee, refused):
    grant(env, "res.partner", env.ref("base.group_user"), read=True, write=True)
    other = env["res.company"].create({"name": "Other Company"})
    shared = env["res.partner"].create({"name": "Shared"}).with_env(as_employee)
    with refused(AccessError, data={"field": "company_id"}) as refusal:
        shared.write({"company_id": other.id})
    assert "Other Company" not in refusal.value.message


def test_an_administrator_does_not_enter_what_is_installed(env):
    """Only the installer writes it: a server whose base is not installed would not start."""
    addons = env(uid=env.ref("base.user_admin").id, su=False)["ir.addon"].search([("name", "=", "base")])
    assert addons.state == "installed"
    for change in (lambda: addons.write({"state": "uninstalled"}), lambda: addons.create({"name": "x"}), addons.unlink):
        with pytest.raises(AccessError):
            change()
