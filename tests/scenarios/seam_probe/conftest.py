"""The distribution `stillage-seam-probe` is installed for these tests only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import distributions


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the distribution."""
    target = tmp_path_factory.mktemp("site")
    distributions.install("stillage-seam-probe", target)
    return target


@pytest.fixture(scope="module", autouse=True)
def site(installed: Path) -> Iterator[None]:
    """Python finds the distribution, and so Stillage finds its entry point, in these tests and in no others."""
    with distributions.importable(installed):
        yield
