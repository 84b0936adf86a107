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


def test_an_unknown_kind_is_refused(env):
    with pytest.raises(ValueError, match="success, info, warning, danger"):
        env.notify("Hello.", kind="loud")
