"""Numbering."""

from __future__ import annotations

import datetime
import threading
import time

import pytest

from core.exceptions import UserError, ValidationError


@pytest.fixture(params=["standard", "no_gap"])
def implementation(request):
    return request.param


def sequence(env, **values):
    return env["ir.sequence"].create({"name": "Test", "prefix": "T/", "padding": 4, **values})


@pytest.mark.both_dialects("locking")
def test_numbers_follow_one_another(env, implementation):
    numbers = sequence(env, implementation=implementation)
    assert numbers.next_by_id() == "T/0001"
    assert numbers.next_by_id() == "T/0002"
    assert numbers.next_many(3) == ["T/0003", "T/0004", "T/0005"]
    assert numbers.next_many(0) == []
    assert numbers.number_next_actual == 6


@pytest.mark.both_dialects("statements")
def test_many_numbers_cost_one_statement(env, implementation):
    numbers = sequence(env, implementation=implementation)
    numbers.next_by_id()
    before = env.cr.statements
    assert len(set(numbers.next_many(500))) == 500
    assert env.cr.statements - before == 1


def test_a_code_finds_the_sequence_of_the_company_first(env):
    other = env["res.company"].create({"name": "Other Company"})
    sequence(env, code="test.code", company_id=False, prefix="ALL/")
    own = sequence(env, code="test.code", company_id=other.id, prefix="OWN/")
    numbering = env["ir.sequence"]
    assert numbering.next_by_code("test.code") == "ALL/0001"
    assert numbering.with_company(other).next_by_code("test.code") == "OWN/0001"
    assert numbering.next_by_code("no.such.code") is False
    own.active = False
    assert numbering.with_company(other).next_by_code("test.code") == "ALL/0002"


def test_documents_without_a_name_are_numbered(env):
    sequence(env, code="test.code")
    given = [{"name": "Mine"}, {}, {"name": "New", "origin": "A"}, {"name": False}]
    rows = env["ir.sequence"]._with_numbers("test.code", given)
    assert [row["name"] for row in rows] == ["Mine", "T/0001", "T/0002", "T/0003"]
    assert rows[2]["origin"] == "A" and given[1] == {}


def test_documents_are_not_left_without_numbers(env):
    numbering = env["ir.sequence"]
    assert numbering._with_numbers("no.such.code", [{"name": "Mine"}]) == [{"name": "Mine"}]
    with pytest.raises(UserError, match="Settings > Technical > Sequences") as refused:
        numbering._with_numbers("no.such.code", [{"name": "Mine"}, {}])
    assert (refused.value.code, refused.value.data) == ("base.sequence_missing", {"code": "no.such.code"})
    sequence(env, code="no.such.code").active = False
    with pytest.raises(UserError):
        numbering._with_numbers("no.such.code", [{}])


def test_the_step_and_the_next_number_can_be_chosen(env, implementation):
    numbers = sequence(env, implementation=implementation, number_next=10, number_increment=5)
    assert numbers.next_many(2) == ["T/0010", "T/0015"]
    numbers.number_next = 100
    assert numbers.next_by_id() == "T/0100"
    numbers.number_increment = 2
    assert numbers.next_many(2) == ["T/0105", "T/0107"]
    numbers.number_next_actual = 7
    assert numbers.next_by_id() == "T/0007"


@pytest.mark.both_dialects("schema")
def test_the_implementation_can_be_changed_and_the_count_goes_on(env):
    numbers = sequence(env)
    numbers.next_many(3)
    numbers.implementation = "no_gap"
    assert numbers.next_by_id() == "T/0004"
    numbers.implementation = "standard"
    assert numbers.next_by_id() == "T/0005"


def test_prefix_and_suffix_hold_date_parts(env):
    numbers = sequence(env, prefix="WH/OUT/%(year)s/%(month)s/", suffix="/%(y)s-%(current_year)s", padding=3)
    year = datetime.datetime.now(datetime.UTC).year
    assert numbers.next_by_id(datetime.date(2021, 7, 5)) == f"WH/OUT/2021/07/001/21-{year}"


@pytest.mark.parametrize("prefix", ["%(yaer)s/", "100%/", "%s", "%(year)d"])
def test_a_place_that_cannot_be_filled_is_refused(env, prefix, refused):
    with refused(ValidationError, code="base.sequence_template"):
        sequence(env, prefix=prefix)


def test_a_percent_sign_may_be_written(env):
    assert sequence(env, prefix="100%%/").next_by_id() == "100%/0001"


def test_date_ranges_count_for_themselves(env, implementation):
    numbers = sequence(env, implementation=implementation, use_date_range=True, prefix="%(range_year)s/")
    assert numbers.next_by_id(datetime.date(2021, 3, 1)) == "2021/0001"
    assert numbers.next_by_id(datetime.date(2022, 3, 1)) == "2022/0001"
    assert numbers.next_many(2, datetime.date(2021, 12, 31)) == ["2021/0002", "2021/0003"]
    assert [(r.date_from.year, r.number_next_actual) for r in numbers.date_range_ids] == [(2021, 4), (2022, 2)]


def test_a_new_range_leaves_room_for_its_neighbours(env):
    numbers = sequence(env, use_date_range=True)
    env["ir.sequence.date_range"].create(
        {"sequence_id": numbers.id, "date_from": "2021-04-01", "date_to": "2021-06-30", "number_next": 500}
    )
    assert numbers.next_by_id(datetime.date(2021, 5, 1)) == "T/0500"
    assert numbers.next_by_id(datetime.date(2021, 8, 1)) == "T/0001"
    late = numbers.date_range_ids.sorted("date_from")[-1]
    assert (late.date_from, late.date_to) == (datetime.date(2021, 7, 1), datetime.date(2021, 12, 31))


def test_ranges_cannot_overlap(env, refused):
    numbers = sequence(env, use_date_range=True)
    make = env["ir.sequence.date_range"].create
    make({"sequence_id": numbers.id, "date_from": "2021-01-01", "date_to": "2021-06-30"})
    with refused(ValidationError, code="base.date_ranges_overlap"):
        make({"sequence_id": numbers.id, "date_from": "2021-06-01", "date_to": "2021-12-31"})


@pytest.mark.both_dialects("locking")
def test_a_rollback_gives_gap_free_numbers_back(db):
    with db.transaction() as env:
        numbers = sequence(env, implementation="no_gap").id
    with pytest.raises(UserError), db.transaction() as env:
        assert env["ir.sequence"].browse(numbers).next_by_id() == "T/0001"
        raise UserError("no")
    with db.transaction() as env:
        assert env["ir.sequence"].browse(numbers).next_by_id() == "T/0001"


def test_an_employee_may_take_numbers(env):
    employee = env["res.users"].create({"name": "Erin", "login": "erin"})
    sequence(env, code="test.code")
    assert env(uid=employee.id, su=False)["ir.sequence"].next_by_code("test.code") == "T/0001"


@pytest.mark.both_dialects("schema")
def test_a_deleted_sequence_is_gone_with_its_counter(env):
    numbers = sequence(env, code="test.code", use_date_range=True)
    numbers.next_by_id()
    numbers.unlink()
    assert env["ir.sequence"].next_by_code("test.code") is False
    assert sequence(env).next_by_id() == "T/0001"


# ------------------------------------------------------------- concurrency


def taken(db, sequence_id, *arguments):
    """Take a number in a transaction of its own, in a thread of its own."""
    found = []

    def work():
        found.append(db.run(lambda env: env["ir.sequence"].browse(sequence_id).next_by_id(*arguments)))

    thread = threading.Thread(target=work)
    thread.start()
    return thread, found


def waiting(db):
    """How many connections wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return db.run(lambda env: env.execute(query).scalar(), readonly=True)


@pytest.mark.dialects("postgresql")
def test_standard_numbers_do_not_wait_for_other_transactions(db):
    with db.transaction() as env:
        numbers = sequence(env).id
    with db.transaction() as env:
        assert env["ir.sequence"].browse(numbers).next_by_id() == "T/0001"
        thread, found = taken(db, numbers)
        thread.join(10)
        assert found == ["T/0002"]


@pytest.mark.dialects("postgresql")
def test_gap_free_numbers_wait_and_none_is_lost(db):
    with db.transaction() as env:
        numbers = sequence(env, implementation="no_gap").id
    with pytest.raises(UserError), db.transaction() as env:
        assert env["ir.sequence"].browse(numbers).next_by_id() == "T/0001"
        thread, found = taken(db, numbers)
        while not waiting(db):
            assert thread.is_alive() and found == [], "it did not wait for the end of the first transaction"
            time.sleep(0.01)
        raise UserError("no")
    thread.join(10)
    assert found == ["T/0001"]


@pytest.mark.both_dialects("locking")
def test_many_at_once_get_different_numbers_and_one_range(db):
    with db.transaction() as env:
        numbers = sequence(env, use_date_range=True).id
    workers = [taken(db, numbers, datetime.date(2021, 5, 1)) for _number in range(8)]
    for thread, _found in workers:
        thread.join(30)
    assert sorted(found[0] for _thread, found in workers) == [f"T/{number:04d}" for number in range(1, 9)]
    with db.transaction() as env:
        assert len(env["ir.sequence"].browse(numbers).date_range_ids) == 1
