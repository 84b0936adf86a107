"""Users, passwords, keys, throttling."""

from __future__ import annotations

import datetime

import pytest

from core.api import Command
from core.base.services import passwords, throttle
from core.exceptions import AccessDenied, AccessError, UserError, ValidationError

PASSWORD = "correct horse"
TOMORROW = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(days=1)


@pytest.fixture
def erin(env):
    return env["res.users"].create({"name": "Erin", "login": "Erin@example.com", "password": PASSWORD})


# --------------------------------------------------------------- passwords


def test_a_password_is_kept_as_a_hash_and_never_read_back(env, erin):
    assert erin.password_hash.startswith("$argon2id$")
    assert PASSWORD not in erin.password_hash
    env.invalidate_all()
    assert not erin.password
    assert not erin.read(["password"])[0]["password"]


def test_the_right_password_opens_the_door_whatever_the_case_of_the_login(env, erin):
    assert env["res.users"].authenticate("erin@EXAMPLE.com ", PASSWORD) == erin
    assert erin.login_date


@pytest.mark.parametrize(
    ("login", "password"),
    [("Erin@example.com", "wrong"), ("Erin@example.com", ""), ("nobody", PASSWORD), ("", ""), ("%", PASSWORD)],
)
def test_anything_else_does_not_and_the_message_does_not_say_why(env, erin, login, password, refused):
    with refused(AccessDenied, name="wrong"):
        env["res.users"].authenticate(login, password)


def test_a_user_without_password_cannot_sign_in(env):
    user = env["res.users"].create({"name": "Nell", "login": "nell"})
    with pytest.raises(AccessDenied):
        user._check_credentials("")
    with pytest.raises(AccessDenied):
        env["res.users"].authenticate("nell", "")


def test_archived_users_and_the_system_cannot_sign_in(env, erin, refused):
    erin.active = False
    with pytest.raises(AccessDenied):
        env["res.users"].authenticate(erin.login, PASSWORD)
    root = env.ref("base.user_root")
    root.password = PASSWORD
    with pytest.raises(AccessDenied):
        env["res.users"].authenticate(root.login, PASSWORD)
    with refused(UserError, code="base.system_user"):
        root.active = True


def test_a_password_needs_some_length(env, erin, refused):
    with refused(UserError, code="base.password_too_short", data={"length": 8}):
        erin.password = "abc"


def test_a_new_password_ends_the_sessions(env, erin):
    token = erin._session_token("sid")
    assert erin._session_token("sid") == token
    assert erin._session_token("other") != token
    erin.password = "another one"
    assert erin._session_token("sid") != token


def test_users_change_their_own_password_with_the_old_one(env, erin):
    users = env(uid=erin.id, su=False)["res.users"]
    with pytest.raises(AccessDenied):
        users.change_password("wrong", "new password")
    assert users.change_password(PASSWORD, "new password")
    erin._check_credentials("new password")


def test_the_dialog_changes_the_password_and_keeps_nothing(env, erin, refused):
    dialogs = env(uid=erin.id, su=False)["change.password.own"]
    values = {"old_password": PASSWORD, "new_password": "new password"}
    with refused(ValidationError, code="base.password_confirmation"):
        dialogs.create({**values, "confirm_password": "new pasword"}).change_password()
    dialogs.create({**values, "confirm_password": "new password"}).change_password()
    erin._check_credentials("new password")
    assert not env["change.password.own"].search([])


# --------------------------------------------------------------- throttling


def test_after_some_failures_one_has_to_wait(db, refused):
    with db.transaction() as env:
        env["res.users"].create({"name": "Erin", "login": "erin", "password": PASSWORD})

    def attempt(password, source="10.0.0.1"):
        with db.transaction() as env:
            return env["res.users"].authenticate("erin", password, source)

    for _number in range(throttle.FREE_ATTEMPTS):
        with refused(AccessDenied, name="wrong"):
            attempt("guess")
    with pytest.raises(AccessDenied) as caught:
        attempt(PASSWORD)
    assert caught.value.code == "too_many_attempts" and caught.value.data["retry_after"] > 0
    assert attempt(PASSWORD, "10.0.0.2"), "elsewhere the user is not locked out"
    with db.transaction() as env:
        env.cr.execute("UPDATE res_users_throttle SET last_failure = last_failure - 3600")
    assert attempt(PASSWORD)
    with db.transaction() as env:
        left = env["res.users.throttle"].search([("failures", ">", 0)])
        assert len(left) == 2, "success resets the counter of login and source, not that of the source or the login"


def test_a_failure_counts_also_when_the_transaction_goes_on(db):
    with db.transaction() as env, pytest.raises(AccessDenied):
        env["res.users"].authenticate("nobody", "guess", "10.0.0.1")
    with db.transaction() as env:
        assert env["res.users.throttle"].search([]).mapped("failures") == [1, 1, 1]


# ----------------------------------------------------------------- API keys


def test_a_key_opens_the_door_it_is_for(env, erin):
    keys = env(uid=erin.id, su=False)["res.users.apikeys"]
    key = keys._generate("rpc", "shop", TOMORROW)
    assert keys._check_credentials(scope="rpc", key=key) == erin.id
    assert keys._check_credentials(scope="other", key=key) is None
    assert keys._check_credentials(scope="rpc", key=key[:-1] + ("0" if key[-1] != "0" else "1")) is None
    assert keys._check_credentials(scope="rpc", key="") is None
    everywhere = keys._generate(None, "anything", TOMORROW)
    assert keys._check_credentials(scope="whatever", key=everywhere) == erin.id


def test_a_key_is_kept_as_a_hash(env, erin):
    key = env(uid=erin.id, su=False)["res.users.apikeys"]._generate("rpc", "shop", TOMORROW)
    row = erin.api_key_ids
    assert row.index == key[: passwords.INDEX_LENGTH]
    assert key not in (row.key, row.name)
    assert "key" not in env(uid=erin.id, su=False)["res.users.apikeys"].fields_get()


def test_a_key_ends_with_its_time_its_user_or_when_revoked(env, erin, refused):
    own = env(uid=erin.id, su=False)
    keys = own["res.users.apikeys"]
    yesterday = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - datetime.timedelta(days=1)
    assert keys._check_credentials(scope="rpc", key=keys._generate("rpc", "old", yesterday)) is None
    key = keys._generate("rpc", "gone", TOMORROW)
    erin.active = False
    assert keys._check_credentials(scope="rpc", key=key) is None
    erin.active = True
    assert keys._check_credentials(scope="rpc", key=key) is None, "it does not come back with its user"
    key = keys._generate("rpc", "new", TOMORROW)
    row = keys.search([("name", "=", "new")])
    other = env["res.users"].create({"name": "Olga", "login": "olga"})
    with refused(AccessError, code="base.key_of_other_user"):
        row.with_user(other).remove()
    row.remove()
    assert keys._check_credentials(scope="rpc", key=key) is None


def test_a_key_stands_in_for_the_password_of_a_program_not_of_a_person(env, erin):
    key = env(uid=erin.id, su=False)["res.users.apikeys"]._generate("rpc", "shop", TOMORROW)
    assert env["res.users"].authenticate(erin.login, key) == erin
    with pytest.raises(AccessDenied):
        erin._check_credentials(key)


def test_a_group_may_limit_the_life_of_keys(env, erin, refused):
    env.ref("base.group_user").api_key_duration = 30
    keys = env(uid=erin.id, su=False)["res.users.apikeys"]
    with refused(UserError, code="base.key_duration", data={"days": 30}):
        keys._generate("rpc", "shop")
    assert keys._generate("rpc", "shop", datetime.datetime.now() + datetime.timedelta(days=7))


def test_the_dialog_makes_a_key_and_shows_it_once(env, erin):
    own = env(uid=erin.id, su=False)
    shown = own["res.users.apikeys.description"].create({"name": "shop", "duration": "30"}).make_key()
    assert own["res.users.apikeys"]._check_credentials(scope="rpc", key=shown.key) == erin.id
    shown.action_close()
    assert not env["res.users.apikeys.show"].search([])


# -------------------------------------------------------------------- users


def test_a_user_has_a_partner_and_shows_its_fields(env, erin):
    assert erin.partner_id.name == "Erin"
    erin.write({"name": "Erin Evans", "phone": "123"})
    assert (erin.partner_id.name, erin.partner_id.phone) == ("Erin Evans", "123")
    assert erin.display_name == "Erin Evans"


def test_a_new_user_is_an_employee_of_the_creators_company(env, erin):
    assert erin.has_group("base.group_user")
    assert erin.company_id == env.company
    assert env.company in erin.company_ids
    assert not erin.share
    assert erin.role == "group_user"


def test_the_role_sets_the_groups(env, erin):
    erin.role = "group_system"
    assert erin.has_group("base.group_system")
    erin.role = "group_user"
    assert not erin.has_group("base.group_system")
    assert erin.has_group("base.group_user")


def test_users_change_their_preferences_and_nothing_else(env, erin, refused):
    me = env(uid=erin.id, su=False)["res.users"].browse(erin.id)
    me.write({"signature": "Yours", "tz": "Europe/Vienna"})
    assert erin.tz == "Europe/Vienna"
    with pytest.raises(AccessError):
        me.write({"group_ids": [Command.link(env.ref("base.group_system").id)]})
    other = env["res.company"].create({"name": "Other Company"})
    with refused(AccessError, code="base.company_of_user"):
        me.write({"company_id": other.id})


def test_who_manages_users_cannot_reach_administrators(env, erin, refused):
    manager = env["res.users"].create(
        {"name": "Max", "login": "max", "group_ids": [Command.set([env.ref("base.group_erp_manager").id])]}
    )
    users = env(uid=manager.id, su=False)["res.users"]
    users.browse(erin.id).write({"password": "new password", "login": "erin2"})
    system = env.ref("base.group_system")
    with refused(AccessError, code="base.administrators_only", name="every way"):
        users.browse(env.ref("base.user_admin").id).write({"password": "a stolen one"})
    for values in ({"group_ids": [Command.link(system.id)]}, {"role": "group_system"}):
        with refused(AccessError, code="base.administrators_only", name="every way"), env.savepoint():
            users.browse(manager.id).write(values)
    with refused(AccessError, code="base.administrators_only", name="every way"), env.savepoint():
        users.create({"name": "Sock", "login": "sock", "group_ids": [Command.set([system.id])]})
    with pytest.raises(AccessError):
        env(uid=manager.id, su=False)["res.groups"].browse(system.id).write({"user_ids": [Command.link(manager.id)]})


def test_the_company_must_be_one_of_the_users(env, erin, refused):
    other = env["res.company"].create({"name": "Other Company"})
    with refused(ValidationError, code="base.company_of_user", data={"company": "Other Company"}):
        erin.company_id = other
    erin.write({"company_ids": [Command.link(other.id)], "company_id": other.id})
    assert erin.company_id == other


def test_an_administrator_is_always_left(env, refused):
    admin = env.ref("base.user_admin")
    with refused(ValidationError, code="base.last_administrator"):
        admin.group_ids = [Command.set([env.ref("base.group_user").id])]
    with refused(ValidationError, code="base.last_administrator"):
        admin.active = False


def test_logins_are_unique(env, erin, refused):
    with refused(ValidationError, code="not_unique"):
        env["res.users"].create({"name": "Twin", "login": erin.login})
        env.flush_all()


def test_needed_users_cannot_be_deleted_and_others_can(env, erin, refused):
    partner = erin.partner_id
    with refused(UserError, code="base.user_needed"):
        env.ref("base.user_admin").unlink()
    with refused(UserError, code="base.contact_of_user", data={"users": [partner.name]}):
        partner.unlink()
    erin.unlink()
    assert partner.exists()


def test_a_copy_has_its_own_login_and_partner(env, erin):
    twin = erin.copy()
    assert twin.login != erin.login
    assert twin.partner_id != erin.partner_id
    assert twin.group_ids == erin.group_ids
    assert not twin.password_hash
