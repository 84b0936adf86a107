"""Views, menus, actions."""

from __future__ import annotations

import pytest

from core.api import Command, Domain
from core.exceptions import ValidationError


def view(env, arch, **values):
    return env["ir.ui.view"].create({"name": "my.view", "model": "res.partner", "arch": arch, **values})


def test_type_and_mode_follow_from_the_architecture(env):
    form = view(env, "<form><field name='name'/></form>")
    assert (form.type, form.mode) == ("form", "primary")
    change = env["ir.ui.view"].create({"inherit_id": form.id, "arch": "<field name='name' position='after'/>"})
    assert (change.type, change.mode, change.model) == ("form", "extension", "res.partner")


@pytest.mark.parametrize(
    "arch",
    [
        "<form><field name='nam'/></form>",
        "<form><field name='child_ids'><list><field name='login'/></list></field></form>",
        "<form><button name='explode' type='object'/></form>",
        "<fomr/>",
    ],
    ids=["field", "field of lines", "method", "view type"],
)
def test_a_bad_architecture_is_refused_and_the_message_names_the_view(env, arch, refused):
    with refused(ValidationError, code="view_error") as refusal:
        view(env, arch)
    assert "my.view" in refusal.value.message


@pytest.mark.parametrize(
    "arch",
    [
        "<xpath position='after'/>",
        "<xpath expr='//field[' position='after'/>",
        "<field name='name' position='beside'/>",
    ],
    ids=["no expr", "xpath", "position"],
)
def test_a_bad_change_is_refused_as_well(env, arch, refused):
    base = env.ref("base.view_partner_form")
    with refused(ValidationError, code="view_error") as refusal:
        view(env, arch, inherit_id=base.id)
    assert "my.view" in refusal.value.message


def test_malformed_architecture_is_refused(env):
    with pytest.raises(ValidationError) as caught:
        view(env, "<form><field name='name'></form>")
    assert caught.value.code == "view_error"


def test_an_unknown_model_is_named(env, refused):
    with refused(ValidationError, code="view_error"):
        view(env, "<form/>", model="res.partnr")


def test_the_default_view_is_the_one_of_least_priority(env):
    views = env["ir.ui.view"]
    assert views.default_view("res.partner", "form") == env.ref("base.view_partner_form").id
    mine = view(env, "<form><field name='name'/></form>", priority=1)
    assert views.default_view("res.partner", "form") == mine.id
    assert views.default_view("res.partner", "graph") is False


def test_extensions_come_in_order_and_only_for_their_groups(env):
    base = view(env, "<form><field name='name'/></form>")
    change = "<field name='name' position='after'><field name='email'/></field>"
    late = view(env, change, inherit_id=base.id, priority=20)
    early = view(env, change, inherit_id=base.id, priority=10)
    inner = view(env, change, inherit_id=early.id, priority=1)
    portal = view(env, change, inherit_id=base.id, group_ids=[Command.link(env.ref("base.group_portal").id)])
    employee = env["res.users"].create({"name": "Erin", "login": "erin"})
    found = base.with_user(employee)._extensions()
    assert found.ids == [early.id, late.id, inner.id]
    assert portal not in found


# ------------------------------------------------------------------- menus


def flat(entries):
    for entry in entries:
        yield entry
        yield from flat(entry["children"])


def test_a_user_sees_the_menus_that_lead_somewhere(env):
    employee = env["res.users"].create({"name": "Erin", "login": "erin"})
    own = {entry["xmlid"] for entry in flat(env(uid=employee.id, su=False)["ir.ui.menu"].load_menus())}
    assert "base.menu_partner_form" in own
    assert "base.menu_administration" not in own
    admin = env(uid=env.ref("base.user_admin").id, su=False)
    everything = {entry["xmlid"] for entry in flat(admin["ir.ui.menu"].load_menus())}
    assert {"base.menu_administration", "base.menu_action_res_users", "base.menu_ir_cron_act"} <= everything


def test_menus_follow_the_rights(env):
    employee = env["res.users"].create({"name": "Erin", "login": "erin"})
    menus = env(uid=employee.id, su=False)["ir.ui.menu"]
    assert menus.load_menus()
    env["ir.model.access"].search([("model_id.model", "=", "res.partner")]).unlink()
    assert "base.menu_partner_form" not in {entry["xmlid"] for entry in flat(menus.load_menus())}


def test_a_menu_knows_its_path(env):
    assert env.ref("base.menu_action_res_users").complete_name == "Settings / Users & Companies / Users"


def test_deleting_an_action_takes_its_menus_away(env):
    menu = env.ref("base.menu_action_rule")
    env.ref("base.action_rule").unlink()
    assert not menu.exists()
    assert env.ref("base.action_rule", raise_if_not_found=False) is None, "and its external id is not found any more"


# ----------------------------------------------------------------- actions


def test_a_url_action_leads_to_a_page_or_a_web_address(env, refused):
    actions = env["ir.actions.act_url"]
    actions.create([{"name": name, "url": name} for name in ("/app/desk", "https://example.com/")])
    for url in ("javascript:alert(1)", "//example.com", "desk"):
        with refused(ValidationError, code="base.action_url", data={"url": url}):
            actions.create({"name": "Odd", "url": url})


def test_an_action_gives_views_in_order(env):
    action = env.ref("base.action_res_users")
    assert action.views == [
        [env.ref("base.view_users_tree").id, "list"],
        [env.ref("base.view_users_form").id, "form"],
    ]
    plain = env["ir.actions.act_window"].create({"name": "X", "res_model": "res.partner", "view_mode": "tree,form"})
    assert plain.views == [[False, "list"], [False, "form"]]


def test_domain_and_context_are_evaluated_for_the_user(env):
    action = env["ir.actions.act_window"].create(
        {
            "name": "X",
            "res_model": "res.partner",
            "domain": "[('id', '=', active_id), ('company_id', 'in', company_ids)]",
            "context": "{'default_user_id': uid}",
        }
    )
    assert action._evaluated_domain(active_id=7) == Domain([("id", "=", 7), ("company_id", "in", env.companies.ids)])
    assert action._evaluated_context() == {"default_user_id": env.uid}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"res_model": "no.model"}, "base.unknown_model"),
        ({"view_mode": "list,gantt"}, "base.view_mode"),
    ],
    ids=["model", "view mode"],
)
def test_a_bad_action_is_refused(env, values, code, refused):
    with refused(ValidationError, code=code):
        env["ir.actions.act_window"].create({"name": "X", "res_model": "res.partner", **values})


def test_action_with_malformed_domain_is_refused(env):
    with pytest.raises(ValidationError) as caught:
        env["ir.actions.act_window"].create({"name": "X", "res_model": "res.partner", "domain": "[('a', "})
    assert (caught.value.code, caught.value.fields) == ("base.action_expression", ["domain"])


def test_every_action_of_base_has_a_view_for_each_mode(env):
    actions = env["ir.actions.act_window"].search([])
    assert actions
    for action in actions:
        for view_id, mode in action.views:
            assert view_id or env["ir.ui.view"].default_view(action.res_model, mode), (action.name, mode)


# ------------------------------------------------------------- external ids


def test_external_ids_lead_to_records(env, refused):
    data = env["ir.model.data"]
    admin = env.ref("base.user_admin")
    assert admin.login == "admin"
    assert data._xmlid_lookup("base.user_admin") == ("res.users", admin.id)
    assert data._xmlid_to_res_id("base.nothing") is False
    assert env.ref("base.nothing", raise_if_not_found=False) is None
    with refused(ValidationError, code="unknown_external_id", data={"xmlid": "base.nothing"}):
        env.ref("base.nothing")


def test_models_are_found_under_any_addons_name(env):
    row = env["ir.model"]._get("res.partner")
    assert env["ir.model.data"]._xmlid_to_res_id("base.model_res_partner") == row.id
    assert env["ir.model.data"]._xmlid_to_res_id("elsewhere.model_res_partner") == row.id


def test_external_ids_are_updated_set_based_and_noupdate_is_respected(env):
    data = env["ir.model.data"]
    one, two = env["res.partner"].create([{"name": "One"}, {"name": "Two"}])
    rows = data._update_xmlids(
        [{"xml_id": "test.one", "record": one, "noupdate": True}, {"xml_id": "test.two", "record": two}]
    )
    assert rows.mapped("complete_name") == ["test.one", "test.two"]
    data._update_xmlids([{"xml_id": "test.one", "record": two}, {"xml_id": "test.two", "record": one}], update=True)
    assert env.ref("test.one") == one
    assert env.ref("test.two") == one
    one.unlink()
    assert env.ref("test.one", raise_if_not_found=False) is None


def test_models_and_fields_are_listed(env):
    model = env["ir.model"]._get("res.partner")
    assert model.name == "Contact"
    field = env["ir.model.fields"]._get("res.partner", "parent_id")
    assert (field.ttype, field.relation, field.model_id) == ("many2one", "res.partner", model)
    assert "parent_id" in model.field_id.mapped("name")
    assert field.display_name == "Related Company (res.partner.parent_id)"
