"""A server under the load of clients who note what was acknowledged to them, to be compared after crashes.

A client makes an order, confirms it and delivers it, one remote call each, again and again. What a call answered is
acknowledged; a call that was cut or refused is counted, and says nothing about what became of it.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil

from core.boot import Database
from tests.processes import running

#: Seconds within which a server has to be ready again.
READY_WITHIN = 90.0
#: Seconds that a client waits after an error.
PAUSE = 0.25


class Unanswered(Exception):
    """A call was cut, or answered with an error."""


@dataclass
class Tally:
    """What clients were told."""

    created: dict[str, int] = field(default_factory=dict)  # reference of the order -> id
    confirmed: set[str] = field(default_factory=set)
    delivered: dict[str, int] = field(default_factory=dict)  # reference of the order -> transfer
    calls: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def acknowledged(self) -> int:
        """Documents: orders made, orders confirmed, transfers done."""
        return len(self.created) + len(self.confirmed) + len(self.delivered)


class Server:
    """`stillage serve` on a database, which can be killed and started again on its port."""

    def __init__(self, url: str, workers: int) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.command = [sys.executable, "-m", "core", "--database", url, "serve", "--port", self.port]
        self.command += ["--workers", workers]
        self.process: Any = None

    @contextmanager
    def started(self, log: Any) -> Iterator[None]:
        """Within, it runs, as often as it is started anew."""
        self._log = log
        try:
            self.start()
            yield
        finally:
            self.kill()

    def start(self) -> float:
        """Start it; returns the seconds until it was ready."""
        began = time.monotonic()
        environment = os.environ | {"STILLAGE_SCHEDULER": "no", "STILLAGE_LOG_REQUESTS": "no"}
        self._block = running(self.command, stderr=self._log, env=environment)
        self.process = self._block.__enter__()
        self.wait_until_ready()
        return time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL to the server with all its workers."""
        self._block.__exit__(None, None, None)

    def kill_worker(self, chance: Any) -> None:
        """SIGKILL to one of its workers."""
        chance.choice(psutil.Process(self.process.pid).children()).kill()

    def processes(self) -> list[psutil.Process]:
        """The server and its workers."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children()]

    def wait_until_ready(self, expected: bool = True) -> None:
        """Wait for /health/ready, or until it says otherwise."""
        until = time.monotonic() + READY_WITHIN
        while self.is_ready() != expected:
            assert time.monotonic() < until, f"the server does not get {'ready' if expected else 'unready'}"
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Whether monitoring would send clients to it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Load:
    """Clients at work on a server, in threads of this process."""

    def __init__(self, server: Server, database: str, uid: int, product: int, partner: int, clients: int) -> None:
        self.server, self.database, self.uid = server, database, uid
        self.product, self.partner = product, partner
        self.tally = Tally()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_details: Any) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)

    def wait_for(self, documents: int) -> None:
        """Wait until so many more documents were acknowledged."""
        wanted, until = self.tally.acknowledged + documents, time.monotonic() + READY_WITHIN
        while self.tally.acknowledged < wanted:
            assert time.monotonic() < until, f"the clients get no further: {self.tally.errors}"
            time.sleep(0.02)

    def _work(self, number: int) -> None:
        round_ = 0
        while not self._stopped.is_set():
            round_ += 1
            try:
                self._deliver(f"client {number} round {round_}")
            except Unanswered:
                self._stopped.wait(PAUSE)

    def _deliver(self, reference: str) -> None:
        line = {"product_id": self.product, "product_uom_qty": 1}
        values = {"partner_id": self.partner, "client_order_ref": reference, "order_line": [[0, 0, line]]}
        order = self._call("sale.order", "create", values)
        with self._lock:
            self.tally.created[reference] = order
        self._call("sale.order", "action_confirm", [order])
        with self._lock:
            self.tally.confirmed.add(reference)
        (found,) = self._call("sale.order", "read", [order], ["picking_ids"])
        (picking,) = found["picking_ids"]
        if self._call("stock.picking", "button_validate", [picking]) is True:
            with self._lock:
                self.tally.delivered[reference] = picking

    def _call(self, model: str, method: str, *arguments: Any) -> Any:
        params = {"service": "object", "method": "execute_kw"}
        body = {"jsonrpc": "2.0", "id": 1, "params": params}
        params["args"] = [self.database, self.uid, "admin", model, method, list(arguments)]  # type: ignore[assignment]
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request("POST", "/jsonrpc", json.dumps(body), {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._count(f"cut: {type(error).__name__}")
            raise Unanswered from error
        finally:
            connection.close()
        with self._lock:
            self.tally.calls += 1
        if "error" in answer:
            self._count(answer["error"]["data"]["code"])
            raise Unanswered
        return answer["result"]

    def _count(self, kind: str) -> None:
        with self._lock:
            self.tally.errors[kind] += 1


def prepare(database: Database) -> dict[str, int]:
    """A product that is there in plenty, and a customer; the ids that `Load` wants."""
    with database.transaction(login="admin") as env:
        location = env.ref("inventory.stock_location_stock")
        product = env["product.product"].create({"name": "Crate", "is_storable": True})
        counted = {"product_id": product.id, "location_id": location.id, "inventory_quantity": 1_000_000}
        env["stock.quant"].create(counted).action_apply_inventory()
        return {"uid": env.uid, "product": product.id, "partner": env["res.partner"].create({"name": "Buyer"}).id}


def lost(database: Database, tally: Tally) -> list[str]:
    """What was acknowledged and is not there."""
    with database.transaction() as env:
        orders = env["sale.order"].search_read([("client_order_ref", "!=", False)], ["client_order_ref", "state"])
        found = {order["client_order_ref"]: order for order in orders}
        done = set(env["stock.picking"].search([("state", "=", "done")]).ids)
    missing = [f"order {ref}" for ref, id_ in tally.created.items() if found.get(ref, {}).get("id") != id_]
    missing += [f"confirmed {ref}" for ref in tally.confirmed if found.get(ref, {}).get("state") != "sale"]
    return missing + [f"delivered {ref}" for ref, id_ in tally.delivered.items() if id_ not in done]
