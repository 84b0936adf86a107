"""What users prove who they are with: rules for passwords, guessing, keys, the second factor, devices."""

from __future__ import annotations

import datetime
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from core.base.services import passwords, throttle, totp
from core.exceptions import AccessDenied, AccessError, UserError, ValidationError
from core.orm.client import Client
from core.rpc.dispatch import find_method
from core.testing.queries import max_queries

PASSWORD = "correct horse battery"


@pytest.fixture
def erin(env):
    return env["res.users"].create({"name": "Erin Bell", "login": "erin@example.com", "password": PASSWORD})


def now():
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def user_env(env, user):
    return env(uid=user.id, su=False)


# ------------------------------------------------------------ rules of passwords


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("7 chars", "base.password_too_short"),
        ("e\N{COMBINING ACUTE ACCENT}" * 7, "base.password_too_short"),
        ("long" * 64 + "x", "base.password_too_long"),
        ("password1", "base.password_common"),
        ("PassWord1", "base.password_common"),
        ("zzzzzzzzzz", "base.password_common"),
        ("erin@example.com", "base.password_of_context"),
        ("Erin-Bell-26", "base.password_of_context"),
        ("stillage2026", "base.password_of_context"),
    ],
)
def test_password_that_is_guessed_first_is_refused(env, erin, password, code, refused):
    with refused(UserError, code=code):
        erin.password = password
    erin._check_credentials(PASSWORD)


@pytest.mark.parametrize(
    "password", ["two words", "drei Wörter mit Ü", "12 of 9?a", "x" * 255 + "y", "erin likes green apples", "erinxxxx"]
)
def test_any_other_password_of_eight_characters_is_good(env, erin, password):
    erin.password = password
    erin._check_credentials(password)


def test_accents_may_be_typed_in_either_way(env, erin):
    erin.password = "caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait"
    erin._check_credentials("cafe\N{COMBINING ACUTE ACCENT} au lait")


def test_password_that_is_too_long_costs_no_hashing(env, erin, monkeypatch):
    monkeypatch.setattr(passwords, "_matches", lambda *_arguments: pytest.fail("it was hashed"))
    assert not passwords.verify_password(erin.password_hash, "x" * 257)
    assert not passwords.verify_password(None, "x" * 1_000_000)


def test_settings_only_raise_the_minimum(env, erin, refused):
    with refused(ValidationError, code="base.minimum_password_length"):
        env["res.config.settings"].create({"minlength": 7})
    env["res.config.settings"].create({"minlength": 12}).execute()
    with refused(UserError, code="base.password_too_short", data={"length": 12}, name="twelve"):
        erin.password = "ten digits"
    env["ir.config_parameter"].set_param("auth_password_policy.minlength", "1")
    with refused(UserError, code="base.password_too_short", data={"length": 8}, name="eight"):
        erin.password = "short"


def test_password_of_before_the_rules_still_signs_in(env, erin):
    erin._store_password("abc")
    assert env["res.users"].authenticate(erin.login, "abc", interactive=True) == erin
    assert not erin._is_acceptable("abc")


# --------------------------------------------------------------------- guessing


def test_clients_cannot_say_where_an_attempt_comes_from(env, refused):
    with refused(AccessError):
        find_method(env, "res.users", "authenticate")


def test_own_password_cannot_be_guessed_from_an_open_session(db):
    with db.transaction() as env:
        erin = env["res.users"].create({"name": "Erin", "login": "erin", "password": PASSWORD}).id

    def change(old):
        with db.transaction(login="erin") as env:
            env["res.users"].change_password(old, "a new password")

    for _number in range(throttle.FREE_ATTEMPTS):
        with pytest.raises(AccessDenied) as caught:
            change("guess")
        assert caught.value.code == "base.wrong_password"
    with pytest.raises(AccessDenied) as caught:
        change(PASSWORD)
    assert caught.value.code == "too_many_attempts"
    with db.transaction() as env:
        env["res.users"].authenticate("erin", PASSWORD, "10.0.0.1")
        refusals = env["ir.audit.log"].search([("event", "=", "identity_refused")])
        assert set(refusals.user_id.ids) == {erin}
        assert len(refusals) == throttle.FREE_ATTEMPTS


def attempt(db, login, password, source):
    with db.transaction() as env:
        return env["res.users"].authenticate(login, password, source).id


def test_one_login_guessed_from_many_places_has_to_wait_but_not_where_it_is_known(db, monkeypatch):
    monkeypatch.setattr(throttle, "FREE_ATTEMPTS_PER_LOGIN", 3)
    with db.transaction() as env:
        env["res.users"].create({"name": "Erin", "login": "erin", "password": PASSWORD})
    assert attempt(db, "erin", PASSWORD, "10.0.0.1")
    for number in range(3):
        with pytest.raises(AccessDenied):
            attempt(db, "ERIN ", "guess", f"10.1.0.{number}")
    with pytest.raises(AccessDenied, match="Too many"):
        attempt(db, "erin", PASSWORD, "10.1.0.77")
    assert attempt(db, "erin", PASSWORD, "10.0.0.1"), "where she signed in before she is not locked out"


def test_guesses_of_others_do_not_lock_out_those_who_work_at_the_same_address(db, monkeypatch):
    monkeypatch.setattr(throttle, "FREE_ATTEMPTS_PER_SOURCE", 3)
    with db.transaction() as env:
        for login in ("erin", "paul"):
            env["res.users"].create({"name": login.title(), "login": login, "password": PASSWORD})
    assert attempt(db, "erin", PASSWORD, "10.0.0.1")
    for number in range(3):
        with pytest.raises(AccessDenied):
            attempt(db, f"guess{number}", "guess", "10.0.0.1")
    with pytest.raises(AccessDenied, match="Too many"):
        attempt(db, "paul", PASSWORD, "10.0.0.1")
    assert attempt(db, "erin", PASSWORD, "10.0.0.1")


def test_a_network_of_ipv6_is_one_source():
    assert throttle.network("2001:db8::1") == throttle.network("2001:db8::ffff:1")
    assert throttle.network("2001:db8::1") != throttle.network("2001:db8:0:1::1")
    assert throttle.network("::ffff:10.0.0.1") == "10.0.0.1"
    assert throttle.network("unix") == "unix"


# --------------------------------------------------------------------- API keys


def test_keys_end_with_a_new_password_unless_an_administrator_keeps_them(env, erin):
    keys = user_env(env, erin)["res.users.apikeys"]

    def new_key():
        return keys._generate("rpc", "shop", now() + datetime.timedelta(days=1))

    key = new_key()
    erin.write({"new_password": "another password", "keep_api_keys": True})
    assert keys._check_credentials(scope="rpc", key=key) == erin.id
    erin.write({"new_password": "one more password"})
    assert keys._check_credentials(scope="rpc", key=key) is None
    key = new_key()
    user_env(env, erin)["res.users"].change_password("one more password", PASSWORD)
    assert keys._check_credentials(scope="rpc", key=key) is None


@pytest.mark.parametrize(
    ("scope", "days", "good"),
    [("rpc", 1, True), ("rpc", 3, False), ("rpc", 0, False), (None, 1, False), ("other", 1, False)],
)
def test_a_key_makes_no_key_that_is_good_for_longer_or_more(env, scope, days, good, refused):
    admin = user_env(env, env.ref("base.user_admin"))
    keys = admin["res.users.apikeys"]
    keys._generate("rpc", "parent", now() + datetime.timedelta(days=2))
    parent = keys.search([("name", "=", "parent")])
    env.set_client(Client(credential="key", key_id=parent.id))
    end = now() + datetime.timedelta(days=days) if days else None
    if good:
        assert keys._generate(scope, "child", end)
    else:
        with refused(UserError, code="base.key_of_key"):
            keys._generate(scope, "child", end)


def test_employees_make_no_key_for_ever(env, erin, refused):
    with refused(UserError, code="base.key_duration"):
        user_env(env, erin)["res.users.apikeys"]._generate("rpc", "shop")


# ---------------------------------------------------------------- second factor


@pytest.fixture
def secret(env, erin):
    """The secret of Erin's second factor."""
    value = totp.new_secret()
    erin.write({"totp_secret": value, "totp_last_counter": 0})
    return value


def code_of(secret, steps=0):
    return pyotp.TOTP(secret).at(time.time() + steps * totp.INTERVAL)


def test_second_factor_is_enabled_with_a_first_code(env, erin, refused):
    own = user_env(env, erin)
    wizard = own["res.users"].browse(erin.id).action_totp_enable_wizard()
    assert wizard.secret in wizard.url
    wizard.code = "000000" if code_of(wizard.secret) != "000000" else "000001"
    with refused(AccessDenied, code="base.totp_code"):
        wizard.enable()
    assert not erin.totp_enabled
    secret = wizard.secret
    wizard.code = f"{code_of(secret)[:3]} {code_of(secret)[3:]}"
    codes = wizard.enable().codes.split()
    assert erin.totp_enabled and erin.totp_secret == secret
    assert len(set(codes)) == erin.totp_recovery_left == totp.RECOVERY_CODES
    assert all(code not in erin.totp_recovery_codes for code in codes)
    assert all(len(totp.clean(code)) * 5 >= 112 for code in codes), "random enough for a digest without a salt"
    assert not env["auth_totp.wizard"].search([])


def test_secret_and_codes_are_not_read_by_anyone(env, erin, secret):
    for user in (erin, env.ref("base.user_admin")):
        fields = user_env(env, user)["res.users"].fields_get()
        assert not {"totp_secret", "totp_recovery_codes", "totp_last_counter", "password_hash"} & set(fields)
        assert user_env(env, user)["res.users"].browse(user.id).read(["totp_enabled"])


def test_a_code_is_good_once(env, erin, secret):
    erin._check_totp_code(code_of(secret))
    with pytest.raises(AccessDenied):
        erin._check_totp_code(code_of(secret))
    with pytest.raises(AccessDenied):
        erin._check_totp_code(code_of(secret, -1))


def test_a_clock_may_be_one_step_off():
    secret = totp.new_secret()
    moment = 1_800_000_000
    code = pyotp.TOTP(secret).at(moment)
    steps = [totp.matching_step(secret, code, now=moment + 30 * drift) is not None for drift in (-2, -1, 0, 1, 2)]
    assert steps == [False, True, True, True, False]


def test_a_recovery_code_is_good_once(env, erin, secret):
    codes = erin._renew_recovery_codes()
    erin._check_totp_code(codes[0].upper().replace("-", " "))
    with pytest.raises(AccessDenied):
        erin._check_totp_code(codes[0])
    assert erin.totp_recovery_left == totp.RECOVERY_CODES - 1
    erin._renew_recovery_codes()
    with pytest.raises(AccessDenied):
        erin._check_totp_code(codes[1])


def test_codes_cannot_be_guessed(db):
    with db.transaction() as env:
        erin = env["res.users"].create({"name": "Erin", "login": "erin", "password": PASSWORD})
        secret = totp.new_secret()
        erin.totp_secret = secret

    def enter(code):
        with db.transaction() as env:
            env["res.users"].search([("login", "=", "erin")])._check_totp_code(code)

    for _number in range(throttle.FREE_ATTEMPTS):
        with pytest.raises(AccessDenied):
            enter("12-34")
    with pytest.raises(AccessDenied) as caught:
        enter(code_of(secret))
    assert caught.value.code == "too_many_attempts"


def test_programs_of_a_user_with_a_second_factor_need_a_key(env, erin, secret, refused):
    users = env["res.users"]
    key = user_env(env, erin)["res.users.apikeys"]._generate("rpc", "shop", now() + datetime.timedelta(days=1))
    with refused(AccessDenied, code="base.api_key_needed"):
        users.authenticate(erin.login, PASSWORD)
    assert users.authenticate(erin.login, key) == erin
    assert users.authenticate(erin.login, PASSWORD, interactive=True) == erin


@pytest.mark.parametrize(
    ("policy", "employee", "admin"),
    [("", False, False), ("admin_required", False, True), ("employee_required", True, True)],
)
def test_settings_require_the_second_factor(env, erin, policy, employee, admin, refused):
    env["res.config.settings"].create({"auth_totp_policy": policy or False}).execute()
    assert (erin._totp_required(), env.ref("base.user_admin")._totp_required()) == (employee, admin)
    if employee:
        erin.totp_secret = totp.new_secret()
        with refused(UserError, code="base.totp_required"):
            user_env(env, erin)["res.users"].browse(erin.id).action_totp_disable()


def test_an_administrator_resets_a_lost_second_factor(env, erin, secret, refused):
    other = env["res.users"].create({"name": "Olga", "login": "olga"})
    with refused(AccessError, code="base.own_credentials_only"):
        erin.with_user(other).action_totp_disable()
    admin = env.ref("base.user_admin")
    erin.with_user(admin).action_totp_disable()
    assert not erin.totp_enabled
    entry = env["ir.audit.log"].search([("event", "=", "totp_disabled")])
    assert (entry.user_id, entry.by_id) == (erin, admin)


# ---------------------------------------------------------------------- devices


def test_users_see_and_end_their_own_sessions(env, erin, refused):
    other = env["res.users"].create({"name": "Olga", "login": "olga"})
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    sessions = env["web.session"]
    tokens = [sessions._open(user, 12, address="10.0.0.1", agent=agent) for user in (erin, erin, other)]
    env.set_client(Client(credential="session", session_id=sessions._find(tokens[0]).id))
    seen = user_env(env, erin)["web.session"].search([])
    assert set(seen.mapped("user_id.id")) == {erin.id}
    assert {(row.browser, row.platform, row.address) for row in seen} == {("Firefox", "Linux", "10.0.0.1")}
    assert [row.is_current for row in seen.sorted("id")] == [True, False]
    with refused(AccessError, code="base.session_of_other_user"):
        sessions._find(tokens[2]).with_user(erin).revoke()
    erin.with_user(erin).action_revoke_all_devices()
    assert [bool(sessions._find(token)) for token in tokens] == [True, False, True]
    seen.filtered("is_current").revoke()
    assert not sessions._find(tokens[0])


def test_tokens_of_sessions_are_not_read_by_anyone(env):
    admin = user_env(env, env.ref("base.user_admin"))
    assert not {"digest", "credentials", "confirmed_at"} & set(admin["web.session"].fields_get())


def test_a_session_ends_idle_and_at_its_end(env, erin):
    sessions = env["web.session"]
    session = sessions._find(sessions._open(erin, 12, days=2))
    assert session.ends - session.created == datetime.timedelta(days=2)
    session.write({"last_activity": now() - datetime.timedelta(hours=1), "ends": now() + datetime.timedelta(hours=3)})
    session._prolong(12)
    assert session.expires == session.ends, "no use prolongs it beyond its end"
    token = sessions._open(erin, 12)
    sessions._find(token).expires = now() - datetime.timedelta(seconds=1)
    assert not sessions._find(token)


def test_expired_sessions_are_removed(env, erin):
    sessions = env["web.session"]
    over, running = sessions._find(sessions._open(erin, 12)), sessions._find(sessions._open(erin, 12))
    over.expires = now() - datetime.timedelta(seconds=2)
    sessions._gc_expired()
    assert (over + running).exists() == running


def test_a_new_password_ends_the_other_sessions(env, erin):
    sessions = env["web.session"]
    own, other = sessions._open(erin, 12), sessions._open(erin, 12)
    env.set_client(Client(credential="session", session_id=sessions._find(own).id))
    user_env(env, erin)["res.users"].change_password(PASSWORD, "a new password")
    assert sessions._find(own) and not sessions._find(other)


def test_archiving_ends_sessions_and_keys_for_good(env, erin):
    token = env["web.session"]._open(erin, 12)
    erin.active = False
    erin.active = True
    assert not env["web.session"]._find(token)


# -------------------------------------------------------------------- audit log


def test_entries_of_the_audit_log_are_not_changed_or_deleted(env, erin, refused):
    entry = env["ir.audit.log"].search([("event", "=", "user_created")], limit=1)
    with refused(UserError, code="base.audit_log_closed", name="write"):
        entry.write({"detail": "nothing"})
    with refused(UserError, code="base.audit_log_closed", name="unlink"):
        entry.unlink()
    admin = user_env(env, env.ref("base.user_admin"))["ir.audit.log"]
    with pytest.raises(AccessError):
        admin.create({"event": "sign_in", "date": now()})
    with pytest.raises(AccessError):
        erin.env["ir.audit.log"].with_user(erin).search([])


def test_changes_of_users_and_rights_are_logged(env, erin):
    admin = env.ref("base.user_admin")
    log = env["ir.audit.log"]
    start = log.search([], limit=1).id
    users = user_env(env, admin)["res.users"].browse(erin.id)
    users.write({"group_ids": [(4, env.ref("base.group_partner_manager").id)]})
    users.write({"new_password": "another password"})
    users.active = False
    env["ir.rule"].search([], limit=1).active = False
    env["ir.config_parameter"].set_param("shop.token", "very secret")
    users.env["res.users.apikeys"]._generate("rpc", "shop", now() + datetime.timedelta(days=1))
    entries = log.search([("id", ">", start)]).sorted("id")
    assert entries.mapped("event") == [
        "user_changed", "password_changed", "user_changed", "rights_changed", "parameter_changed", "key_created",
    ]  # fmt: skip
    assert "Contact Creation" in entries[0].detail and entries[2].detail == "archived"
    assert {entry.by_id for entry in entries[:3]} == {admin}
    text = json.dumps(entries.read(["detail", "login", "agent"]))
    assert "very secret" not in text and "another password" not in text and "argon2" not in text


def test_changes_of_many_users_are_logged_in_a_constant_number_of_statements(env):
    users = env["res.users"].create([{"name": f"User {number}", "login": f"user{number}"} for number in range(1000)])
    env.flush_all()
    with max_queries(env, 25):
        users.write({"group_ids": [(4, env.ref("base.group_partner_manager").id)]})
        env.flush_all()
    assert env["ir.audit.log"].search_count([("event", "=", "user_changed")]) == 1000


def test_refusals_are_logged_though_the_transaction_ends_without_them(db, caplog):
    with db.transaction() as env:
        erin = env["res.users"].create({"name": "Erin", "login": "erin", "password": PASSWORD})
    with caplog.at_level("INFO", logger="stillage.audit"):
        for login in ("erin", "no\nbody"):
            with pytest.raises(AccessDenied), db.transaction() as env:
                env.set_client(Client(source="10.0.0.9", agent="curl"))
                env["res.users"].authenticate(login, "a wrong guess", "10.0.0.9")
    with db.transaction() as env:
        known, unknown = env["ir.audit.log"].search([("event", "=", "sign_in_refused")]).sorted("id")
    assert (known.user_id.id, known.detail, known.source) == (erin.id, "wrong password", "10.0.0.9")
    assert (unknown.login, unknown.detail) == ("no body", "no such login")
    assert len(caplog.messages) == 2 and all("\n" not in line for line in caplog.messages)
    assert "a wrong guess" not in caplog.text


def test_old_entries_are_removed(env, erin):
    log = env["ir.audit.log"]
    env.execute("UPDATE ir_audit_log SET date = :date", {"date": "2020-01-01 00:00:00"})
    env.invalidate_all()
    erin.active = False
    log._remove_old()
    assert log.search([]).mapped("event") == ["user_changed"]


@pytest.mark.dialects("postgresql")
def test_of_two_who_enter_the_same_code_at_once_one_gets_in(db):
    secret = totp.new_secret()
    with db.transaction() as env:
        env["res.users"].create({"name": "Erin", "login": "erin", "password": PASSWORD}).totp_secret = secret
    code, together = code_of(secret), threading.Barrier(2)

    def enter():
        def work(env):
            user = env["res.users"].search([("login", "=", "erin")])
            if not waited:
                waited.append(True)
                together.wait(10)
            user._check_totp_code(code)
            return True

        waited = []
        try:
            return db.run(work)
        except AccessDenied:
            return False

    with ThreadPoolExecutor(2) as pool:
        results = [each.result(30) for each in [pool.submit(enter), pool.submit(enter)]]
    assert sorted(results) == [False, True]


def test_a_session_of_before_there_was_an_end_gets_one(env, erin):
    session = env["web.session"]._find(env["web.session"]._open(erin, 12))
    session.write({"ends": False, "last_activity": False, "created": now() - datetime.timedelta(days=30, hours=-1)})
    session._prolong(12)
    assert session.expires == session.ends < now() + datetime.timedelta(hours=2)


def test_programs_that_go_on_without_a_key_fill_no_log_and_lock_out_nobody(db):
    with db.transaction() as env:
        env["res.users"].create({"name": "Erin", "login": "erin", "password": PASSWORD}).totp_secret = totp.new_secret()
    for _number in range(throttle.FREE_ATTEMPTS + 3):
        with pytest.raises(AccessDenied):
            attempt(db, "erin", PASSWORD, "10.0.0.1")
    with db.transaction() as env:
        refusals = env["ir.audit.log"].search([("event", "=", "sign_in_refused")])
        assert refusals.mapped("detail") == ["password without second factor"] * throttle.FREE_ATTEMPTS
        assert env["res.users"].authenticate("erin", PASSWORD, "10.0.0.1", interactive=True)
