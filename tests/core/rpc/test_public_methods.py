"""Declared methods: the right that is asked before a call from outside, and the shapes of its arguments."""

import datetime
from dataclasses import replace
from decimal import Decimal
from typing import Annotated

import pytest

from core import api, models
from core.exceptions import AccessError, InvalidArgument
from core.orm.decorators import Declaration
from core.rpc import dispatch
from core.rpc.faults import BadArguments, fault_of
from core.rpc.public_methods import Shape, call_button, describe_type, find

pytestmark = pytest.mark.dialects("sqlite")


class Gate(models.AbstractModel):
    """A model as an addon writes it."""

    _name = "test.gate"

    @api.public(access="write")
    def clear(
        self,
        day: datetime.date,
        share: Decimal = Decimal(1),
        places: Annotated[int, api.Meta(ge=1, le=100)] = 1,
        at: datetime.datetime | None = None,
        force: bool = False,
    ): ...

    @api.public(any_user=True)
    @api.readonly
    @api.model
    def mine(self, limit: api.Count | None = 80): ...

    def undeclared(self, anything: int): ...


class OverriddenGate(Gate):
    """An override of another addon, which says nothing."""

    def clear(self, day, share=Decimal(1), places=1, at=None, force=False, colour=None): ...

    def mine(self, limit=80): ...


@pytest.fixture
def clerk(env):
    """A user without any right on contacts but to read them."""
    user = env["res.users"].create({"name": "Clerk", "login": "clerk"})
    return env(uid=user.id, su=False)


@pytest.mark.parametrize("cls", [Gate, OverriddenGate])
def test_arguments_arrive_as_the_annotations_say(cls):
    """Also in an override without annotations."""
    method = find(cls, "clear")
    positional, keywords = method.bind(["2026-03-01"], {"share": 0.1, "at": "2026-03-01 10:00:00", "force": True})
    assert positional[:5] == [datetime.date(2026, 3, 1), Decimal("0.1"), 1, datetime.datetime(2026, 3, 1, 10), True]
    assert keywords == {}


@pytest.mark.parametrize(
    "args, kwargs, argument, expected",
    [
        ([], {}, "day", "the argument day is missing"),
        (["tomorrow"], {}, "day", "day must be a date as YYYY-MM-DD, not 'tomorrow'"),
        ([["2026-03-01"]], {}, "day", "day must be a date"),
        (["1200-03-01"], {}, "day", "is not between"),
        (["2026-03-01", "much"], {}, "share", "share must be a number, not 'much'"),
        (["2026-03-01", "NaN"], {}, "share", "share must be a number"),
        (["2026-03-01", "1e999999999"], {}, "share", "share must be a number"),
        (["2026-03-01", 1, 101], {}, "places", "places must be a whole number from 1 to 100, not 101"),
        (["2026-03-01"], {"force": 1}, "force", "force must be true or false, not 1"),
        (["2026-03-01"], {"colour": "red"}, "colour", "it has no argument colour"),
        (["2026-03-01"], {"day": "2026-03-01"}, "day", "day is given twice"),
        (["2026-03-01", 1, 1, None, True, 5], {}, None, "at most 5 arguments"),
    ],
)
def test_an_argument_that_does_not_fit_is_named(args, kwargs, argument, expected):
    """With what is expected instead, for people and as data."""
    with pytest.raises(InvalidArgument) as caught:
        find(Gate, "clear").bind(args, kwargs)
    assert expected in caught.value.message
    assert caught.value.data.get("argument") == argument


def test_false_and_null_stand_for_no_value():
    """As of clients that cannot leave out an argument in the middle."""
    assert find(Gate, "mine").bind([False], {}) == ([None], {})
    assert find(Gate, "clear").bind(["2026-03-01", None, False, False], {})[0][1:] == [Decimal(1), 1, None, False]
    with pytest.raises(BadArguments):
        find(Gate, "clear").bind([False], {})


def test_an_override_inherits_the_declaration():
    """The right and the read-only transaction."""
    assert find(OverriddenGate, "clear").declaration.access == "write"
    assert find(OverriddenGate, "mine").readonly and find(OverriddenGate, "mine").on_model


def test_an_undeclared_method_takes_what_comes():
    """Odoo's rule for addons that declare nothing: their annotations were not written for clients."""
    method = find(Gate, "undeclared")
    assert method.declaration is None
    assert method.bind(["text"], {}) == (["text"], {})


def test_a_declaration_says_who_may_call():
    """Neither by accident all, nor two things at once."""
    for wrong in ({}, {"access": "write", "any_user": True}, {"access": "steal"}):
        with pytest.raises(ValueError):
            api.public(**wrong)


def test_the_right_is_asked_before_the_method_runs(env, clerk):
    """By remote calls and by buttons of pages alike; not by calls from Python."""
    partner = env["res.partner"].create({"name": "Wood"})
    with pytest.raises(AccessError):
        dispatch.call(clerk, "res.partner", "action_archive", [partner.id])
    with pytest.raises(AccessError):
        call_button(partner.with_env(clerk), "action_archive")
    assert partner.active
    call_button(partner, "action_archive")
    assert not partner.active


def test_a_group_is_asked_for(env, clerk):
    """`groups` of the declaration."""
    method = replace(find(type(env["res.partner"]), "read"), declaration=Declaration(groups="base.group_system"))
    method.check_rights(env["res.partner"])
    with pytest.raises(AccessError):
        method.check_rights(clerk["res.partner"])


@pytest.mark.parametrize(
    "method, kwargs, argument",
    [
        ("search", {"domain": "name = x"}, "domain"),
        ("search", {"domain": [], "limit": -1}, "limit"),
        ("search", {"domain": [], "offset": 2**70}, "offset"),
        ("search", {"domain": [], "limit": "many"}, "limit"),
        ("search_read", {"fields": [1]}, "fields"),
        ("search_read", {"order": ["name"]}, "order"),
        ("create", {"vals_list": 5}, "vals_list"),
        ("check_access_rights", {"operation": "steal"}, "operation"),
        ("load", {"fields": ["name"], "data": [5]}, "data"),
        ("read_group", {"domain": [], "fields": 5, "groupby": []}, "fields"),
        ("web_search_read", {"domain": [], "specification": ["name"]}, "specification"),
        ("name_search", {"name": 5}, "name"),
    ],
)
def test_the_methods_of_the_orm_have_shapes(env, method, kwargs, argument):
    """What every model has is checked like what addons declare."""
    with pytest.raises(BadArguments) as caught:
        dispatch.call(env, "res.partner", method, (), kwargs)
    assert caught.value.data["argument"] == argument


@pytest.mark.parametrize("ids", [0, -1, [0], [True], ["1"], [1.5], 2**63, {"id": 1}])
def test_ids_are_ids(env, ids):
    """Whole numbers of at least 1 that a column can hold."""
    with pytest.raises(BadArguments) as caught:
        dispatch.call(env, "res.partner", "read", [ids])
    assert caught.value.data["argument"] == "ids"


def test_what_the_orm_stumbles_over_is_refused_and_placed_in_the_log(env, monkeypatch, caplog):
    """One of its own methods, which does what the arguments say; the line in the log tells where."""
    monkeypatch.setattr("core.orm.search.optimize", int)  # a built-in: no code but the ORM's takes part
    with pytest.raises(BadArguments) as caught:
        dispatch.call(env, "res.partner", "search", [[["name", "=", "x"]]])
    assert fault_of(caught.value).http_status == 422
    assert "TypeError at" in caplog.text and "search.py:" in caplog.text and "Traceback" not in caplog.text


def test_a_defect_of_a_method_stays_a_defect(env, monkeypatch):
    """A TypeError out of an addon's code is no fault of the client, however it was reached."""

    def broken(self, *args, **kwargs):
        raise TypeError("a defect")

    monkeypatch.setattr(type(env["res.partner"]), "_name_search_domain", broken)
    with pytest.raises(TypeError, match="a defect"):
        dispatch.call(env, "res.partner", "name_search", ["x"])


def test_portal_users_learn_nothing_of_others_groups(env):
    """Of themselves they may ask."""
    portal = env.ref("base.group_portal")
    user = env["res.users"].create({"name": "Guest", "login": "guest", "group_ids": [(6, 0, portal.ids)]})
    guest = env(uid=user.id, su=False)
    assert dispatch.call(guest, "res.users", "has_group", [user.id, "base.group_portal"]) is True
    with pytest.raises(AccessError):
        dispatch.call(guest, "res.users", "has_group", [[2], "base.group_system"])
    with pytest.raises(AccessError):
        dispatch.call(guest, "ir.cron", "exists", [[1]])
    with pytest.raises(AccessError):
        dispatch.call(guest, "ir.cron", "fields_get")


def test_a_password_is_changed_as_clients_of_odoo_do(env):
    """`change_password(old, new)`, without ids."""
    user = env["res.users"].create({"name": "Erin", "login": "erin", "password": "Grey-Horse-71"})
    own = env(uid=user.id, su=False)
    assert dispatch.call(own, "res.users", "change_password", ["Grey-Horse-71", "Brown-Horse-72"]) is True


def test_types_are_described_in_words():
    """The end of the sentence “... must be ...”."""
    assert describe_type(int) == "a whole number"
    assert describe_type(list[str] | None) == "a list, each item a text"
    assert describe_type(api.Ids) == "a list of ids of records"
    assert Shape(api.Operation).expected == "one of read, write, create, unlink"
