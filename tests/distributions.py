"""Distributions of third parties, installed by pip for some tests only."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = Path(__file__).parent / "thirdparty"


def install(name: str, target: Path) -> None:
    """Build and install a distribution of tests/thirdparty into a folder."""
    isolation = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *isolation, "--target", str(target)]
    done = subprocess.run([*command, str(PACKAGES / name)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Within the block Python finds what is installed in the folder, and so Stillage finds its entry points."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        importlib.invalidate_caches()
