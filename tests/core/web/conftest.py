"""A document for the tests of the pages."""

from __future__ import annotations

import pytest


@pytest.fixture
def paper(db):
    """A document with two lines; gives its id."""
    with db.transaction(login="admin") as env:
        partner = env["res.partner"].create({"name": "Azure Interior", "city": "Fremont"})
        env["res.partner"].create([{"name": "Gemini One"}, {"name": "Gemini Two", "city": "Turin"}])
        env["paperwork.tag"].create([{"name": "Red"}, {"name": "Blue"}])
        lines = [(0, 0, {"name": "Leg", "quantity": 4}), (0, 0, {"name": "Seat", "quantity": 1})]
        return env["paperwork.document"].create({"name": "Chair", "partner_id": partner.id, "line_ids": lines}).id


@pytest.fixture
def editable(db, paper):
    """A second list of lines, edited in place."""
    arch = """<list editable="bottom"><header><button name="action_twice" type="object" string="Twice All"/></header>
        <field name="name"/><field name="quantity"/><field name="double"/><field name="origin" optional="hide"/>
        <button name="action_twice" type="object" string="Twice"/></list>"""
    with db.transaction() as env:
        env["ir.ui.view"].create({"name": "lines", "model": "paperwork.line", "type": "list", "arch": arch})
        return env["paperwork.document"].browse(paper).line_ids.ids
