"""The distribution `stillage-seam-probe` is installed for these tests only."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "thirdparty" / "stillage-seam-probe"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the distribution."""
    target = tmp_path_factory.mktemp("site")
    isolation = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *isolation, "--target", str(target)]
    done = subprocess.run([*command, str(PACKAGE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module", autouse=True)
def site(installed: Path) -> Iterator[None]:
    """Python finds the distribution, and so Stillage finds its entry point, in these tests and in no others."""
    sys.path.insert(0, str(installed))
    importlib.invalidate_caches()
    yield
    sys.path.remove(str(installed))
    importlib.invalidate_caches()
