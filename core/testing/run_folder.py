"""The folder of a test run, and the process that removes it with all that the run started, however the run ends.

    controller (pytest) ──pipe──▶ guard (this module as a program)
        │ STILLAGE_TEST_FOLDER          waits for a line or the end of the pipe: the controller has ended or was killed
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

try:
    import psutil
except ImportError:  # the extra `testing` is not installed: nothing of the run can be found then
    psutil = None

#: Names the folder to all processes of the run; those that have it in their environment belong to the run.
VARIABLE: Final = "STILLAGE_TEST_FOLDER"
#: Below the folder: the data of the run's own PostgreSQL server.
POSTGRESQL: Final = "pg"
#: Seconds that a process may have no environment after its start.
START_TIMEOUT: Final = 2
#: Seconds that processes get to end by themselves.
TERMINATE_TIMEOUT: Final = 5
#: How often processes are looked for: one that is looked at may just have started another.
ROUNDS: Final = 3


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
        output, _ = self._guard.communicate("end\n")
        return output.splitlines()


def processes_of(folder: Path) -> Iterator[psutil.Process]:
    """The running processes of the run, this one left out."""
    for process in psutil.process_iter() if psutil else ():
        with suppress(psutil.Error):
            belongs = process.pid != os.getpid() and _environment(process).get(VARIABLE) == str(folder)
            if belongs and _is_alive(process):
                yield process


def _environment(process: psutil.Process) -> dict[str, str]:
    """The environment of a process. One that is just being started has none for a moment, which is waited for."""
    until = min(time.time(), process.create_time()) + START_TIMEOUT
    while True:
        found: dict[str, str] = process.environ()
        # Threads of the kernel, and what has ended, have no program either.
        if found or not process.exe() or time.time() > until:
            return found
        time.sleep(0.005)


def postgresql_of(folder: Path) -> list[psutil.Process]:
    """The run's PostgreSQL server, which runs as another user and says in a file which process it is."""
    file = folder / POSTGRESQL / "postmaster.pid"
    if psutil is None or not file.is_file():
        return []
    with suppress(OSError, ValueError, psutil.Error):
        process = psutil.Process(int(file.read_text().split()[0]))
        # The file outlives a server that crashed, and the number may belong to another process since.
        return [process] if str(folder / POSTGRESQL) in " ".join(process.cmdline()) else []
    return []


def clean_up(folder: Path) -> Iterator[str]:
    """End what belongs to the run and remove its folder; yields a description of each process."""
    for _round in range(ROUNDS):
        found = [*processes_of(folder), *postgresql_of(folder)]
        if not found:
            break
        for process in found:
            with suppress(psutil.Error):
                yield f"process {process.pid}: {' '.join(process.cmdline())[:200]}"
        _end([*found, *(child for process in found for child in _children(process))])
    shutil.rmtree(folder, ignore_errors=True)


def _end(processes: list[psutil.Process]) -> None:
    """Terminate processes; kill those that take too long."""
    for process in processes:
        with suppress(psutil.Error):
            process.terminate()
    until = time.monotonic() + TERMINATE_TIMEOUT
    while any(map(_is_alive, processes)) and time.monotonic() < until:
        time.sleep(0.02)
    for process in filter(_is_alive, processes):
        with suppress(psutil.Error):
            process.kill()


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
    """Wait for the end of the run, then clean up after it.

    The controller says that it ends, or is gone: then the pipe is closed, unless a process that it forked holds it.
    """
    sys.stdin.readline()
    for line in clean_up(Path(folder)):
        # The reader is gone where the controller was killed.
        with suppress(BrokenPipeError):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
