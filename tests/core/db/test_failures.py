"""A database that is away, read-only, full, slow or lost: one error says so, and work is repeated where that helps."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress

import psycopg
import pytest
import sqlalchemy as sa

from core.db.engine import create_engine
from core.db.transaction import Cursor, run
from core.exceptions import ConcurrencyError, DatabaseUnavailable, OutcomeUnknown

pytestmark = pytest.mark.both_dialects("locking")


@pytest.fixture(autouse=True)
def counter(engine):
    """A table with one number."""
    with Cursor(engine) as cr:
        cr.execute("DROP TABLE IF EXISTS counter")
        cr.execute("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
        cr.execute("INSERT INTO counter VALUES (1, 0)")


def number(engine):
    with Cursor(engine, readonly=True) as cr:
        return cr.execute("SELECT n FROM counter").scalar()


def add(cr):
    cr.execute("UPDATE counter SET n = n + 1")


def cut(engine, cr):
    """End the session of a cursor from outside, and wait until it is gone."""
    own = cr.execute("SELECT pg_backend_pid()").scalar()
    with Cursor(engine) as other:
        other.execute("SELECT pg_terminate_backend(:pid, 5000)", {"pid": own})


@contextmanager
def opened(url):
    engine = create_engine(url)
    yield engine
    engine.dispose()


def reason_of(engine, work, **options):
    with pytest.raises(DatabaseUnavailable) as caught:
        run(engine, work, **options)
    error = caught.value
    assert (error.code, error.http_status, error.data["reason"]) == ("database_unavailable", 503, error.reason)
    assert error.detail and error.retry_after > 0
    return error.reason


# ---------------------------------------------------------------------------------------- lost within the work


def swallow(cr):
    """Code that goes on after an error as if nothing had been."""
    with suppress(Exception):
        add(cr)


def clean_up(cr):
    """Code whose cleaning up fails as well, and hides what was first."""
    try:
        add(cr)
    except Exception as error:
        try:
            cr.execute("DELETE FROM counter WHERE id = 99")
        except Exception:
            raise ValueError("cleaning up") from None
        raise AssertionError("a transaction that ended takes no statements") from error


def go_on_after_savepoint(cr):
    """A part that may fail alone, as scheduled jobs are."""
    with suppress(Exception), cr.savepoint():
        add(cr)


@pytest.mark.dialects("postgresql")  # the connection to a file cannot be lost
@pytest.mark.parametrize("code", [add, swallow, clean_up, go_on_after_savepoint])
def test_a_connection_lost_anywhere_in_the_work_has_it_done_again(engine, code):
    attempts = []

    def work(cr):
        add(cr)
        attempts.append(1)
        if len(attempts) == 1:
            cut(engine, cr)
        code(cr)

    run(engine, work)
    assert len(attempts) == 2
    assert number(engine) == 2


@pytest.mark.dialects("postgresql")
def test_work_whose_error_was_swallowed_is_not_reported_as_done(engine):
    def work(cr):
        add(cr)
        with suppress(sa.exc.DBAPIError):
            cr.execute("SELECT 1 / 0")

    with pytest.raises(sa.exc.DBAPIError, match="division"):
        run(engine, work)
    assert number(engine) == 0


def test_a_savepoint_makes_the_transaction_usable_again(engine):
    with Cursor(engine) as cr:
        with pytest.raises(sa.exc.DBAPIError), cr.savepoint():
            cr.execute("SELECT nothing FROM nowhere")
        assert cr.is_usable
        add(cr)
    assert number(engine) == 1


@pytest.mark.dialects("postgresql")
def test_the_outcome_of_a_commit_that_was_cut_is_unknown_and_not_tried_again(engine):
    attempts = []

    def work(cr):
        add(cr)
        attempts.append(1)
        cr.before_commit(lambda: cut(engine, cr))

    with pytest.raises(OutcomeUnknown) as caught:
        run(engine, work)
    assert (caught.value.code, caught.value.retry_after, len(attempts)) == ("outcome_unknown", 0, 1)


@pytest.mark.dialects("postgresql")
@pytest.mark.parametrize("committed", [False, True])
def test_work_with_a_key_of_its_own_is_done_once_after_a_commit_that_was_cut(engine, committed, monkeypatch):
    with Cursor(engine) as cr:
        cr.execute("CREATE TABLE IF NOT EXISTS done (key text PRIMARY KEY)")
        cr.execute("DELETE FROM done")
    attempts = []
    commit = sa.engine.default.DefaultDialect.do_commit

    def do_commit(self, connection):
        if len(attempts) == 1 and connection.driver_connection.info.backend_pid == attempts[0]:
            if committed:
                commit(self, connection)
            with opened(engine.url) as another, Cursor(another) as other:
                other.execute("SELECT pg_terminate_backend(:pid, 5000)", {"pid": attempts[0]})
            if committed:
                connection.driver_connection.execute("SELECT 1")  # the answer to the COMMIT does not arrive
        commit(self, connection)

    def work(cr):
        attempts.append(cr.execute("SELECT pg_backend_pid()").scalar())
        cr.repeatable = True
        if cr.execute("INSERT INTO done VALUES ('k') ON CONFLICT DO NOTHING").rowcount:
            add(cr)

    monkeypatch.setattr(sa.engine.default.DefaultDialect, "do_commit", do_commit)
    run(engine, work)
    assert (number(engine), len(attempts)) == (1, 2)


# ---------------------------------------------------------------------------------------- not to be used


def test_a_database_that_is_away_is_unreachable(engine, dialect, tmp_path):
    away = "postgresql://127.0.0.1:1/nothing" if dialect == "postgresql" else f"sqlite:///{tmp_path}/no/such.db"
    with opened(away) as gone:
        assert reason_of(gone, lambda cr: cr.execute("SELECT 1"), retries=1) == "unreachable"


def test_a_read_only_database_is_read_and_takes_no_changes(engine, dialect, url):
    if dialect == "postgresql":
        other = f"{url}{'&' if '?' in url else '?'}options=-cdefault_transaction_read_only%3Don"
    else:
        other = f"sqlite:///file:{engine.url.database}?mode=ro&uri=true"
    with opened(other) as frozen:
        assert reason_of(frozen, add) == "read_only"
        assert number(frozen) == 0


def test_writing_in_a_transaction_that_only_reads_stays_a_defect(engine):
    with pytest.raises(sa.exc.DBAPIError):
        run(engine, add, readonly=True)


@pytest.mark.dialects("sqlite")
def test_a_full_disk_undoes_the_whole_transaction(engine):
    def work(cr):
        pages = cr.execute("PRAGMA page_count").scalar()
        cr.execute(f"PRAGMA max_page_count = {pages + 5}")
        add(cr)
        with suppress(Exception):
            cr.execute("CREATE TABLE bulk (x TEXT)")
            for _ in range(20):
                cr.execute("INSERT INTO bulk VALUES (:x)", {"x": "x" * 10_000})
        add(cr)

    try:
        assert reason_of(engine, work) == "full"
    finally:
        engine.dispose()
    assert number(engine) == 0


@pytest.mark.dialects("postgresql")
def test_a_statement_that_takes_too_long_is_a_timeout(engine):
    def work(cr):
        cr.execute("SET LOCAL statement_timeout = 20")
        cr.execute("SELECT pg_sleep(5)")

    assert reason_of(engine, work) == "timeout"


def test_no_free_connection_is_a_busy_database(engine, monkeypatch):
    with opened(engine.url) as small:
        monkeypatch.setattr(small.pool, "_timeout", 0.05)
        monkeypatch.setattr(small.pool, "_max_overflow", 0)
        held = [small.connect() for _ in range(small.pool.size())]
        assert reason_of(small, add) == "busy"
        for each in held:
            each.close()


def test_a_lock_that_is_not_to_be_had_stays_a_conflict(engine):
    def work(cr):
        raise sa.exc.OperationalError("x", {}, psycopg.errors.DeadlockDetected("deadlock"))

    began = time.monotonic()
    with pytest.raises(ConcurrencyError):
        run(engine, work, retries=1)
    assert time.monotonic() - began < 5
