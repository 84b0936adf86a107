"""What an action tells its user is queued in the transaction, by whichever environment it works."""

from __future__ import annotations

import pytest


def test_notifications_are_taken_once_and_in_order(env):
    node = env["r.node"].create({"name": "Root"})
    env.notify("First.")
    env(su=True).notify("Second.", kind="warning", records=node)
    assert [(note.message, note.kind, note.records) for note in env.take_notifications()] == [
        ("First.", "success", None),
        ("Second.", "warning", node),
    ]
    assert env.take_notifications() == []


def test_a_failed_savepoint_drops_its_notifications(env):
    env.notify("Before.")
    with pytest.raises(RuntimeError), env.savepoint():
        env.notify("Within.")
        raise RuntimeError
    assert [note.message for note in env.take_notifications()] == ["Before."]


def test_documents_are_logged_by_the_outermost_action(env):
    root, leaf, gone = env["r.node"].create([{"name": name} for name in ("Root", "Leaf", "Gone")])
    env.log_created(root)
    with env.log_documents() as outer:
        env.log_changed(leaf)
        with env.log_documents() as inner:
            env(su=True).log_created(gone | leaf)
            env.log_created(root)
            env.log_removed(gone)
        with pytest.raises(RuntimeError), env.savepoint():
            env.log_created(env["r.node"].create({"name": "Undone"}))
            raise RuntimeError
        with pytest.raises(RuntimeError), env.log_documents():
            env.log_changed(env["r.node"].create({"name": "Failed"}))
            raise RuntimeError
    assert (outer.nested, inner.nested) == (False, True)
    assert (inner.created(), inner.changed()) == ([root | leaf], [])
    assert (outer.created(), outer.changed()) == ([root], [leaf])


def test_an_unknown_kind_is_refused(env):
    with pytest.raises(ValueError, match="success, info, warning, danger"):
        env.notify("Hello.", kind="loud")
