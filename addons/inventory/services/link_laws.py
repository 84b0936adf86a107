"""Laws of the links between stock records: chains, backorders and returns end somewhere; companies do not mix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from addons.inventory.services import move_laws
from core.doctor import MOST, Check, Problem, circle_check, company_check

#: Links of stock records to records of one company, as far as their fields do not declare it themselves.
COMPANIES = {
    "stock.move": ("location_id", "location_dest_id", "picking_type_id", "warehouse_id", "rule_id", "shortfall_id"),
    "stock.move.line": ("move_id", "location_id", "location_dest_id", "lot_id", "package_id", "result_package_id"),
    "stock.picking": ("picking_type_id", "location_id", "location_dest_id", "backorder_id"),
    "stock.picking.type": ("warehouse_id", "default_location_src_id", "default_location_dest_id"),
    "stock.quant": ("lot_id", "package_id"),
    "stock.location": ("location_id",),
    "stock.rule": ("location_src_id", "location_dest_id", "picking_type_id", "warehouse_id"),
    "stock.scrap": ("location_id", "scrap_location_id", "picking_id", "lot_id"),
    "stock.warehouse.orderpoint": ("warehouse_id", "location_id", "product_id"),
}


def checks() -> list[Check]:
    """The checks of links between stock records."""
    return [
        circle_check(
            "inventory.backorder_chain",
            "stock.picking",
            "backorder_id",
            "No transfer is a backorder of itself",
            "empty backorder_id of transfer {id} in `stillage shell`, or set it to the transfer that fell short",
        ),
        circle_check(
            "inventory.return_chain",
            "stock.move",
            "origin_returned_move_id",
            "No move is a return of itself",
            "empty origin_returned_move_id of move {id} in `stillage shell`",
        ),
        circle_check(
            "inventory.move_chain",
            "stock.move",
            "move_dest_ids",
            "No move feeds itself",
            "take the link out of move_dest_ids of move {id} in `stillage shell`",
        ),
        Check("inventory.chain_products", "Moves feed moves of the same product", _other_products),
        Check("inventory.move_company", "Moves are of the company of their transfer", _strangers, _move_in),
        company_check("inventory.companies", [(model, name) for model, names in COMPANIES.items() for name in names]),
    ]


def _other_products(env: Any) -> Iterator[Problem]:
    registry = env.registry
    move, fed = registry.table("stock.move"), registry.alias("stock.move", "doctor fed")
    field = registry.models["stock.move"]._fields["move_dest_ids"]
    links = registry.table(field.relation)
    rows = sa.select(move.c.id, fed.c.id).select_from(
        links.join(move, move.c.id == links.c[field.column1]).join(fed, fed.c.id == links.c[field.column2])
    )
    rows = rows.where(move.c.product_id != fed.c.product_id).order_by(move.c.id).limit(MOST)
    for res_id, other in env.execute(rows).all():
        yield Problem(
            "stock.move",
            res_id,
            f"{move_laws.move_name(env, res_id)} feeds {move_laws.move_name(env, other)}, which is another product",
            hint=f"take move {other} out of move_dest_ids of move {res_id} in `stillage shell`",
        )


# ---------------------------------------------------------------------------- moves of another company
def _strangers(env: Any) -> Iterator[Problem]:
    """A move of another company than its transfer; the places between which it goes may say which one is right."""
    registry = env.registry
    move, picking = registry.table("stock.move"), registry.table("stock.picking")
    source, target = (registry.alias("stock.location", f"doctor {name}") for name in ("source", "target"))
    fits = sa.and_(*(sa.func.coalesce(place.c.company_id, picking.c.company_id) == picking.c.company_id
                     for place in (source, target)))  # fmt: skip
    rows = sa.select(move.c.id, picking.c.company_id, fits).select_from(
        move.join(picking, picking.c.id == move.c.picking_id)
        .join(source, source.c.id == move.c.location_id)
        .join(target, target.c.id == move.c.location_dest_id)
    )
    rows = rows.where(move.c.company_id != picking.c.company_id).order_by(move.c.id).limit(MOST)
    for res_id, company, derivable in env.execute(rows).all():
        name = env["res.company"].browse(company).exists().name or f"company {company}"
        yield Problem(
            "stock.move",
            res_id,
            f"{move_laws.move_name(env, res_id)} is of another company than its transfer, which is of {name}",
            f"set its company to {name}, of which its locations are" if derivable else "",
            f"the locations of move {res_id} are not of {name} either: put it right in `stillage shell`",
            value=company,
        )


def _move_in(env: Any, problems: list[Problem]) -> None:
    table = env.registry.table("stock.move")
    for problem in problems:
        env.execute(sa.update(table).where(table.c.id == problem.res_id).values(company_id=problem.value))
    env.invalidate_all()
