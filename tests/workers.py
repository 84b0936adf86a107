"""Processes that do a part of a test, forked from one in which the product is imported already.

A process that works on the test's database has to be one of its own: it is killed, or it competes with others. A new
interpreter would spend most of its time on imports.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Final

from core.cli.main import main

#: Seconds until a worker that says nothing fails its test.
TIMEOUT: Final = 120
#: Imported before the first worker is forked.
PRELOADED: Final = ["core.boot", "core.cli.main", "core.cli.database", "core.cli.addons", "alembic", "psycopg"]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(PRELOADED)


class WorkerFailed(AssertionError):
    """A worker ended with an error; the message is its traceback with all that it printed."""


class Worker:
    """A process at work, as its test sees it."""

    def __init__(self, process: Any, connection: Connection) -> None:
        self.process = process
        self._connection = connection

    def tell(self, message: Any) -> None:
        """Send `message` to the function that runs in the process."""
        self._connection.send(message)

    def hear(self) -> Any:
        """The next message of the process. Raises EOFError when it is no more, WorkerFailed when it failed."""
        assert self._connection.poll(TIMEOUT), "the worker says nothing"
        message = self._connection.recv()
        if isinstance(message, WorkerFailed):
            raise message
        return message

    def rest(self) -> list[Any]:
        """Wait until the process has ended; returns the messages that were not heard yet."""
        messages = []
        with suppress(EOFError):
            while True:
                messages.append(self.hear())
        self.process.join()
        return messages

    def kill(self) -> None:
        """Send SIGKILL."""
        self.process.kill()

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL ended it, from within or from outside."""
        return bool(self.process.exitcode == -signal.SIGKILL)


@contextmanager
def working(function: Callable[..., None], *arguments: Any) -> Iterator[Worker]:
    """Run `function(connection, *arguments)` in a process of its own, which is killed at the end of the block.

    Args:
        function: of a module; what it sends through `connection` is heard by the test.
        arguments: anything that can be pickled.
    """
    ours, theirs = _context.Pipe()
    process = _context.Process(target=_run, args=(theirs, function, arguments))
    process.start()
    # The end of the pipe is seen only when nobody else could write into it.
    theirs.close()
    try:
        yield Worker(process, ours)
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def command(*arguments: str, **environment: str) -> str:
    """Run `stillage *arguments` in a process of its own; returns what it printed to standard output.

    Args:
        environment: what is changed in the environment, e.g. `STILLAGE_ADDONS_PATH=...`.

    Raises WorkerFailed, with all that was printed, unless its exit code is 0.
    """
    with working(_command, arguments, environment) as worker:
        (printed,) = worker.rest()
    return str(printed)


def _command(connection: Connection, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    os.environ.update(environment)
    printed = StringIO()
    with redirect_stdout(printed):
        code = main(arguments)
    if code:
        print(printed.getvalue())
        raise SystemExit(code)
    connection.send(printed.getvalue())


def stop() -> None:
    """End the process that workers are forked from, and wait for its end; it starts anew when it is needed."""
    # There is no public way; left alone, they end some time after this process.
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]


def _run(connection: Connection, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            function(connection, *arguments)
        except BaseException:
            connection.send(WorkerFailed(f"{traceback.format_exc()}\n{printed.getvalue()}"))
            sys.exit(1)
