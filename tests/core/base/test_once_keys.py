"""An upgrade of a database in which one-time keys were unique for all users and interfaces."""

from __future__ import annotations

import pytest


@pytest.mark.both_dialects("schema")
def test_an_upgrade_moves_the_interface_out_of_the_key(db):
    with db.transaction() as env:
        admin = env["res.users"].search([("login", "=", "admin")]).id
        indexes = [f"web_once_{name}" for name in ("interface_key_unique", "user_id_interface_key_unique")]
        for index in indexes:
            env.execute(f"DROP INDEX IF EXISTS {index}")
        env.execute("ALTER TABLE web_once DROP COLUMN interface")
        env.execute("CREATE UNIQUE INDEX web_once_key_unique ON web_once (key)")
        for key in ("abc", f"json/2 {admin} INV-1", "json/2 999 INV-1", "question:stock.wizard:7:2026-01-01"):
            env.execute("INSERT INTO web_once (key, user_id, done) VALUES (:key, :uid, '2026-01-01')",
                        {"key": key, "uid": admin})  # fmt: skip
        env.execute("UPDATE ir_addon SET version = '1.0.0' WHERE name = 'base'")
    assert "base" in db.upgrade(["base"])
    with db.transaction() as env:
        once = env["web.once"]
        assert once._result("abc", admin) and once._result("INV-1", admin, "json/2")
        assert once._result("stock.wizard:7:2026-01-01", admin, "question")
        # What another user had sent in this one's name stays a form's.
        assert once._result("json/2 999 INV-1", admin)
        assert not once._claim("INV-1", admin, "json/2")
        other = env["res.users"].create({"name": "Other", "login": "other", "password": "four green apples"})
        assert once._claim("abc", other.id)
