"""The server, started as a deployer starts it, with one process and with several."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.base.services import passwords
from core.cli.main import main
from core.cli.serve import report_exposure
from core.cli.session import Session
from core.cli.worker import HttpWorker
from core.db.engine import unverified_hosts
from tests.processes import running


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answered(url, process, within=60.0):
    """The status of the first answer of the process."""
    until = time.monotonic() + within
    while True:
        assert process.poll() is None, process.communicate()
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@contextmanager
def serving(url, workers, sigint_ignored=True, **options):
    """A server that answers: its process and its port. `options` are for the process."""
    port = free_port()
    command = [sys.executable, "-m", "core", "--database", url, "serve", "--port", port, "--workers", workers]
    with running(command, sigint_ignored=sigint_ignored, stderr=subprocess.PIPE, **options) as process:
        assert answered(f"http://127.0.0.1:{port}/login", process) == 200
        yield process, port


def assert_clean_exit(process, port):
    """It ends in time, with code 0, after what a server says at its start, and without a traceback."""
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert re.search(rf"Stillage serves \S+ on http://127\.0\.0\.1:{port} ", err) and "Traceback" not in err


def test_a_signal_to_stop_waits_until_the_application_is_loaded():
    """A worker that starts takes locks: what a handler raises within one would end it with an error."""
    steps, loaded = [], threading.Event()

    class App:
        def wsgi(self):
            os.kill(os.getpid(), signal.SIGQUIT)
            steps.append("loaded")

    def stop(*_arguments):
        steps.append("stopped")

    worker = HttpWorker.__new__(HttpWorker)
    worker.app = App()
    other = threading.Thread(target=loaded.wait)  # the signal may go to any thread of the process
    other.start()
    before = signal.signal(signal.SIGQUIT, stop)
    try:
        worker.load_wsgi()
    finally:
        signal.signal(signal.SIGQUIT, before)
        loaded.set()
        other.join()
    assert steps == ["loaded", "stopped"]


@pytest.mark.slow
@pytest.mark.dialects("sqlite")
@pytest.mark.parametrize(("workers", "background"), [(1, False), (1, True), (2, True)])
def test_server_stops_on_sigint(db, workers, background):
    with serving(db.url, workers, sigint_ignored=background) as (process, port):
        # As Ctrl-C does: the terminal sends it to the whole group.
        os.killpg(process.pid, signal.SIGINT)
        assert_clean_exit(process, port)


@pytest.mark.slow
@pytest.mark.both_dialects("scenario")
@pytest.mark.parametrize("workers", [1, 2])
def test_server_stops_on_sigterm_and_closes_its_connections(db, dialect, workers):
    db.close()  # the last connection that is closed in order removes the write-ahead log
    with serving(db.url, workers, sigint_ignored=True) as (process, port):
        if dialect == "sqlite":
            assert Path(f"{db.engine.url.database}-wal").exists()
        process.terminate()
        assert_clean_exit(process, port)
    # Of two workers that close at the same moment, neither is the last to SQLite, and the log stays for the next one.
    if dialect == "sqlite" and workers == 1:
        assert not Path(f"{db.engine.url.database}-wal").exists()


@pytest.mark.parametrize(
    ("host", "proxies", "password", "debug", "words"),
    [
        ("0.0.0.0", 0, "a-password-of-ours", False, ()),
        ("127.0.0.1", 0, "admin", True, ()),
        ("127.0.0.1", 1, "admin", True, ("debug shows tracebacks", "password of admin")),
        ("0.0.0.0", 0, "admin", False, ("password of admin",)),
        ("192.0.2.1", 0, "admin", True, ("debug shows tracebacks", "password of admin")),
    ],
)
def test_what_is_not_meant_for_others_is_served_with_a_warning(db, capsys, host, proxies, password, debug, words):
    with db.transaction() as env:
        env.ref("base.user_admin").password_hash = passwords._hasher.hash(password)
    session = Session()
    session.flags = {"host": host, "trusted_proxies": proxies, "debug": debug}
    report_exposure(session, db)
    printed = capsys.readouterr().err
    assert printed.count("Warning") == len(words) and all(text in printed for text in words)


@pytest.mark.slow
@pytest.mark.dialects("sqlite")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("proxies", [0, 1])
def test_headers_of_proxies_are_believed_where_the_settings_say_so(db, workers, proxies):
    environment = os.environ | {"STILLAGE_TRUSTED_PROXIES": str(proxies)}
    with serving(db.url, workers, env=environment) as (_process, port):
        sent = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "SCRIPT_NAME": "/login"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/login", headers=sent)
        with urllib.request.urlopen(request, timeout=20) as response:
            assert response.status == 200
            assert ("Secure" in response.headers["Set-Cookie"]) is bool(proxies)


@pytest.mark.dialects("sqlite")
@pytest.mark.parametrize(
    ("text", "mode", "warned"),
    [
        ("port = 8069", 0o644, False),
        ('database_url = "postgresql://stillage@localhost/shop"', 0o644, False),
        ('database_url = "postgresql://stillage:secret@localhost/shop"', 0o644, True),
        ('database_url = "postgresql://stillage:secret@localhost/shop"', 0o640, False),
        (f'secret_key = "{"k" * 32}"', 0o604, True),
    ],
)
def test_secrets_that_any_account_can_read_are_warned_of(db, capsys, tmp_path, text, mode, warned):
    file = tmp_path / "stillage.toml"
    file.write_text(text)
    file.chmod(mode)
    session = Session()
    session.flags = {"config": str(file)}
    report_exposure(session, db)
    printed = capsys.readouterr().err
    assert (str(file) in printed) is warned and "k" * 32 not in printed and "secret@" not in printed


@pytest.mark.dialects("sqlite")
@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("sqlite:///shop.db", []),
        ("postgresql://stillage@localhost/shop", []),
        ("postgresql:///shop?host=/var/run/postgresql", []),
        ("postgresql://stillage@db.example.com/shop", ["db.example.com"]),
        ("postgresql://stillage@db.example.com/shop?sslmode=require", ["db.example.com"]),
        ("postgresql://stillage@db.example.com/shop?sslmode=verify-full", []),
        ("postgresql://stillage@db1:5432,127.0.0.1:5433,db2/shop", ["db1", "db2"]),
    ],
)
def test_a_database_that_could_be_another_one_is_warned_of(db, capsys, monkeypatch, url, hosts):
    monkeypatch.delenv("PGSSLMODE", raising=False)
    session = Session()
    session.flags = {"database_url": url}
    report_exposure(session, db)
    printed = capsys.readouterr().err
    assert ("which answers on " + ", ".join(hosts) + ";" in printed) if hosts else "Warning" not in printed
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert unverified_hosts("postgresql://stillage@db.example.com/shop") == []


#: Heads whose length can be read in two ways: a proxy in front might see another end of the request than we do.
AMBIGUOUS = [
    ("Content-Length: 3", "Content-Length: 60"),
    ("Content-Length: +3",),
    ("Content-Length: 3, 60",),
    ("Content-Length : 3",),
    ("Transfer-Encoding: chunked, identity",),
    ("Transfer-Encoding: xchunked",),
    ("Content-Length: 3", "Transfer-Encoding: chunked"),
]


@pytest.mark.slow
@pytest.mark.dialects("sqlite")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_whose_end_is_ambiguous_is_not_followed_by_another(db, workers):
    hidden = b"GET /login HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving(db.url, workers) as (_process, port):
        for head in AMBIGUOUS:
            lines = "\r\n".join(("POST /jsonrpc HTTP/1.1", "Host: localhost", *head))
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(f"{lines}\r\n\r\nabc".encode() + hidden)
                connection.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda c=connection: c.recv(65536), b""))
            status = int(answer.split(maxsplit=2)[1])
            assert 400 <= status <= 501 and status != 500 and b" 200 " not in answer.partition(b"\r\n\r\n")[2], head


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
