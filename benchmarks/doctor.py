"""`stillage doctor` on a database of 1,000,000 done moves with their lines: time and memory.

    python -m benchmarks.doctor                                    on SQLite, and on PostgreSQL where the wheel is there
    python -m benchmarks.doctor postgresql://user@host/db          on that database, which must be empty
    STILLAGE_BENCH_MOVES=100000 python -m benchmarks.doctor        with fewer moves

A receipt of 50 products is validated, and its rows are copied by SQL. `stillage doctor` then runs as a process of its
own, once on the sound database and once on a damaged one; the figures are its seconds and its highest memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.boot import Database
from core.testing.servers import PostgresServer, PostgresUnavailable

MOVES = int(os.environ.get("STILLAGE_BENCH_MOVES", "1000000"))
PRODUCTS = 50
#: What the run on a sound database may take at most.
AIM_SECONDS, AIM_MB = 60, 250
COPIES_AT_ONCE = 1000
MODELS = ("stock.picking", "stock.move", "stock.move.line")
LINKS = {"picking_id": "stock.picking", "move_id": "stock.move", "split_root_id": "stock.move"}
DAMAGE = (
    "UPDATE stock_quant SET quantity = quantity + 3 WHERE id = (SELECT max(id) FROM stock_quant)",
    "UPDATE stock_picking SET state = 'assigned' WHERE id % 5000 = 7",
    "UPDATE stock_move SET state = 'assigned' WHERE id % 100000 = 7",
)


def receipt(env: Any) -> Any:
    """A validated receipt of 50 products."""
    products = env["product.product"].create(
        [{"name": f"Product {number}", "is_storable": True} for number in range(PRODUCTS)]
    )
    picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_in").id})
    env["stock.move"].create(
        [
            {"picking_id": picking.id, "product_id": product.id, "product_uom_qty": Decimal(number + 1)}
            for number, product in enumerate(products)
        ]
    )
    picking.action_confirm()
    picking.button_validate()
    env.flush_all()
    return picking


def multiply(env: Any, picking: Any) -> None:
    """Copy the transfer with its moves and lines until there are `MOVES` moves; the stock grows with them."""
    copies = MOVES // PRODUCTS - 1
    ids = {
        "stock.picking": picking.ids,
        "stock.move": picking.move_ids.ids,
        "stock.move.line": picking.move_ids.move_line_ids.ids,
    }
    first = {name: min(found) for name, found in ids.items()}
    size = {name: max(found) - min(found) + 1 for name, found in ids.items()}
    for start in range(1, copies + 1, COPIES_AT_ONCE):
        last = min(start + COPIES_AT_ONCE - 1, copies)
        number = sa.select(sa.literal(start).label("k")).cte("numbers", recursive=True)
        number = number.union_all(sa.select(number.c.k + 1).where(number.c.k < last))
        for name in MODELS:
            table = env.registry.table(name)
            columns = []
            for column in table.c:
                model = name if column.name == "id" else LINKS.get(column.name)
                columns.append(column if model is None else column + number.c.k * size[model])
            rows = sa.select(*columns).where(table.c.id.between(first[name], first[name] + size[name] - 1))
            rows = rows.select_from(table.join(number, sa.true()))
            env.execute(sa.insert(table).from_select([column.name for column in table.c], rows))
        env.cr.commit()
    quant = env.registry.table("stock.quant")
    env.execute(sa.update(quant).values(quantity=quant.c.quantity * (copies + 1)))
    env.cr.commit()
    env.execute(sa.text("ANALYZE"))


def examine(url: str) -> tuple[int, float, float, float, int]:
    """Exit code, seconds, seconds of this process's CPU, megabytes and lines of `stillage doctor`."""
    with tempfile.TemporaryFile() as out:
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "core", "--database", url, "doctor"], stdout=out)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        out.seek(0)
        cpu = usage.ru_utime + usage.ru_stime
        return os.waitstatus_to_exitcode(status), seconds, cpu, usage.ru_maxrss / 1024, len(out.read().splitlines())


def run(url: str) -> None:
    """Fill the empty database at `url`, and print the table."""
    database = Database(url)
    database.install(["inventory", "sales", "manufacturing", "purchasing"])
    with database.transaction() as env:
        multiply(env, receipt(env))
    print(f"{MOVES:,} done moves, {url.partition(':')[0]}; aims: {AIM_SECONDS} s, {AIM_MB} MB")
    print(f"{'database':10} {'exit':>5} {'s':>7} {'CPU s':>7} {'MB':>7} {'lines':>7}")
    code, seconds, cpu, megabytes, lines = examine(url)
    late = "" if seconds <= AIM_SECONDS and megabytes <= AIM_MB else "  over the aim"
    print(f"{'sound':10} {code:5} {seconds:7.1f} {cpu:7.1f} {megabytes:7.1f} {lines:7}{late}")
    with database.transaction() as env:
        for statement in DAMAGE:
            env.execute(sa.text(statement))
    code, seconds, cpu, megabytes, lines = examine(url)
    print(f"{'damaged':10} {code:5} {seconds:7.1f} {cpu:7.1f} {megabytes:7.1f} {lines:7}")
    database.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(f"sqlite:///{Path(folder) / 'doctor.db'}")
            try:
                server = PostgresServer(Path(folder) / "postgres")
            except PostgresUnavailable:
                sys.exit()
            try:
                run(server.create("doctor_benchmark"))
            finally:
                server.close()
