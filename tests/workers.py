"""Worker processes of tests, forked from one that has imported the product.

What works on the test's database beside the test, and may be killed, has to be a process of its own. A new interpreter
would spend most of its time on imports. All workers of one test process share its hash seed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from core.cli.main import main

#: Seconds until a worker that sends nothing, or does not end, fails its test.
TIMEOUT: Final = 120
#: Imported before the first worker is forked.
PRELOADED: Final = ["core.boot", "core.cli.main", "core.cli.database", "core.cli.addons", "alembic", "psycopg"]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(PRELOADED)


class WorkerFailed(AssertionError):
    """A worker raised an error or died; the message is its traceback with all that it printed."""


class Worker:
    """The test's view of a worker process."""

    def __init__(self, process: Any, connection: Connection) -> None:
        self._process = process
        self._connection = connection

    def send(self, message: Any) -> None:
        """Send `message` to the worker's function."""
        self._connection.send(message)

    def receive(self) -> Any:
        """Wait for the next message of the worker. Raises WorkerFailed when it has failed or ended."""
        try:
            return self._receive()
        except (EOFError, OSError):
            self._join()
            raise WorkerFailed(f"the worker has ended with exit code {self._process.exitcode}") from None

    def drain(self) -> list[Any]:
        """Wait until the worker has ended, by itself or killed; returns the messages that were not received yet.

        Raises WorkerFailed when it ended in another way.
        """
        messages = []
        with suppress(EOFError, OSError):
            while True:
                messages.append(self._receive())
        self._join()
        if self._process.exitcode not in (0, -signal.SIGKILL):
            raise WorkerFailed(f"the worker has ended with exit code {self._process.exitcode}")
        return messages

    def kill(self) -> None:
        """Send SIGKILL."""
        self._process.kill()

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL ended it, from within or from outside."""
        return bool(self._process.exitcode == -signal.SIGKILL)

    def _receive(self) -> Any:
        assert self._connection.poll(TIMEOUT), "the worker sends nothing"
        message = self._connection.recv()
        if isinstance(message, WorkerFailed):
            raise message
        return message

    def _join(self) -> None:
        self._process.join(TIMEOUT)
        assert self._process.exitcode is not None, "the worker does not end"


@contextmanager
def worker_process(function: Callable[..., None], *arguments: Any) -> Iterator[Worker]:
    """Run `function(connection, *arguments)` in a process of its own, which is killed at the end of the block.

    Args:
        function: of a module; sends and receives messages through `connection`. It has the environment variables that
            the test has now.
        arguments: anything that can be pickled.
    """
    ours, theirs = _context.Pipe()
    process = _context.Process(target=_run, args=(theirs, dict(os.environ), function, arguments), daemon=True)
    with ours:
        try:
            with theirs:
                process.start()
            # Our copy of their end is closed now: the end of the messages is seen when the worker has closed its own.
            yield Worker(process, ours)
        finally:
            if process.pid is not None:
                process.kill()
                process.join()
            process.close()


def run_command(*arguments: str, folder: Path) -> str:
    """Run `stillage *arguments` in a process of its own; returns what it prints to standard output.

    Args:
        folder: the current directory of the command, where it looks for a settings file.

    Raises WorkerFailed, with all that was printed, unless its exit code is 0.
    """
    with worker_process(_run_command, arguments, folder) as worker:
        (printed,) = worker.drain()
    return str(printed)


def stop_forkserver() -> None:
    """End the process that workers are forked from, and wait for its end; it starts anew when it is needed."""
    # There is no public way; left alone, they end some time after this process.
    forkserver._forkserver._stop()
    resource_tracker._resource_tracker._stop()


def _run(
    connection: Connection, environment: Mapping[str, str], function: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            function(connection, *arguments)
        except BaseException:
            connection.send(WorkerFailed(f"{traceback.format_exc()}\n{printed.getvalue()}"))
            raise


def _run_command(connection: Connection, arguments: tuple[str, ...], folder: Path) -> None:
    os.chdir(folder)
    printed = StringIO()
    with redirect_stdout(printed):
        code = main(arguments)
    if code:
        print(printed.getvalue())
        raise SystemExit(code)
    connection.send(printed.getvalue())
