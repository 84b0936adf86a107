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
