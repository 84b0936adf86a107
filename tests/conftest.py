"""Fixtures that many tests use: message snapshots, repeatable random choices."""

from __future__ import annotations

import dataclasses
import gc
import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from core.fields import Datetime

pytest.register_assert_rewrite("tests.messages")

import tests.random_runs  # noqa: E402, F401 - its settings hold for every test
from tests.messages import MessageLocation, Messages, Refused  # noqa: E402
from tests.workers import stop_forkserver  # noqa: E402

SEED_VARIABLE = "STILLAGE_SEED"

# Collection walked the many objects that live for the whole run; it took 6 % of the time.
gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _forkserver() -> Iterator[None]:
    """Stop the process that workers are forked from after the last test."""
    yield
    stop_forkserver()


@pytest.fixture
def messages(snapshot: SnapshotAssertion, request: pytest.FixtureRequest) -> Messages:
    """Comparison of messages with the addon's snapshot file."""
    location = MessageLocation(request.node)
    return Messages(*(dataclasses.replace(snapshot, test_location=location) for _kind in ("numbered", "named")))


@pytest.fixture
def refused(messages: Messages) -> Refused:
    """`with refused(NotReady, data={...}):` like pytest.raises; the message is compared with the snapshot file."""
    return Refused(messages)


@pytest.fixture
def chance(request: pytest.FixtureRequest, record_property: Callable[[str, Any], None]) -> random.Random:
    """Random choices of one test, drawn anew by every run.

    The seed is in the output of a failed test; STILLAGE_SEED=<seed> repeats its choices.
    """
    seed = int(os.environ.get(SEED_VARIABLE) or random.SystemRandom().getrandbits(32))
    record_property("seed", seed)
    print(f"{SEED_VARIABLE}={seed} repeats the random choices of this test")
    # The name of the test is part of it: two tests of one run do not make the same choices.
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def even_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Datetime.now` advances a minute with every call.

    What is drawn at random follows from what the steps before have done, e.g. in which order goods came in. With the
    real clock that depends on whether they happened in the same second, so the same seed gave different runs.
    """
    moment = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0, tzinfo=None)

    def now(*_args: Any) -> datetime:
        nonlocal moment
        moment += timedelta(minutes=1)
        return moment

    monkeypatch.setattr(Datetime, "now", staticmethod(now))
