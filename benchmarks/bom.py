"""A bill of materials of 1,024 leaves, ten levels of kits deep, taken apart. The aim is less than 50 ms.

python -m benchmarks.bom [URL]
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from decimal import Decimal

from core.boot import Database

LEAVES = 1024


def main(url: str) -> None:
    """Print the median of eleven runs."""
    database = Database(url)
    if "manufacturing" not in database.addons:
        database.install(["manufacturing"])
    with database.transaction() as env:
        bolt = env["product.product"].create({"name": "Bolt", "is_storable": True})
        names = [{"name": f"Kit {n}", "is_storable": True} for n in range(LEAVES - 1)]
        products = list(env["product.template"].create(names).product_variant_id)
        rows = []
        for index, made in enumerate(products):
            below = products[2 * index + 1 : 2 * index + 3] or [bolt, bolt]
            lines = [(0, 0, {"product_id": part.id, "product_qty": 1}) for part in below]
            kind = "phantom" if index else "normal"
            rows.append({"product_tmpl_id": made.product_tmpl_id.id, "type": kind, "bom_line_ids": lines})
        bom = env["mrp.bom"].create(rows)[0]
        seconds = []
        for _ in range(11):
            env.invalidate_all()
            gc.collect()
            start = time.perf_counter()
            found = bom.explode(products[0], Decimal(3))[1]
            seconds.append(time.perf_counter() - start)
        assert len(found) == LEAVES
        dialect = env.cr.dialect
    print(f"{dialect}: a bill of {LEAVES} leaves explodes in {statistics.median(seconds) * 1000:.0f} ms (aim 50)")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite:///bench_bom.db")
