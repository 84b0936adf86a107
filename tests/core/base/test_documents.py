"""Field history, the document mixin, attachments."""

from __future__ import annotations

import base64
from decimal import Decimal

import pytest

from core import bounds
from core.base.services import tracking
from core.exceptions import AccessError, HookError, InvalidArgument, UserError, ValidationError
from core.testing.queries import max_queries


def test_changes_are_recorded_with_names_of_the_moment_in_one_insert(env):
    euro, dollar = env.ref("base.EUR"), env.ref("base.USD")
    partner = env["res.partner"].create({"name": "Anna", "type": "invoice"})
    env.flush_all()
    company = env.company
    before = env.cr.statements
    tracking.record_changes(
        env,
        [
            (env["res.company"], company.id, "currency_id", euro.id, dollar.id),
            ("res.partner", partner.id, "type", None, "invoice"),
            ("res.partner", partner.id, "is_company", False, True),
            ("res.partner", partner.id, "name", None, False),
            ("res.currency", euro.id, "rounding", Decimal("0.010000"), Decimal("0.1")),
        ],
    )
    assert env.cr.statements - before <= 3, "one INSERT and the names"
    rows = env["ir.tracking"].search([("res_id", "in", [company.id, partner.id, euro.id])])
    found = {row.field: (row.old_display, row.new_display) for row in rows}
    assert found == {
        "currency_id": ("EUR", "USD"),
        "type": ("", "Invoice Address"),
        "is_company": ("No", "Yes"),
        "rounding": ("0.01", "0.1"),
    }
    money = rows.filtered(lambda row: row.field == "currency_id")
    assert (money.old_value, money.new_value) == (str(euro.id), str(dollar.id))
    assert money.user_id == env["res.users"].browse(env.uid)
    assert money.field_label == "Currency"
    dollar.name = "DOL"
    assert money.new_display == "USD"


def test_history_is_not_rewritten(env, refused):
    tracking.record_changes(env, [("res.partner", 1, "name", "a", "b")])
    row = env["ir.tracking"].search([("model", "=", "res.partner")], limit=1)
    with refused(UserError, code="base.history_closed"):
        row.write({"new_display": "c"})


# --------------------------------------------------------- the document mixin


class Hooks:
    """Stands in for the hooks of a database."""

    def __init__(self, answer):
        self.answer, self.calls = answer, []

    def on_validate(self, **arguments):
        self.calls.append(arguments)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def on_done(self, **arguments):
        self.calls.append(arguments)

    def has(self, *_names):
        return False


@pytest.fixture
def hooked(env, monkeypatch):
    def install(answer):
        hooks = Hooks(answer)
        monkeypatch.setattr(env.registry, "hooks", hooks)
        return hooks

    return install


def test_validation_asks_refuses_or_continues(env, hooked, refused):
    documents = env["document.mixin"]
    hooks = hooked(None)
    assert documents._run_validate({"backorder": {1: True}}) is None
    assert hooks.calls[0]["answers"] == {"backorder": {1: True}}
    wizard = env["change.password.own"].create({})
    hooked(wizard)
    assert documents._run_validate() == wizard
    hooked(UserError("no", code="test.refused"))
    with pytest.raises(UserError) as caught:
        documents._run_validate()
    assert caught.value.code == "test.refused"
    hooked({"type": "ir.actions.act_window"})
    with refused(HookError):
        documents._run_validate()


def test_nobody_is_told_of_no_documents(env, hooked):
    hooks = hooked(None)
    env["document.mixin"]._notify("on_done")
    assert hooks.calls == []


# -------------------------------------------------------------- attachments


@pytest.fixture
def erin(env):
    return env["res.users"].create({"name": "Erin", "login": "erin"})


def test_a_file_knows_its_type_size_and_record(env):
    partner = env["res.partner"].create({"name": "Anna"})
    file = env["ir.attachment"].create(
        {"name": "note.txt", "raw": b"hello", "res_model": "res.partner", "res_id": partner.id}
    )
    assert (file.mimetype, file.file_size, file.res_name) == ("text/plain", 5, "Anna")
    assert file.content() == b"hello"
    file.write({"datas": base64.b64encode(b"bye").decode()})
    assert file.file_size == 3


@pytest.mark.parametrize("name", ["datas", "raw"])
def test_a_file_has_a_largest_size_on_every_path(env, monkeypatch, name):
    monkeypatch.setattr(bounds, "FILE", 900)

    def content(size):
        return b"x" * size if name == "raw" else base64.b64encode(b"x" * size).decode()

    files = env["ir.attachment"]
    file = files.create({"name": "just right", name: content(900)})
    for argument, call in (
        ("datas", lambda: files.create({"name": "too large", name: content(910)})),
        ("datas", lambda: file.write({name: content(910)})),
        ("content", lambda: env["web.upload"].create({"name": "x", "content": base64.b64encode(b"x" * 910)})),
    ):
        with pytest.raises(InvalidArgument) as caught:
            call()
        assert caught.value.data["argument"] == argument
    assert file.file_size == 900


def test_portal_users_add_no_files(env):
    portal = env["res.users"].create(
        {"name": "Paul", "login": "paul", "group_ids": [(6, 0, [env.ref("base.group_portal").id])]}
    )
    with pytest.raises(AccessError):
        env(uid=portal.id, su=False)["ir.attachment"].create({"name": "x", "raw": b"x", "public": True})


def test_files_of_no_record_have_a_quota(env, erin, refused):
    env["ir.config_parameter"].set_param("base.attachment_quota", "1")
    files = env(uid=erin.id, su=False)["ir.attachment"]
    files.create([{"name": f"{number}", "raw": b"x" * 2**18} for number in range(4)])
    with refused(UserError, code="base.attachment_quota", data={"quota": 1}), env.savepoint():
        files.create({"name": "one more", "raw": b"x"})
    assert env["ir.attachment"].create({"name": "of the server", "raw": b"x"})
    erin.group_ids |= env.ref("base.group_partner_manager")
    partner = env["res.partner"].create({"name": "Anna"})
    owned = files.create({"name": "of a record", "raw": b"x", "res_model": "res.partner", "res_id": partner.id})
    for values in ({"res_id": 0}, {"res_model": False}):
        with pytest.raises(UserError), env.savepoint():
            owned.write(values)
    first = files.search([("name", "=", "0")])
    with pytest.raises(UserError), env.savepoint():
        first.write({"raw": b"x" * 2**19})
    first.unlink()
    assert files.create({"name": "again", "raw": b"x"})


def test_a_link_needs_an_address(env, refused):
    with refused(ValidationError, code="base.link_without_address", data={"name": "x"}):
        env["ir.attachment"].create({"name": "x", "type": "url"})


def test_files_have_the_rights_of_their_record(env, erin, refused):
    own = env(uid=erin.id, su=False)
    other = env["res.company"].create({"name": "Other Company"})
    foreign = env["res.partner"].create({"name": "Foreign", "company_id": other.id})
    shared = env["res.partner"].create({"name": "Shared"})
    hidden, seen = env["ir.attachment"].create(
        [
            {"name": "a.txt", "raw": "a", "res_model": "res.partner", "res_id": partner.id}
            for partner in (foreign, shared)
        ]
    )
    assert seen.with_env(own).read(["name"])[0]["name"] == "a.txt"
    with pytest.raises(AccessError):
        hidden.with_env(own).read(["datas"])
    with pytest.raises(AccessError):
        seen.with_env(own).write({"name": "b.txt"})
    with pytest.raises(AccessError):
        own["ir.attachment"].create({"name": "c.txt", "raw": "c", "res_model": "res.partner", "res_id": shared.id})
    mine = own["ir.attachment"].create({"name": "mine.txt", "raw": "m"})
    assert mine.content() == b"m"
    olga = env["res.users"].create({"name": "Olga", "login": "olga"})
    with refused(AccessError, code="base.file_hidden"):
        mine.with_user(olga).read(["datas"])
    mine.public = True
    assert mine.with_user(olga).read(["datas"])


def test_no_door_leads_to_the_files_of_a_hidden_record(env, erin, refused):
    own = env(uid=erin.id, su=False)
    other = env["res.company"].create({"name": "Other Company"})
    foreign, shared = env["res.partner"].create([{"name": "Foreign", "company_id": other.id}, {"name": "Shared"}])
    hidden, seen, nobodys = env["ir.attachment"].create(
        [
            {"name": "salaries.txt", "raw": "9", "res_model": "res.partner", "res_id": foreign.id},
            {"name": "address.txt", "raw": "1", "res_model": "res.partner", "res_id": shared.id},
            {"name": "draft.txt", "raw": "2"},
        ]
    )
    env.flush_all()
    env.invalidate_all()
    files = own["ir.attachment"]
    assert files.search([]).ids == [seen.id]
    assert files.search_count([]) == 1
    assert files.search_read([], ["name"]) == [{"id": seen.id, "name": "address.txt"}]
    assert files.name_search("") == [(seen.id, "address.txt")]
    assert not hidden.with_env(own).has_access("read") and not nobodys.with_env(own).has_access("read")
    for file in (hidden, nobodys):
        for name in ("name", "datas", "file_size"):
            env.invalidate_all()
            with pytest.raises(AccessError):
                file.with_env(own)[name]
    with refused(AccessError, code="base.file_protected"):
        seen.with_env(own).unlink()
    with pytest.raises(AccessError):
        own["ir.attachment"].create({"name": "x", "raw": "x"}).write({"res_model": "res.partner", "res_id": shared.id})
    assert files.search_count([]) == 2, "what one has made and not attached is one's own"


def test_files_of_files_are_their_maker_s(env, erin):
    own = env(uid=erin.id, su=False)
    first, second = env["ir.attachment"].create([{"name": "a", "raw": "a"}, {"name": "b", "raw": "b"}])
    first.write({"res_model": "ir.attachment", "res_id": second.id})
    second.write({"res_model": "ir.attachment", "res_id": first.id})
    assert not own["ir.attachment"].search([])


def test_which_files_may_be_seen_takes_as_many_statements_for_a_hundred_as_for_two(env, erin):
    own = env(uid=erin.id, su=False)
    for number in (2, 100):
        partners = env["res.partner"].create([{"name": f"P{i}"} for i in range(number)])
        env["ir.attachment"].create(
            [{"name": "n", "raw": "n", "res_model": "res.partner", "res_id": id_} for id_ in partners.ids]
        )
        env.flush_all()
        env.invalidate_all()
        with max_queries(env, 14):
            assert len(own["ir.attachment"].search_read([], ["name"])) >= number
