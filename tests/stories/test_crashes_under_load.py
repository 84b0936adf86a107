"""Processes killed, servers restarted, a failover and a full disk while clients work: what was acknowledged is there.

`make test` takes a few of each; STILLAGE_CRASHES=20 takes as many kills and restarts as it says. Each test prints its
figures (shown by pytest -s, and added to the file that STILLAGE_CRASH_REPORT names).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from core.boot import Database
from core.testing.databases import PASSWORD
from core.testing.plugin import missing
from tests.clusters import clusters
from tests.crash_load import Load, Server, lost, prepare
from tests.workers import run_command

ADDONS = ("sales",)
pytestmark = [pytest.mark.slow, pytest.mark.dialects("postgresql")]

CRASHES = int(os.environ.get("STILLAGE_CRASHES", "2"))
CLIENTS = 6
#: Documents acknowledged between two crashes.
BETWEEN = 12


def report(name, tally, readiness):
    """Print the figures of a run."""
    slowest = f"{max(readiness):.1f} s" if readiness else "-"
    line = (
        f"{name}: {tally.calls} calls answered, {tally.acknowledged} documents acknowledged, 0 lost,"
        f" {sum(tally.errors.values())} requests saw an error {dict(tally.errors)}, ready again after {slowest} at most"
    )
    print(line)
    path = os.environ.get("STILLAGE_CRASH_REPORT")
    if path:
        with Path(path).open("a") as file:
            file.write(f"{line}\n")


@contextmanager
def under_load(url, workers, tmp_path, name):
    """A server and its clients; afterwards nothing acknowledged is lost and the doctor finds nothing."""
    database = Database(url)
    ids = prepare(database)
    database.close()
    server, readiness = Server(url, workers), []
    with (tmp_path / "server.log").open("w") as log, server.started(log):
        with Load(server, database.name, ids["uid"], ids["product"], ids["partner"], CLIENTS) as load:
            load.wait_for(BETWEEN)
            yield server, load, readiness
            load.wait_for(BETWEEN)
    # No error was one of the program.
    text = (tmp_path / "server.log").read_text()
    assert "Traceback" not in text, text[text.index("Traceback") - 500 :][:4000]
    assert "internal_error" not in load.tally.errors
    assert lost(database, load.tally) == []
    database.close()
    assert "No problems found" in run_command("--database", url, "doctor", folder=tmp_path)
    report(name, load.tally, readiness)


def test_killed_workers_and_servers_lose_nothing(db, tmp_path, chance):
    url = db.url
    db.close()
    with under_load(url, 2, tmp_path, f"kill -9, {CRASHES} of a worker or of the server") as (server, load, readiness):
        for number in range(CRASHES):
            began = time.monotonic()
            if number % 2:
                server.kill()
                server.start()
            else:
                server.kill_worker(chance)
                server.wait_until_ready()
            readiness.append(time.monotonic() - began)
            load.wait_for(BETWEEN)


@pytest.fixture
def programs(postgresql):
    """The programs of a PostgreSQL of our own; the account that runs them is there once the run's server is."""
    if os.environ.get("STILLAGE_TEST_POSTGRESQL_URL"):
        missing("the programs of PostgreSQL come with the wheel")


def installed(cluster):
    """A database with the addons on a cluster; its address."""
    url = cluster.url("shop")
    cluster.execute("CREATE DATABASE shop")
    database = Database(url)
    database.install(ADDONS)
    with database.transaction() as env:
        env["res.users"].search([])._store_password(PASSWORD)
    database.close()
    return url


def test_restarts_of_the_database_lose_nothing(programs, tmp_path):
    with clusters("one") as (one,):
        one.initialise()
        one.start()
        url = installed(one)
        name = f"restart of PostgreSQL, {CRASHES} fast and {CRASHES} immediate"
        with under_load(url, 2, tmp_path, name) as (server, load, readiness):
            for mode in ["fast", "immediate"] * CRASHES:
                began = time.monotonic()
                one.stop(mode)
                server.wait_until_ready(False)
                one.start()
                server.wait_until_ready()
                readiness.append(time.monotonic() - began)
                load.wait_for(BETWEEN)


def test_a_failover_to_a_synchronous_standby_loses_nothing(programs, tmp_path):
    with clusters("primary", "standby") as (primary, standby):
        primary.initialise()
        primary.start()
        installed(primary)
        standby.copy_of(primary)
        url = f"postgresql://postgres@{primary.address},{standby.address}/shop"
        with under_load(url, 2, tmp_path, "failover to a synchronous standby") as (server, load, readiness):
            load.wait_for(CRASHES * BETWEEN)
            began = time.monotonic()
            primary.kill()
            standby.promote()
            server.wait_until_ready()
            readiness.append(time.monotonic() - began)


@contextmanager
def small_disk(size="24m"):
    """A folder with little room; skips the test where file systems cannot be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="stillage-disk-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    try:
        if done.returncode:
            pytest.skip("no file system can be mounted here")
        yield folder
    finally:
        if not done.returncode:
            subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


@pytest.mark.dialects("sqlite")
def test_a_full_disk_loses_nothing(db, tmp_path):
    path = db.engine.url.database
    db.close()
    with small_disk() as folder:
        shutil.copyfile(path, folder / "shop.db")
        url = f"sqlite:///{folder}/shop.db"
        with under_load(url, 1, tmp_path, f"full disk, {CRASHES} times") as (server, load, readiness):
            for _ in range(CRASHES):
                fill = folder / "fill"
                with suppress(OSError), fill.open("wb", buffering=0) as file:
                    while True:
                        file.write(b"x" * 4096)
                until = time.monotonic() + 60
                while server.is_ready() or not load.tally.errors["database_unavailable"]:
                    assert time.monotonic() < until, load.tally.errors
                    time.sleep(0.1)
                began = time.monotonic()
                fill.unlink()
                server.wait_until_ready()
                readiness.append(time.monotonic() - began)
                load.wait_for(BETWEEN)
