"""The recordset ORM beside hand-written SQLAlchemy Core and the SQLAlchemy ORM, in one run on one database.

    python -m benchmarks.orm [URL]          N=10000 RUNS=3

A model of 15 fields: 2 many2one, 1 one2many and 2 stored computed ones among them. Each action works on all N records
in one transaction. Core and the SQLAlchemy ORM compute the two values in Python, as the recordset ORM does, and the
SQLAlchemy ORM is used as its documentation advises for batches (``insert()`` with a list, ``selectinload``).
Figures are medians over RUNS; ratios are what counts, since machines differ.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

from core import api, fields, models
from core.db.engine import create_engine
from core.db.transaction import Cursor
from core.db.types import ExactNumeric
from core.orm.environment import Environment
from core.orm.registry import Registry

N = int(os.environ.get("N", "10000"))
RUNS = int(os.environ.get("RUNS", "3"))
LINES = 2


class Partner(models.Model):
    """Whom a sale is made to."""

    _name = "bench.partner"
    name = fields.Char()


class Sale(models.Model):
    """The model that is measured."""

    _name = "bench.sale"
    name = fields.Char(required=True)
    reference = fields.Char()
    note = fields.Text()
    state = fields.Selection([("draft", "Draft"), ("done", "Done")], default="draft")
    active = fields.Boolean(default=True)
    priority = fields.Integer()
    date_order = fields.Date()
    date_done = fields.Datetime()
    quantity = fields.Quantity()
    price = fields.Monetary()
    partner_id = fields.Many2one("bench.partner")
    shipping_id = fields.Many2one("bench.partner")
    line_ids = fields.One2many("bench.line", "sale_id")
    amount = fields.Monetary(compute="_compute_amount", store=True)
    label = fields.Char(compute="_compute_label", store=True)

    @api.depends("quantity", "price")
    def _compute_amount(self) -> None:
        for sale in self:
            sale.amount = sale.quantity * sale.price

    @api.depends("name", "state")
    def _compute_label(self) -> None:
        for sale in self:
            sale.label = f"{sale.name} ({sale.state})"


class Line(models.Model):
    """A line of a sale."""

    _name = "bench.line"
    sale_id = fields.Many2one("bench.sale", ondelete="cascade")
    quantity = fields.Quantity()


def values(i: int, partners: list[int]) -> dict[str, Any]:
    """The values of record number `i`."""
    return {
        "name": f"S{i:05}",
        "reference": f"R{i}",
        "note": "as agreed",
        "priority": i % 3,
        "date_order": date(2026, 1, 1),
        "date_done": datetime(2026, 1, 2, 3, 4, 5),
        "quantity": Decimal(i % 50) + Decimal("0.25"),
        "price": Decimal("12.5"),
        "partner_id": partners[i % len(partners)],
        "shipping_id": partners[(i * 7) % len(partners)],
    }


class Recordsets:
    """The flows on our ORM."""

    def __init__(self, engine: sa.Engine, registry: Registry) -> None:
        self.engine, self.registry = engine, registry

    def run(self, work: Callable[[Any], Any]) -> float:
        start = time.perf_counter()
        cr = Cursor(self.engine)
        env = Environment(cr, self.registry, 1)
        work(env)
        env.flush_all()
        cr.commit()
        cr.close()
        return time.perf_counter() - start

    def create(self, env: Any) -> None:
        partners = env["bench.partner"].search([]).ids
        env["bench.sale"].create([values(i, partners) for i in range(N)])

    def lines(self, env: Any) -> None:
        sales = env["bench.sale"].search([], order="id")
        env["bench.line"].create([{"sale_id": id_, "quantity": 1} for id_ in sales.ids for _ in range(LINES)])

    def read(self, env: Any) -> None:
        total = 0
        for sale in env["bench.sale"].search([]):
            total += len(sale.name) + len(sale.partner_id.name) + len(sale.line_ids) + (sale.amount > 0)
        assert total

    def write(self, env: Any) -> None:
        env["bench.sale"].search([]).write({"state": "done", "priority": 2})

    def write_each(self, env: Any) -> None:
        for sale in env["bench.sale"].search([]):
            sale.reference = f"X{sale.id}"

    def recompute(self, env: Any) -> None:
        env["bench.sale"].search([]).write({"price": Decimal("13.75")})

    def search(self, env: Any) -> None:
        for i in range(100):
            domain = [("priority", "=", i % 3), ("name", "ilike", f"{i:02}"), ("state", "!=", "x")]
            env["bench.sale"].search(domain, limit=80)


class Core:
    """The same by hand in SQLAlchemy Core."""

    def __init__(self, engine: sa.Engine, registry: Registry) -> None:
        self.engine = engine
        self.partner, self.sale, self.line = (registry.table(f"bench.{n}") for n in ("partner", "sale", "line"))

    def run(self, work: Callable[[Any], Any]) -> float:
        start = time.perf_counter()
        with self.engine.begin() as cx:
            work(cx)
        return time.perf_counter() - start

    def create(self, cx: Any) -> None:
        partners = list(cx.scalars(sa.select(self.partner.c.id)))
        rows = []
        for i in range(N):
            row = values(i, partners) | {"state": "draft", "active": True}
            row["amount"] = row["quantity"] * row["price"]
            row["label"] = f"{row['name']} (draft)"
            rows.append(row)
        cx.execute(sa.insert(self.sale), rows)

    def lines(self, cx: Any) -> None:
        ids = list(cx.scalars(sa.select(self.sale.c.id).order_by(self.sale.c.id)))
        cx.execute(sa.insert(self.line), [{"sale_id": id_, "quantity": 1} for id_ in ids for _ in range(LINES)])

    def read(self, cx: Any) -> None:
        partners = dict(cx.execute(sa.select(self.partner.c.id, self.partner.c.name)).all())
        lines: dict[int, list[int]] = {}
        for id_, sale_id in cx.execute(sa.select(self.line.c.id, self.line.c.sale_id)):
            lines.setdefault(sale_id, []).append(id_)
        total = 0
        for row in cx.execute(sa.select(self.sale)):
            total += len(row.name) + len(partners[row.partner_id]) + len(lines.get(row.id, ())) + (row.amount > 0)
        assert total

    def write(self, cx: Any) -> None:
        rows = cx.execute(sa.select(self.sale.c.id, self.sale.c.name)).all()
        labels = [{"i": row.id, "l": f"{row.name} (done)"} for row in rows]
        statement = sa.update(self.sale).where(self.sale.c.id == sa.bindparam("i"))
        cx.execute(statement.values(state="done", priority=2, label=sa.bindparam("l")), labels)

    def write_each(self, cx: Any) -> None:
        ids = cx.scalars(sa.select(self.sale.c.id)).all()
        statement = sa.update(self.sale).where(self.sale.c.id == sa.bindparam("i"))
        cx.execute(statement.values(reference=sa.bindparam("r")), [{"i": i, "r": f"X{i}"} for i in ids])

    def recompute(self, cx: Any) -> None:
        rows = cx.execute(sa.select(self.sale.c.id, self.sale.c.quantity)).all()
        price = Decimal("13.75")
        statement = sa.update(self.sale).where(self.sale.c.id == sa.bindparam("i"))
        amounts = [{"i": row.id, "a": row.quantity * price} for row in rows]
        cx.execute(statement.values(price=price, amount=sa.bindparam("a")), amounts)

    def search(self, cx: Any) -> None:
        table = self.sale
        for i in range(100):
            cx.scalars(
                sa.select(table.c.id)
                .where(table.c.priority == i % 3, table.c.name.ilike(f"%{i:02}%"), table.c.state != "x", table.c.active)
                .order_by(table.c.id)
                .limit(80)
            ).all()


class Mapping(DeclarativeBase):
    """Base of the SQLAlchemy ORM's classes."""


class OrmPartner(Mapping):
    """See Partner."""

    __tablename__ = "bench_partner"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]


class OrmLine(Mapping):
    """See Line."""

    __tablename__ = "bench_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    sale_id: Mapped[int] = mapped_column(sa.ForeignKey("bench_sale.id"))
    quantity: Mapped[Decimal] = mapped_column(ExactNumeric(6))


class OrmSale(Mapping):
    """See Sale."""

    __tablename__ = "bench_sale"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    reference: Mapped[str | None]
    note: Mapped[str | None]
    state: Mapped[str | None]
    active: Mapped[bool]
    priority: Mapped[int] = mapped_column(sa.BigInteger)
    date_order: Mapped[date | None]
    date_done: Mapped[datetime | None]
    quantity: Mapped[Decimal] = mapped_column(ExactNumeric(6))
    price: Mapped[Decimal] = mapped_column(ExactNumeric(4))
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bench_partner.id"))
    shipping_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bench_partner.id"))
    amount: Mapped[Decimal] = mapped_column(ExactNumeric(4))
    label: Mapped[str | None]
    partner: Mapped[OrmPartner] = relationship(foreign_keys=[partner_id])
    lines: Mapped[list[OrmLine]] = relationship()


class AlchemyOrm:
    """The same with the SQLAlchemy ORM."""

    def __init__(self, engine: sa.Engine, registry: Registry) -> None:
        self.engine = engine

    def run(self, work: Callable[[Any], Any]) -> float:
        start = time.perf_counter()
        with Session(self.engine) as session, session.begin():
            work(session)
        return time.perf_counter() - start

    def create(self, session: Session) -> None:
        partners = list(session.scalars(sa.select(OrmPartner.id)))
        rows = []
        for i in range(N):
            row = values(i, partners) | {"state": "draft", "active": True}
            row["amount"] = row["quantity"] * row["price"]
            row["label"] = f"{row['name']} (draft)"
            rows.append(row)
        session.execute(sa.insert(OrmSale), rows)

    def lines(self, session: Session) -> None:
        ids = list(session.scalars(sa.select(OrmSale.id).order_by(OrmSale.id)))
        session.execute(sa.insert(OrmLine), [{"sale_id": id_, "quantity": 1} for id_ in ids for _ in range(LINES)])

    def read(self, session: Session) -> None:
        total = 0
        loading = (selectinload(OrmSale.partner), selectinload(OrmSale.lines))
        for sale in session.scalars(sa.select(OrmSale).options(*loading)):
            total += len(sale.name) + len(sale.partner.name or "") + len(sale.lines) + (sale.amount > 0)
        assert total

    def write(self, session: Session) -> None:
        for sale in session.scalars(sa.select(OrmSale)):
            sale.state, sale.priority, sale.label = "done", 2, f"{sale.name} (done)"

    def write_each(self, session: Session) -> None:
        for sale in session.scalars(sa.select(OrmSale)):
            sale.reference = f"X{sale.id}"

    def recompute(self, session: Session) -> None:
        for sale in session.scalars(sa.select(OrmSale)):
            sale.price = Decimal("13.75")
            sale.amount = sale.quantity * sale.price

    def search(self, session: Session) -> None:
        for i in range(100):
            session.scalars(
                sa.select(OrmSale.id)
                .where(OrmSale.priority == i % 3, OrmSale.name.ilike(f"%{i:02}%"), OrmSale.state != "x", OrmSale.active)
                .order_by(OrmSale.id)
                .limit(80)
            ).all()


ACTIONS = ("create", "lines", "read", "search", "write", "write_each", "recompute")


def main(url: str) -> None:
    """Print a table of medians and ratios."""
    registry = Registry()
    registry.load("bench", [Partner, Sale, Line])
    registry.setup()
    engine = create_engine(url)
    metadata = registry.metadata()
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(RUNS):
        for way in (Core, AlchemyOrm, Recordsets):
            with engine.begin() as cx:
                metadata.drop_all(cx)
                metadata.create_all(cx)
                cx.execute(sa.insert(registry.table("bench.partner")), [{"name": f"P{i}"} for i in range(100)])
            runner = way(engine, registry)
            for action in ACTIONS:
                gc.collect()
                times.setdefault((way.__name__, action), []).append(runner.run(getattr(runner, action)))
    print(f"{engine.dialect.name}: {N} records, medians of {RUNS} runs, seconds")
    print(f"{'action':12}{'core':>9}{'sqla orm':>10}{'recordsets':>12}{'/ core':>9}{'/ orm':>8}")
    for action in ACTIONS:
        core, orm, ours = (statistics.median(times[name, action]) for name in ("Core", "AlchemyOrm", "Recordsets"))
        print(f"{action:12}{core:9.3f}{orm:10.3f}{ours:12.3f}{ours / core:8.1f}x{ours / orm:7.2f}x")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite:///bench_orm.db")
