"""axe-core on every kind of page, in three widths, light and dark: no violation of WCAG 2.2 AA nor of good practice."""

from __future__ import annotations

import itertools

import pyotp
import pytest

from core.testing.browser import page_on
from core.testing.client import open_session
from core.testing.plugin import missing

try:
    from axe_playwright_python.base import AXE_SCRIPT
except ImportError:
    AXE_SCRIPT = None

ADDONS = ("sales_manufacturing", "purchasing", "sales_invoicing")
DEMO = True
pytestmark = [pytest.mark.dialects("sqlite"), pytest.mark.slow]

WIDTHS = (1440, 768, 390)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# Still an experiment of axe's, and wanted here: people who speak to their computer say what they see.
ALL_RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],
}
# All but the colours.
CONTENT = ALL_RULES | {"rules": ALL_RULES["rules"] | {"color-contrast": {"enabled": False}}}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


@pytest.fixture(autouse=True)
def needs_axe():
    """Skip the tests where axe-core is not installed, fail them with CI=true."""
    if AXE_SCRIPT is None:
        missing("axe-playwright-python is not installed")


@pytest.fixture
def documents(db):
    """An order, its delivery and a production in the demo company; gives addresses of pages by what they show."""
    with db.transaction(login="admin") as env:
        partner = env["res.partner"].search([("is_company", "=", True)], limit=1)
        product = env["product.product"].search([("is_storable", "=", True), ("bom_ids", "=", False)], limit=1)
        line = (0, 0, {"product_id": product.id, "product_uom_qty": 400})
        order = env["sale.order"].create({"partner_id": partner.id, "order_line": [line]})
        order.action_confirm()
        env["mrp.production"].create(
            {"product_id": env["mrp.bom"].search([], limit=1).product_tmpl_id.product_variant_id.id}
        ).action_confirm()
        picking = order.picking_ids[:1]
        picking.move_ids[:1].quantity = 1
        question = picking.button_validate()
        form = f"/app/stock.picking/{picking.id}"
        draft, posted = order._create_invoices(), env["account.move"].create({"partner_id": partner.id})
        posted.invoice_line_ids = [(0, 0, {"product_id": product.id, "discount": 10})]
        posted.action_post()
        return {
            "form": f"/app/sale.order/{order.id}",
            "form with lines": form,
            "dialog": f"/app/{question._name}/{question.id}?over={form}",
            "record with a picture": f"/app/product.template/{product.product_tmpl_id.id}",
            "new record": "/app/sale.order/new",
            "draft invoice": f"/app/account.move/{draft.id}",
            "posted invoice": f"/app/account.move/{posted.id}",
            "page to print": f"/app/account.move/{posted.id}/print",
            "bill of materials": f"/app/mrp.bom/{env['mrp.bom'].search([], limit=1).id}",
        }


def violations(page, where, rules=ALL_RULES):
    """What axe finds on the page now, one text per rule."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(document, rules).then(result => result.violations)", rules)
    return [
        f"{where}: {rule['id']}: {rule['help']}: " + "; ".join(node["html"][:160] for node in rule["nodes"][:3])
        for rule in found
    ]


def judged(page, name):
    """What axe finds in three widths. Colours take most of the time: they are judged on phone and desk only."""
    found = []
    page.emulate_media(color_scheme="light")
    for width, rules in zip(WIDTHS, (ALL_RULES, CONTENT, ALL_RULES), strict=True):
        page.set_viewport_size({"width": width, "height": 900})
        found += violations(page, f"{name}, {width}", rules)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1440, "height": 900})
    return found + violations(page, f"{name}, dark", CONTRAST)


def test_axe_sees_what_it_is_asked_for(browser):
    browser.set_content("<button aria-label='Send'>Cancel</button><p style='color: #eee; background: #fff'>Pale</p>")
    found = " ".join(violations(browser, "sample"))
    assert "label-content-name-mismatch" in found and "color-contrast" in found and "html-has-lang" in found


def test_kinds_of_pages(chromium, live_server, db, documents):
    kinds = {
        "home": "/app",
        "list": "/app/sale.order?filter=-",
        "grouped list": "/app/product.template?group=categ_id&open=0",
        "empty list": "/app/sale.order?q=nothing+at+all",
        "cards": "/app/product.template?view=kanban",
        "editable list": "/app/uom.uom",
        "advanced filter": "/app/sale.order/filter",
        "layout of a list": "/app/sale.order/layout",
        "Shop Floor": "/app/shop-floor",
        "preferences": "/app/preferences",
        "error page": "/app/no.such.model",
        **documents,
    }
    found = []
    with page_on(chromium, live_server.url) as page:
        page.goto("/login")
        found += judged(page, "sign in")
    with page_on(chromium, live_server.url, token=open_session(db)) as page:
        for name, address in kinds.items():
            page.goto(address)
            found += judged(page, name)
    assert not found, "\n".join(found)


def test_menus_and_refused_forms(chromium, live_server, db):
    found = []
    with page_on(chromium, live_server.url, token=open_session(db)) as page:
        page.goto("/app/product.template")
        for name in ("Filter", "Layout", "Group", "Configuration", "Administrator"):
            for width in (1440, 390):
                page.set_viewport_size({"width": width, "height": 900})
                summary = page.locator("summary", has_text=name)
                if summary.is_visible():
                    summary.click()
                    found += violations(page, f"{name}, {width}")
                    page.keyboard.press("Escape")
        page.set_viewport_size({"width": 390, "height": 844})
        page.get_by_label("Menu", exact=True).click()
        found += violations(page, "menu of a phone")
        page.goto("/app/product.template/new")
        page.get_by_role("button", name="Save", exact=True).click()
        page.locator("#problems").wait_for()
        found += judged(page, "refused form")
    assert not found, "\n".join(found)


def test_every_page_of_the_menus(chromium, live_server, db):
    found = []
    with page_on(chromium, live_server.url, token=open_session(db)) as page:
        page.goto("/app?all")
        apps = page.locator("a.tile").evaluate_all("all => all.map(one => one.href)")
        urls = set()
        for app in apps:
            page.goto(app)
            urls |= set(page.locator(".bar-menus a").evaluate_all("all => all.map(one => one.href)"))
        assert len(urls) > 40
        for url, width in zip(sorted(urls), itertools.cycle(WIDTHS)):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(url)
            found += violations(page, f"{page.title()}, {width}", CONTENT)
    assert not found, "\n".join(found)


def test_steps_of_signing_in(chromium, live_server, db):
    """The password shown, the second factor set up and asked for, the password asked for again: judged on a phone."""
    found = []
    with db.transaction() as env:
        env["ir.config_parameter"].set_param("auth_totp.policy", "employee_required")

    def judge(page, name):
        found.extend(violations(page, name))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} fits"

    with page_on(chromium, live_server.url) as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto("/login")
        page.get_by_label("Login").fill("demo")
        page.get_by_label("Password", exact=True).fill("admin")
        page.get_by_role("button", name="Show the password").click()
        assert page.locator("#password").get_attribute("type") == "text"
        judge(page, "password shown")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        key = page.locator(".totp-key").inner_text()
        judge(page, "second factor is set up")
        page.keyboard.type(pyotp.TOTP(key).now())
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Recovery codes").wait_for()
        codes = page.locator(".recovery-codes code").all_inner_texts()
        judge(page, "recovery codes")
        page.get_by_role("link", name="I have stored them").click()
        page.locator(".bar-user").wait_for()
        page.context.clear_cookies()
        page.goto("/login")
        page.get_by_label("Login").fill("demo")
        page.get_by_label("Password", exact=True).fill("admin")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Enter the code").wait_for()
        judge(page, "code asked for")
        page.keyboard.type(codes[0])
        page.keyboard.press("Enter")
        page.locator(".bar-user").wait_for()
        with db.transaction() as env:
            env["web.session"].search([]).write({"confirmed_at": False})
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto("/app/preferences")
        page.get_by_role("button", name="New API Key").click()
        page.get_by_role("heading", name="Confirm that it is you").wait_for()
        judge(page, "password asked for again")
        page.keyboard.type("admin")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Generate Key").wait_for()
    assert not found, "\n".join(found)
