"""What a user of each group reads: no prices for those who work without them, nothing that a rule hides, by any way."""

from __future__ import annotations

import pytest

from core.exceptions import StillageError
from tests.addons import trading_day
from tests.addons.roles import ROLES, environment

ADDONS = ["sales_manufacturing", "sales_invoicing", "purchasing"]

WITHOUT_PRICES = ["portal", "plain", "picker", "worker"]
#: What tells a price and is no amount of money.
TELLING = {"discount", "technical_discount", "default_extra_price", "tax_details"}
PRICES = (trading_day.LIST_PRICE, trading_day.COST, trading_day.VENDOR_PRICE)


def readable(env):
    """The models of which the user reads records, without the transient ones."""
    for name in sorted(env.registry.models):
        model = env[name]
        if not model._abstract and not model._transient and model._auto and model.has_access("read"):
            yield model


def money(model):
    """The fields of a model that tell a price."""
    return [name for name, field in model._fields.items() if field.type == "monetary" or name in TELLING]


def is_price(value):
    """Whether a value is a price of the day, or an amount of several at that price."""
    number = isinstance(value, float | int) or value.__class__.__name__ == "Decimal"
    return number and not isinstance(value, bool) and value and any(not value % price for price in PRICES)


@pytest.mark.parametrize("role", WITHOUT_PRICES)
def test_a_user_without_prices_reads_none(env, role):
    trading_day.fill(env)
    own = environment(env, role)
    for model in readable(own):
        assert not set(money(model)) & set(model.fields_get()), model._name
        for values in model.with_context(active_test=False).search([]).read():
            found = {name: value for name, value in values.items() if is_price(value) and not name.endswith("id")}
            assert not found, (model._name, values)


@pytest.mark.parametrize("role", WITHOUT_PRICES)
def test_a_user_without_prices_finds_sorts_and_groups_by_none(env, role):
    trading_day.fill(env)
    own = environment(env, role)
    asked = 0
    for model in readable(own):
        for name in money(model):
            asked += 1
            for ask in (
                lambda model=model, name=name: model.search([(name, ">", 0)]),
                lambda model=model, name=name: model.search([("id", "any", [(name, ">", 0)])]),
                lambda model=model, name=name: model.search([], order=name),
                lambda model=model, name=name: model.formatted_read_group([], [name], []),
                lambda model=model, name=name: model.formatted_read_group([], [], [f"{name}:max"]),
                lambda model=model, name=name: model.search([]).read([name]),
                lambda model=model, name=name: model.search([]).web_read({name: {}}),
                lambda model=model, name=name: model.search([]).export_data([name]),
            ):
                with pytest.raises(StillageError):
                    ask()
    assert asked or role == "portal"


@pytest.mark.parametrize("role", ROLES)
def test_fields_that_a_user_is_offered_can_be_read(env, role):
    trading_day.fill(env)
    own = environment(env, role)
    for model in readable(own):
        records = model.search([], limit=3)
        for name in model.fields_get([], ["type"]):
            env.invalidate_all()
            records.read([name])


@pytest.mark.parametrize("role", [role for role in ROLES if role not in WITHOUT_PRICES])
def test_those_who_work_with_prices_see_them(env, role):
    trading_day.fill(env)
    own = environment(env, role)
    product = own["product.product"].search([("name", "=", f"{trading_day.MARK} Lamp")])
    assert product.lst_price == trading_day.LIST_PRICE
    assert product.standard_price == trading_day.COST


@pytest.mark.parametrize("role", ["portal", "plain", "picker", "salesman", "neighbour"])
def test_users_read_names_of_others_and_all_of_themselves(env, role):
    admin = env.ref("base.user_admin")
    admin.login = "secret-login"
    own = environment(env, role)
    if role == "neighbour":
        admin.company_ids = [(4, own.company.id)]
    users = own["res.users"]
    for name in (
        "login",
        "login_date",
        "group_ids",
        "all_group_ids",
        "role",
        "company_ids",
        "api_key_ids",
        "device_ids",
    ):
        for ask in (
            lambda name=name: users.browse(admin.id).read([name]),
            lambda name=name: (users.browse(own.uid) | users.browse(admin.id)).read([name]),
            lambda name=name: users.browse(admin.id).web_read({name: {}}),
            lambda name=name: users.browse(admin.id).export_data([name]),
            lambda name=name: users.search([(name, "!=", False)]),
            lambda name=name: users.search([], order=name),
            lambda name=name: users.formatted_read_group([], [name], ["__count"]),
            lambda name=name: own["res.partner"].search([("create_uid", "any", [(name, "!=", False)])]),
        ):
            with pytest.raises(StillageError):
                ask()
        assert name not in users.fields_get()
        assert users.browse(own.uid).read([name])
    assert role == "portal" or users.browse(admin.id).read(["name"])[0]["name"] == admin.name
    assert not users.name_search(admin.login)
    assert users.name_search(f"User {role}")
    for values in own["res.groups"].search([]).read() if own["res.groups"].has_access("read") else ():
        assert not {"user_ids", "all_user_ids"} & set(values)
