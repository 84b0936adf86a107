"""The flows of the product beside the same flows written by hand in SQL (`flows_sql`), in one run on one database.

    python -m benchmarks.flows [URL]        N=100 documents, RUNS=3

S1         N sales orders of 5 lines created and confirmed: delivery, moves, reservations; stock covers 60 %
S2         the N deliveries validated for what is reserved, with a backorder for the rest
S1_single  the same as S1, one order and one transaction at a time
M1         N manufacturing orders of 10 units with 5 components created, confirmed and reserved
M2         6 of 10 produced for each, with a backorder
SN         one order over N units by serial number: numbers, split, production

For each flow: seconds of both, their ratio, and the number of SQL statements. Medians over RUNS; each run starts with
fresh rows. The aims are those of the design: within 5x in one action, within 4x one at a time (PostgreSQL).
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from benchmarks import flows_sql
from core.boot import Database

N = flows_sql.N
RUNS = int(os.environ.get("RUNS", "3"))
AIMS = {"S1": 5, "S2": 5, "S1_single": 4, "M1": 5, "M2": 5, "SN": 5}


class Flows:
    """The flows on the product."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as env:
            self.prepare(env)
        gc.collect()
        gc.freeze()  # as `stillage serve` does

    def prepare(self, env: Any) -> None:
        """Products, bills of materials and an operation type that makes backorders without asking."""
        kinds = env["stock.picking.type"].search([("code", "in", ("outgoing", "mrp_operation"))])
        kinds.create_backorder = "always"
        product = {"is_storable": True, "type": "consu"}
        self.products = env["product.product"].create([{**product, "name": f"Product {i}"} for i in range(50)]).ids
        self.components = env["product.product"].create([{**product, "name": f"Component {i}"} for i in range(5)]).ids
        table = env["product.product"].create({**product, "name": "Table"})
        chair = env["product.product"].create({**product, "name": "Chair", "tracking": "serial"})
        self.table, self.chair = table.id, chair.id
        env["mrp.bom"].create(
            [
                {
                    "product_tmpl_id": made.product_tmpl_id.id,
                    "product_qty": 1,
                    "bom_line_ids": [(0, 0, {"product_id": c, "product_qty": 1}) for c in components],
                }
                for made, components in ((table, self.components), (chair, self.components[:2]))
            ]
        )
        self.partner = env["res.partner"].create({"name": "Customer"}).id
        self.stock = env.ref("inventory.stock_location_stock").id

    def put(self, env: Any, quantities: dict[int, int]) -> None:
        """Add stock through the adjustment that a person would use."""
        stock = env["stock.location"].browse(self.stock)
        for id_, quantity in quantities.items():
            product = env["product.product"].browse(id_)
            env["stock.quant"]._update_available_quantity(product, stock, Decimal(quantity))

    def restock(self) -> None:
        """What the flows of one run need."""
        share = {p: N * (20 + 80 * i // 49) // 100 for i, p in enumerate(self.products)}
        with self.database.transaction() as env:
            old = env["stock.picking"].search([("state", "not in", ("done", "cancel"))])
            old.action_cancel()
            env["mrp.production"].search([("state", "not in", ("done", "cancel"))]).action_cancel()
            self.put(env, share | dict.fromkeys(self.components, N * 100))

    def orders(self, env: Any, first: int, count: int) -> Any:
        return env["sale.order"].create(
            [
                {
                    "partner_id": self.partner,
                    "order_line": [
                        (0, 0, {"product_id": self.products[i % 50], "product_uom_qty": 10, "price_unit": 10})
                        for i in range((first + k) * 7, (first + k) * 7 + 55, 11)
                    ],
                }
                for k in range(count)
            ]
        )

    def S1(self, env: Any) -> None:
        self.orders(env, 0, N).action_confirm()

    def S2(self, env: Any) -> None:
        ready = [("state", "=", "assigned"), ("picking_type_id.code", "=", "outgoing")]
        env["stock.picking"].search(ready).button_validate()

    def M1(self, env: Any) -> None:
        productions = env["mrp.production"].create([{"product_id": self.table, "product_qty": 10} for _ in range(N)])
        productions.action_confirm()
        productions.action_assign()

    def M2(self, env: Any) -> None:
        productions = env["mrp.production"].search([("state", "=", "confirmed"), ("product_id", "=", self.table)])
        productions.qty_producing = 6
        productions.button_mark_done()

    def SN(self, env: Any) -> None:
        production = env["mrp.production"].create({"product_id": self.chair, "product_qty": N})
        production.action_confirm()
        wizard = production.button_mark_done()
        wizard.action_generate_production_text()
        wizard.action_done()


class Statements:
    """Counts what is sent to the database."""

    def __init__(self, engine: sa.Engine) -> None:
        self.count = 0
        sa.event.listen(engine, "before_cursor_execute", self.note)

    def note(self, *args: Any) -> None:
        self.count += 1


def measure(work: Callable[[], Any], counter: Statements) -> tuple[float, int]:
    gc.collect()
    before, start = counter.count, time.perf_counter()
    work()
    return time.perf_counter() - start, counter.count - before


def our_run(flows: Flows, counter: Statements, results: dict[str, list[tuple[float, int]]]) -> None:
    """Each flow once."""

    def batch(flow: Callable[[Any], None]) -> Callable[[], None]:
        def work() -> None:
            with flows.database.transaction() as env:
                flow(env)

        return work

    def one_by_one() -> None:
        for k in range(N):
            with flows.database.transaction() as env:
                flows.orders(env, N + k, 1).action_confirm()

    flows.restock()
    for name in ("S1", "S2"):
        results.setdefault(name, []).append(measure(batch(getattr(flows, name)), counter))
    flows.restock()
    seconds, statements = measure(one_by_one, counter)
    results.setdefault("S1_single", []).append((seconds, statements // N))
    for name in ("M1", "M2", "SN"):
        results.setdefault(name, []).append(measure(batch(getattr(flows, name)), counter))


def sql_run(engine: sa.Engine) -> dict[str, float]:
    """The yardstick once, on tables of its own in the same database."""
    metadata = flows_sql.metadata
    share = [N * (20 + 80 * p // 49) // 100 for p in range(50)]
    metadata.drop_all(engine)
    metadata.create_all(engine)
    quant, insert = flows_sql.quant, flows_sql.insert
    with engine.begin() as cx:
        on_hand = {**dict(enumerate(share)), **dict.fromkeys(range(60, 65), N * 100), 100: 0}
        row = {"place": 1, "lot": None, "reserved": 0}
        insert(cx, quant, [{**row, "product": product, "qty": quantity} for product, quantity in on_hand.items()])
    seconds: dict[str, float] = {}

    def time_of(name: str, *calls: tuple[Any, ...]) -> None:
        gc.collect()
        start = time.perf_counter()
        for function, *args in calls:
            with engine.begin() as cx:
                function(cx, *args)
        seconds[name] = time.perf_counter() - start

    time_of("S1", (flows_sql.confirm_orders, 0, N))
    time_of("S2", (flows_sql.validate_deliveries,))
    with engine.begin() as cx:
        add = quant.c.qty + sa.bindparam("t")
        rows = [{"p": p, "t": t} for p, t in enumerate(share)]
        of_product = sa.and_(quant.c.product == sa.bindparam("p"), quant.c.place == 1)
        cx.execute(sa.update(quant).where(of_product).values(qty=add), rows)
    time_of("S1_single", *((flows_sql.confirm_orders, N + k, 1) for k in range(N)))
    time_of("M1", (flows_sql.confirm_productions,))
    time_of("M2", (flows_sql.produce_part,))
    time_of("SN", (flows_sql.produce_serials,))
    metadata.drop_all(engine)
    return seconds


def main(url: str) -> None:
    """Print the table."""
    database = Database(url)
    if not database.addons:
        database.install(["sales", "manufacturing"])
    counter = Statements(database.engine)
    flows = Flows(database)
    ours: dict[str, list[tuple[float, int]]] = {}
    theirs: dict[str, list[float]] = {}
    for _ in range(RUNS):
        for name, value in sql_run(database.engine).items():
            theirs.setdefault(name, []).append(value)
        our_run(flows, counter, ours)
    print(f"{database.engine.dialect.name}: {N} documents per flow, medians of {RUNS} runs")
    print(f"{'flow':10}{'by hand s':>11}{'ours s':>9}{'ratio':>8}{'aim':>6}{'statements':>12}")
    for name, aim in AIMS.items():
        hand = statistics.median(theirs[name])
        mine = statistics.median(seconds for seconds, _ in ours[name])
        statements = statistics.median_low(count for _, count in ours[name])
        print(f"{name:10}{hand:11.3f}{mine:9.3f}{mine / hand:7.1f}x{aim:5}x{statements:12}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite:///bench_flows.db")
