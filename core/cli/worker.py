"""The worker process of `stillage serve` with several of them: gunicorn looks after it, waitress serves HTTP in it."""

from __future__ import annotations

import os
import signal
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from core.cli.http_server import HttpServer

#: What asks a worker to stop.
STOPPING = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


class HttpWorker(Worker):
    """A process with its own application, on the listening sockets that all workers share."""

    def load_wsgi(self) -> None:
        """Load the application. A signal to stop waits until that is done: its handler would raise within a lock.

        Its handler is put off, not the signal blocked: the process has threads by then, to which it would go instead.
        """
        arrived: list[int] = []

        def put_off(number: int, _frame: Any) -> None:
            arrived.append(number)

        handlers = {number: signal.signal(number, put_off) for number in STOPPING}
        try:
            super().load_wsgi()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        for stopped in arrived:
            signal.raise_signal(stopped)

    def run(self) -> None:
        """Serve until the arbiter asks to stop, or is gone."""
        for listener in self.sockets:
            listener.setblocking(False)
        server = HttpServer(self.wsgi, threads=self.cfg.threads, sockets=[listener.sock for listener in self.sockets])
        server.run(self._is_wanted, self.notify)

    def _is_wanted(self) -> bool:
        return bool(self.alive) and self.ppid == os.getppid()


class RootLogger(Logger):
    """gunicorn's messages in the log of the server (`core.logs`), whose form and masking then hold for them."""

    def setup(self, cfg: Any) -> None:
        """Hand messages on instead of writing them."""
        self.error_log.propagate = True
        self.error_log.setLevel(cfg.loglevel.upper())
        self.access_log.propagate = False
