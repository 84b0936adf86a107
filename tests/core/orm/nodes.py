"""Models for tests of what lies between records: trees, lines, delegation; an access control for tests to change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core import api, fields, models
from core.api import Domain
from core.exceptions import AccessError, ValidationError


class Node(models.Model):
    _name = "r.node"
    _description = "Node"
    _order = "parent_id, name"
    _parent_store = True

    name = fields.Char(required=True)
    parent_id = fields.Many2one("r.node", ondelete="restrict")
    child_ids = fields.One2many("r.node", "parent_id")
    secret = fields.Char(groups="base.secret")
    upper = fields.Char(compute="_compute_upper")
    spoken = fields.Char(compute="_compute_spoken")
    item_ids = fields.One2many("r.item", "node_id")
    grand_item_ids = fields.One2many("r.item", "owner_id")
    heavy_ids = fields.One2many("r.item", "node_id", domain=[("total", ">", 10)])
    tag_ids = fields.Many2many("r.tag")
    stock = fields.Quantity(compute="_compute_stock", store=True)
    data = fields.Json()

    @api.depends("name")
    def _compute_upper(self) -> None:
        for node in self:
            node.upper = node.name.upper()

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_spoken(self) -> None:
        for node in self:
            node.spoken = f"{node.env.lang}: {node.name}"

    @api.depends("item_ids.quantity")
    def _compute_stock(self) -> None:
        for node in self:
            node.stock = sum(node.item_ids.mapped("quantity"), Decimal(0))


class Tag(models.Model):
    _name = "r.tag"
    _description = "Tag"

    name = fields.Char()
    active = fields.Boolean(default=True)


class Item(models.Model):
    _name = "r.item"
    _description = "Item"
    _order = "name desc"

    name = fields.Char()
    node_id = fields.Many2one("r.node")
    owner_id = fields.Many2one(related="node_id.parent_id", store=True)
    node_data = fields.Json(related="node_id.data", readonly=False)
    quantity = fields.Quantity()
    total = fields.Quantity(compute="_compute_total", store=True, readonly=False)
    label = fields.Char(compute="_compute_label", store=True, readonly=False)
    sign = fields.Char(compute="_compute_sign")
    day = fields.Date()
    done = fields.Boolean()
    count = fields.Integer()
    rate = fields.Float()
    photo = fields.Binary()

    @api.depends("quantity")
    def _compute_total(self) -> None:
        for item in self:
            item.total = item.quantity * 2

    @api.depends("name")
    def _compute_label(self) -> None:
        for item in self:
            item.label = f"<{item.name}>"

    @api.depends("name", "node_id.name")
    def _compute_sign(self) -> None:
        for item in self:
            item.sign = f"{item.name} of {item.node_id.name}"

    @api.constrains("quantity")
    def _check_quantity(self) -> None:
        if any(item.quantity < 0 for item in self):
            raise ValidationError("negative")


class Leaf(models.Model):
    _name = "r.leaf"
    _description = "Leaf"
    _inherits = {"r.node": "node_id"}

    node_id = fields.Many2one("r.node", required=True, ondelete="cascade")
    code = fields.Integer()

    @api.constrains("code")
    def _check_code(self) -> None:
        if any(leaf.code < 0 for leaf in self):
            raise ValidationError("negative")


class Link(models.Model):
    _name = "r.link"
    _description = "Link"
    _order = "item_id, id"

    item_id = fields.Many2one("r.item")


class Access:
    """Rights and rules as a test sets them; a field with groups is for the superuser only."""

    def __init__(self) -> None:
        self.rules: dict[tuple[str, str], list[Any]] = {}
        self.denied: set[tuple[str, str]] = set()

    def allowed(self, env: Any, model: str, operation: str) -> bool:
        return (model, operation) not in self.denied

    def check(self, env: Any, model: str, operation: str) -> None:
        if not self.allowed(env, model, operation):
            raise AccessError(f"{operation} {model}")

    def rule_domain(self, env: Any, model: str, operation: str) -> Domain:
        return Domain(self.rules.get((model, operation), []))

    def field_groups_allowed(self, env: Any, field: Any) -> bool:
        return not field.groups

    def refuse_records(self, records: Any, operation: str) -> AccessError:
        return AccessError(f"{operation} {records}")

    def refuse_change(self, records: Any) -> AccessError:
        return AccessError(f"write {records}")


DEFINITIONS = [Node, Tag, Item, Leaf, Link]
