"""What the tests of sales and invoicing together share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from tests.addons.sales.desk import Desk


@pytest.fixture
def desk(env: Any) -> Iterator[Desk]:
    """The sales desk; the stock laws are asserted when the test is over."""
    yield Desk(env)
    assert_stock_laws(env)
