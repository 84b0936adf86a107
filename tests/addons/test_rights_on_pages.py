"""A picker goes to every address: lists, forms, exports and actions show no price and no login, and none fails."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from core.testing.client import document, open_session, words
from tests.addons import trading_day
from tests.addons.roles import ROLES, environment

ADDONS = ["sales_manufacturing", "sales_invoicing", "purchasing"]

LOGIN = "secret-login"
#: A price of the day as a page shows it, also of 15 that were sold or 30 that were bought.
SHOWN = re.compile(
    r"(?<![\da-f])("  # nor a part of a token
    + "|".join(
        str(price * times)
        for price in (trading_day.LIST_PRICE, trading_day.COST, trading_day.VENDOR_PRICE)
        for times in (1, 15, 30)
    )
    + r")(?![\da-f])"
)


@pytest.fixture
def picker(db, anonymous):
    """The client of a user who has Inventory / User and nothing else."""
    with db.transaction() as env:
        trading_day.fill(env)
        env.ref("base.user_admin").login = LOGIN
        environment(env, "picker")
    anonymous.resume(open_session(db, "picker@example.com"))
    return anonymous


def _path(address):
    return urlsplit(address).path


def told(page):
    """What of a page is a price or the login of another user."""
    text = page.get_data(as_text=True)
    return [*SHOWN.findall(re.sub(r"(?<=\d),(?=\d)", "", text)), *re.findall(LOGIN, text)]


def test_a_picker_sees_no_price_and_no_login_at_any_address(picker, db):
    with db.transaction(login="picker@example.com") as env:
        actions = env["ir.actions.act_window"].sudo().search([]).ids
        models = [name for name, model in env.registry.models.items() if not model._abstract and not model._transient]
        first = {name: env[name].sudo().search([], limit=1).id for name in models if env[name]._auto}
    addresses = [f"/app/action/{id_}" for id_ in actions]
    for name, id_ in sorted(first.items()):
        addresses += [f"/app/{name}", f"/app/{name}/export.csv", *([f"/app/{name}/{id_}"] if id_ else [])]
    status = {}
    for address in addresses:
        page = picker.get(address, follow_redirects=True)
        status[address] = page.status_code
        assert not told(page), (address, told(page))
    assert {address: code for address, code in status.items() if code not in (200, 403, 404)} == {}
    assert sum(code == 200 for code in status.values()) > 60


@pytest.mark.parametrize("role", [role for role in ROLES if role != "portal"])
def test_all_that_a_user_is_shown_a_way_to_opens(db, anonymous, role):
    with db.transaction() as env:
        trading_day.fill(env)
        environment(env, role)
    anonymous.resume(open_session(db, f"{role}@example.com"))
    ways, seen = ["/app"], set()
    while ways:
        address = ways.pop()
        page = anonymous.get(address, follow_redirects=True)
        assert page.status_code == 200, (address, words(page)[:200])
        links = document(page).xpath("//nav//a/@href | //main//a[contains(@class, 'tile')]/@href")
        new = {path for path in map(_path, links) if path.startswith("/app/")} - seen
        seen |= new
        ways += new
    assert seen


@pytest.mark.parametrize(
    "name",
    ["sales.action_quotations", "sales.action_orders", "purchasing.purchase_rfq", "base.action_res_users"],
)
def test_the_actions_of_other_apps_are_refused(picker, db, name):
    with db.transaction() as env:
        action, order = env.ref(name), env["sale.order"].search([], limit=1)
    assert picker.get(f"/app/action/{action.id}").status_code == 403
    assert picker.get(f"/app/sale.order/{order.id}?action={action.id}").status_code == 200


def test_those_who_maintain_products_are_shown_prices(picker, db):
    picker.resume(open_session(db, LOGIN))
    assert told(picker.get("/app/product.template"))
    assert LOGIN in told(picker.get("/app/res.users"))


def test_a_picker_sees_their_own_profile(picker, db):
    with db.transaction() as env:
        action = env.ref("base.action_res_users_my")
        own = env["res.users"].search([("login", "=", "picker@example.com")])
    page = picker.get(f"/app/res.users/{own.id}?action={action.id}")
    assert page.status_code == 200
    assert "picker@example.com" in page.get_data(as_text=True)
    assert not told(page)
