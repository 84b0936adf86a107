"""The server, started as a deployer starts it, with one process and with several."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from core.cli.main import main

ROOT = Path(__file__).parents[3]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answered(url, within=30.0):
    """The status of the first answer."""
    until = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.mark.both_dialects("scenario")
@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_it_serves_pages_and_stops(db, workers):
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "core",
        "--database",
        db.url,
        "serve",
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
    )
    try:
        assert answered(f"http://127.0.0.1:{port}/login") == 200
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert re.search(rf"Stillage serves \S+ on http://127\.0\.0\.1:{port}", err) and "Traceback" not in err


@pytest.mark.dialects("postgresql")
def test_init_creates_a_missing_database_on_the_server(database_url, databases, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    base, _, query = database_url.partition("?")
    url = f"{base}_of_init" + (f"?{query}" if query else "")
    try:
        assert main(["--database", url, "init"]) == 0
        assert "Installed base" in capsys.readouterr().out
        assert main(["--database", url, "init"]) == 1
    finally:
        databases.drop(url)
