"""Who calls is verified once and trusted only as long as it stays true; a call is one transaction, retried whole."""

import pytest

from core.exceptions import AccessDenied, UserError
from core.rpc import unit
from core.rpc.unit import Caller, Password


def count(db, credentials):
    """A call that any user may make."""
    return unit.run(Caller(db), credentials, lambda env: env.uid, readonly=True)


def test_a_password_is_verified_once(db, clerk, monkeypatch):
    """The second call does without the slow hash."""
    assert count(db, Password(clerk, "paper and ink")) == clerk
    monkeypatch.setattr("core.base.services.passwords.verify_password", lambda *_args: pytest.fail("verified again"))
    assert count(db, Password(clerk, "paper and ink")) == clerk


def test_a_new_password_ends_the_old_one_at_once(db, clerk):
    """What was remembered is compared with what is stored."""
    assert count(db, Password(clerk, "paper and ink")) == clerk
    with db.transaction() as env:
        env["res.users"].browse(clerk).write({"password": "another ink"})
    with pytest.raises(AccessDenied):
        count(db, Password(clerk, "paper and ink"))
    assert count(db, Password(clerk, "another ink")) == clerk


def test_an_archived_user_is_out_at_once(db, clerk):
    """Likewise."""
    assert count(db, Password(clerk, "paper and ink")) == clerk
    with db.transaction() as env:
        env["res.users"].browse(clerk).write({"active": False})
    with pytest.raises(AccessDenied):
        count(db, Password(clerk, "paper and ink"))


@pytest.mark.parametrize(
    ("uid", "secret"), [(1, ""), (1, "admin"), (0, "x"), (10**9, "x"), ("2", "admin"), (True, "admin"), (2, None)]
)
def test_nonsense_is_denied(db, uid, secret):
    """The system's own user has no password, and ids are numbers."""
    with pytest.raises(AccessDenied):
        count(db, Password(uid, secret))


def test_guessing_becomes_slow(db, clerk):
    """After some failures the right password has to wait too, from that place."""
    for _attempt in range(8):
        with pytest.raises(AccessDenied):
            count(db, Password(clerk, "guess", "guesser"))
    with pytest.raises(AccessDenied, match="Too many"):
        count(db, Password(clerk, "paper and ink", "guesser"))
    assert count(db, Password(clerk, "paper and ink", "elsewhere")) == clerk


def test_a_key_serves_as_a_password(db, api_key):
    """Clients that know only passwords may use a key; the bearer form finds the user by itself."""
    with db.transaction() as env:
        admin = env.ref("base.user_admin").id
    assert count(db, Password(admin, api_key)) == admin
    assert count(db, unit.ApiKey(api_key)) == admin


def test_an_error_undoes_everything(db, clerk):
    """A call is all or nothing."""

    def work(env):
        env["res.partner"].sudo().create({"name": "Half"})
        env.flush_all()
        raise UserError("stop")

    with pytest.raises(UserError, match="stop"):
        unit.run(Caller(db), Password(clerk, "paper and ink"), work)
    with db.transaction() as env:
        assert env["res.partner"].search_count([("name", "=", "Half")]) == 0


def test_a_hash_renewed_by_another_call_meanwhile_denies_nothing(db, clerk, monkeypatch):
    """Of several first calls at the same time one renews an old hash; the others have proven the one before."""
    prove, calls = Password.prove, []

    def overtaken(self, env):
        prove(self, env)
        calls.append(1)
        if len(calls) == 1:
            env.cr.after_commit(renew)

    def renew():
        with db.transaction() as env:
            env["res.users"].browse(clerk)._store_password("paper and ink")

    monkeypatch.setattr(Password, "prove", overtaken)
    assert count(db, Password(clerk, "paper and ink")) == clerk
    assert len(calls) == 2


@pytest.mark.dialects("postgresql")  # on SQLite a transaction sees the same rows from its first statement
def test_a_record_that_another_deletes_meanwhile_is_looked_for_again(db, clerk):
    with db.transaction() as env:
        lines = env["res.partner.category"].create([{"name": "Goes"}, {"name": "Stays"}])
        lines = lines.ids
    seen = []

    def work(env):
        found = env["res.partner.category"].sudo().search([("id", "in", lines)])
        if not seen:
            with db.transaction() as other:
                other["res.partner.category"].browse(lines[0]).unlink()
        seen.append(len(found))
        return found.mapped("name")

    assert unit.run(Caller(db), Password(clerk, "paper and ink"), work) == ["Stays"]
    assert seen == [2, 1]
