"""`load` and `export_data`: contacts as rows of cells, in and out."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.exceptions import AccessError, ValidationError
from core.testing.queries import max_queries


@pytest.fixture
def partners(env):
    return env["res.partner"]


def loaded(model, fields, *rows):
    """The records of a load that works."""
    answer = model.load(fields, list(rows))
    assert answer["messages"] == [], answer["messages"]
    return model.browse(answer["ids"])


def problems(model, fields, *rows):
    """(first row, field, text) of every error of a load that is refused; nothing was kept."""
    before = model.with_context(active_test=False).search_count([])
    answer = model.load(fields, list(rows))
    assert answer["ids"] is False
    assert model.with_context(active_test=False).search_count([]) == before
    return [
        (message["rows"]["from"], message["field"], message["message"])
        for message in answer["messages"]
        if message["type"] == "error"
    ]


# ---------------------------------------------------------------------------- in


def test_rows_become_records_and_are_found_again_by_their_external_ids(env, partners):
    fields = ["id", "name", "email", "is_company", "color", "type"]
    azure, wood = loaded(
        partners,
        fields,
        ["azure", "Azure", "a@x.com", "yes", "3", "Delivery"],
        ["shop.wood", "Wood", "", "0", 7, "invoice"],
    )
    assert (azure.email, azure.is_company, azure.color, azure.type) == ("a@x.com", True, 3, "delivery")
    assert (wood.email, wood.is_company, wood.color, wood.type) == (False, False, 7, "invoice")
    assert env.ref("__import__.azure") == azure and env.ref("shop.wood") == wood
    again = loaded(partners, ["id", "name", "email"], ["shop.wood", "Wood & Co", "w@x.com"], ["new", "New", ""])
    assert again[0] == wood and (wood.name, wood.email, wood.color) == ("Wood & Co", "w@x.com", 7)
    assert again[1].name == "New"
    assert loaded(partners, [".id", "email"], [azure.id, ""]) == azure
    assert not azure.email, "an empty cell unsets"


def test_an_empty_cell_of_a_field_that_must_be_set_is_its_default(env):
    sequences = env["ir.sequence"]
    (made,) = loaded(sequences, ["name", "implementation", "number_increment"], ["Slips", "", ""])
    assert made.implementation == sequences.default_get(["implementation"])["implementation"]
    ((row, name, _text),) = problems(sequences, ["name", "code"], ["", "slips"])
    assert (row, name) == (0, "name")


def test_names_of_addons_are_for_administrators(env, partners):
    groups = [(4, env.ref(f"base.{name}").id) for name in ("group_user", "group_partner_manager")]
    user = env["res.users"].create({"name": "Una", "login": "una", "group_ids": groups})
    theirs = partners.with_user(user)
    for xmlid in ("base.future_group", "nowhere.x"):
        assert xmlid in problems(theirs, ["id", "name"], [xmlid, "Taken"])[0][2]
    assert len(loaded(theirs, ["id", "name"], ["mine", "A"], ["__import__.other", "B"], ["__export__.third", "C"])) == 3
    assert loaded(theirs, ["id", "name"], ["mine", "again"]).name == "again"
    assert loaded(partners, ["id", "name"], ["base.future_partner", "Admin's"])


def test_links_are_given_by_name_external_id_or_database_id(env, partners):
    austria = env.ref("base.at")
    tags = env["res.partner.category"].create([{"name": "Gold"}, {"name": "Silver"}])
    parent = partners.create({"name": "Azure", "is_company": True})
    rows = loaded(
        partners,
        ["name", "country_id", "parent_id/.id", "category_id"],
        ["By name", "Austria", str(parent.id), "Gold,Silver"],
        ["Without", "", "", ""],
    )
    assert (rows[0].country_id, rows[0].parent_id, rows[0].category_id) == (austria, parent, tags)
    assert not (rows[1].country_id or rows[1].parent_id or rows[1].category_id)
    (other,) = loaded(partners, ["name", "country_id:id", "parent_id.id"], ["Other", "base.at", parent.id])
    assert (other.country_id, other.parent_id) == (austria, parent)


def test_a_link_is_found_by_what_it_is_shown_as(env):
    rule = env["ir.rule"].search([], limit=1)
    ((shown,),) = rule.export_data(["model_id"])["datas"]
    (made,) = loaded(env["ir.rule"], ["name", "model_id", "domain_force"], ["Mine", shown, "[]"])
    assert made.model_id == rule.model_id


def test_a_row_may_name_one_that_comes_before_it(partners):
    first, second, third = loaded(
        partners,
        ["id", "name", "parent_id/id", "parent_id"],
        ["hq", "Headquarters", "", ""],
        ["vienna", "Vienna", "hq", "Headquarters"],
        ["desk", "Desk", "vienna", "Headquarters, Vienna"],
    )
    assert (second.parent_id, third.parent_id) == (first, second)


def test_lines_stand_in_the_rows_below(env, partners):
    azure, wood, alone = loaded(
        partners,
        ["id", "name", "child_ids/id", "child_ids/name", "child_ids/email", "child_ids/category_id"],
        ["azure", "Azure", "ann", "Ann", "ann@x.com", ""],
        ["", "", "bob", "Bob", "", ""],
        ["", "", "", "", "", ""],
        ["", "Wood", "", "Cleo", "", ""],
        ["", "Alone", "", "", "", ""],
    )
    assert azure.child_ids.mapped("name") == ["Ann", "Bob"]
    assert (wood.child_ids.name, alone.child_ids.name) == ("Cleo", False)
    assert env.ref("__import__.ann").email == "ann@x.com"
    loaded(
        partners,
        ["id", "child_ids/id", "child_ids/name", "child_ids/email"],
        ["azure", "bob", "Bob", "bob@x.com"],
        ["", "dan", "Dan", ""],
    )
    assert azure.child_ids.mapped("name") == ["Ann", "Bob", "Dan"]
    assert env.ref("__import__.bob").email == "bob@x.com"


def test_lines_that_are_there_already_are_only_linked(env, partners):
    ann, bob = loaded(partners, ["id", "name"], ["ann", "Ann"], ["bob", "Bob"])
    (azure,) = loaded(partners, ["name", "child_ids/id"], ["Azure", "ann,bob"])
    assert azure.child_ids == ann | bob


def test_moments_are_those_of_the_users_time_zone(env):
    jobs = env["ir.cron"].with_context(tz="Europe/Vienna")
    job = env["ir.cron"].search([], limit=1)
    loaded(jobs, [".id", "nextcall"], [job.id, "2031-07-01 12:00:00"])
    assert job.nextcall == datetime(2031, 7, 1, 10)
    ((out,),) = job.with_context(tz="Europe/Vienna").export_data(["nextcall"])["datas"]
    assert out == "2031-07-01 12:00:00"
    loaded(env["ir.cron"], [".id", "nextcall"], [job.id, "2031-07-01 12:00:00"])
    assert job.nextcall == datetime(2031, 7, 1, 12)


# ---------------------------------------------------------------------------- refused


def test_every_cell_that_makes_no_sense_is_named_and_nothing_is_kept(partners):
    found = problems(
        partners,
        ["id", "name", "is_company", "color", "parent_id/id", "country_id", "type"],
        ["good", "Good", "1", "1", "", "", ""],
        ["bad", "Bad", "perhaps", "three", "nobody", "Atlantis", "friend"],
        ["base.main_company", "Taken", "", "", "", "", ""],
    )
    assert [(row, name) for row, name, _text in found] == [
        (1, "is_company"), (1, "color"), (1, "parent_id"), (1, "country_id"), (1, "type"), (2, "id"),
    ]  # fmt: skip
    texts = [text for _row, _name, text in found]
    assert "'perhaps' is neither True nor False" in texts[0]
    assert "'three' is no whole number" in texts[1]
    assert "there is no record with the external id __import__.nobody" in texts[2]
    assert "called 'Atlantis'" in texts[3]
    assert "'friend'" in texts[4]
    assert "base.main_company is a record of res.company" in texts[5]


def test_records_that_cannot_be_created_are_told_one_by_one(env):
    found = problems(
        env["res.users"],
        ["name", "login"],
        ["Ann", "ann"],
        ["Again", "ann"],
        ["Root", "admin"],
        ["No login", ""],
    )
    assert [row for row, _name, _text in found] == [1, 2, 3]
    assert not env["res.users"].search([("login", "=", "ann")])


def test_lines_at_fault_are_told_with_their_rows(partners):
    (error,) = problems(
        partners,
        ["name", "child_ids/name", "child_ids/country_id"],
        ["Azure", "Ann", "Austria"],
        ["", "Bob", "Atlantis"],
    )
    assert error[:2] == (1, "child_ids") and "no Country called 'Atlantis'" in error[2]


def test_columns_that_are_none_are_named(partners):
    for title, text in (
        ("colour", "Did you mean 'color'"),
        ("name/id", "needs a relation"),
        ("country_id/code", "load these on their own"),
        ("a b", "not understood"),
    ):
        ((row, _field, found),) = problems(partners, ["name", title], ["Azure", "x"])
        assert row == 0 and text in found


def test_of_several_that_are_called_so_the_first_is_taken_with_a_warning(env, partners):
    twins = partners.create([{"name": "Twin", "is_company": True}, {"name": "Twin", "is_company": True}])
    answer = partners.load(["name", "parent_id"], [["Child", "Twin"]])
    assert partners.browse(answer["ids"]).parent_id == twins[0]
    (message,) = answer["messages"]
    assert (message["type"], message["field"]) == ("warning", "parent_id")


def test_a_sheet_full_of_errors_is_not_read_to_its_end(partners):
    answer = partners.load(["name", "color"], [["X", "many"]] * 500)
    assert len(answer["messages"]) == 11 and answer["messages"][-1]["type"] == "warning"


def test_who_may_not_create_loads_nothing_and_who_may_not_write_changes_nothing(env, partners):
    groups = [env.ref("base.group_user").id]
    guest = env["res.users"].create({"name": "guest", "login": "guest", "group_ids": [(6, 0, groups)]})
    azure = partners.create({"name": "Azure"})
    env["ir.model.data"]._update_xmlids([{"xml_id": "shop.azure", "record": azure}])
    companies = env["res.company"].with_user(guest)
    answer = companies.load(["id", "name"], [["", "Mine"], ["base.main_company", "Mine too"]])
    assert answer["ids"] is False and len(answer["messages"]) == 2
    assert env.ref("base.main_company").name != "Mine too"
    with pytest.raises(AccessError):
        env["ir.rule"].with_user(guest).search([], limit=1).export_data(["name"])


def test_a_thousand_rows_take_no_more_statements_than_ten(env, partners):
    def statements(count, name):
        rows = [[f"{name}{number}", f"{name} {number}", "Austria", "base.at"] for number in range(count)]
        env.invalidate_all()
        with max_queries(env, 60) as made:
            assert len(loaded(partners, ["id", "name", "country_id", "country_id/id"], *rows)) == count
        return len(made)

    statements(2, "Warm")  # what the process has read for an earlier test is read anew after the first rows
    few = statements(10, "Few")
    assert statements(1000, "Many") <= few


# ---------------------------------------------------------------------------- out


def test_what_is_exported_is_loaded_back_as_it_was(env, partners):
    tags = env["res.partner.category"].create([{"name": "Gold"}, {"name": "Silver"}])
    azure = partners.create(
        {
            "name": "Azure", "is_company": True, "country_id": env.ref("base.at").id, "category_id": [(6, 0, tags.ids)],
            "child_ids": [(0, 0, {"name": "Ann", "email": "ann@x.com"}), (0, 0, {"name": "Bob"})],
        }
    )  # fmt: skip
    wood = partners.create({"name": "Wood"})
    fields = ["id", "name", "is_company", "type", "country_id/id", "category_id", "child_ids/id", "child_ids/name",
              "child_ids/email"]  # fmt: skip
    rows = (azure | wood).export_data(fields)["datas"]
    xmlid = azure.get_external_id()[azure.id]
    ann, bob = azure.child_ids.get_external_id().values()
    assert xmlid.startswith("__export__.res_partner_")
    assert rows == [
        [xmlid, "Azure", True, "Contact", "base.at", "Gold,Silver", ann, "Ann", "ann@x.com"],
        ["", "", "", "", "", "", bob, "Bob", ""],
        [wood.get_external_id()[wood.id], "Wood", False, "Contact", "", "", "", "", ""],
    ]
    before = (azure | wood | azure.child_ids).read(["name", "type", "country_id", "category_id", "parent_id", "email"])
    count = partners.search_count([])
    assert loaded(partners, fields, *rows) == azure | wood
    assert (azure | wood | azure.child_ids).read(
        ["name", "type", "country_id", "category_id", "parent_id", "email"]
    ) == before
    assert partners.search_count([]) == count
    assert (azure | wood).export_data(fields)["datas"] == rows


def test_links_are_followed_as_far_as_they_go(env, partners, refused):
    azure = partners.create({"name": "Azure", "country_id": env.ref("base.at").id})
    child = partners.create({"name": "Ann", "parent_id": azure.id})
    ((row),) = child.export_data([".id", "parent_id", "parent_id/.id", "parent_id/country_id/code"])["datas"]
    assert row == [child.id, "Azure", azure.id, "AT"]
    for path in ("parent_id/colour", "name/code"):
        with refused(ValidationError):
            child.export_data([path])


def test_exporting_many_takes_no_more_statements_than_one(env, partners):
    for number in range(30):
        partners.create({"name": f"P{number}", "child_ids": [(0, 0, {"name": f"C{number}"})]})
    many = partners.search([("name", "=like", "P%")])
    fields = ["id", "name", "country_id/id", "child_ids/id", "child_ids/name", "child_ids/category_id"]
    env.flush_all()
    env.invalidate_all()
    with max_queries(env, 40):
        assert len(many.export_data(fields)["datas"]) == len(many)
