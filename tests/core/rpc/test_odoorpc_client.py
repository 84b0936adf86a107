"""OdooRPC, from PyPI and unchanged, works on a real server."""

import odoorpc
import pytest


@pytest.fixture
def odoo(live_server, db):
    """A signed-in OdooRPC client."""
    server = odoorpc.ODOO("127.0.0.1", port=live_server.port, timeout=30)
    server.login(db.name, "admin", "admin")
    yield server
    server.logout()


def test_it_finds_the_database(odoo, db):
    """`db.list` names what `login` takes."""
    assert odoo.db.list() == [db.name]
    assert odoo.version == "19.0"


def test_records_read_and_write(odoo):
    """Fields as attributes, relations as records, changes by assignment."""
    partner = odoo.env["res.partner"]
    parent = partner.create({"name": "Azure Interior"})
    child = partner.browse(partner.create({"name": "Brandon", "parent_id": parent}))
    assert child.parent_id.name == "Azure Interior"
    child.name = "Brandon Freeman"
    assert partner.search([("name", "=", "Brandon Freeman")]) == [child.id]
    assert partner.browse(parent).child_ids.ids == [child.id]
    assert child.unlink() is True


def test_the_user_and_external_ids(odoo):
    """`env.user`, `env.ref` and `in env`."""
    assert odoo.env.user.login == "admin"
    assert odoo.env.ref("base.main_company").name
    assert "res.partner" in odoo.env
    assert "no.model" not in odoo.env


def test_errors_tell_their_kind(odoo):
    """The name in the data is what clients branch on, the message what they show."""
    with pytest.raises(odoorpc.error.RPCError) as caught:
        odoo.env["res.partner"].create({"nonsense": 1})
    data = caught.value.info["data"]
    assert data["name"] == "odoo.exceptions.ValidationError"
    assert "nonsense" in data["message"]
    with pytest.raises(odoorpc.error.RPCError) as caught:
        odoo.execute("res.partner", "wrong_method")
    assert "wrong_method" in str(caught.value)


def test_a_wrong_password_is_refused(live_server, db):
    """In words, as with Odoo."""
    server = odoorpc.ODOO("127.0.0.1", port=live_server.port)
    with pytest.raises(odoorpc.error.RPCError, match="Wrong login"):
        server.login(db.name, "admin", "wrong")


def test_a_question_comes_as_an_action(odoo):
    """A returned wizard is an act_window dictionary, whose record and context answer it."""
    wizard = odoo.env["res.users.apikeys.description"]
    action = wizard.browse(wizard.create({"name": "shop"})).make_key()
    assert (action["type"], action["res_model"]) == ("ir.actions.act_window", "res.users.apikeys.show")
    assert (action["target"], action["view_mode"]) == ("new", "form")
    shown = odoo.env["res.users.apikeys.show"].browse(action["res_id"])
    assert shown.key == action["context"]["default_key"]
