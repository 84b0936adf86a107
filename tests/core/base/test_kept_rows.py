"""Rows that every transaction needs are read once by a process, and never shown as they no longer are."""

from __future__ import annotations

import pytest

from core.boot import Database
from core.exceptions import AccessError
from core.testing.queries import max_queries

pytestmark = pytest.mark.both_dialects("locking")


@pytest.fixture
def euro(db):
    """The id of a currency that has been read before."""
    with db.transaction() as env:
        currency = env.ref("base.EUR")
        assert currency.symbol == "€"
        return currency.id


def symbol(env, id_):
    """What the currency looks like to this transaction."""
    return env["res.currency"].browse(id_).symbol


def test_a_second_transaction_reads_and_finds_without_a_statement(db, euro):
    with db.transaction() as env:
        found = env["res.currency"].search([("name", "=", "EUR")])
    with db.transaction() as env, max_queries(env, 0):
        assert symbol(env, euro) == "€"
        assert env["res.currency"].search([("name", "=", "EUR")]) == found.with_env(env)


def test_a_change_is_seen_by_its_own_transaction_at_once_and_by_others_from_the_commit_on(db, euro):
    with db.transaction() as env:
        env["res.currency"].browse(euro).symbol = "EUR"
        env.invalidate_all()
        assert symbol(env, euro) == "EUR"
        if env.cr.dialect == "postgresql":  # SQLite has one writer at a time, and readers beside it
            with db.transaction() as other:
                assert symbol(other, euro) == "€"
        with db.transaction(readonly=True) as other:
            assert symbol(other, euro) == "€"
    with db.transaction() as env:
        assert symbol(env, euro) == "EUR"


def test_a_change_that_is_not_written_yet_is_found(db, euro):
    with db.transaction() as env:
        env["res.currency"].search([("symbol", "=", "Eu")])
    with db.transaction() as env:
        currency = env["res.currency"].browse(euro)
        currency.symbol = "Eu"
        assert env["res.currency"].search([("symbol", "=", "Eu")]) == currency


def test_a_change_that_is_undone_leaves_nothing(db, euro):
    with pytest.raises(RuntimeError), db.transaction() as env:
        env["res.currency"].browse(euro).symbol = "EUR"
        env.flush_all()
        assert symbol(env, euro) == "EUR"
        raise RuntimeError
    with db.transaction() as env:
        assert symbol(env, euro) == "€"
        with pytest.raises(RuntimeError), env.savepoint():
            env["res.currency"].browse(euro).symbol = "EUR"
            raise RuntimeError
        assert symbol(env, euro) == "€"


def test_what_another_process_commits_is_seen_by_the_next_transaction(db, euro):
    other = Database(db.url)
    try:
        with other.transaction() as env:
            env["res.currency"].browse(euro).symbol = "EUR"
    finally:
        other.close()
    with db.transaction() as env:
        assert symbol(env, euro) == "EUR"


def test_a_reader_that_began_before_a_change_hands_on_nothing_old(db, euro):
    """On SQLite it goes on seeing the past, which must not become what later transactions are told."""
    with db.transaction() as env:
        company = env["res.company"].create({"name": "Wood Corner"}).id
    with db.transaction(readonly=True) as reader:
        reader["res.users"].search_count([])  # from here on it sees the database as it is now
        with db.transaction() as env:
            env["res.company"].browse(company).name = "Wood Corner Ltd"
        with db.transaction() as env:
            assert env["res.currency"].browse(euro).symbol == "€"
        assert reader["res.company"].browse(company).name.startswith("Wood Corner")
    with db.transaction() as env:
        assert env["res.company"].browse(company).name == "Wood Corner Ltd"


def test_a_deleted_row_and_what_pointed_to_it_are_gone(db):
    with db.transaction() as env:
        company = env["res.company"].create({"name": "Wood Corner"})
        parent = env["res.company"].create({"name": "Deco Group"})
        company.parent_id = parent
        ids = company.id, parent.id
    with db.transaction() as env:
        company, parent = env["res.company"].browse(ids)
        assert company.parent_id == parent
        company.parent_id = False
        parent.unlink()
    with db.transaction() as env:
        company, parent = env["res.company"].browse(ids)
        assert not company.parent_id
        assert not parent.exists()
        assert env["res.company"].search([("id", "in", ids)]) == company


@pytest.mark.dialects("postgresql")  # on SQLite nobody else can have changed what a writer has read
def test_a_locked_row_is_read_anew(db, euro):
    with db.transaction() as env:
        currency = env["res.currency"].browse(euro)
        assert currency.symbol == "€"
        table = env.registry.table("res.currency")
        env.cr.execute(table.update().where(table.c.id == euro).values(symbol="EUR"))
        assert currency.lock_for_update().symbol == "EUR"


def test_who_may_not_see_a_kept_row_does_not_see_it(db):
    """Record rules hold for what others have read already."""
    with db.transaction() as env:
        hidden = env["res.company"].create({"name": "Wood Corner"})
        user = env["res.users"].create({"name": "Ann", "login": "ann", "company_id": env.ref("base.main_company").id})
        user.company_ids = env.ref("base.main_company")
        hidden_id = hidden.id
    with db.transaction() as env:
        assert env["res.company"].browse(hidden_id).name == "Wood Corner"
        assert hidden_id in env["res.company"].search([]).ids
    with db.transaction(login="ann") as env:
        assert hidden_id not in env["res.company"].search([]).ids


def test_what_a_user_may_not_search_by_is_refused_after_the_system_has_searched_by_it(db):
    """The answer is at hand then, and still not for everybody."""
    guarded = [("password_hash", "!=", False)], "password_hash, id"
    with db.transaction() as env:
        env["res.users"].create({"name": "Ann", "login": "ann"})
    with db.transaction() as env:
        assert env["res.users"].search(guarded[0], order=guarded[1])
        assert env["res.users"].search([], order=guarded[1])
    with db.transaction(login="ann") as env:
        with pytest.raises(AccessError):
            env["res.users"].search(guarded[0])
        with pytest.raises(AccessError):
            env["res.users"].search([], order=guarded[1])


def test_an_order_with_a_comma_at_its_end_is_an_order(db):
    with db.transaction() as env:
        assert env["res.currency"].search([], order="name, ") == env["res.currency"].search([], order="name")
