"""odooly, from PyPI and unchanged, works on a real server: by web session, by JSON-RPC and by API key."""

import odooly
import pytest


@pytest.fixture(autouse=True)
def forgetful():
    """odooly keeps connections in a global; servers of other tests must not be found there."""
    odooly.Env._cache.clear()


def test_through_a_web_session(live_server, db):
    """The default way: sign in for a cookie, then call_kw."""
    client = odooly.Client(live_server.url, db.name, "admin", "admin")
    partner = client.env["res.partner"]
    wood = partner.create({"name": "Wood Corner"})
    assert wood.name == "Wood Corner"
    wood.write({"email": "wood@example.com"})
    assert partner.search(["email = wood@example.com"]).name == ["Wood Corner"]
    assert client.env.user.login == "admin"
    assert client.env.ref("base.main_company").name
    assert "res.partner" in client.env.models()
    assert partner.access("write")
    assert wood.unlink()


def test_through_json_rpc(live_server, db):
    """The older way: the password with every call."""
    client = odooly.Client(f"{live_server.url}/jsonrpc", db.name, "admin", "admin")
    assert client.env["res.users"].search_count([("login", "=", "admin")]) == 1


def test_through_an_api_key(live_server, db, api_key):
    """/json/2 with a bearer key; arguments by position are sent by name, which needs the model's description."""
    client = odooly.Client(live_server.url, db.name, "admin", api_key=api_key)
    assert client.env._json2 is not None
    partner = client.env["res.partner"].create({"name": "Wood Corner"})
    assert client.env["res.partner"].read(partner.id, "name") == "Wood Corner"
    assert client.env["res.users"].has_group([client.env.uid], "base.group_user") is True


def test_a_wrong_password_is_refused(live_server, db):
    """As with Odoo."""
    with pytest.raises(odooly.Error, match="Invalid username or password"):
        odooly.Client(live_server.url, db.name, "admin", "wrong")
    with pytest.raises(odooly.Error, match="does not exist"):
        odooly.Client(live_server.url, "elsewhere", "admin", "admin")
