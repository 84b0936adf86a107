"""Models with a field of every type, without any addon."""

from __future__ import annotations

from typing import Any

import pytest

from core import api, fields, models
from tests.core.orm.model_database import ModelDatabase


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


@pytest.fixture(scope="module")
def world(dialect: str, model_databases: Any) -> ModelDatabase:
    """The database with the models above."""
    return model_databases(dialect, MODELS)
