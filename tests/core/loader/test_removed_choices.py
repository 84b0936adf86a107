"""Choices of selections whose addon is uninstalled, and computed links of an addon that is new."""

from __future__ import annotations

import pytest

from core.doctor import examine
from core.exceptions import UserError
from tests.core.loader.conftest import MODEL

CHOICE = """
from core import fields, models

class Thing(models.Model):
    _inherit = "{owner}.thing"
    kind = fields.Selection(selection_add=[("more", "More")]{ondelete})
"""


@pytest.mark.both_dialects("schema")
@pytest.mark.parametrize(
    "required, ondelete, left",
    [
        (False, None, False),
        (False, "set null", False),
        (False, "set default", "own"),
        (True, "set default", "own"),
        (False, "cascade", None),
    ],
)
def test_choices_of_an_addon_go_with_it(open_database, folder, required, ondelete, left):
    """As `ondelete` of the selection says; what it does not say is emptied."""
    db, more = with_choice(open_database, folder, required, ondelete)
    with db.transaction() as env:
        things = env[f"{folder.name('owner')}.thing"]
        ids = things.create([{"name": "Thing", "kind": "more"}, {"name": "Other", "kind": "own"}]).ids
    db.uninstall([more])
    with db.transaction() as env:
        found = env[f"{folder.name('owner')}.thing"].browse(ids).exists()
        assert found.mapped("kind") == ([left, "own"] if left is not None else ["own"])
        assert not examine(env)


def test_an_addon_stays_whose_choice_a_required_field_has(open_database, folder):
    db, more = with_choice(open_database, folder, True, None)
    with db.transaction() as env:
        thing = env[f"{folder.name('owner')}.thing"].create({"name": "Thing", "kind": "more"})
    with pytest.raises(UserError, match=r"Kind is “more”, which goes with the addon, in Thing Thing. Choose another"):
        db.uninstall([more])
    assert more in db.addons
    with db.transaction() as env:
        thing.with_env(env).kind = "own"
    assert db.uninstall([more]) == [more]


def with_choice(open_database, folder, required, ondelete):
    """A database with an addon that adds the choice `more` to the selection of another; and the addon's name."""
    kind = f'    kind = fields.Selection([("own", "Own")], default="own", required={required})\n'
    owner = folder.thing("owner", {"models/thing.py": MODEL + kind})
    policy = f', ondelete={{"more": "{ondelete}"}}' if ondelete else ""
    added = CHOICE.replace("{owner}", owner).replace("{ondelete}", policy)
    addon = folder.write("choice", {"extends/thing.py": added}, depends=[owner])
    db = open_database()
    db.install([addon])
    return db, addon


LINKS = """
from core import api, fields, models

class Partner(models.Model):
    _inherit = "res.partner"
    same_ids = fields.Many2many("res.country", compute="_compute_same", store=True)

    @api.depends("country_id")
    def _compute_same(self):
        for partner in self:
            partner.same_ids = partner.country_id
"""


def test_computed_links_of_a_new_addon_are_stored_for_records_that_are_there(open_database, folder):
    db = open_database()
    with db.transaction() as env:
        country = env["res.country"].search([], limit=1)
        partner = env["res.partner"].create({"name": "Wood Corner", "country_id": country.id})
    db.install([folder.write("links", {"extends/partner.py": LINKS})])
    with db.transaction() as env:
        assert env["res.partner"].browse(partner.id).same_ids.ids == country.ids
