"""Programs that tests start: none outlives its test, whether the test passes, fails or is interrupted.

For functions of the tests' own that need a process, see `tests.workers`.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@contextmanager
def running(command: Sequence[Any], *, sigint_ignored: bool = False, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start `command` in a process group of its own, from this checkout; kill and reap the group after the block.

    Args:
        command: the program and its arguments.
        sigint_ignored: start it as a shell starts `command &` in a script, with SIGINT ignored.
        options: passed to `subprocess.Popen`.
    """
    defaults: dict[str, Any] = {"cwd": ROOT, "env": os.environ | {"PYTHONPATH": str(ROOT)}, "text": True}
    # What a process ignores, its children ignore as well; what it handles, they do not.
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN if sigint_ignored else signal.default_int_handler)
    try:
        process = subprocess.Popen([str(part) for part in command], start_new_session=True, **(defaults | options))
    finally:
        signal.signal(signal.SIGINT, previous)
    with process:
        try:
            yield process
        finally:
            # Also after the process itself has ended: its own children are in the group.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
