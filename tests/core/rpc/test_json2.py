"""/json/2: a call per URL, statuses that mean something, and work that is done once."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def test_calls_by_name(json2):
    """ids, context and everything else are members of the body; the answer is the bare result."""
    status, ids, _headers = json2("/json/2/res.partner/create", {"vals_list": [{"name": "Wood Corner"}]})
    assert (status, len(ids)) == (200, 1)
    status, rows, _headers = json2("/json/2/res.partner/read", {"ids": ids, "fields": ["name"]})
    assert rows == [{"id": ids[0], "name": "Wood Corner"}]
    assert json2("/json/2/res.partner/search", {"domain": [["id", "in", ids]]})[1] == ids
    assert json2("/json/2/res.users/context_get")[1]["uid"] > 1


@pytest.mark.parametrize(
    ("path", "body", "status", "name"),
    [
        ("/json/2/no.model/read", {"ids": [1]}, 404, "werkzeug.exceptions.NotFound"),
        ("/json/2/res.partner/nonsense", {"ids": [1]}, 404, "werkzeug.exceptions.NotFound"),
        ("/json/2/res.partner/sudo", {"ids": [1]}, 403, "odoo.exceptions.AccessError"),
        ("/json/2/res.partner/_write", {"ids": [1]}, 403, "odoo.exceptions.AccessError"),
        ("/json/2/res.partner/search", {"nonsense": 1}, 422, "odoo.exceptions.UserError"),
        ("/json/2/res.partner/read", {"ids": [999999], "fields": ["name"]}, 404, "odoo.exceptions.MissingError"),
        ("/json/2/res.partner/create", {"vals_list": {"email": "x"}}, 422, "odoo.exceptions.ValidationError"),
    ],
)
def test_errors_have_statuses_and_names(json2, path, body, status, name):
    """What is wrong can be told by status and by name, and the message says it in words."""
    answered, error, _headers = json2(path, body)
    assert (answered, error["name"]) == (status, name)
    assert error["message"]
    assert error["arguments"] == [error["message"]]


def test_a_link_to_nothing_is_told_by_model_and_field(json2):
    """The database finds it at the commit, in terms of tables; the client reads the words of the form."""
    status, error, _headers = json2("/json/2/res.partner/create", {"vals_list": [{"name": "X", "country_id": 987654}]})
    assert (status, error["name"]) == (422, "odoo.exceptions.ValidationError")
    assert "Contact: " in error["message"] and "(country_id) refers to a record that does not exist" in error["message"]
    assert error["details"]["fields"] == ["country_id"]
    assert json2("/json/2/res.partner/search", {"domain": [["name", "=", "X"]]})[1] == []


def test_records_are_archived_and_brought_back(json2):
    """By the names that Odoo has for it; a model without an archive says so."""
    (id_,) = json2("/json/2/res.partner/create", {"vals_list": [{"name": "Old Shop"}]})[1]
    found = {"domain": [["name", "=", "Old Shop"]]}
    assert json2("/json/2/res.partner/action_archive", {"ids": [id_]})[1] is True
    assert json2("/json/2/res.partner/search", found)[1] == []
    assert json2("/json/2/res.partner/search", {**found, "context": {"active_test": False}})[1] == [id_]
    assert json2("/json/2/res.partner/action_unarchive", {"ids": [id_]})[1] is True
    assert json2("/json/2/res.partner/search", found)[1] == [id_]
    status, error, _headers = json2("/json/2/ir.model.data/action_archive", {"ids": [1]})
    assert (status, "cannot be archived" in error["message"]) == (422, True)


def test_the_version_and_the_list_of_models(json2):
    """What a client of /json/2 asks before anything else; both are plain JSON."""
    assert json2("/web/version", method="GET")[1] == {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}
    models = {each["model"]: each["name"] for each in json2("/doc-bearer/index.json", method="GET")[1]["models"]}
    assert models["res.partner"] == "Contact" and "document.mixin" not in models
    assert json2("/doc-bearer/index.json", method="GET", headers={"Authorization": ""})[0] == 401


def test_without_a_valid_key(json2):
    """401, and how to do better."""
    for value in ("", "Bearer", "Bearer nonsense", "Basic YWRtaW46YWRtaW4="):
        status, error, headers = json2("/json/2/res.partner/search", {}, {"Authorization": value})
        assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
        assert error["name"] == "odoo.exceptions.AccessDenied"


def test_a_revoked_key_stops_at_once(json2, db):
    """Though it was remembered as good."""
    assert json2("/json/2/res.partner/search_count", {"domain": []})[0] == 200
    with db.transaction() as env:
        env["res.users.apikeys"].search([]).remove()
    assert json2("/json/2/res.partner/search_count", {"domain": []})[0] == 401


def test_another_database_is_refused(json2):
    """The header names the database; this server has one."""
    assert json2("/json/2/res.partner/search", {"domain": []}, {"X-Odoo-Database": "elsewhere"})[0] == 404


@pytest.mark.both_dialects("locking")
def test_a_key_does_the_work_once(json2):
    """A repetition gets the first answer and is marked; another request with the key is refused."""
    body, key = {"vals_list": {"name": "Once"}}, {"Idempotency-Key": "k1"}
    first = json2("/json/2/res.partner/create", body, key)
    again = json2("/json/2/res.partner/create", body, key)
    assert first[:2] == again[:2]
    assert "Idempotency-Replayed" not in first[2]
    assert again[2]["Idempotency-Replayed"] == "true"
    assert json2("/json/2/res.partner/search_count", {"domain": [["name", "=", "Once"]]})[1] == 1
    status, error, _headers = json2("/json/2/res.partner/create", {"vals_list": {"name": "Other"}}, key)
    assert (status, error["code"]) == (422, "idempotency_key_reused")


def test_a_failed_call_leaves_the_key_free(json2):
    """What was rolled back was not done, so it may be tried again."""
    key = {"Idempotency-Key": "k2"}
    assert json2("/json/2/res.partner/create", {"vals_list": {"email": "x"}}, key)[0] == 422
    assert json2("/json/2/res.partner/create", {"vals_list": {"name": "Second try"}}, key)[0] == 200


@pytest.mark.both_dialects("locking")
def test_ten_at_the_same_time_do_it_once(json2):
    """Also when they run side by side."""
    body, key = {"vals_list": {"name": "Together"}}, {"Idempotency-Key": "k3"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _n: json2("/json/2/res.partner/create", body, key)[:2], range(10)))
    assert len({str(answer) for answer in answers}) == 1, answers
    assert answers[0][0] == 200
    assert json2("/json/2/res.partner/search_count", {"domain": [["name", "=", "Together"]]})[1] == 1


def test_a_model_describes_itself(json2):
    """Fields, and methods with their parameters, for clients that send arguments by name."""
    status, document, _headers = json2("/doc-bearer/res.partner.json", method="GET")
    assert status == 200
    assert document["fields"]["name"]["type"] == "char"
    assert document["methods"]["search"]["api"] == ["model", "readonly"]
    assert "domain" in document["methods"]["search"]["parameters"]
    assert "sudo" not in document["methods"]


def test_specifications_and_groups_by_name(json2):
    """The calls that Odoo's own client makes, with their arguments as members of the body."""
    status, (saved,), _headers = json2(
        "/json/2/res.partner/web_save",
        {"ids": [], "vals": {"name": "Gemini"}, "specification": {"name": {}, "parent_id": {"fields": {}}}},
    )
    assert (status, saved["name"], saved["parent_id"]) == (200, "Gemini", False)
    page = {"domain": [["id", "=", saved["id"]]], "specification": {"name": {}}}
    found = {"length": 1, "records": [{"id": saved["id"], "name": "Gemini"}]}
    assert json2("/json/2/res.partner/web_search_read", page)[1] == found
    body = {"ids": [saved["id"]], "specification": {"nonsense": {}}}
    assert json2("/json/2/res.partner/web_read", body)[0] == 422
    grouping = {"domain": [["name", "=", "Gemini"]], "groupby": ["name"], "aggregates": ["__count"]}
    groups = json2("/json/2/res.partner/formatted_read_group", grouping)[1]
    assert groups == [{"name": "Gemini", "__count": 1, "__extra_domain": [["name", "=", "Gemini"]]}]


def test_a_key_is_taken_for_one_user_and_one_door_alone(json2, db):
    """A form of another user, or of this one, that is sent with the same text does not use it up."""
    with db.transaction() as env:
        other = env["res.users"].create({"name": "Stock", "login": "stock", "password": "Grey-Horse-71"})
        admin = env["res.users"].search([("login", "=", "admin")])
        for user in (other, admin):
            assert env["web.once"]._claim("INV-1", user.id)
            assert not env["web.once"]._claim("INV-1", user.id)
        assert env["web.once"]._claim("INV-1", other.id, "json/2")
        assert env["web.once"]._claim(f"json/2 {admin.id} INV-1", other.id)
    created = json2("/json/2/res.partner/create", {"vals_list": {"name": "Paid"}}, {"Idempotency-Key": "INV-1"})
    assert created[0] == 200 and "Idempotency-Replayed" not in created[2]
