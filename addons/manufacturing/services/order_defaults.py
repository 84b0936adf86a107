"""What an order starts with: operation type, number, group, bill of materials, production location."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from addons.manufacturing.exceptions import ManufacturingError
from core.api import _
from core.exceptions import ValidationError


def default_picking_type(env: Any, company: Any = None) -> Any:
    """The first manufacturing operation type of the company."""
    company = company or env.company
    domain = [("code", "=", "mrp_operation"), ("company_id", "=", company.id)]
    return env["stock.picking.type"].search(domain, limit=1)


def prepare(env: Any, vals_list: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Copies of the values with operation type, number and group filled in: one number range and one create for all.

    Raises:
        ManufacturingError: a company has no manufacturing operation type.
    """
    rows = [dict(vals) for vals in vals_list]
    types: dict[int, Any] = {}
    for row in rows:
        if not row.get("picking_type_id"):
            company = env["res.company"].browse(row.get("company_id") or env.company.id)
            if company.id not in types:
                types[company.id] = _require_type(env, company)
            row["picking_type_id"] = types[company.id].id
    _number(env, rows)
    ungrouped = [row for row in rows if not row.get("production_group_id")]
    groups = env["mrp.production.group"].sudo().create([{"name": row["name"]} for row in ungrouped])
    for row, group in zip(ungrouped, groups, strict=True):
        row["production_group_id"] = group.id
    return rows


def _require_type(env: Any, company: Any) -> Any:
    found = default_picking_type(env, company)
    if not found:
        raise ManufacturingError(
            env._(
                "%(company)s has no operation type for manufacturing. Create one of the type "
                "Manufacturing under Inventory > Configuration > Operation Types.",
                company=company.display_name,
            ),
            code="manufacturing.operation_type_missing",
        )
    return found


def _number(env: Any, rows: list[dict[str, Any]]) -> None:
    unnamed = defaultdict(list)
    for row in rows:
        if row.get("name", "New") in ("New", False, ""):
            unnamed[row["picking_type_id"]].append(row)
    for type_id, members in unnamed.items():
        kind = env["stock.picking.type"].browse(type_id)
        if not kind.sequence_id:
            raise ManufacturingError(
                _(
                    "%(type)s has no sequence to number manufacturing orders from. Choose one in the operation type.",
                    type=kind.sudo().display_name,
                ),
                code="manufacturing.sequence_missing",
                data={"model": kind._name, "ids": kind.ids},
            )
        sequence = kind.sequence_id
        for row, name in zip(members, sequence.sudo().next_many(len(members)), strict=True):
            row["name"] = name


def find_boms(productions: Any) -> None:
    """Set the bill of each order: its own while it fits the product, otherwise the first one that applies."""
    groups = productions.grouped(lambda production: (production.picking_type_id, production.company_id))
    for (picking_type, company), members in groups.items():
        found = productions.env["mrp.bom"]._bom_find(members.product_id, picking_type, company.id, "normal")
        for production in members:
            production.bom_id = found.get(production.product_id) or False


def production_locations(companies: Any) -> dict[Any, Any]:
    """Company -> the place where its components become products: its own, or the common one.

    An empty company, as of unsaved records, has the common one.
    """
    domain = [("usage", "=", "production"), ("company_id", "in", [False, *companies.ids])]
    places = companies.env["stock.location"].sudo().search(domain, order="id")
    common = places.filtered(lambda place: not place.company_id)
    own = places.grouped("company_id")
    return {company: own.get(company, common)[:1] for company in (*companies, companies.browse())}


def find_production_locations(productions: Any) -> None:
    """Set the place where components become products: that of the product, or the company's production location."""
    places = production_locations(productions.company_id)
    for production in productions:
        own = production.product_id.property_stock_production
        production.production_location_id = own or places[production.company_id]


def refuse_foreign_bom(production: Any) -> None:
    """Raise for a bill that makes something else than the order's product."""
    raise ValidationError(
        production.env._(
            "%(order)s makes %(product)s, but its bill of materials %(bom)s makes %(other)s. "
            "Choose a bill of %(product)s.",
            order=production.name,
            product=production.product_id.display_name,
            bom=production.bom_id.display_name,
            other=(production.bom_id.product_id or production.bom_id.product_tmpl_id).display_name,
        ),
        fields=["bom_id"],
        code="manufacturing.bom_of_other_product",
    )
