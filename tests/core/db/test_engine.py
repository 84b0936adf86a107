"""core.db.engine: how databases are opened."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

import core.db.engine
from core.db.engine import create_engine, normalise_url
from core.db.transaction import Cursor
from core.exceptions import ConfigurationError

pytestmark = pytest.mark.both_dialects("locking")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sqlite:///x.db", "sqlite:///x.db"),
        ("sqlite://", "sqlite://"),
        ("postgresql://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgres://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgresql+psycopg://a@b/c", "postgresql+psycopg://a@b/c"),
    ],
)
def test_addresses_get_our_drivers(given, expected):
    assert normalise_url(given).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize("address", ["mysql://a/b", "shop.db", ""])
def test_other_addresses_are_refused(address):
    with pytest.raises(ConfigurationError):
        create_engine(address)


def test_sqlite_connections_have_a_log_foreign_keys_and_patience(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with Cursor(engine) as cr:
        assert cr.execute("PRAGMA journal_mode").scalar() == "wal"
        assert cr.execute("PRAGMA foreign_keys").scalar() == 1
        assert cr.execute("PRAGMA busy_timeout").scalar() == 10_000
        assert cr.execute("PRAGMA synchronous").scalar() == 2
    engine.dispose()


def test_a_writer_holds_the_lock_from_its_begin_and_readers_do_not_wait(tmp_path, monkeypatch):
    monkeypatch.setattr("core.db.engine.LOCK_TIMEOUT", 0.05)
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with Cursor(engine) as cr:
        cr.execute("CREATE TABLE t (a INTEGER)")
    writer = Cursor(engine)
    writer.execute("INSERT INTO t VALUES (1)")
    with Cursor(engine, readonly=True) as reader:
        assert reader.execute("SELECT count(*) FROM t").scalar() == 0
    second = Cursor(engine)
    with pytest.raises(sa.exc.OperationalError, match="locked"):
        second.execute("SELECT 1")
    writer.close()
    second.close()
    engine.dispose()


def test_a_database_in_memory_is_one_and_threads_take_turns():
    engine = create_engine("sqlite://")
    with Cursor(engine) as cr:
        cr.execute("CREATE TABLE t (a INTEGER)")

    def add():
        for _ in range(20):
            with Cursor(engine) as cr:
                seen = cr.execute("SELECT count(*) FROM t").scalar()
                cr.execute("INSERT INTO t VALUES (:a)", {"a": seen})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Cursor(engine) as cr:
        assert sorted(cr.execute("SELECT a FROM t").scalars()) == list(range(80))
    engine.dispose()


@pytest.mark.dialects("postgresql")
def test_postgresql_connections_are_in_utc_and_read_committed(engine):
    with Cursor(engine) as cr:
        assert cr.execute("SHOW TIME ZONE").scalar() == "UTC"
        assert cr.execute("SHOW transaction_isolation").scalar() == "read committed"
        assert cr.execute("SHOW lock_timeout").scalar() == "10s"


def test_a_readonly_transaction_refuses_to_write_and_the_next_one_writes(engine):
    with Cursor(engine) as cr:
        cr.execute("CREATE TABLE readonly_test (a INTEGER)")
    for _ in range(2):
        with pytest.raises(sa.exc.DBAPIError), Cursor(engine, readonly=True) as cr:
            cr.execute("INSERT INTO readonly_test VALUES (1)")
        with Cursor(engine) as cr:
            cr.execute("INSERT INTO readonly_test VALUES (1)")
    with Cursor(engine, readonly=True) as cr:
        assert cr.execute("SELECT count(*) FROM readonly_test").scalar() == 2


@pytest.mark.dialects("sqlite")
def test_writers_that_wait_get_their_turn(engine):
    """A thread that commits and begins to write again at once does not keep other writers out."""
    wanted, patient = 15, 3
    served = threading.Event()

    def write_again_and_again() -> None:
        while not served.is_set():
            with Cursor(engine) as cr:
                cr.execute("SELECT 1")
                time.sleep(0.005)  # it holds the lock

    def write_sometimes() -> None:
        for _ in range(wanted):
            with Cursor(engine) as cr:
                cr.execute("SELECT 1")

    with ThreadPoolExecutor(patient + 1) as pool:
        greedy = pool.submit(write_again_and_again)
        try:
            for each in [pool.submit(write_sometimes) for _ in range(patient)]:
                each.result()
        finally:
            served.set()
        greedy.result()


@pytest.mark.dialects("sqlite")
def test_writers_that_wait_ask_as_often_after_a_long_time(engine, monkeypatch):
    """With SQLite's own busy handler a writer asks ever less often, and the last holder takes the lock again."""
    pauses: list[float] = []
    waited = threading.Event()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 200:
            waited.set()
        time.sleep(seconds)

    monkeypatch.setattr(core.db.engine, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))

    def write() -> None:
        with Cursor(engine) as cr:
            cr.execute("SELECT 1")

    with ThreadPoolExecutor(1) as pool:
        with Cursor(engine) as cr:
            cr.execute("SELECT 1")
            waiting = pool.submit(write)
            assert waited.wait(60)
        waiting.result()
    assert max(pauses) < 0.005


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u:p@one:5441,two:5442/shop", ("one:5441", "two:5442")),
        ("postgresql://one,two/shop?target_session_attrs=any", ("one", "two")),
        ("postgresql:///shop?host=one:5441&host=two:5442", ("one:5441", "two:5442")),
    ],
)
def test_several_servers_are_named_as_libpq_or_sqlalchemy_name_them(url, hosts):
    address = normalise_url(url)
    assert (address.database, address.query["host"]) == ("shop", hosts)
    assert address.query["target_session_attrs"] == ("any" if "any" in url else "read-write")
    create_engine(url).dispose()


@pytest.mark.parametrize("url", ["postgresql://host:port/shop", "shop.db", "postgresql://a:1:2/x"])
def test_an_address_that_cannot_be_read_is_a_mistake_in_the_settings(url):
    with pytest.raises(ConfigurationError, match="not a URL such as"):
        create_engine(url)


def test_a_new_file_is_for_its_owner_alone(tmp_path):
    before = os.umask(0o022)
    try:
        engine = create_engine(f"sqlite:///{tmp_path}/shop.db")
        with Cursor(engine) as cr:
            cr.execute("CREATE TABLE t (x)")
            rights = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        engine.dispose()
    finally:
        os.umask(before)
    assert rights == dict.fromkeys(["shop.db", "shop.db-wal", "shop.db-shm"], 0o600)
