"""Python's own XML-RPC client works on a real server as it does on Odoo."""

import xmlrpc.client

import pytest


def fault(call, *args, **kwargs):
    """The fault that a call ends in."""
    with pytest.raises(xmlrpc.client.Fault) as caught:
        call(*args, **kwargs)
    return caught.value


def test_version_needs_no_login(xml):
    """Clients choose their dialect by it."""
    assert xml.common.version()["server_version_info"][:2] == [19, 0]


def test_signing_in(xml, db):
    """The user's id, or False without saying which half was wrong."""
    assert xml.uid > 1
    assert xml.common.login(db.name, "admin", "admin") == xml.uid
    assert xml.common.authenticate(db.name, "admin", "wrong", {}) is False
    assert xml.common.authenticate(db.name, "nobody", "admin", {}) is False


def test_a_record_from_birth_to_death(xml):
    """create, read, search, write, unlink; unset values are False."""
    id_ = xml("res.partner", "create", {"name": "Wood Corner"})
    assert xml("res.partner", "read", [id_], ["name", "email", "parent_id"]) == [
        {"id": id_, "name": "Wood Corner", "email": False, "parent_id": False}
    ]
    assert xml("res.partner", "search", [("name", "=", "Wood Corner")]) == [id_]
    assert xml("res.partner", "write", [id_], {"email": "wood@example.com"}) is True
    assert xml("res.partner", "search_read", [["id", "=", id_]], ["email"])[0]["email"] == "wood@example.com"
    assert xml("res.partner", "search_count", [["id", "=", id_]]) == 1
    assert xml("res.partner", "unlink", [id_]) is True
    assert xml("res.partner", "search_count", [["id", "=", id_]]) == 0


def test_several_at_once(xml):
    """A list of values gives a list of ids."""
    ids = xml("res.partner", "create", [{"name": "A"}, {"name": "B"}])
    assert [row["name"] for row in xml("res.partner", "read", ids, ["name"])] == ["A", "B"]


def test_execute_takes_plain_arguments(xml, db):
    """The older form of execute_kw."""
    found = xml.object.execute(db.name, xml.uid, "admin", "res.partner", "search", [], 0, 1)
    assert len(found) == 1


def test_fields_get_describes_the_model(xml):
    """Types and labels, as plain values."""
    fields = xml("res.partner", "fields_get", ["name", "parent_id"], attributes=["type", "string", "relation"])
    assert fields["parent_id"]["type"] == "many2one"
    assert fields["parent_id"]["relation"] == "res.partner"


def test_faults_have_the_codes_that_clients_know(xml, db, clerk):
    """1 defect, 2 something the user can act on, 3 wrong password, 4 not allowed."""
    assert fault(xml.object.execute_kw, db.name, xml.uid, "wrong", "res.partner", "read", [[1]]).faultCode == 3
    refused = fault(xml.object.execute_kw, db.name, clerk, "paper and ink", "res.users", "create", [{"login": "x"}])
    assert refused.faultCode == 4
    missing = fault(xml, "res.partner", "create", {"parent_id": 1})
    assert missing.faultCode == 2
    assert "name" in missing.faultString.lower()
    assert fault(xml, "no.model", "read", [1]).faultCode == 2
    assert fault(xml.common.authenticate, "elsewhere", "admin", "admin", {}).faultCode == 2


def test_wrong_calls_are_explained(xml, db):
    """Too few arguments, unknown arguments, ids that are none: said in words, never a traceback."""
    assert "needs the ids" in fault(xml, "res.partner", "write").faultString
    assert "no argument nonsense" in fault(xml, "res.partner", "search", [], nonsense=1).faultString
    assert "whole numbers" in fault(xml, "res.partner", "read", ["1"], ["name"]).faultString
    assert fault(xml.object.execute_kw, db.name).faultCode == 2
    assert fault(xml.object.nonsense).faultCode == 2


def test_records_are_read_and_saved_by_specification(xml):
    """web_save creates or writes, web_read and web_search_read go through links; all plain values."""
    company = {"name": "Azure Interior", "child_ids": [(0, 0, {"name": "Brandon"})]}
    (saved,) = xml("res.partner", "web_save", [], company, {"child_ids": {"fields": {"name": {}}}})
    (child,) = saved["child_ids"]
    assert child["name"] == "Brandon"
    link = {"id": saved["id"], "display_name": "Azure Interior"}
    wanted = {"parent_id": {"fields": {"display_name": {}}}}
    assert xml("res.partner", "web_read", [child["id"]], wanted) == [{"id": child["id"], "parent_id": link}]
    found = xml("res.partner", "web_search_read", [["parent_id", "=", saved["id"]]], wanted, 0, 10)
    assert found == {"length": 1, "records": [{"id": child["id"], "parent_id": link}]}
    (renamed,) = xml("res.partner", "web_save", [child["id"]], {"name": "Bran"}, {"name": {}})
    assert renamed == {"id": child["id"], "name": "Bran"}


def test_groups_are_counted_for_old_clients_and_new_ones(xml):
    """read_group and formatted_read_group; their domains go back into a search."""
    xml("res.partner", "create", [{"name": "Counted", "email": f"{n % 2}@example.com"} for n in range(3)])
    domain = [["name", "=", "Counted"]]
    groups = xml("res.partner", "formatted_read_group", domain, ["email", "create_date:day"], ["__count"])
    assert [(group["email"], group["__count"]) for group in groups] == [("0@example.com", 2), ("1@example.com", 1)]
    for group in groups:
        assert xml("res.partner", "search_count", domain + group["__extra_domain"]) == group["__count"]
    (first, second) = xml("res.partner", "read_group", domain, ["name"], ["email"])
    assert (first["email_count"], second["email_count"]) == (2, 1)
    assert xml("res.partner", "search_count", second["__domain"]) == 1
