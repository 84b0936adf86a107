"""A test run leaves no process and no folder behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from core.testing.run_folder import POSTGRESQL, VARIABLE, clean_up, processes_of

ROOT = Path(__file__).parents[3]

#: A test with databases of both kinds and a process of its own, which tells where the run's folder is and hangs.
HANGING = f"""
import os, subprocess, time
from pathlib import Path

def test_it_hangs(postgresql, db):
    subprocess.Popen(["sleep", "600"])
    Path("folder.new").write_text(os.environ["{VARIABLE}"])
    Path("folder.new").rename("folder")
    time.sleep(600)
"""

LEAVING = """
import subprocess

def test_it_leaves_a_process_behind():
    subprocess.Popen(["sleep", "600"])
"""


def start(tmp_path: Path, text: str, *options: str) -> subprocess.Popen[str]:
    """A test run of its own over one module."""
    (tmp_path / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "core.testing.plugin", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait for a state that comes soon; fail after a minute, or when the process ends before."""
    until = time.monotonic() + 60
    while not condition():
        assert process is None or process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_behind(tmp_path: Path, postgresql: object) -> None:
    """Killed with its worker, its own PostgreSQL server and a process that a test has started."""
    run = start(tmp_path, HANGING, "-p", "xdist", "-n", "1")
    try:
        wait_until((tmp_path / "folder").is_file, run)
        folder = Path((tmp_path / "folder").read_text())
        server = psutil.Process(int((folder / POSTGRESQL / "postmaster.pid").read_text().split()[0]))
        assert [each.name() for each in processes_of(folder) if each.name() == "sleep"] == ["sleep"]
        run.send_signal(signal.SIGKILL)
        wait_until(lambda: not (folder.exists() or server.is_running() or list(processes_of(folder))))
    finally:
        run.kill()
        run.communicate()


def test_a_process_that_a_test_leaves_behind_is_ended_and_named(tmp_path: Path) -> None:
    run = start(tmp_path, LEAVING)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 0 and "1 passed" in output
    assert "left behind by a test and ended: process" in output and "sleep 600" in output


def test_cleaning_up_ends_only_what_belongs_to_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with subprocess.Popen(["sleep", "600"], env=os.environ | {VARIABLE: str(folder)}) as own:
        with subprocess.Popen(["sleep", "600"], env=os.environ | {VARIABLE: f"{folder}2"}) as other:
            try:
                (line,) = clean_up(folder)
                assert f"process {own.pid}: sleep 600" in line
                assert own.wait(10) == -signal.SIGTERM and other.poll() is None and not folder.exists()
            finally:
                own.kill()
                other.kill()
