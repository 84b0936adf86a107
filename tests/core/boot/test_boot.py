"""A database: opening, transactions, users, other processes."""

from __future__ import annotations

import sqlite3
import threading

import psycopg
import pytest
import sqlalchemy as sa

from core.boot import Database
from core.exceptions import AccessDenied, AccessError, ConcurrencyError, ConfigurationError, ValidationError
from core.settings import Settings
from tests.workers import run_command


def test_an_absent_database_is_not_made_by_looking_at_it(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/shop.db")
    assert not database.initialised and database.addons == [] and database.name == "shop"
    with pytest.raises(ConfigurationError, match="stillage init"), database.transaction():
        pass
    with pytest.raises(ConfigurationError, match="is empty"):
        _ = database.registry
    assert not (tmp_path / "shop.db").exists()


def test_a_database_in_memory():
    database = Database("sqlite://")
    database.install([])
    with database.transaction() as env:
        env["res.partner"].create({"name": "Kept in mind"})
    with database.transaction(readonly=True) as env:
        assert env["res.partner"].search_count([("name", "=", "Kept in mind")]) == 1
    assert database.name == "memory"
    database.close()


@pytest.mark.both_dialects("locking")
def test_the_name_is_what_clients_use(db):
    assert db.name and "/" not in db.name and not db.name.endswith(".db")


def test_a_transaction_is_committed_at_the_end(db, another):
    with db.transaction() as env:
        id_ = env["res.partner"].create({"name": "Wood Corner"}).id
    with another().transaction() as env:
        assert env["res.partner"].browse(id_).name == "Wood Corner"


@pytest.mark.both_dialects("locking")
def test_an_exception_rolls_back(db):
    with pytest.raises(RuntimeError), db.transaction() as env:
        env["res.partner"].create({"name": "Never"})
        env.flush_all()
        raise RuntimeError
    with db.transaction() as env:
        assert not env["res.partner"].search([("name", "=", "Never")])


def test_without_a_login_the_superuser_works(db):
    with db.transaction() as env:
        assert env.su and env.uid == 1


def test_a_login_works_with_its_rights(db):
    with db.transaction() as env:
        env["res.users"].create({"login": "bob", "name": "Bob", "group_ids": [(6, 0, [env.ref("base.group_user").id])]})
    with db.transaction(login="admin") as env:
        assert env.user.login == "admin" and not env.su
    with db.transaction(login="bob") as env, pytest.raises(AccessError):
        env["ir.model.access"].create({"name": "x", "model_id": 1})


@pytest.mark.parametrize("login", ["nobody", "__system__", ""])
def test_unknown_and_inactive_logins_are_denied(db, login):
    with pytest.raises(AccessDenied), db.transaction(login=login):
        pass


def test_the_context_is_passed_on(db):
    with db.transaction(context={"lang": "en_US"}) as env:
        assert env.context["lang"] == "en_US"


def test_what_callbacks_before_the_commit_change_is_written(db):
    with db.transaction() as env:
        partner = env["res.partner"].create({"name": "Before"})
        env.cr.before_commit(lambda: partner.write({"name": "After"}))
    with db.transaction() as env:
        assert env["res.partner"].browse(partner.id).name == "After"


@pytest.mark.both_dialects("constraints")
def test_a_dangling_reference_is_refused_at_commit(db):
    with pytest.raises(Exception, match=r"country|refer") as caught, db.transaction() as env:
        env["res.partner"].create({"name": "x", "country_id": 987654})
    assert not isinstance(caught.value, AssertionError)


# ---------------------------------------------------------------------------- run


def test_run_returns_what_the_work_returns(db):
    assert db.run(lambda env: env["res.partner"].search_count([])) > 0


@pytest.mark.both_dialects("locking")
def test_run_does_the_whole_unit_again(db):
    attempts = []

    def work(env):
        attempts.append(env["res.partner"].create({"name": f"Attempt {len(attempts)}"}).id)
        env.flush_all()
        if len(attempts) < 3:
            raise busy(env)
        return len(attempts)

    assert db.run(work) == 3
    with db.transaction() as env:
        assert env["res.partner"].search([("name", "like", "Attempt")]).mapped("name") == ["Attempt 2"]


@pytest.mark.both_dialects("locking")
def test_run_gives_up_with_a_clear_error(db):
    def work(env):
        raise busy(env)

    with pytest.raises(ConcurrencyError):
        db.run(work, retries=1)


def busy(env):
    """The error that the database gives when another transaction is in the way."""
    if env.cr.dialect == "sqlite":
        original = sqlite3.OperationalError("database is locked")
        original.sqlite_errorcode = sqlite3.SQLITE_BUSY
    else:
        original = psycopg.errors.SerializationFailure("could not serialize access")
    return sa.exc.OperationalError("SELECT 1", {}, original)


# ---------------------------------------------------------------------------- other processes


@pytest.mark.both_dialects("locking")
def test_rights_changed_elsewhere_count_at_once(db, another):
    other = another()
    with db.transaction() as env:
        env["res.users"].create({"login": "bob", "name": "Bob", "group_ids": [(6, 0, [env.ref("base.group_user").id])]})
    with other.transaction(login="bob") as env:
        assert not env.user.has_group("base.group_system")
    with db.transaction() as env:
        env["res.users"].search([("login", "=", "bob")]).write({"group_ids": [(4, env.ref("base.group_system").id)]})
    with other.transaction(login="bob") as env:
        assert env.user.has_group("base.group_system")


@pytest.mark.slow
@pytest.mark.both_dialects("locking")
def test_an_addon_that_another_process_installs_is_there_at_the_next_transaction(db, tmp_path):
    with db.transaction() as env:
        assert "stock.picking" not in env
    run_command("addons", "install", "inventory", "--database", db.url, folder=tmp_path)
    with db.transaction(login="admin") as env:
        assert env["stock.picking"].search([]).ids == []
        assert env.ref("inventory.picking_type_out").code == "outgoing"


def test_a_rolled_back_change_of_rights_tells_nobody(db):
    def generation():
        with db.transaction(readonly=True) as env:
            return env.cr.execute("SELECT cache FROM orm_generation").scalar()

    before = generation()
    with pytest.raises(ValidationError), db.transaction() as env:
        env["res.users"].create({"login": "bob", "name": "Bob"})
        raise ValidationError("no")
    assert generation() == before


@pytest.mark.both_dialects("locking")
def test_two_databases_live_in_one_process(db, tmp_path):
    second = Database(f"sqlite:///{tmp_path}/second.db")
    second.install([])
    with db.transaction() as one, second.transaction() as two:
        one["res.partner"].create({"name": "Only in the first"})
        assert not two["res.partner"].search([("name", "=", "Only in the first")])
    second.close()


def test_databases_with_the_same_addons_share_their_models_and_nothing_else(db, tmp_path):
    second = Database(f"sqlite:///{tmp_path}/second.db")
    second.install([])
    mine, other = db.registry, second.registry
    assert other.models is mine.models and other.metadata() is mine.metadata()
    assert other.hooks is not mine.hooks and other.cache is not mine.cache and other.access is not mine.access
    other.uninstalling = True
    with second.hooks.tracing() as entries, db.transaction() as one:
        one["res.partner"].create({"name": "Unobserved"})
    assert not mine.uninstalling and not entries
    second.close()


def test_databases_with_other_addons_have_other_models(db, tmp_path):
    second = Database(f"sqlite:///{tmp_path}/second.db")
    second.install(["inventory"])
    assert "stock.move" in second.registry.models and "stock.move" not in db.registry.models
    assert second.registry.models["res.partner"] is not db.registry.models["res.partner"]
    second.close()


@pytest.mark.both_dialects("locking")
def test_threads_open_the_registry_once(another):
    database = another()
    registries = []

    def work():
        with database.transaction(readonly=True) as env:
            registries.append(env.registry)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registries) == 6 and len(set(map(id, registries))) == 1


def test_settings_reach_the_database(db, another, tmp_path):
    settings = Settings(database_url=db.url, addons_path=(str(tmp_path),))
    assert another(settings=settings).addons_path == (str(tmp_path),)


@pytest.mark.both_dialects("locking")
def test_a_database_can_be_used_after_it_was_closed(db):
    db.close()
    with db.transaction(readonly=True) as env:
        assert env["res.partner"].search_count([]) > 0
