"""What `pip install stillage` gives: a wheel with everything in it, installed into a clean environment and served."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.processes import running

ROOT = Path(__file__).resolve().parents[1]
DATA = {".xml", ".csv", ".html", ".css", ".js", ".svg", ".po", ".tmpl", ".typed"}

pytestmark = pytest.mark.slow


def run(*command, **options):
    """Run a command; its output is shown when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def sources():
    """The files of the packages, as the wheel should have them."""
    return {
        path.relative_to(ROOT).as_posix()
        for name in ("core", "addons")
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and (path.suffix in DATA or path.suffix == ".py")
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (found,) = folder.glob("stillage-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of commands of a clean environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    command = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet", "--no-compile"]
    run(*command, "--constraint", ROOT / "requirements.lock", wheel)
    return folder / "bin"


def test_the_wheel_has_every_file(wheel):
    """Views, data, templates, styles, scripts and translations are in it, tests and databases are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert sorted(sources() - names) == []
    assert [name for name in names if re.search(r"(^|/)\.", name)] == [], "nothing of the source control"
    assert [name for name in names if name.startswith("tests/") or name.endswith((".db", ".pyc"))] == []
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_a_clean_environment_serves_it(installed, tmp_path):
    """`stillage init` and `stillage serve` work outside of the checkout, and the first page answers."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("STILLAGE_", "PYTHON"))}
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    addons = ",".join(sorted(path.parent.name for path in ROOT.glob("addons/*/__manifest__.py")))
    output = run(installed / "stillage", "--database", url, "init", "--addons", addons, cwd=tmp_path, env=environment)
    assert "admin" in output
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [installed / "stillage", "--database", url, "serve", "--port", port]
    with running(command, cwd=tmp_path, env=environment) as server:
        assert b"<form" in _first_answer(f"http://127.0.0.1:{port}/login", server)
        server.terminate()
        assert server.wait(20) == 0


def _first_answer(url, server):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.read()
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url}")
