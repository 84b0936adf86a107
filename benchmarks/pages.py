"""What pages cost the server, with a long history in the database.

    python -m benchmarks.pages [URL]        ROWS=100000 transfers, RUNS=30

Each page is asked for RUNS times by a signed-in user, in-process, and its median time, its statements and its size on
the wire (compressed, HTML only) are printed beside the design's aims: 30 ms and 60 kB. The transfers are copies of one
delivery, written straight into the tables; one in 49 of them is open.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.boot import Database
from core.testing.client import Client
from core.web.app import Application

PASSWORD = "pages in milliseconds"
ROWS = int(os.environ.get("ROWS", "100000"))
RUNS = int(os.environ.get("RUNS", "30"))
AIM_MS, AIM_KB = 30, 60


PRODUCTS = 500


def delivery(env: Any) -> Any:
    """A confirmed order over five of PRODUCTS products, a part of which is in stock, and its delivery."""
    products = env["product.product"].create([{"name": f"Product {i}", "is_storable": True} for i in range(PRODUCTS)])
    stock = env.ref("inventory.stock_location_stock")
    for product in products[:5]:
        env["stock.quant"]._update_available_quantity(product, stock, 6)
    order = env["sale.order"].create(
        {
            "partner_id": env["res.partner"].create({"name": "Customer"}).id,
            "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 10}) for product in products[:5]],
        }
    )
    order.action_confirm()
    return order.picking_ids


def multiply(env: Any, picking: Any) -> None:
    """ROWS copies of the transfer, each with one move and its line, over all the products."""
    env.flush_all()
    move, last = picking.move_ids[0], max(picking.move_ids.ids)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
    state = "CASE WHEN n.i % 49 = 0 THEN 'assigned' ELSE 'done' END"
    for table, changes, source in (
        (
            "stock_picking",
            {"name": "'WH/OLD/' || n.i", "state": state, "sale_id": "NULL"},
            f"FROM n, stock_picking t WHERE t.id = {picking.id}",
        ),
        (
            "stock_move",
            {
                "picking_id": "p.id",
                "state": "p.state",
                "product_id": f"{move.product_id.id} + p.id % {PRODUCTS}",
                "sale_line_id": "NULL",
                "shortfall_id": "NULL",
            },
            f"FROM stock_picking p, stock_move t WHERE p.name LIKE 'WH/OLD/%' AND t.id = {move.id}",
        ),
        (
            "stock_move_line",
            {"move_id": "m.id", "picking_id": "m.picking_id", "state": "m.state", "product_id": "m.product_id"},
            f"FROM stock_move m, stock_move_line t WHERE m.id > {last} AND t.id = {move.move_line_ids.id}",
        ),
    ):
        prefix = numbers if table == "stock_picking" else ""
        env.execute(f"{prefix} INSERT INTO {table} {copied(env, table, changes, source)}")
    if env.cr.dialect == "postgresql":
        env.execute("ANALYZE")  # as the server does of itself after a while


def copied(env: Any, table: str, changes: dict[str, str], source: str) -> str:
    """The columns and the SELECT of an INSERT that copies rows of `table`, called t, with some columns changed."""
    columns = [name for name in env.execute(f"SELECT * FROM {table} WHERE 1 = 0").keys() if name != "id"]
    values = ", ".join(changes.get(name, f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    return f"({names}) SELECT {values} {source}"


class Counter:
    """The statements sent to the database."""

    def __init__(self, engine: sa.Engine) -> None:
        self.count = 0
        sa.event.listen(engine, "before_cursor_execute", self._executed)

    def _executed(self, *_arguments: Any) -> None:
        self.count += 1


def measure(client: Client, counter: Counter, path: str) -> tuple[float, float, int]:
    """Median milliseconds, kilobytes on the wire, statements."""
    times = []
    for _run in range(RUNS + 3):
        before, started = counter.count, time.perf_counter()
        page = client.get(path, headers={"Accept-Encoding": "gzip"})
        data = page.get_data()
        times.append((time.perf_counter() - started) * 1000)
        assert page.status_code == 200, f"{path}: {page.status_code}"
    assert page.headers.get("Content-Encoding") == "gzip", "pages are sent compressed"
    return statistics.median(times[3:]), len(data) / 1000, counter.count - before


def pages(env: Any, picking: Any) -> list[tuple[str, str]]:
    """What is asked for: (name, address)."""
    all_transfers = f"/app/action/{env.ref('inventory.action_picking_tree_all').id}"
    return [
        ("list, 80 transfers", all_transfers),
        ("list, page 500", f"{all_transfers}?page=500"),
        ("list, filter Ready", f"{all_transfers}?filter=available"),
        ("list, search for a name", f"{all_transfers}?q=OLD/4711"),
        ("list, grouped by status", f"{all_transfers}?group=state"),
        ("overview", f"/app/action/{env.ref('inventory.stock_picking_type_action').id}"),
        ("form, transfer of 5 lines", f"/app/stock.picking/{picking.id}"),
        ("form, new transfer", "/app/stock.picking/new"),
        ("form, sales order", f"/app/sale.order/{picking.sale_id.id}"),
        ("form, new quotation", "/app/sale.order/new"),
    ]


def run(url: str) -> None:
    """Prepare the database at `url`, which must not exist, and print the table."""
    database = Database(url)
    database.install(["sales", "manufacturing"])
    with database.transaction() as env:
        env.ref("base.user_admin").password = PASSWORD
        picking = delivery(env)
        multiply(env, picking)
        wanted = pages(env, picking)
    client = Client(Application(database))
    client.sign_in(password=PASSWORD)
    counter = Counter(database.engine)
    gc.collect()
    gc.freeze()  # as `stillage serve` does
    print(f"{ROWS:,} transfers, {url.partition(':')[0]}; aims: {AIM_MS} ms, {AIM_KB} kB")
    print(f"{'page':28} {'ms':>7} {'kB':>7} {'SQL':>5}")
    for name, path in wanted:
        milliseconds, kilobytes, statements = measure(client, counter, path)
        late = "" if milliseconds <= AIM_MS and kilobytes <= AIM_KB else "  over the aim"
        print(f"{name:28} {milliseconds:7.1f} {kilobytes:7.1f} {statements:5}{late}")
    database.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(f"sqlite:///{Path(folder) / 'pages.db'}")
