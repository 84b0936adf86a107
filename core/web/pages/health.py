"""Signs of life for monitoring."""

from __future__ import annotations

import json
import logging
import secrets
import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from core import logs
from core.exceptions import ConcurrencyError, ConfigurationError, DatabaseUnavailable

_logger = logging.getLogger(__name__)

#: Seconds after which a database that has not answered counts as unavailable.
PATIENCE: Final = 3.0
#: Seconds for which an answer stands, so that asking often costs little.
LASTING: Final = 2.0
#: Characters that the check writes: more than a page of the database, so that it needs room.
_WRITTEN: Final = 9_000


class Readiness:
    """Whether the database answers and can be written. Thread-safe; one per application.

    The check runs in a thread of its own: whatever it waits for, a connection or a disk, the answer comes in time.
    """

    def __init__(self, database: Any) -> None:
        self._database = database
        self._lock = Lock()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="stillage-ready")
        self._running: Future[tuple[str, str]] | None = None
        self._until = 0.0

    def problem(self) -> tuple[str, str]:
        """Why the database is not ready (see `DatabaseUnavailable.reason`) and what it says; empty texts when it is."""
        with self._lock:
            if self._running is None or (self._running.done() and time.monotonic() >= self._until):
                self._running = self._executor.submit(self._check)
            running = self._running
        try:
            return running.result(PATIENCE)
        except TimeoutError:
            return "timeout", f"no answer within {PATIENCE:g} s"

    def _check(self) -> tuple[str, str]:
        problem = "", ""
        try:
            self._database.run(_write, retries=0)
        except DatabaseUnavailable as error:
            problem = error.reason, error.detail
        except ConcurrencyError:
            pass  # another transaction writes, so that it can be written
        except ConfigurationError as error:
            problem = "empty", str(error)
        except Exception as error:
            problem = "defect", f"reference {logs.log_defect(_logger, 'The check of the database', error)}"
        self._until = time.monotonic() + LASTING
        return problem


def live(app: Any, request: Request) -> Response:
    """``GET /health/live``: the process answers. Nothing else is looked at."""
    return _answer(200, {"status": "live"})


def ready(app: Any, request: Request) -> Response:
    """``GET /health/ready``: the database takes changes and its addons are loaded; 503 with the reason otherwise."""
    problem, detail = app.readiness.problem()
    if problem:
        logs.current().error, logs.current().detail = "database_unavailable", f"{problem}: {detail}"
        response = _answer(503, {"status": "unavailable", "reason": problem})
        response.headers["Retry-After"] = "5"
        return response
    return _answer(200, {"status": "ready", "quarantined": sorted(app.database.quarantined)})


def _write(env: Any) -> None:
    """Write a row and take it back in a transaction that is committed: a full disk shows at COMMIT at the latest."""
    cr = env.cr
    if cr.dialect == "postgresql":
        cr.execute(f"SET LOCAL statement_timeout = {int(PATIENCE * 1000)}; SET LOCAL lock_timeout = 1000")
    once, key = env["web.once"], secrets.token_hex(8)
    once._claim(key, env.uid, "health")
    once._note(key, env.uid, "", secrets.token_hex(_WRITTEN // 2), "health")
    env.flush_all()
    once._result(key, env.uid, "health").unlink()


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status=status, mimetype="application/json")
