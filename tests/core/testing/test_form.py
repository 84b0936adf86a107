"""FormDriver does what a person can do on a form, and refuses the rest."""

import pytest

from core.testing.form import CannotDo, FormDriver

pytestmark = pytest.mark.dialects("sqlite")


def test_a_new_record_starts_with_its_defaults(env):
    """What the model sets stands in the form before anything is typed."""
    form = FormDriver(env["res.users"])
    assert form["notification_type"] == "email"


def test_typing_and_saving(env):
    """Values reach the record, once it is saved and not before."""
    form = FormDriver(env["res.partner"])
    form["name"] = "Wood Corner"
    assert env["res.partner"].search_count([("name", "=", "Wood Corner")]) == 0
    partner = form.save()
    assert partner.name == "Wood Corner"
    form["email"] = "wood@example.com"
    assert form.save() == partner
    assert partner.email == "wood@example.com"


def test_a_required_field_is_asked_for(env):
    """As the browser would."""
    with pytest.raises(CannotDo, match="name"):
        FormDriver(env["res.partner"]).save()


def test_unknown_and_locked_fields_cannot_be_typed_into(env):
    """What the view does not show, or locks, is out of reach."""
    form = FormDriver(env["res.partner"])
    with pytest.raises(CannotDo, match="does not show"):
        form["create_uid"] = 1
    users = FormDriver(env["res.users"])
    with pytest.raises(CannotDo, match="cannot be edited"):
        users["login_date"] = "2026-01-01 00:00:00"


def test_a_choice_must_be_among_the_choices(env):
    """A browser offers no others."""
    with pytest.raises(CannotDo, match="choices"):
        FormDriver(env["res.users"])["notification_type"] = "pigeon"


def test_onchange_runs(env):
    """Other fields follow what is typed."""
    form = FormDriver(env["res.users"])
    form["login"] = "joel@example.com"
    assert form["email"] == "joel@example.com"


def test_lines_are_added_changed_and_removed(env):
    """A table in the form becomes records when it is saved."""
    form = FormDriver(env["res.partner"])
    form["name"] = "Azure Interior"
    for name in ("Brandon", "Colleen"):
        with form.lines("child_ids").add() as line:
            line["name"] = name
    company = form.save()
    assert sorted(company.child_ids.mapped("name")) == ["Brandon", "Colleen"]
    form = FormDriver(company)
    with form.lines("child_ids").edit(0) as line:
        line["name"] = "Brandon Freeman"
    form.lines("child_ids").remove(1)
    form.save()
    assert company.child_ids.mapped("name") == ["Brandon Freeman"]


def test_only_what_changed_is_written(env, monkeypatch):
    """Somebody else's change of another field survives."""
    partner = env["res.partner"].create({"name": "Wood", "email": "old@example.com"})
    form = FormDriver(partner)
    partner.write({"email": "new@example.com"})
    form["name"] = "Wood Corner"
    form.save()
    assert (partner.name, partner.email) == ("Wood Corner", "new@example.com")


def test_a_button_is_pressed(env):
    """A shown button calls its method, and hands back what it returns."""
    user = env.ref("base.user_admin")
    wizard = FormDriver(env(uid=user.id, su=False)["res.users.apikeys.description"])
    wizard["name"] = "shop"
    shown = wizard.press("make_key")
    assert shown._name == "res.users.apikeys.show"
    with pytest.raises(CannotDo, match="no button"):
        wizard.press("unlink")
