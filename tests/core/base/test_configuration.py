"""Parameters, defaults, the settings form."""

from __future__ import annotations

import pytest

from core.exceptions import AccessError, ValidationError


def test_a_parameter_is_set_read_changed_and_removed(env):
    parameters = env["ir.config_parameter"]
    assert parameters.get_param("test.key") is False
    assert parameters.get_param("test.key", "default") == "default"
    assert parameters.set_param("test.key", 5) is False
    assert parameters.get_param("test.key") == "5"
    assert parameters.set_param("test.key", "six") == "5"
    assert parameters.set_param("test.key", False) == "six"
    assert parameters.get_param("test.key") is False
    assert not parameters.search([("key", "=", "test.key")])


def test_the_databases_secret_is_made_once(env):
    secret = env["ir.config_parameter"].get_param("database.secret")
    assert len(secret) == 64
    assert env["ir.config_parameter"].get_param("database.secret") == secret


def test_parameters_are_for_administrators(env):
    employee = env["res.users"].create({"name": "Erin", "login": "erin"})
    parameters = env(uid=employee.id, su=False)["ir.config_parameter"]
    with pytest.raises(AccessError):
        parameters.get_param("database.secret")
    assert parameters.sudo().get_param("database.secret")


@pytest.mark.parametrize("key", ["database.secret", "web.secret"])
def test_keys_of_the_program_are_for_nobody(env, key):
    secret = env["ir.config_parameter"].get_param(key)
    row = env["ir.config_parameter"].search([("key", "=", key)])
    parameters = env(uid=env.ref("base.user_admin").id, su=False)["ir.config_parameter"]
    assert parameters.search([("key", "=", "database.uuid")])
    assert not parameters.search([("key", "=", key)]) and not parameters.search([("value", "=", secret)])
    for refused in (
        lambda: parameters.get_param(key),
        lambda: parameters.browse(row.id).value,
        lambda: parameters.browse(row.id).read(["value"]),
        lambda: parameters.browse(row.id).write({"value": "known"}),
        lambda: parameters.browse(row.id).unlink(),
        lambda: parameters.search([("key", "=", "database.uuid")]).write({"key": key}),
    ):
        with pytest.raises(AccessError), env.savepoint():
            refused()
    assert env["ir.config_parameter"].get_param(key) == secret


# ----------------------------------------------------------------- defaults


def test_the_most_particular_default_counts(env):
    defaults = env["ir.default"]
    defaults.set("res.partner", "function", "anyone")
    assert defaults._get_model_defaults("res.partner")["function"] == "anyone"
    defaults.set("res.partner", "function", "company", company_id=True)
    assert defaults._get_model_defaults("res.partner")["function"] == "company"
    defaults.set("res.partner", "function", "mine", user_id=True)
    assert defaults._get_model_defaults("res.partner")["function"] == "mine"
    other = env["res.users"].create({"name": "Erin", "login": "erin"})
    assert env(uid=other.id, su=False)["ir.default"]._get_model_defaults("res.partner")["function"] == "company"
    defaults.set("res.partner", "function", "mine too", user_id=True)
    assert defaults._get("res.partner", "function", user_id=True) == "mine too"
    assert defaults.search_count([("field_id.name", "=", "function")]) == 3


def test_new_records_use_the_default(env):
    env["ir.default"].set("res.partner", "country_id", env.ref("base.at").id)
    assert env["res.partner"].create({"name": "New"}).country_id == env.ref("base.at")


def test_a_default_needs_a_field_and_a_value_that_fits(env, refused):
    with refused(ValidationError, code="base.unknown_field", data={"field": "nonsense"}):
        env["ir.default"].set("res.partner", "nonsense", 1)
    field = env["ir.model.fields"]._get("res.partner", "color")
    with pytest.raises(ValidationError) as caught:
        env["ir.default"].create({"field_id": field.id, "json_value": "{"})
    assert caught.value.code == "base.default_value"


# ----------------------------------------------------------------- settings


def test_the_settings_form_shows_and_saves_what_is_in_force(env):
    settings = env["res.config.settings"]
    form = settings.create({})
    assert form.group_multi_company is False
    assert form.company_currency_id == env.ref("base.EUR")
    form.group_multi_company = True
    form.execute()
    employee = env["res.users"].create({"name": "Erin", "login": "erin"})
    assert employee.has_group("base.group_multi_company")
    again = settings.create({})
    assert again.group_multi_company is True
    again.group_multi_company = False
    again.execute()
    assert not employee.has_group("base.group_multi_company")


def test_the_settings_of_the_company_are_saved_on_it(env):
    form = env["res.config.settings"].create({})
    form.company_currency_id = env.ref("base.USD")
    form.execute()
    assert env.company.currency_id == env.ref("base.USD")


def test_settings_are_for_administrators(env, refused):
    employee = env["res.users"].create({"name": "Erin", "login": "erin"})
    settings = env(uid=employee.id, su=False)["res.config.settings"]
    for attempt in (
        lambda: settings.create({}),
        lambda: settings.default_get(["company_name"]),
        lambda: settings.onchange({}, [], {"company_name": {}}),
    ):
        with pytest.raises(AccessError):
            attempt()
    form = env["res.config.settings"].create({}).with_user(employee)
    with refused(AccessError, code="base.administrators_only"):
        form.execute()


def test_records_tell_their_external_ids_and_who_made_them(env):
    company, tag = env.ref("base.main_company"), env["res.partner"].create({"name": "Nameless"})
    assert company.get_external_id() == {company.id: "base.main_company"}
    assert tag.get_external_id() == {tag.id: ""}
    assert company.get_metadata()[0]["xmlid"] == "base.main_company"
    (made,) = tag.get_metadata()
    assert made["xmlid"] is False and made["create_uid"][0] == env.uid
