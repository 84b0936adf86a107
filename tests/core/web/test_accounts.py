"""Signing in with a second factor, giving the password again, devices; and what an API key does not open."""

from __future__ import annotations

import dataclasses
import datetime
import re
import time

import pyotp
import pytest

from core.base.services import throttle, totp
from core.testing.client import Client, document, words
from core.web.app import Application
from core.web.session import COOKIE

PASSWORD = "correct horse battery"


def now():
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


@pytest.fixture
def erin(db):
    """The id of an employee."""
    with db.transaction() as env:
        return env["res.users"].create({"name": "Erin", "login": "erin", "password": PASSWORD}).id


def new_key(db, login="admin", days=1):
    with db.transaction(login=login) as env:
        return env["res.users.apikeys"]._generate("rpc", "shop", now() + datetime.timedelta(days=days))


def cookie(client):
    return client.get_cookie(COOKIE)


def is_signed_in(client):
    return "/login" not in client.get("/app").headers.get("Location", "")


def age_confirmation(db):
    """Let the password have been given an hour ago, in all sessions."""
    with db.transaction() as env:
        env["web.session"].search([]).write({"confirmed_at": now() - datetime.timedelta(hours=1)})


def events(db, *names):
    with db.transaction() as env:
        return env["ir.audit.log"].search([("event", "in", names)]).sorted("id").mapped("event")


# ----------------------------------------------------------------------- API keys


def test_an_api_key_does_not_sign_in_to_pages(anonymous, db):
    page = anonymous.submit(anonymous.get("/login"), {"login": "admin", "password": new_key(db)})
    assert page.status_code == 401
    assert not is_signed_in(anonymous)


def test_a_session_opened_with_a_key_is_for_programs_and_ends_with_the_key(anonymous, db):
    params = {"db": db.name, "login": "admin", "password": new_key(db)}
    assert anonymous.post("/web/session/authenticate", json={"params": params}).json["result"]["username"] == "admin"
    assert not is_signed_in(anonymous)
    assert "result" in anonymous.post("/web/session/get_session_info", json={}).json
    with db.transaction() as env:
        env["res.users.apikeys"].search([]).remove()
    assert "error" in anonymous.post("/web/session/get_session_info", json={}).json


def calls_with_key(client, key):
    """`call` of /json/2 with an API key: the status, and the result or the error."""

    def call(model, method, **arguments):
        answer = client.post(f"/json/2/{model}/{method}", json=arguments, headers={"Authorization": f"Bearer {key}"})
        return answer.status_code, answer.json

    return call


def test_a_key_makes_and_ends_no_keys(anonymous, db):
    call = calls_with_key(anonymous, new_key(db))
    _status, (wizard,) = call("res.users.apikeys.description", "create", vals_list=[{"name": "more", "duration": "0"}])
    with db.transaction() as env:
        key = env["res.users.apikeys"].search([]).id
    for model, method, ids in (
        ("res.users.apikeys.description", "make_key", [wizard]),
        ("res.users.apikeys", "remove", [key]),
        ("res.users.apikeys", "unlink", [key]),
    ):
        status, error = call(model, method, ids=ids)
        assert (status, error["code"]) == (403, "identity_required")
        assert "password" in error["message"]
    with db.transaction() as env:
        assert env["res.users.apikeys"].search([]).ids == [key]


def test_a_key_creates_users_and_gives_them_groups(anonymous, db):
    call = calls_with_key(anonymous, new_key(db))
    status, (eve,) = call("res.users", "create", vals_list=[{"name": "Eve", "login": "eve", "password": PASSWORD}])
    assert status == 200
    with db.transaction() as env:
        group = env.ref("base.group_partner_manager").id
    change = {"name": "Eve Lee", "login": "eve.lee", "group_ids": [[4, group]]}
    assert call("res.users", "write", ids=[eve], vals=change) == (200, True)
    with db.transaction() as env:
        user = env["res.users"].browse(eve)
        assert (user.name, user.login, group in user.group_ids.ids) == ("Eve Lee", "eve.lee", True)
        user._check_credentials(PASSWORD)
        entries = env["ir.audit.log"].search([("user_id", "=", eve), ("event", "in", ("user_created", "user_changed"))])
        assert entries.mapped("event") == ["user_changed", "user_created"]
        assert set(entries.mapped("credential")) == {"key"}


@pytest.mark.parametrize(
    ("model", "method", "values"),
    [
        ("res.users", "write", {"password": PASSWORD}),
        ("res.users", "write", {"new_password": PASSWORD, "name": "Erin"}),
        ("res.users", "web_save", {"password": PASSWORD}),
        ("res.partner", "write", {"user_ids": [[1, None, {"password": PASSWORD}]]}),
        ("res.users", "action_totp_disable", None),
        ("res.users", "action_revoke_all_devices", None),
        ("res.groups", "write", {"name": "Mine"}),
    ],
)
def test_a_key_changes_no_password_and_no_second_factor(anonymous, db, erin, model, method, values):
    with db.transaction() as env:
        user = env["res.users"].search([("login", "=", "erin")])
        ids = {"res.users": user.ids, "res.partner": user.partner_id.ids, "res.groups": user.group_ids[:1].ids}[model]
        hash_before = user.password_hash
        if model == "res.partner":
            values = {"user_ids": [[1, user.id, {"password": PASSWORD}]]}  # by a line of another model
    arguments = {} if values is None else {"vals": values}
    if method == "web_save":
        arguments["specification"] = {}
    status, error = calls_with_key(anonymous, new_key(db))(model, method, ids=ids, **arguments)
    assert (status, error["code"]) == (403, "identity_required")
    with db.transaction() as env:
        assert env["res.users"].browse(user.id).password_hash == hash_before


def test_a_key_appoints_no_more_than_its_user_does(anonymous, db, erin):
    status, error = calls_with_key(anonymous, new_key(db, "erin"))(
        "res.users", "create", vals_list=[{"name": "Eve", "login": "eve", "password": PASSWORD}]
    )
    assert (status, error["code"]) == (403, "access_error")


def test_a_program_that_sends_the_password_may_make_keys(anonymous, db):
    with db.transaction() as env:
        uid = env.ref("base.user_admin").id

    def call(model, method, *arguments):
        args = [db.name, uid, "admin", model, method, *arguments]
        return anonymous.post(
            "/jsonrpc", json={"params": {"service": "object", "method": "execute_kw", "args": args}}
        ).json

    wizard = call("res.users.apikeys.description", "create", [{"name": "more", "duration": "1"}])["result"]
    assert (
        call("res.users.apikeys.description", "make_key", [[wizard]])["result"]["res_model"] == "res.users.apikeys.show"
    )


def test_refused_keys_are_logged_and_do_not_fill_the_log(anonymous, db):
    key = new_key(db)
    with db.transaction() as env:
        env["res.users.apikeys"].search([]).expiration_date = now() - datetime.timedelta(days=1)
    for attempt, secret in enumerate([key, "0" * 40] * 6):
        headers = {"Authorization": f"Bearer {secret}"}
        answer = anonymous.post("/json/2/res.users/context_get", json={}, headers=headers)
        assert answer.status_code == 401, attempt
    with db.transaction() as env:
        refusals = env["ir.audit.log"].search([("event", "=", "key_refused")])
        assert len(refusals) == throttle.FREE_ATTEMPTS
        assert {(row.user_id.login, row.detail) for row in refusals} == {
            ("admin", f"{key[:8]}: expired"), (False, "no such key"),
        }  # fmt: skip


# -------------------------------------------------------------- password asked again


def press(client, page, button):
    return client.submit(page, button=button)


def test_the_password_is_asked_for_again_and_then_it_is_done(client, db):
    profile = client.get("/app/preferences", follow_redirects=True)
    age_confirmation(db)
    asked = press(client, profile, "New API Key")
    assert asked.status_code == 403 and "Confirm that it is you" in words(asked)
    assert not document(asked).xpath("//input[@type='password'][@value]")
    old = cookie(client).value
    wrong = client.submit(asked, {"_password": "guess"})
    assert wrong.status_code == 401 and "not your present password" in words(wrong)
    assert cookie(client).value == old
    dialog = client.submit(wrong, {"_password": "admin"})
    assert "What the key is for" in dialog.text or "New API Key" in words(dialog)
    assert cookie(client).value != old, "the session goes on with another token"
    shown = client.submit(dialog, {"name": "shop"}, button="Generate Key")
    assert re.search(r"[0-9a-f]{40}", shown.text), "it is not asked for again within the next minutes"
    assert events(db, "identity_refused", "identity_confirmed", "key_created") == [
        "identity_refused", "identity_confirmed", "key_created",
    ]  # fmt: skip
    anonymous_token = client.__class__(client.application)
    anonymous_token.resume(old)
    assert not is_signed_in(anonymous_token), "the token of before is worth nothing"


def test_rights_of_a_user_are_not_changed_from_a_session_left_open(client, db, erin):
    url = f"/app/res.users/{erin}?edit=1"
    page = client.get(url)
    age_confirmation(db)
    asked = client.submit(page, {"login": "erin.bell"}, button="Save")
    assert asked.status_code == 403
    with db.transaction() as env:
        assert env["res.users"].browse(erin).login == "erin"
    done = client.submit(asked, {"_password": "admin"})
    assert done.status_code == 200
    with db.transaction() as env:
        assert env["res.users"].browse(erin).login == "erin.bell"


def test_a_program_confirms_its_session(client, db):
    age_confirmation(db)

    def call(model, method, *args):
        params = {"model": model, "method": method, "args": list(args), "kwargs": {}}
        return client.post("/web/dataset/call_kw", json={"params": params}).json

    wizard = call("res.users.apikeys.description", "create", {"name": "shop", "duration": "1"})["result"]
    refused = call("res.users.apikeys.description", "make_key", [wizard])["error"]["data"]
    assert refused["code"] == "identity_required" and "res.users.identitycheck" in refused["message"]
    check = call("res.users.identitycheck", "create", {"password": "admin"})["result"]
    assert call("res.users.identitycheck", "run_check", [check])["result"] is True
    assert call("res.users.apikeys.description", "make_key", [wizard])["result"]
    with db.transaction() as env:
        assert not env["res.users.identitycheck"].search([]), "the password is not stored"


# ------------------------------------------------------------------- second factor


def code_of(secret):
    return pyotp.TOTP(secret).now()


def test_signing_in_asks_for_the_code_of_the_second_factor(anonymous, db, erin):
    secret = totp.new_secret()
    with db.transaction() as env:
        env["res.users"].browse(erin).totp_secret = secret
    step = anonymous.submit(anonymous.get("/login?next=/app/preferences"), {"login": "erin", "password": PASSWORD})
    assert "Enter the code" in words(step) and not is_signed_in(anonymous)
    wrong = anonymous.submit(step, {"totp_token": "12"})
    assert wrong.status_code == 401 and "not valid" in words(wrong)
    code = code_of(secret)
    page = anonymous.submit(wrong, {"totp_token": code})
    assert "New API Key" in words(page)
    anonymous.submit(page, button="Sign out")
    step = anonymous.submit(anonymous.get("/login"), {"login": "erin", "password": PASSWORD})
    assert anonymous.submit(step, {"totp_token": code}).status_code == 401, "a code is good once"
    assert events(db, "sign_in", "totp_refused", "sign_out") == ["totp_refused", "sign_in", "sign_out", "totp_refused"]
    with db.transaction() as env:
        assert env["ir.audit.log"].search([("event", "=", "sign_in")]).detail == "password and code"


def test_a_password_that_is_reset_leaves_the_second_factor(anonymous, db, erin):
    secret = totp.new_secret()
    with db.transaction(login="admin") as env:
        user = env["res.users"].browse(erin)
        user.sudo().totp_secret = secret
        user.new_password = "a password of later"
    step = anonymous.submit(anonymous.get("/login"), {"login": "erin", "password": "a password of later"})
    assert "Enter the code" in words(step) and not is_signed_in(anonymous)


@pytest.mark.parametrize("change", ["browser", "user", "time", "nonsense"])
def test_the_step_between_password_and_code_cannot_be_forged(anonymous, db, erin, change, monkeypatch):
    secret = totp.new_secret()
    with db.transaction() as env:
        env["res.users"].browse(erin).totp_secret = secret
    step = anonymous.submit(anonymous.get("/login"), {"login": "erin", "password": PASSWORD})
    form = dict(document(step).forms[0].form_values())
    if change == "browser":
        anonymous.delete_cookie(COOKIE)
        form["_csrf"] = dict(document(anonymous.get("/login")).forms[0].form_values())["_csrf"]
    elif change == "user":
        with db.transaction() as env:
            env["res.users"].browse(erin)._set_password("a password of later")
    elif change == "time":
        monkeypatch.setattr("core.web.second_factor.time.time", lambda: now().timestamp() + 10**6)
    else:
        form["ticket_token"] = "bm9uc2Vuc2U=.x"
    answer = anonymous.post("/login/code", data={**form, "totp_token": code_of(secret)})
    assert "Please sign in again" in words(answer)
    assert not is_signed_in(anonymous)


def test_a_required_second_factor_is_set_up_while_signing_in(anonymous, db, erin):
    with db.transaction() as env:
        env["res.config.settings"].create({"auth_totp_policy": "employee_required"}).execute()
    step = anonymous.submit(anonymous.get("/login"), {"login": "erin", "password": PASSWORD})
    (key,) = document(step).xpath("//code[@class='totp-key']")
    assert document(step).xpath("//*[@class='qrcode']//*[name()='svg']")
    assert not is_signed_in(anonymous)
    done = anonymous.submit(step, {"totp_token": code_of(key.text_content())})
    codes = [code.text_content() for code in document(done).xpath("//ul[@class='recovery-codes']//code")]
    assert len(codes) == totp.RECOVERY_CODES
    assert is_signed_in(anonymous)
    anonymous.submit(anonymous.get("/app/preferences", follow_redirects=True), button="Sign out")
    step = anonymous.submit(anonymous.get("/login"), {"login": "erin", "password": PASSWORD})
    assert "Enter the code" in words(step)
    anonymous.submit(step, {"totp_token": codes[3]})
    assert is_signed_in(anonymous)
    assert events(db, "totp_enabled", "recovery_code_used") == ["totp_enabled", "recovery_code_used"]


def test_the_second_factor_is_set_up_in_the_preferences(client, db):
    dialog = press(client, client.get("/app/preferences", follow_redirects=True), "Enable Two-Factor Authentication")
    with db.transaction() as env:
        secret = env["auth_totp.wizard"].search([]).secret
    assert secret in dialog.text and "<svg" in dialog.text
    shown = client.submit(dialog, {"code": code_of(secret)}, button="Enable")
    assert len(re.findall(r"(?:[a-z2-7]{4}-){5}[a-z2-7]{4}", shown.text)) >= totp.RECOVERY_CODES
    with db.transaction() as env:
        assert env.ref("base.user_admin").totp_enabled


def test_a_wrong_code_in_the_preferences_is_counted_once_its_transaction_is_over(client, db):
    dialog = press(client, client.get("/app/preferences", follow_redirects=True), "Enable Two-Factor Authentication")
    started = time.monotonic()
    again = client.submit(dialog, {"code": "000000"}, button="Enable")
    assert "This code is not valid" in words(again)
    assert time.monotonic() - started < 5  # not blocked by its own transaction
    with db.transaction() as env:
        (failures,) = env.cr.execute("SELECT failures FROM res_users_throttle").scalars()
        assert failures == 1


# ------------------------------------------------------------------------- sessions


def test_reading_pages_prolongs_a_session_until_its_end(client, db):
    with db.transaction() as env:
        session = env["web.session"].search([])
        ends = session.ends
        session.write(
            {"last_activity": now() - datetime.timedelta(hours=1), "expires": now() + datetime.timedelta(minutes=1)}
        )
    assert is_signed_in(client)
    with db.transaction() as env:
        session = env["web.session"].search([])
        assert session.expires - now() > datetime.timedelta(hours=11)
        assert session.ends == ends
        session.ends = session.expires = now() - datetime.timedelta(seconds=1)
    assert not is_signed_in(client)


@pytest.mark.parametrize("door", ["pages", "rpc"])
def test_the_cookie_travels_encrypted_where_the_server_is_reached_so(anonymous, db, door):
    if door == "pages":
        page = anonymous.get("/login", base_url="https://localhost")
        data = {"_csrf": dict(document(page).forms[0].form_values())["_csrf"], "login": "admin", "password": "admin"}
        anonymous.post("/login", data=data, base_url="https://localhost")
    else:
        params = {"db": db.name, "login": "admin", "password": "admin"}
        anonymous.post("/web/session/authenticate", json={"params": params}, base_url="https://localhost")
    sent = anonymous.get_cookie(f"__Host-{COOKIE}")
    assert sent.secure and sent.http_only


def test_a_password_of_before_the_rules_signs_in_and_is_to_be_changed(anonymous, db, erin):
    with db.transaction() as env:
        env["ir.config_parameter"].set_param("base.demo", False)
        env["res.users"].browse(erin)._store_password("abc")
    page = anonymous.submit(anonymous.get("/login"), {"login": "erin", "password": "abc"})
    assert "does not follow the rules" in words(page)


@pytest.mark.parametrize(("proxies", "source"), [(0, "10.0.0.1"), (1, "203.0.113.7"), (2, "198.51.100.1")])
def test_the_source_of_an_attempt_is_what_trusted_proxies_say(db, monkeypatch, proxies, source):
    monkeypatch.setattr(db, "settings", dataclasses.replace(db.settings, trusted_proxies=proxies))
    client = Client(Application(db))
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    page = client.get("/login", headers=forwarded, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    data = {"_csrf": dict(document(page).forms[0].form_values())["_csrf"], "login": "admin", "password": "guess"}
    client.post("/login", data=data, headers=forwarded, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    with db.transaction() as env:
        assert env["ir.audit.log"].search([("event", "=", "sign_in_refused")]).source == source
