"""`shop` and `env`: environments over a few small models, without any addon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from core import api, fields, models
from core.exceptions import ValidationError
from core.orm.environment import Environment
from tests.core.orm import nodes
from tests.core.orm.model_database import ModelDatabase


class Partner(models.Model):
    _name = "t.partner"
    _description = "Partner"
    _parent_store = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one("t.partner")
    child_ids = fields.One2many("t.partner", "parent_id")
    tag_ids = fields.Many2many("t.tag")
    order_ids = fields.One2many("t.order", "partner_id")
    path = fields.Char(compute="_compute_path", store=True, recursive=True)
    ordered = fields.Quantity(compute="_compute_ordered", store=True)

    @api.depends("name", "parent_id.path")
    def _compute_path(self) -> None:
        for partner in self:
            partner.path = f"{partner.parent_id.path} / {partner.name}" if partner.parent_id else partner.name

    @api.depends("order_ids.amount")
    def _compute_ordered(self) -> None:
        for partner in self:
            partner.ordered = sum(partner.order_ids.mapped("amount"), Decimal(0))


class Tag(models.Model):
    _name = "t.tag"
    _description = "Tag"

    name = fields.Char(required=True)
    partner_ids = fields.Many2many("t.partner")
    _name_unique = models.Constraint("UNIQUE (name)", "A tag of this name exists already.")
    shade = fields.Char(compute="_compute_look", store=True, readonly=False)
    sign = fields.Char(compute="_compute_look", store=True, readonly=False)

    @api.depends("name")
    def _compute_look(self) -> None:
        for tag in self:
            tag.shade = tag.name
            tag.sign = tag.name[:1].upper()


class Order(models.Model):
    _name = "t.order"
    _description = "Order"
    _order = "name desc"

    STATES = [("draft", "Draft"), ("done", "Done")]
    TRANSITIONS = {"action_done": ({"draft"}, "done")}

    name = fields.Char(default="New")
    state = fields.Selection(STATES, default="draft", tracking=True)
    partner_id = fields.Many2one("t.partner", required=True)
    partner_name = fields.Char(related="partner_id.name")
    line_ids = fields.One2many("t.line", "order_id", copy=True)
    amount = fields.Quantity(compute="_compute_amount", store=True)
    large = fields.Boolean(compute="_compute_large", search="_search_large")
    note = fields.Text(copy=False)

    @api.depends("line_ids.subtotal")
    def _compute_amount(self) -> None:
        for order in self:
            order.amount = sum((line.subtotal for line in order.line_ids), Decimal(0))

    @api.depends("amount")
    def _compute_large(self) -> None:
        for order in self:
            order.large = order.amount > 100

    def _search_large(self, operator: str, value: Any) -> list[Any]:
        wanted = bool(value if operator == "=" else not value) if operator in ("=", "!=") else any(value)
        return [("amount", ">" if wanted else "<=", 100)]

    @api.transition
    def action_done(self) -> None:
        self.write({"state": "done"})


class Line(models.Model):
    _name = "t.line"
    _description = "Order Line"

    order_id = fields.Many2one("t.order", required=True, ondelete="cascade")
    name = fields.Char()
    quantity = fields.Quantity(default=Decimal(1))
    price = fields.Monetary()
    subtotal = fields.Monetary(compute="_compute_subtotal", store=True)
    partner_id = fields.Many2one(related="order_id.partner_id", store=True)
    _positive = models.Constraint("CHECK (quantity >= 0)", "A quantity cannot be negative.")

    @api.depends("quantity", "price")
    def _compute_subtotal(self) -> None:
        for line in self:
            line.subtotal = line.quantity * line.price

    @api.constrains("quantity")
    def _check_quantity(self) -> None:
        for line in self:
            if line.quantity > 1000:
                raise ValidationError(f"{line.quantity} is more than 1000", fields=["quantity"])

    @api.constrains("price")
    def _check_price(self) -> None:
        for line in self:
            if line.price < 0:
                raise ValidationError("The price is negative", fields=["price"])

    @api.onchange("quantity")
    def _onchange_quantity(self) -> dict[str, Any] | None:
        if self.quantity > 50:
            return {"warning": {"title": "Large", "message": f"{self.quantity:.0f} is a lot"}}
        return None


class Template(models.Model):
    _name = "t.template"
    _description = "Template"

    name = fields.Char(required=True)
    code = fields.Char(default="C")
    slug = fields.Char(compute="_compute_slug", store=True, readonly=False)
    badge = fields.Char(compute="_compute_badge")

    @api.depends("name")
    def _compute_slug(self) -> None:
        for template in self:
            template.slug = template.slug or (template.name or "").lower()

    @api.depends("name")
    def _compute_badge(self) -> None:
        for template in self:
            template.badge = f"{template.badge or ''}[{template.name}]"


class Variant(models.Model):
    _name = "t.variant"
    _description = "Variant"
    _inherits = {"t.template": "template_id"}

    template_id = fields.Many2one("t.template", required=True, ondelete="cascade")
    barcode = fields.Char()


class OrderExtension(models.Model):
    _inherit = "t.order"

    state = fields.Selection(selection_add=[("sent", "Sent"), ("done",)])
    priority = fields.Integer(default=3)

    @api.transition
    def action_done(self) -> None:
        super().action_done()
        self.write({"note": "extended"})


DEFINITIONS = [Partner, Tag, Order, Line, Template, Variant, OrderExtension]


ModelDatabases = Callable[[str, list[type]], ModelDatabase]


@pytest.fixture(scope="session")
def model_databases(databases: Any) -> Iterator[ModelDatabases]:
    """Gives the database of these model classes and kind: made once per process, for tests that roll back."""
    opened: dict[tuple[str, tuple[type, ...]], ModelDatabase] = {}

    def find(dialect: str, definitions: list[type]) -> ModelDatabase:
        key = dialect, tuple(definitions)
        if key not in opened:
            opened[key] = ModelDatabase(databases.empty(dialect), definitions)
        return opened[key]

    yield find
    for each in opened.values():
        each.engine.dispose()
        databases.drop(each.url)


@pytest.fixture
def shop(dialect: str, model_databases: ModelDatabases) -> Iterator[Environment]:
    """An environment of the superuser on a database with the models above; rolled back after the test."""
    with model_databases(dialect, DEFINITIONS).env() as env:
        yield env


@pytest.fixture
def env(dialect: str, model_databases: ModelDatabases) -> Iterator[Environment]:
    """The same with the models of `nodes`, and an access control that tests change."""
    with model_databases(dialect, nodes.DEFINITIONS).env() as found:
        found.registry.access = nodes.Access()
        yield found


@pytest.fixture
def user(env: Environment) -> Environment:
    """`env` as somebody sees it for whom rights and rules hold."""
    return env(uid=7, su=False)
