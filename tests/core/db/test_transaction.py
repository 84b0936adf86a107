"""core.db.transaction: all or nothing, once, and again when others were in the way."""

from __future__ import annotations

import logging
import threading
from contextlib import nullcontext

import psycopg
import pytest
import sqlalchemy as sa

from core.db import schema
from core.db.engine import create_engine
from core.db.errors import ConstraintViolation
from core.db.transaction import Cursor, run
from core.exceptions import ConcurrencyError, MissingError
from tests.workers import worker_process

pytestmark = pytest.mark.both_dialects("locking")


@pytest.fixture(autouse=True)
def counter(engine):
    """A table with two rows that hold numbers."""
    with Cursor(engine) as cr:
        cr.execute("DROP TABLE IF EXISTS counter")
        cr.execute("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
        cr.execute("INSERT INTO counter VALUES (1, 0), (2, 0)")


def numbers(engine):
    with Cursor(engine, readonly=True) as cr:
        return list(cr.execute("SELECT n FROM counter ORDER BY id").scalars())


def add(cr, id_=1):
    cr.execute("UPDATE counter SET n = n + 1 WHERE id = :id", {"id": id_})


def test_the_end_of_the_block_commits_and_an_exception_rolls_back(engine):
    with Cursor(engine) as cr:
        add(cr)
    with pytest.raises(ZeroDivisionError), Cursor(engine) as cr:
        add(cr)
        raise ZeroDivisionError
    assert numbers(engine) == [1, 0]


def test_nothing_is_sent_before_the_first_statement(engine):
    with Cursor(engine) as cr:
        assert not cr.in_transaction
        assert cr.statements == 0
        with Cursor(engine) as other:  # would wait for the lock otherwise
            add(other)
        add(cr)
        assert cr.in_transaction


def test_statements_are_counted_over_all_transactions_of_a_cursor(engine):
    with Cursor(engine) as cr:
        add(cr)
        cr.execute(sa.text("SELECT 1"))
        assert cr.statements == 2
        cr.commit()
        assert cr.statements == 2
        cr.execute("UPDATE counter SET n = :n", [{"n": 5}, {"n": 6}])
        assert cr.statements == 3
    assert cr.statements == 3


def test_a_savepoint_is_undone_alone(engine):
    calls = []
    with Cursor(engine) as cr:
        add(cr)
        with pytest.raises(ZeroDivisionError), cr.savepoint():
            add(cr, 2)
            with cr.savepoint():
                add(cr, 2)
            cr.after_commit(lambda: calls.append("never"))
            cr.before_commit(lambda: calls.append("never"))
            cr.after_rollback(lambda: calls.append("undone"))
            raise ZeroDivisionError
        with cr.savepoint():
            add(cr)
            cr.after_commit(lambda: calls.append("done"))
    assert numbers(engine) == [2, 0]
    assert calls == ["undone", "done"]


@pytest.mark.parametrize("committed", [True, False])
def test_what_comes_after_the_end_outlives_savepoints_and_finds_the_database_free(engine, committed):
    calls = []

    def write():
        calls.append(cr.in_transaction)
        run(engine, lambda other: add(other, 2))

    with pytest.raises(ZeroDivisionError) if not committed else nullcontext(), Cursor(engine) as cr:
        add(cr)
        with pytest.raises(KeyError), cr.savepoint():
            add(cr)
            cr.after_end(write)
            raise KeyError
        assert calls == []
        if not committed:
            raise ZeroDivisionError
    assert calls == [False]
    assert numbers(engine) == ([1, 1] if committed else [0, 1])


def test_a_refused_statement_within_a_savepoint_leaves_the_rest_alone(engine):
    with Cursor(engine) as cr:
        add(cr)
        with pytest.raises(ConstraintViolation), cr.savepoint():
            cr.execute("INSERT INTO counter VALUES (1, 1)")
        add(cr)
    assert numbers(engine) == [2, 0]


def test_callbacks_come_in_order_and_may_register_more(engine):
    calls = []
    cr = Cursor(engine)
    cr.after_commit(lambda: calls.append(("after", cr.in_transaction)))

    def before():
        add(cr)
        calls.append("before")
        cr.before_commit(lambda: calls.append("before again"))

    cr.before_commit(before)
    cr.commit()
    assert calls == ["before", "before again", ("after", False)]
    assert numbers(engine) == [1, 0]
    cr.commit()
    assert len(calls) == 3


def test_a_failing_callback_is_logged_and_stops_nothing(engine, caplog):
    caplog.set_level(logging.ERROR, logger="core.db.transaction")
    calls = []
    with Cursor(engine) as cr:
        add(cr)
        cr.after_commit(lambda: 1 / 0)
        cr.after_commit(lambda: calls.append(1))
    assert calls == [1]
    assert "callback" in caplog.text
    assert numbers(engine) == [1, 0]


def test_a_failure_before_the_commit_rolls_back(engine):
    calls = []
    with pytest.raises(ZeroDivisionError), Cursor(engine) as cr:
        add(cr)
        cr.before_commit(lambda: 1 / 0)
        cr.after_commit(lambda: calls.append("committed"))
        cr.after_rollback(lambda: calls.append("rolled back"))
    assert calls == ["rolled back"]
    assert numbers(engine) == [0, 0]


def test_memory_lasts_for_one_transaction(engine):
    cr = Cursor(engine)
    add(cr)
    cr.memory["a"] = 1
    cr.commit()
    assert cr.memory == {}
    cr.close()


def test_run_returns_what_the_work_returns(engine):
    assert run(engine, lambda cr: cr.execute("SELECT count(*) FROM counter").scalar(), readonly=True) == 2


class Busy:
    """Work that is in somebody's way a number of times."""

    def __init__(self, engine, times):
        self.engine, self.times, self.calls, self.committed = engine, times, 0, 0

    def __call__(self, cr):
        self.calls += 1
        add(cr)
        cr.after_commit(lambda: setattr(self, "committed", self.committed + 1))
        if self.calls <= self.times:
            error = psycopg.errors.SerializationFailure("could not serialize access")
            raise sa.exc.OperationalError("UPDATE", {}, error)
        return self.calls


def test_run_does_the_whole_work_again_and_what_follows_once(engine):
    work = Busy(engine, 3)
    assert run(engine, work) == 4
    assert work.committed == 1
    assert numbers(engine) == [1, 0]


def test_run_gives_up_with_words_for_people(engine):
    work = Busy(engine, 99)
    with pytest.raises(ConcurrencyError, match="try again") as caught:
        run(engine, work, retries=2)
    assert work.calls == 3
    assert work.committed == 0
    assert isinstance(caught.value.__cause__, sa.exc.OperationalError)
    assert numbers(engine) == [0, 0]


def test_run_does_not_repeat_what_fails_for_other_reasons(engine):
    calls = []
    with pytest.raises(ZeroDivisionError):
        run(engine, lambda cr: calls.append(1) or 1 / 0)
    assert calls == [1]


def test_run_looks_again_once_for_what_was_missing(engine, dialect):
    """A row that one statement found may be deleted before the next one reads it, where both see what is committed."""
    calls = []

    def work(cr):
        calls.append(add(cr))
        raise MissingError("gone")

    with pytest.raises(MissingError):
        run(engine, work)
    assert len(calls) == (2 if dialect == "postgresql" else 1)
    assert numbers(engine) == [0, 0]


@pytest.mark.dialects("postgresql")  # a file cannot be lost
def test_a_cursor_that_lost_its_connection_works_again(engine):
    calls = []

    def work(cr):
        add(cr)
        calls.append(1)
        if len(calls) == 1:
            own = cr.execute("SELECT pg_backend_pid()").scalar()
            with Cursor(engine) as other:
                other.execute("SELECT pg_terminate_backend(:pid)", {"pid": own})
            add(cr)

    run(engine, work)
    assert calls == [1, 1]
    assert numbers(engine) == [1, 0]


def test_deadlocks_are_resolved_by_doing_one_of_them_again(engine):
    barrier = threading.Barrier(2, timeout=20)
    attempts = []

    def work(first, second):
        met = False

        def both(cr):
            nonlocal met
            attempts.append(first)
            add(cr, first)
            if not met and engine.dialect.name == "postgresql":
                met = True
                barrier.wait()
            add(cr, second)

        return both

    threads = [threading.Thread(target=run, args=(engine, work(*ids))) for ids in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(engine) == [2, 2]
    if engine.dialect.name == "postgresql":
        assert len(attempts) >= 3


def test_concurrent_read_and_write_never_loses_an_update(engine):
    def work(cr):
        lock = " FOR UPDATE" if cr.dialect == "postgresql" else ""
        n = cr.execute(f"SELECT n FROM counter WHERE id = 1{lock}").scalar()
        cr.execute("UPDATE counter SET n = :n WHERE id = 1", {"n": n + 1})

    def many():
        for _ in range(15):
            run(engine, work)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(engine) == [60, 0]


def test_foreign_keys_can_be_checked_before_the_commit(engine):
    with Cursor(engine) as cr:
        cr.execute("DROP TABLE IF EXISTS referrer")
        cr.execute(
            "CREATE TABLE referrer (id INTEGER PRIMARY KEY, "
            "c_id INTEGER REFERENCES counter (id) DEFERRABLE INITIALLY DEFERRED)"
        )
    try:
        with Cursor(engine) as cr:
            cr.execute("INSERT INTO referrer VALUES (1, 3)")
            cr.execute("INSERT INTO counter VALUES (3, 0)")
            cr.check_foreign_keys()
            cr.execute("INSERT INTO referrer VALUES (2, NULL)")
        for check in (Cursor.check_foreign_keys, Cursor.set_constraints_immediate):
            cr = Cursor(engine)
            cr.execute("INSERT INTO referrer VALUES (9, 9)")
            with pytest.raises(ConstraintViolation) as caught:
                check(cr)
            error = caught.value
            assert (error.table, error.columns, error.referred) == ("referrer", ("c_id",), "counter")
            cr.close()
    finally:
        with Cursor(engine) as cr:
            cr.execute("DROP TABLE referrer")


def change_everything(connection, url):
    """Change rows, a table that exists and the list of tables in one transaction that is never ended."""
    cr = Cursor(create_engine(url))
    cr.execute("UPDATE counter SET n = 100")
    metadata = sa.MetaData()
    number = sa.Column("n", sa.BigInteger, nullable=False)
    key, check = sa.Column("id", sa.Integer, primary_key=True), sa.CheckConstraint("n < 1000", name="n_small")
    sa.Table("counter", metadata, key, number, check)
    sa.Table("other", metadata, sa.Column("id", sa.Integer, primary_key=True))
    schema.apply(cr.connection, schema.diff(cr.connection, metadata))
    cr.execute("INSERT INTO other VALUES (1)")
    connection.send("changed")
    connection.recv()


def test_a_kill_in_the_middle_leaves_nothing_behind(engine, url):
    with worker_process(change_everything, sa.make_url(url).render_as_string(hide_password=False)) as worker:
        assert worker.receive() == "changed"
        worker.kill()
        worker.drain()
        assert worker.was_killed
    assert numbers(engine) == [0, 0]
    with Cursor(engine) as cr:
        assert not sa.inspect(cr.connection).has_table("other")
        add(cr)
    assert numbers(engine) == [1, 0]
