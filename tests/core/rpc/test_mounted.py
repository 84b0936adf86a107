"""The external API is mounted in the web application, and shares its sessions."""

import xmlrpc.client

import pytest

pytestmark = pytest.mark.dialects("sqlite")


def test_every_protocol_answers(anonymous, db):
    """As clients address them."""
    call = {"jsonrpc": "2.0", "method": "call", "id": 7, "params": {"service": "db", "method": "list", "args": []}}
    assert anonymous.post("/jsonrpc", json=call).json == {"jsonrpc": "2.0", "id": 7, "result": [db.name]}
    body = xmlrpc.client.dumps((), "version")
    answer = anonymous.post("/xmlrpc/2/common", data=body, content_type="text/xml")
    assert xmlrpc.client.loads(answer.data)[0][0]["protocol_version"] == 1
    assert anonymous.post("/json/2/res.partner/search", json={}).status_code == 401
    assert anonymous.get("/xmlrpc/2/common").status_code == 405


def test_a_session_opens_pages_and_calls(anonymous, db):
    """Signed in by JSON-RPC, the pages are open; signed out, both are shut."""
    params = {"db": db.name, "login": "admin", "password": "admin"}
    info = anonymous.post("/web/session/authenticate", json={"params": params}).json["result"]
    assert info["uid"] > 1
    assert info["username"] == "admin"
    assert anonymous.get("/app").status_code == 200
    read = {"params": {"model": "res.users", "method": "read", "args": [[info["uid"]], ["login"]], "kwargs": {}}}
    answer = anonymous.post("/web/dataset/call_kw/res.users/read", json=read).json
    assert answer["result"] == [{"id": info["uid"], "login": "admin"}]
    assert anonymous.post("/web/session/get_session_info", json={}).json["result"]["uid"] == info["uid"]
    assert anonymous.post("/web/session/destroy", json={}).json["result"] is None
    error = anonymous.post("/web/dataset/call_kw", json=read).json["error"]
    assert (error["code"], error["data"]["name"]) == (100, "odoo.http.SessionExpiredException")


def test_a_wrong_password_opens_nothing(anonymous):
    """No cookie, and an error that clients know."""
    answer = anonymous.post("/web/session/authenticate", json={"params": {"login": "admin", "password": "no"}})
    assert answer.json["error"]["data"]["name"] == "odoo.exceptions.AccessDenied"
    assert "Set-Cookie" not in answer.headers


def test_a_page_of_another_site_cannot_call(client):
    """With the user's cookie a foreign page can only send what is not JSON, and that is refused."""
    body = '{"params": {"model": "res.partner", "method": "create", "args": [{"name": "Forged"}]}}'
    answer = client.post("/web/dataset/call_kw", data=body, content_type="text/plain")
    assert "content type" in answer.json["error"]["data"]["message"]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"params": []}', '{"params": {"service": 1}}', "nonsense"])
def test_malformed_calls_are_answered(anonymous, body):
    """Never with a traceback."""
    error = anonymous.post("/jsonrpc", data=body, content_type="application/json").json["error"]
    assert error["data"]["message"]
    assert "Traceback" not in error["data"]["debug"]


@pytest.mark.parametrize(
    "number", ["1e200000000", "1.5", "[1]", "{}", "true", '"\\ud800"', '"%s"' % ("x" * 5000), "9" * 30]
)
def test_an_id_is_text_or_a_whole_number(anonymous, number):
    """It comes back with the answer, so nothing that grows on the way, or that no answer can carry."""
    answer = anonymous.post("/jsonrpc", data=f'{{"id": {number}, "params": {{}}}}', content_type="application/json")
    assert answer.status_code == 200 and len(answer.data) < 2000
    assert answer.json["id"] is None
    assert answer.json["error"]["data"]["code"] in ("bad_request", "invalid_argument")


@pytest.mark.parametrize(
    "values, field",
    [
        ({"name": ["a"]}, "name"),
        ({"category_id": 5}, "category_id"),
        ({"category_id": [[6, 0, "x"]]}, "category_id"),
        ({"category_id": [[0, 0, 5]]}, "category_id"),
        ({"category_id": [[9, 0, 0]]}, "category_id"),
        ({"country_id": "1"}, "country_id"),
        ({"country_id": [1, "x"]}, "country_id"),
        ({"child_ids": [[0, 0, {"country_id": {}}]]}, "country_id"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(client, caplog, values, field):
    """Before any addon sees it, with one line in the log and no traceback."""
    params = {"model": "res.partner", "method": "create", "args": [values], "kwargs": {}}
    error = client.post("/web/dataset/call_kw", json={"params": params}).json["error"]["data"]
    assert (error["code"], error["details"]["fields"]) == ("bad_arguments", [field])
    assert error["details"]["argument"] == "vals_list"
    lines = [record for record in caplog.records if record.name == "core.rpc.faults"]
    assert len(lines) == 1 and "res.partner" in lines[0].getMessage() and not lines[0].exc_info


@pytest.mark.parametrize(
    "context",
    ["x", {"lang": 5}, {"tz": []}, {"allowed_company_ids": ["x"]}, {"allowed_company_ids": 1}, {"active_id": -1}],
)
def test_a_wrong_context_is_refused(client, context):
    """The keys that core reads have a shape; others are the addons'."""
    params = {"model": "res.partner", "method": "search_count", "args": [[]], "kwargs": {"context": context}}
    error = client.post("/web/dataset/call_kw", json={"params": params}).json["error"]["data"]
    assert (error["code"], error["details"]["argument"]) == ("bad_arguments", "context")


@pytest.mark.parametrize("ids", [[], [1, 2]])
def test_a_method_of_one_record_says_so(client, ids):
    """Whose ids the client chose; elsewhere it is a defect."""
    params = {"model": "res.users", "method": "has_group", "args": [ids, "base.group_user"], "kwargs": {}}
    error = client.post("/web/dataset/call_kw", json={"params": params}).json["error"]["data"]
    assert (error["code"], error["details"]["argument"]) == ("bad_arguments", "ids")


def test_models_without_records_have_nothing_to_read(client):
    """Abstract models are for inheriting from."""
    params = {"model": "document.mixin", "method": "search", "args": [[]], "kwargs": {}}
    assert client.post("/web/dataset/call_kw", json={"params": params}).json["error"]["data"]["code"] == "not_found"


def test_buttons_and_pages_of_records(client):
    """The older calls of web clients."""
    page = client.post(
        "/web/dataset/search_read", json={"params": {"model": "res.users", "fields": ["login"], "limit": 1}}
    )
    assert page.json["result"]["length"] >= 1
    assert len(page.json["result"]["records"]) == 1
    button = {"params": {"model": "res.partner", "method": "search_count", "args": [[]], "kwargs": {}}}
    assert client.post("/web/dataset/call_button", json=button).json["result"] is False
