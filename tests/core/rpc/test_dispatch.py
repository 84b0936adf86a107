"""Which methods clients may call, with what, and what they get back."""

import pytest

from core.api import hookimpl
from core.exceptions import AccessError, UserError
from core.rpc import dispatch
from core.rpc.faults import BadArguments, NotFound
from core.rpc.public_methods import public_methods

pytestmark = pytest.mark.dialects("sqlite")


@pytest.mark.parametrize(
    "method",
    [
        "sudo",
        "with_user",
        "with_context",
        "browse",
        "mapped",
        "filtered",
        "flush_model",
        "_write",
        "__init__",
        "_fields",
        "__class__",
        "lock_for_update",
    ],
)
def test_the_inside_of_the_orm_cannot_be_reached(env, method):
    """Neither what has an underscore nor what every recordset has for Python code."""
    with pytest.raises(AccessError):
        dispatch.call(env, "res.partner", method, [[1]])


@pytest.mark.parametrize("method", ["env", "ids", "name", "STATES", "nonsense"])
def test_what_is_no_method_is_not_found(env, method):
    """Properties, fields and class attributes are not for calling."""
    with pytest.raises(NotFound):
        dispatch.call(env, "res.partner", method, [[1]])


def test_what_clients_may_call_of_every_model(env):
    """Of the ORM's methods only those that are declared, whatever the model."""
    inherited = {public.name for public in public_methods(type(env["res.country"])).values() if public.inherited}
    assert inherited == {
        "action_archive", "action_unarchive", "allowed_transitions", "check_access_rights", "copy", "copy_data",
        "create", "default_get", "exists", "export_data", "fields_get", "formatted_read_group", "get_metadata",
        "has_access", "load", "name_create", "name_search", "onchange", "read", "read_group", "search",
        "search_count", "search_fetch", "search_read", "unlink", "web_read", "web_save", "web_search_read", "write",
    }  # fmt: skip


def test_a_method_is_told_apart_from_a_model_method(env):
    """Record methods take ids first, model methods do not."""
    partner = env["res.partner"].create({"name": "Wood"})
    assert dispatch.call(env, "res.partner", "read", [partner.id, ["name"]])[0]["name"] == "Wood"
    assert dispatch.call(env, "res.partner", "read", [[partner.id], ["name"]]) == [{"id": partner.id, "name": "Wood"}]
    assert dispatch.call(env, "res.partner", "name_search", [], {"name": "Wood"})[0][0] == partner.id
    with pytest.raises(BadArguments, match="ids"):
        dispatch.call(env, "res.partner", "read")
    for load in ("", None, "_classic_write"):
        assert dispatch.call(env, "res.partner", "read", [[partner.id], ["parent_id"]], {"load": load})
    with pytest.raises(BadArguments, match="whole numbers"):
        dispatch.call(env, "res.partner", "write", [["x"], {}])
    with pytest.raises(BadArguments, match="no ids"):
        dispatch.call(env, "res.partner", "search", (), {"domain": []}, ids=[1])


def test_create_gives_an_id_for_one_and_a_list_for_several(env):
    """As clients of Odoo expect."""
    assert isinstance(dispatch.call(env, "res.partner", "create", [{"name": "A"}]), int)
    assert len(dispatch.call(env, "res.partner", "create", [[{"name": "A"}, {"name": "B"}]])) == 2
    assert len(dispatch.call(env, "res.partner", "create", [[{"name": "A"}]])) == 1


def test_nothing_is_true(env):
    """A business method that returns None has done its work."""
    key = env(uid=env.ref("base.user_admin").id)["res.users.apikeys"]
    key._generate("rpc", "one")
    assert dispatch.call(env, "res.users.apikeys", "remove", [key.search([]).ids]) is True


def test_a_wizard_is_an_action(env):
    """With its values as defaults, and where it came from."""
    admin = env.ref("base.user_admin").with_user(env.ref("base.user_admin")).env
    wizard = admin["res.users.apikeys.description"].create({"name": "shop"})
    action = dispatch.call(admin, wizard._name, "make_key", [[wizard.id]])
    assert action["views"] == [[False, "form"]]
    assert action["context"]["active_ids"] == [wizard.id]
    assert action["context"]["active_model"] == wizard._name
    assert len(action["context"]["default_key"]) == 40


def test_context_cannot_change_who_calls(env):
    """The uid in a client's context is only an echo."""
    clerk = env["res.users"].create({"name": "Clerk", "login": "clerk"})
    own = env(uid=clerk.id, su=False)
    result = dispatch.call(own, "res.users", "context_get", [], {"context": {"uid": 1, "lang": "en_US"}})
    assert result["uid"] == clerk.id


def test_defaults_are_for_those_who_may_create(env):
    clerk = env["res.users"].create({"name": "Clerk", "login": "clerk"})
    own = env(uid=clerk.id, su=False)
    with pytest.raises(AccessError):
        dispatch.call(own, "res.company", "default_get", [["currency_id"]])
    assert dispatch.call(env, "res.company", "default_get", [["currency_id"]])


def test_addons_translate_context_into_arguments(env):
    """Keys of older clients become keyword arguments; what the caller passes itself wins."""

    class Impl:
        @hookimpl
        def translate_context(model, method, context):
            if method == "search" and "old_limit" in context:
                return {"limit": context["old_limit"]}

    with env.hooks.extended("test", Impl):
        found = dispatch.call(env, "res.country", "search", [[]], {"context": {"old_limit": 2}})
        assert len(found) == 2
        assert len(dispatch.call(env, "res.country", "search", [[]], {"context": {"old_limit": 2}, "limit": 3})) == 3


@pytest.mark.parametrize("datas", [True, 5, "ä"])
def test_a_file_is_base64_text(env, datas):
    with pytest.raises(UserError) as refused:
        dispatch.call(env, "ir.attachment", "create", [{"name": "a.txt", "datas": datas}])
    assert "datas" in refused.value.message
