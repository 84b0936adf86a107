"""Scheduled jobs and the daily clean-up."""

from __future__ import annotations

import datetime
import threading

import pytest

from core.base.services import cron
from core.exceptions import ValidationError

MOMENT = datetime.datetime(2024, 1, 31, 12, 0)


def job(env, method="_run_vacuum_cleaner", model="ir.autovacuum", **values):
    past = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - datetime.timedelta(minutes=90)
    defaults = {"name": "Test job", "interval_type": "hours", "nextcall": past.replace(microsecond=0)}
    return env["ir.cron"].create({**defaults, "model": model, "method": method, **values})


def only(env, record):
    """Leave nothing else due."""
    (env["ir.cron"].search([]) - record).write({"active": False})


@pytest.mark.parametrize(
    ("number", "unit", "now", "expected"),
    [
        (10, "minutes", MOMENT + datetime.timedelta(minutes=25), MOMENT + datetime.timedelta(minutes=30)),
        (1, "days", MOMENT, MOMENT + datetime.timedelta(days=1)),
        (2, "weeks", MOMENT - datetime.timedelta(days=1), MOMENT),
        (1, "months", MOMENT, datetime.datetime(2024, 2, 29, 12, 0)),
        (1, "months", datetime.datetime(2024, 3, 1), datetime.datetime(2024, 3, 31, 12, 0)),
        (6, "months", datetime.datetime(2025, 1, 1), datetime.datetime(2025, 1, 31, 12, 0)),
    ],
)
def test_missed_times_are_not_made_up_for_and_the_rhythm_is_kept(number, unit, now, expected):
    assert cron.next_call(MOMENT, now, number, unit) == expected


@pytest.mark.both_dialects("locking")
def test_what_is_due_is_run_once_and_moved_on(db):
    with db.transaction() as env:
        record = job(env)
        only(env, record)
        job_id, planned = record.id, record.nextcall
    assert cron.run_due(db) == [cron.Outcome("Test job", None)]
    assert cron.run_due(db) == []
    with db.transaction() as env:
        record = env["ir.cron"].browse(job_id)
        assert record.lastcall
        assert record.nextcall == planned + datetime.timedelta(hours=2), "the next time of its rhythm"


def test_a_failing_job_is_undone_noted_and_does_not_stop_the_others(db):
    with db.transaction() as env:
        failing = job(env, name="Failing", model="res.users", method="_inverse_password", priority=1)
        failing_id, good = failing.id, job(env, name="Good")
        only(env, failing + good)
        env.cr.execute("UPDATE ir_cron SET method = 'no_such_method' WHERE id = :id", {"id": failing_id})
    outcomes = cron.run_due(db)
    assert [outcome.job for outcome in outcomes] == ["Failing", "Good"]
    assert "no_such_method" in outcomes[0].error
    assert outcomes[1].error is None
    with db.transaction() as env:
        record = env["ir.cron"].browse(failing_id)
        assert record.failure_count == 1
        assert "no_such_method" in record.last_error
        assert record.active


def test_a_job_that_always_fails_is_switched_off(db):
    with db.transaction() as env:
        record = job(env, failure_count=cron.MOST_FAILURES - 1)
        only(env, record)
        env.cr.execute("UPDATE ir_cron SET method = 'no_such_method' WHERE id = :id", {"id": record.id})
        job_id = record.id
    cron.run_due(db)
    with db.transaction() as env:
        assert not env["ir.cron"].browse(job_id).active


def test_a_job_needs_a_method_that_exists(env, refused):
    data = {"method": "explode", "model": "res.partner"}
    with refused(ValidationError, code="base.unknown_method", data=data):
        job(env, model="res.partner", method="explode")


@pytest.mark.both_dialects("sql")
def test_the_clean_up_removes_old_dialogs_keys_and_orphans(env):
    dialog = env["change.password.own"].create({})
    fresh = env["change.password.own"].create({})
    env.flush_all()
    env.cr.execute(
        "UPDATE change_password_own SET create_date = '2020-01-01 00:00:00', write_date = '2020-01-01 00:00:00'"
        " WHERE id = :id",
        {"id": dialog.id},
    )
    partner = env["res.partner"].create({"name": "Gone soon"})
    file = env["ir.attachment"].create({"name": "a.txt", "raw": "x", "res_model": "res.partner", "res_id": partner.id})
    partner.unlink()
    env.invalidate_all()
    called = env["ir.autovacuum"]._run_vacuum_cleaner()
    assert "change.password.own._transient_vacuum" in called
    assert not dialog.exists()
    assert fresh.exists()
    assert not file.exists()


def test_the_clean_up_is_a_job(env):
    record = env.ref("base.ir_cron_autovacuum")
    assert (record.model, record.method) == ("ir.autovacuum", "_run_vacuum_cleaner")
    record.method_direct_trigger()
    assert record.lastcall


@pytest.mark.both_dialects("locking")
def test_two_workers_never_run_the_same_job(db):
    with db.transaction() as env:
        jobs = env["ir.cron"]
        for number in range(6):
            jobs |= job(env, name=f"Job {number}")
        only(env, jobs)
    outcomes = []
    workers = [threading.Thread(target=lambda: outcomes.extend(cron.run_due(db))) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(outcome.job for outcome in outcomes) == [f"Job {number}" for number in range(6)]
