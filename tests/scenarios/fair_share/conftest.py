"""The distribution `stillage-fair-share` is installed for these tests only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import distributions
from tests.addons.inventory.playground import Stock


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the distribution."""
    target = tmp_path_factory.mktemp("site")
    distributions.install("stillage-fair-share", target)
    return target


@pytest.fixture(scope="module", autouse=True)
def site(installed: Path) -> Iterator[None]:
    """Python finds the distribution in these tests and in no others."""
    with distributions.importable(installed):
        yield


@pytest.fixture
def stock(env):
    """The playground; the stock laws are asserted when the test is over."""
    play = Stock(env)
    yield play
    play.laws()
