"""Models with a field of every type, on both kinds of database, without any addon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core import api, fields, models
from core.db.engine import create_engine
from core.db.transaction import Cursor
from core.orm.environment import Environment
from core.orm.registry import Registry


class Company(models.Model):
    _name = "res.company"
    _description = "Company"
    _log_access = False

    name = fields.Char()


class Place(models.Model):
    _name = "t.place"
    _description = "Place (a tree with paths; may be archived)"
    _parent_store = True
    _log_access = False

    name = fields.Char()
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one("t.place")
    child_ids = fields.One2many("t.place", "parent_id")
    item_ids = fields.One2many("t.item", "place_id")
    tag_ids = fields.Many2many("t.tag")


class Tag(models.Model):
    _name = "t.tag"
    _description = "Tag (a tree without paths)"
    _log_access = False

    name = fields.Char()
    code = fields.Integer()
    parent_id = fields.Many2one("t.tag")
    item_ids = fields.Many2many("t.item")


class Item(models.Model):
    _name = "t.item"
    _description = "Item (every type)"
    _log_access = False
    _rec_names_search = ["name", "note"]

    name = fields.Char()
    note = fields.Text()
    page = fields.Html(sanitize=False)
    flag = fields.Boolean()
    whole = fields.Integer()
    real = fields.Float()
    quantity = fields.Quantity()
    price = fields.Monetary(digits=2)
    day = fields.Date()
    moment = fields.Datetime()
    kind = fields.Selection([("a", "A"), ("b", "B"), ("A", "Capital")])
    extra = fields.Json()
    blob = fields.Binary()
    link = fields.Reference()
    active = fields.Boolean(default=True)
    place_id = fields.Many2one("t.place", index=True)
    twin_id = fields.Many2one("t.item")
    tag_ids = fields.Many2many("t.tag")
    line_ids = fields.One2many("t.line", "item_id")
    big_line_ids = fields.One2many("t.line", "item_id", domain=[("amount", ">", 1)])

    own_name = fields.Char(company_dependent=True)
    own_quantity = fields.Quantity(company_dependent=True)
    own_flag = fields.Boolean(company_dependent=True)
    own_place_id = fields.Many2one("t.place", company_dependent=True)

    place_name = fields.Char(related="place_id.name")
    place_active = fields.Boolean(related="place_id.active")
    top_id = fields.Many2one(related="place_id.parent_id")
    top_name = fields.Char(related="top_id.name")
    twin_quantity = fields.Quantity(related="twin_id.quantity")
    stored_name = fields.Char(related="place_id.name", store=True)
    double = fields.Integer(compute="_compute_double", search="_search_double")

    @api.depends("whole")
    def _compute_double(self) -> None:
        for item in self:
            item.double = item.whole * 2

    def _search_double(self, operator: str, value: Any) -> Any:
        if operator == "in":
            return [("whole", "in", [number // 2 for number in value if number is not False and number % 2 == 0])]
        return NotImplemented


class Line(models.Model):
    _name = "t.line"
    _description = "Line"
    _log_access = False
    _rec_name = "label"

    label = fields.Char()
    amount = fields.Quantity(digits=3)
    item_id = fields.Many2one("t.item")
    place_id = fields.Many2one("t.place")


MODELS = [Company, Place, Tag, Item, Line]


class World:
    """One database with the models above."""

    def __init__(self, url: str, access: Any = None) -> None:
        self.registry = Registry()
        self.registry.load("test", MODELS)
        self.registry.setup()
        self.engine = create_engine(url)
        self.dialect = self.engine.dialect.name
        self.registry.metadata().create_all(self.engine)

    @contextmanager
    def env(self, **options: Any) -> Iterator[Environment]:
        """An environment of the superuser; nothing of it is kept."""
        cr = Cursor(self.engine)
        try:
            yield Environment(cr, self.registry, **({"su": True} | options))
        finally:
            cr.rollback()
            cr.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, databases: Any) -> Iterator[World]:
    if request.param not in request.config.getoption("--dialects"):
        pytest.skip("not among --dialects")
    url = databases.empty(request.param)
    world = World(url)
    yield world
    world.engine.dispose()
    databases.drop(url)
