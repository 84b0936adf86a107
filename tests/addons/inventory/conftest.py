"""What the tests of inventory share."""

from __future__ import annotations

import pytest

from tests.addons.inventory.playground import Stock


@pytest.fixture
def stock(env):
    """The playground; the stock laws are asserted when the test is over."""
    play = Stock(env)
    yield play
    play.laws()
