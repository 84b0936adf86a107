"""Every editable list of the bundled addons in a real browser: rows are added, typed, saved and there after a reload.

The lists are found in the views' files, so that the list of an addon to come is walked as well.
"""

from __future__ import annotations

import itertools
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

from core.testing.browser import expect, page_on
from core.testing.client import open_session

ADDONS = ("sales_manufacturing", "purchasing", "sales_invoicing")
DEMO = True
ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.dialects("sqlite"), pytest.mark.slow]

# Fields that a new row leaves empty, as the product that is typed has no such thing.
NOT_TYPED = {
    "stock.quant": {"lot_id", "package_id", "owner_id"},
    "stock.warehouse.orderpoint": {"supplier_id", "bom_id"},
}
# Whether the server has answered all that was edited.
ANSWERED = """() => !document.querySelector(".htmx-request") && [...document.querySelectorAll("form:has(.onchange)")]
    .every((form) => !form.elements._edited.value)"""


class EditableView(NamedTuple):
    """A list view with ``editable=``: of a page of its own, or in the field `table` of a form."""

    xml_id: str
    model: str
    table: str


def editable_views():
    """Those of the bundled addons to which rows are added. Dialogs are opened by the stories of their documents."""
    for folder in (ROOT / "core" / "base", *sorted((ROOT / "addons").iterdir())):
        for path in sorted((folder / "views").glob("*.xml")):
            if path.name == "wizard_views.xml":
                continue
            for record in etree.parse(path).iter("record"):
                arch = record.find("field[@name='arch']")
                for view in arch.iter("list") if arch is not None else ():
                    if view.get("editable") and view.get("create") not in ("0", "false"):
                        holder = view.getparent()
                        table = "" if holder is arch else holder.get("name")
                        xml_id = f"{folder.name}.{record.get('id')}"
                        yield EditableView(xml_id, record.findtext("field[@name='model']"), table)


either_way = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])

LISTS = [view for view in editable_views() if not view.table]
TABLES = [view for view in editable_views() if view.table]


def walked(views, scripts):
    """All of them with scripts; without, where each is the same plain form, one of each addon."""
    return views if scripts else list({view.xml_id.partition(".")[0]: view for view in views}.values())


def test_all_editable_lists_are_found():
    assert {view.model for view in LISTS} >= {"stock.quant", "stock.warehouse.orderpoint", "uom.uom"}
    assert len(TABLES) > 12


def address_of(db, view):
    """The page of a list view: the action that names it, or the model's."""
    with db.transaction() as env:
        id_ = env.ref(view.xml_id).id
        actions = env["ir.actions.act_window"].search([("res_model", "=", view.model)])
        action = next((action for action in actions if [id_, "list"] in [list(pair) for pair in action.views]), None)
        return f"/app/action/{action.id}" if action else f"/app/{view.model}"


class Rows:
    """The rows of an editable table on a page, filled in as a user would."""

    def __init__(self, page, model, table="rows", *, scripts=True):
        self.page, self.model, self.table, self.scripts = page, model, table, scripts
        self.numbers = itertools.count(1)

    def ids(self):
        """The ids of the elements of the rows."""
        return self.page.locator(f"tr[id^='row-{self.table}-']").evaluate_all("rows => rows.map(row => row.id)")

    def inputs(self, row):
        """The names of the inputs of a row that one types into or chooses from."""
        cells = f"#{row} td:not(.choose) :is(input[name]:not([type=hidden]), select, textarea)"
        names = self.page.locator(cells).evaluate_all("inputs => inputs.map(input => input.name)")
        left_out = NOT_TYPED.get(self.model, set())
        return [name for name in dict.fromkeys(names) if name.split(".")[2] not in left_out]

    def fill(self, row):
        """Type into every cell of a row, tabbing on; returns what stands there then."""
        for name in self.inputs(row):
            self.type_into(self.page.locator(f"#{row} [name='{name}']").first)
        return self.values(row)

    def type_into(self, box):
        """Something that fits into an input."""
        kind = box.evaluate("box => box.tagName === 'SELECT' ? 'select' : box.getAttribute('role') || box.type")
        if kind == "select":
            values = box.locator("option").evaluate_all("all => all.map(one => one.value).filter(Boolean)")
            box.select_option(values[-1])
        elif kind == "combobox":
            self.choose(box)
        elif kind == "checkbox":
            box.check()
        elif kind in ("date", "datetime-local"):
            box.fill("2026-12-24" if kind == "date" else "2026-12-24T10:30")
        elif box.get_attribute("inputmode") in ("decimal", "numeric"):
            box.fill(str(next(self.numbers) + 6))
        else:
            box.fill(f"Zebra {next(self.numbers)}")
        box.press("Tab")
        if self.scripts:
            self.page.wait_for_function(ANSWERED)

    def choose(self, box):
        """One of the records offered that is not taken already; nothing where none is offered."""
        url = box.evaluate("box => box.closest('[data-complete]').dataset.complete")
        html = self.page.context.request.get(url + ("&" if "?" in url else "?") + "q=").text()
        labels = [label for label in re.findall(r'data-label="([^"]*)"', html) if "&" not in label]
        if not labels:
            return
        label = labels[next(self.numbers) % len(labels)]
        box.click()
        box.fill(label)
        if self.scripts:
            self.page.get_by_role("option", name=label, exact=True).first.click()

    def values(self, row, fields=()):
        """What stands in these cells of a row (those with an input, unless named), by field."""
        found = {}
        for field in fields or [name.split(".")[2] for name in self.inputs(row)]:
            box = self.page.locator(f"#{row} [name$='.{field}']").first
            adding = self.page.locator(f"#{row} [name$='.{field}.add']")
            if adding.count():
                tags = self.page.locator(f"#{row} .tags:has([name$='.{field}.add']) .tag").all_inner_texts()
                found[field] = sorted({text.strip() for text in [*tags, adding.input_value()]} - {""})
            elif not box.count():
                found[field] = comparable(self.page.locator(f"#{row} [id$='-{field}-cell']").inner_text().strip())
            elif box.get_attribute("type") == "checkbox":
                found[field] = box.is_checked()
            else:
                found[field] = comparable(box.input_value())
        return found


def comparable(text):
    """A number without regard to how many decimals it is written with; other texts as they are."""
    try:
        return Decimal(text.replace(",", "")).normalize()
    except InvalidOperation:
        return text


def saved(page):
    """Save, and wait until the server says so."""
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator(".message")).to_have_text(["Saved."])


@either_way
def test_rows_of_a_list_are_added_edited_and_there_after_a_reload(chromium, live_server, db, subtests, scripts):
    token = open_session(db)
    for view in walked(LISTS, scripts):
        with (
            subtests.test(view.model),
            page_on(chromium, live_server.url, token=token, java_script_enabled=scripts) as page,
        ):
            enter_rows(page, view, address_of(db, view), scripts)


def enter_rows(page, view, path, scripts):
    """Add rows by both buttons and edit one; each is there after a reload."""
    page.goto(path)
    rows = Rows(page, view.model, scripts=scripts)
    before = rows.ids()
    for button in ("New", "Add a line"):
        page.get_by_role("button", name=button, exact=True).click()
        page.locator("tr[id^='row-rows-new']").last.wait_for()
        [added] = [row for row in rows.ids() if row not in before]
        if scripts:
            page.wait_for_function("id => document.activeElement.closest('tr')?.id === id", arg=added)
            assert "is-handle" not in (page.evaluate("document.activeElement.className") or "")
        typed = rows.fill(added)
        assert typed and any(typed.values())
        saved(page)
        page.goto(path)
        [stored] = [row for row in rows.ids() if row not in before]
        assert rows.values(stored, typed) == typed, "what was typed into a new row is there"
        before = rows.ids()
    changed = rows.fill(stored)
    saved(page)
    page.goto(path)
    assert rows.values(stored) == changed, "what was typed into a stored row is there"


def test_save_says_so_when_nothing_was_changed(browser, live_server, db):
    browser.goto(live_server.url + address_of(db, next(view for view in LISTS if view.model == "uom.uom")))
    browser.get_by_role("button", name="New", exact=True).click()
    browser.locator("tr[id^='row-rows-new']").wait_for()
    browser.get_by_role("button", name="Save", exact=True).click()
    browser.locator(".message", has_text="Nothing was changed.").wait_for()
    expect(browser.locator(".message")).to_have_count(1)


def test_a_new_row_can_be_removed_where_stored_rows_cannot(browser, live_server, db):
    browser.goto(live_server.url + address_of(db, next(view for view in LISTS if view.model == "stock.quant")))
    before = browser.locator("tr[id^='row-rows-']").count()
    assert before and not browser.get_by_label("Remove this line").count()
    browser.get_by_role("button", name="Add a line").click()
    browser.get_by_label("Remove this line").click()
    browser.locator("tr[id^='row-rows-new']").wait_for(state="detached")
    assert browser.locator("tr[id^='row-rows-']").count() == before


def test_a_row_deleted_meanwhile_is_not_said_to_be_saved(browser, live_server, db):
    with db.transaction() as env:
        doomed = env["res.partner.category"].create({"name": "Doomed"}).id
    browser.goto(live_server.url + address_of(db, next(view for view in LISTS if view.model == "res.partner.category")))
    browser.fill(f"[name='rows.{doomed}.name']", "Typed")
    with db.transaction() as env:
        env["res.partner.category"].browse(doomed).unlink()
    browser.get_by_role("button", name="Save", exact=True).click()
    browser.locator(".message", has_text="deleted").wait_for()
    assert not browser.get_by_text("Saved.").count()


# -- tables of forms


def document_with_lines(env, view):
    """The id of a document that has the table, where a new one does not have it yet."""
    if view.model == "ir.sequence":
        return env["ir.sequence"].create({"name": "By year", "use_date_range": True}).id
    if (view.model, view.table) == ("stock.picking", "move_line_ids"):
        product = env["product.product"].search([("is_storable", "=", True)], limit=1)
        kind = env["stock.picking.type"].search([("code", "=", "incoming")], limit=1)
        move = (0, 0, {"product_id": product.id, "product_uom_qty": 5})
        picking = env["stock.picking"].create({"picking_type_id": kind.id, "move_ids": [move]})
        picking.action_confirm()
        return picking.id
    return 0


def reach(page, table):
    """Open the tab that a table of a form lies in; its button for a new line."""
    add = page.locator(f"button[value='add:{table}']")
    panel = add.evaluate("button => button.closest('.tab-panel')?.id || ''")
    if panel:
        page.locator(f"label[for='tab-{panel}']").click()
    return add


@either_way
def test_a_new_line_of_a_form_is_typed_into_at_once(chromium, live_server, db, subtests, scripts):
    token = open_session(db)
    with db.transaction(login="admin") as env:
        known = {view: document_with_lines(env, view) for view in TABLES}
    for view in walked(TABLES, scripts):
        with (
            subtests.test(f"{view.model}.{view.table}"),
            page_on(chromium, live_server.url, token=token, java_script_enabled=scripts) as page,
        ):
            enter_line(page, view, known[view], scripts)


def enter_line(page, view, known, scripts):
    """Add a line to the document `known`, or to a new one; what is typed stays when another is added."""
    page.goto(f"/app/{view.model}/{known or 'new'}")
    add = reach(page, view.table)
    rows = Rows(page, view.model, view.table, scripts=scripts)
    before = rows.ids()
    add.click()
    page.locator(f"tr[id^='row-{view.table}-new']").last.wait_for()
    [added] = [row for row in rows.ids() if row not in before]
    focused = page.locator(f"#{added} [autofocus]")
    expect(focused).to_have_count(1)
    assert "is-handle" not in (focused.get_attribute("class") or "") and focused.input_value() == ""
    if scripts:
        page.wait_for_function("id => document.activeElement.closest('tr')?.id === id", arg=added)
        expect(focused).to_be_focused()
    typed = rows.fill(added)
    assert any(typed.values())
    reach(page, view.table).click()
    page.locator(f"tr[id^='row-{view.table}-new']").nth(1).wait_for()
    assert rows.values(added, typed) == typed, "what was typed stays when another line is added"
