"""The folder of a test run, and the process that removes it with all that the run started, however the run ends.

    controller (pytest) ──pipe──▶ guard (this module as a program)
        │ STILLAGE_TEST_FOLDER          reads until the pipe closes: the controller ended, was interrupted or killed
        ├─ workers, browsers, servers   are ended, if they are still there
        └─ PostgreSQL                   is stopped; then the folder is removed

The guard is in a session of its own, so what is sent to the run's process group does not reach it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

#: Names the folder to all processes of the run; those that have it in their environment belong to the run.
VARIABLE: Final = "STILLAGE_TEST_FOLDER"
#: Below the folder: the data of the run's own PostgreSQL server.
POSTGRESQL: Final = "pg"
#: Seconds that processes get to end by themselves.
PATIENCE: Final = 5


class RunFolder:
    """A new folder that is named in the environment, with its guard."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="stillage-tests-"))
        os.environ[VARIABLE] = str(self.path)
        self._guard = subprocess.Popen(
            [sys.executable, __file__, str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def close(self) -> list[str]:
        """Have the folder removed; returns a line for each process that was still there, and was ended."""
        os.environ.pop(VARIABLE, None)
        output, _ = self._guard.communicate()
        return output.splitlines()


def processes_of(folder: Path) -> Iterator[psutil.Process]:
    """The running processes of the run, this one left out."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            belongs = process.pid != os.getpid() and process.environ().get(VARIABLE) == str(folder)
            if belongs and _is_alive(process):
                yield process


def postgresql_of(folder: Path) -> list[psutil.Process]:
    """The run's PostgreSQL server, which runs as another user and says in a file which process it is."""
    with suppress(OSError, ValueError, psutil.Error):
        return [psutil.Process(int((folder / POSTGRESQL / "postmaster.pid").read_text().split()[0]))]
    return []


def clear_up(folder: Path) -> Iterator[str]:
    """End what belongs to the run and remove its folder; yields a description of each process."""
    found = [*processes_of(folder), *postgresql_of(folder)]
    for process in found:
        with suppress(psutil.Error):
            yield f"process {process.pid}: {' '.join(process.cmdline())[:200]}"
    found += [child for process in found for child in _children(process)]
    for process in found:
        with suppress(psutil.Error):
            process.terminate()
    until = time.monotonic() + PATIENCE
    while any(map(_is_alive, found)) and time.monotonic() < until:
        time.sleep(0.02)
    for process in filter(_is_alive, found):
        with suppress(psutil.Error):
            process.kill()
    shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that its parent has not waited for yet has ended all the same."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def main(folder: str) -> None:
    """Wait for the end of the run, then clear up after it."""
    sys.stdin.read()
    for line in clear_up(Path(folder)):
        # Where the controller is gone, nobody reads it.
        with suppress(BrokenPipeError):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
