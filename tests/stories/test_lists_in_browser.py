"""Lists in daily work, in a real browser: menus by touch and by keys, headings that stay, the way back to a list."""

from __future__ import annotations

import re

import pytest

from core.testing.browser import expect, page_on
from core.testing.client import document, open_session, words

ADDONS = ("sales_manufacturing", "purchasing")
DEMO = True
pytestmark = pytest.mark.dialects("sqlite")

DESK = {"width": 1440, "height": 700}
PHONE = {"width": 390, "height": 844}
either_way = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def browse(chromium, live_server, db):
    """A function that opens a signed-in page: of this size, with or without scripts."""

    def opened(viewport, scripts=True, **options):
        return page_on(
            chromium,
            live_server.url,
            token=open_session(db),
            viewport=viewport,
            java_script_enabled=scripts,
            **options,
        )

    return opened


# Which of these links a finger would not meet in their middle.
COVERED = """links => links.filter((link) => {
    const { left, top, width, height } = link.getBoundingClientRect();
    return !link.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}).map((link) => link.textContent)"""


@either_way
@pytest.mark.parametrize("name", ["Filter", "Layout", "Group"])
def test_menus_of_a_list_can_be_touched_on_a_phone(browse, name, scripts):
    with browse(PHONE, scripts, has_touch=True) as page:
        page.goto("/app/product.template")
        page.locator("summary", has_text=name).tap()
        links = page.locator("details[open] .drop-list a")
        links.first.wait_for()
        assert links.count() > 1 and links.evaluate_all(COVERED) == []
        sheet = page.locator("details[open] .drop-list").bounding_box()
        assert sheet["y"] + sheet["height"] == PHONE["height"] and sheet["width"] == PHONE["width"]
        choice = page.locator("details[open] .drop-list a.toggle").last
        label = choice.inner_text()
        choice.tap()
        page.wait_for_url("**?**")
        if name != "Layout":
            page.get_by_label("Active filters").get_by_text(label).wait_for()


@either_way
def test_a_touch_beside_the_sheet_closes_it(browse, scripts):
    with browse(PHONE, scripts, has_touch=True) as page:
        page.goto("/app/product.template")
        page.locator("summary", has_text="Filter").tap()
        page.locator("details[open] .drop-list a").first.wait_for()
        page.touchscreen.tap(200, 300)
        page.locator("details[open]").wait_for(state="detached")
        assert page.url.endswith("/app/product.template")


@either_way
@pytest.mark.parametrize("width", [390, 768])
def test_the_menus_of_an_app_are_reached_in_a_narrow_window(browse, width, scripts):
    with browse({"width": width, "height": 900}, scripts) as page:
        page.goto("/app/product.template")
        assert not page.get_by_text("Configuration").is_visible()
        page.get_by_label("Menu", exact=True).click()
        page.locator(".bar-menus summary", has_text="Configuration").click()
        entries = page.locator(".bar-menus details[open] a")
        assert entries.count() > 5 and entries.evaluate_all(COVERED) == []
        entries.filter(has_text="Units & Packagings").click()
        page.get_by_role("heading", name="Units & Packagings").wait_for()


def focused(page):
    """The text of what has the focus."""
    return page.evaluate("document.activeElement.textContent.trim()")


def test_arrow_keys_go_through_the_menus(browse):
    with browse(DESK) as page:
        page.goto("/app/product.template")
        page.locator(".bar-menus summary", has_text="Operations").focus()
        page.keyboard.press("ArrowDown")
        first = focused(page)
        page.keyboard.press("ArrowDown")
        assert focused(page) not in (first, "Operations")
        page.keyboard.press("Home")
        assert focused(page) == first
        page.keyboard.press("ArrowUp")
        last = focused(page)
        page.keyboard.press("End")
        assert focused(page) == last != first
        page.keyboard.press("ArrowRight")
        assert focused(page) == "Products"
        assert page.locator(".bar-menus details[open] summary").all_inner_texts() == ["Products"]
        page.keyboard.press("ArrowLeft")
        assert focused(page) == "Operations"
        page.keyboard.press("Escape")
        assert focused(page) == "Operations" and not page.locator("details[open]").count()
        page.locator("summary", has_text="Filter").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**filter=**")


@either_way
@pytest.mark.parametrize("address", ["/app/res.country", "/app/res.country.state"])
def test_headings_stay_while_the_rows_scroll(browse, db, address, scripts):
    with db.transaction() as env:
        country = env["res.country"].search([], limit=1).id
        env["res.country.state"].create(
            [{"name": f"State {number}", "code": f"S{number}", "country_id": country} for number in range(60)]
        )
    with browse(DESK, scripts) as page:
        page.goto(address)
        heading, last = page.locator("thead th").nth(1), page.locator("tbody tr").last
        before = heading.bounding_box()["y"]
        last.scroll_into_view_if_needed()
        assert heading.bounding_box()["y"] == before
        assert before < last.bounding_box()["y"] < DESK["height"]
        assert page.locator(".bar").bounding_box()["y"] == 0


def test_a_list_stands_as_it_did_when_one_comes_back(browse):
    with browse(DESK) as page:
        page.goto("/app/res.country")
        page.locator(".list-scroll").evaluate("box => { box.scrollTop = 500; }")
        page.get_by_role("link", name="Norway").click()
        page.get_by_role("heading", name="Norway").or_(page.locator(".crumbs [aria-current]")).first.wait_for()
        page.go_back()
        page.wait_for_function("() => document.querySelector('.list-scroll')?.scrollTop === 500")


@pytest.mark.parametrize("address", ["/app/res.country", "/app/res.country.state", "/app/product.template?view=kanban"])
def test_a_link_skips_to_the_first_row(browse, db, address):
    with db.transaction() as env:
        country = env["res.country"].search([], limit=1).id
        env["res.country.state"].create({"name": "Zealand", "code": "ZZ", "country_id": country})
    with browse(DESK) as page:
        page.goto(address)
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert focused(page) == "Skip to the first row"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('tbody tr:first-child, .cards li:first-child') !== null")


def test_transfers_open_with_what_is_to_be_done(client, db):
    with db.transaction(login="admin") as env:
        kind = env["stock.picking.type"].search([("code", "=", "outgoing")], limit=1)
        product = env["product.product"].search([("is_storable", "=", True)], limit=1)
        days = ("2026-01-01 10:00:00", "2026-11-01 10:00:00", "2090-12-01 10:00:00")
        values = {"picking_type_id": kind.id, "move_ids": [(0, 0, {"product_id": product.id, "product_uom_qty": 1})]}
        done, due, later = env["stock.picking"].create([values | {"scheduled_date": day} for day in days])
        (done | due | later).action_confirm()
        done.action_cancel()
        names = [done.name, due.name, later.name]
        action = env.ref("inventory.action_picking_tree_outgoing").id
    shown = words(client.get(f"/app/action/{action}"))
    assert names[0] not in shown and shown.index(names[1]) < shown.index(names[2])
    assert names[0] in words(client.get(f"/app/action/{action}?filter=-"))
    [late] = document(client.get("/app/stock.picking.type?view=kanban")).xpath(
        "//*[@class='card-links']/a[@class='text-danger']"
    )
    assert late.text_content() == "1 late"
    shown = words(client.get(late.get("href")))
    assert names[1] in shown and names[0] not in shown and names[2] not in shown


def test_the_newest_move_is_the_first_of_the_history(client, db):
    with db.transaction(login="admin") as env:
        product = env["product.product"].create({"name": "Newcomer", "is_storable": True})
        place = env.ref("inventory.stock_location_stock")
        env["stock.quant"]._update_available_quantity(product, place, 3)
        action = env.ref("inventory.stock_move_line_action").id
    [first, *_others] = document(client.get(f"/app/action/{action}")).xpath("//tbody/tr")
    assert "Newcomer" in first.text_content()


def test_orders_to_deliver_show_the_late_ones_first_and_red(client, db):
    with db.transaction(login="admin") as env:
        partner = env["res.partner"].search([], limit=1)
        product = env["product.product"].search([("is_storable", "=", True)], limit=1)
        line = (0, 0, {"product_id": product.id, "product_uom_qty": 1})
        values = {"partner_id": partner.id, "order_line": [line]}
        in_time, late = env["sale.order"].create(
            [values | {"commitment_date": "2090-01-01 10:00:00"}, values | {"commitment_date": "2020-01-01 10:00:00"}]
        )
        (in_time | late).action_confirm()
        assert (in_time.is_late, late.is_late) == (False, True)
        names = [late.name, in_time.name]
        action = env.ref("sales.action_orders_to_deliver").id
    page = document(client.get(f"/app/action/{action}"))
    assert [row.text_content().strip() for row in page.xpath("//tbody/tr/td[2]")] == names
    red = page.xpath("//td[contains(concat(' ', @class, ' '), ' is-danger ')]")
    assert [cell.get("data-label") for cell in red] == ["Delivery Date"]
    filtered = words(client.get(f"/app/action/{action}?filter=late"))
    assert names[0] in filtered and names[1] not in filtered


def test_a_list_of_chosen_documents_says_what_they_are(client, db):
    with db.transaction(login="admin") as env:
        kind = env.ref("inventory.picking_type_out")
        two = env["stock.picking"].create([{"picking_type_id": kind.id}] * 2)
        other = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_in").id})
        ids, all_ids = [",".join(map(str, each.ids)) for each in (two, two | other)]
    assert "2 deliveries" in words(client.get(f"/app/stock.picking?ids={ids}"))
    assert "3 transfers" in words(client.get(f"/app/stock.picking?ids={all_ids}"))


def test_purchase_orders_say_what_is_late(client, db):
    with db.transaction(login="admin") as env:
        vendor = env["res.partner"].search([], limit=1)
        product = env["product.product"].search([("is_storable", "=", True)], limit=1)
        days = ("2020-01-01 10:00:00", "2090-01-01 10:00:00")
        late, in_time = env["purchase.order"].create(
            [
                {
                    "partner_id": vendor.id,
                    "order_line": [(0, 0, {"product_id": product.id, "product_qty": 1, "date_planned": day})],
                }
                for day in days
            ]
        )
        (late | in_time).button_confirm()
        assert (late.is_late, in_time.is_late) == (True, False)
        names = [late.name, in_time.name]
    filtered = words(client.get("/app/purchase.order?filter=late"))
    assert names[0] in filtered and names[1] not in filtered


@either_way
def test_filters_are_kept_and_records_follow_one_another(browse, db, scripts):
    with db.transaction() as env:
        for number in range(1, 4):
            env["product.template"].create({"name": f"Crate {number}"})
    with browse(DESK, scripts) as page:
        page.goto("/app/product.template?q=crate&sort=name desc")
        page.get_by_role("link", name="Crate 3", exact=True).click()
        pager = page.get_by_role("navigation", name="Records of the list")
        expect(pager).to_contain_text("1 of 3")
        assert not page.locator("a[href][aria-label='Previous record']").count()
        for name in ("Crate 2", "Crate 1"):
            pager.get_by_label("Next record").click()
            expect(page).to_have_title(re.compile(name))
        expect(pager).to_contain_text("3 of 3")
        assert not page.locator("a[href][aria-label='Next record']").count()
        page.fill("[name=list_price]", "12")
        page.get_by_role("button", name="Save", exact=True).first.click()
        page.locator(".message").wait_for()
        expect(pager).to_contain_text("3 of 3")
        page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Products").click()
        expect(page.get_by_label("Active filters")).to_contain_text("crate")
        expect(page.locator("tbody tr td:nth-child(2)")).to_have_text(["Crate 3", "Crate 2", "Crate 1"])
        page.get_by_role("link", name="Crate 2", exact=True).click()
        page.go_back()
        expect(page.get_by_label("Active filters")).to_contain_text("crate")
        page.get_by_role("link", name="New", exact=True).click()
        page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Products").click()
        expect(page.get_by_label("Active filters")).to_contain_text("crate")


def test_the_next_record_may_be_on_the_next_page(client, db):
    with db.transaction() as env:
        env["res.partner.category"].create([{"name": f"Label {number:03}"} for number in range(90)])
        arch = """<list default_order="name"><field name="name"/></list>"""
        env["ir.ui.view"].create(
            {"name": "plain", "model": "res.partner.category", "type": "list", "arch": arch, "priority": 1}
        )
    page = client.get("/app/res.partner.category?q=label")
    last = client.get(document(page).xpath("//tr[@data-href]")[-1].get("data-href"))
    assert "80 of 90" in words(last)
    [following] = document(last).xpath("//a[@aria-label='Next record']/@href")
    first = client.get(following)
    assert "81 of 90" in words(first) and "page%3D2" in following
    [before] = document(first).xpath("//a[@aria-label='Previous record']/@href")
    assert "80 of 90" in words(client.get(before)) and "page" not in before


@pytest.mark.slow
def test_every_empty_list_says_what_it_is_for_and_leads_on(client, db):
    with db.transaction() as env:
        actions = env["ir.actions.act_window"].search([("view_mode", "ilike", "list")])
        pages = actions.filtered(lambda action: not env[action.res_model]._transient and not action.res_id)
        assert [action.name for action in pages if not action.help] == []
        addresses = [(action.name, f"/app/action/{action.id}?filter=-&group=-") for action in pages]
    empty = [(name, found) for name, url in addresses for found in _empty_states(document(client.get(url)))]
    assert len(empty) > 15, "the demo company has no documents yet"
    assert [name for name, found in empty if not found.xpath(".//*[@class='empty-help']")] == []
    assert [name for name, found in empty if not found.xpath(".//a[contains(@class, 'button')]")] == []


def _empty_states(page):
    return page.xpath("//div[@class='empty']")


def test_an_empty_list_without_new_leads_to_the_next_step(client, db):
    with db.transaction() as env:
        action = env.ref("sales.action_orders_to_deliver").id
    page = client.get(f"/app/action/{action}")
    step = client.get(document(page).xpath("string(//div[@class='empty']//a/@href)"))
    assert "Nothing in Orders to Deliver yet" in words(page) and step.status_code == 200


def test_quantities_of_a_list_have_one_precision_and_zeros_are_muted(client, db):
    with db.transaction(login="admin") as env:
        place = env.ref("inventory.stock_location_stock")
        weighed = env["product.product"].create(
            {"name": "Weighed", "is_storable": True, "uom_id": env.ref("inventory.product_uom_kgm").id}
        )
        env["stock.quant"]._update_available_quantity(weighed, place, "2.5")
        action = env.ref("inventory.dashboard_open_quants").id
    rows = document(client.get(f"/app/action/{action}?filter=on_hand")).xpath("//tbody/tr")
    figures = [cell for row in rows for cell in row.xpath("td[contains(@class, 'num')]")]
    assert {cell.text_content().strip().partition(".")[2] for cell in figures} >= {"0", "5"}
    assert {len(cell.text_content().strip().partition(".")[2]) for cell in figures} == {1}
    muted = {cell.text_content().strip() for cell in figures if "is-zero" in cell.get("class")}
    assert muted == {"0.0"}


def test_the_button_new_says_that_it_creates(person):
    """Who reads *Create* in older documents finds the button *New*, as Odoo 19 calls it."""
    person.opens("Manufacturing", "Operations", "Manufacturing Orders")
    new = person.page.get_by_role("link", name="New", exact=True)
    expect(new).to_have_accessible_description(re.compile("^Create a new record"))
    expect(new).to_have_attribute("title", re.compile("^Create a new record"))
