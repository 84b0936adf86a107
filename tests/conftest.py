"""Fixtures that the tests of several addons use."""

from __future__ import annotations

import dataclasses

import pytest
from syrupy.assertion import SnapshotAssertion

pytest.register_assert_rewrite("tests.messages")

from tests.messages import MessageLocation, Messages, Refused  # noqa: E402


@pytest.fixture
def messages(snapshot: SnapshotAssertion, request: pytest.FixtureRequest) -> Messages:
    """Comparison of messages with the addon's snapshot file."""
    location = MessageLocation(request.node)
    return Messages(*(dataclasses.replace(snapshot, test_location=location) for _kind in ("numbered", "named")))


@pytest.fixture
def refused(messages: Messages) -> Refused:
    """`with refused(NotReady, data={...}):` like pytest.raises; the message is compared with the snapshot file."""
    return Refused(messages)
