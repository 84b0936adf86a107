"""Clients that send half a request and wait: the server answers the others, and lets go of them after a while."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from contextlib import ExitStack, contextmanager, suppress

import pytest

from core.cli import http_server
from core.cli.http_server import HttpServer
from core.testing.plugin import missing
from tests.core.cli.test_serve import free_port, serving
from tests.processes import ROOT, running

HALF = 300
HEAD = b"POST /jsonrpc HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
#: What is sent of a request: not all of its head, or not all of its body.
PARTS = {"heads": HEAD, "bodies": HEAD + b"Content-Length: 1000\r\n\r\n{"}


@contextmanager
def half_sent(port, part, count=HALF):
    """Connections on each of which a part of a request was sent."""
    with ExitStack() as stack:
        held = []
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            connection.sendall(part)
            held.append(connection)
        yield held


def is_closed(connection, within=10.0):
    """Whether the server closes the connection in time."""
    connection.settimeout(within)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


@pytest.mark.slow
@pytest.mark.dialects("sqlite")
@pytest.mark.parametrize("workers", [1, 2])
def test_half_sent_requests_do_not_keep_others_from_being_answered(db, workers):
    with serving(db.url, workers, sigint_ignored=False) as (_process, port):
        for part in PARTS.values():
            with half_sent(port, part):
                for _ in range(10):
                    began = time.monotonic()
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5) as response:
                        assert response.status == 200
                        assert response.headers.get_all("Server") == ["stillage"]
                    assert time.monotonic() - began < 3


@contextmanager
def served(application):
    """A server in a thread of this process; gives its port."""
    port, wanted = free_port(), [True]
    server = HttpServer(application, threads=2, host="127.0.0.1", port=port)
    thread = threading.Thread(target=server.run, args=(lambda: wanted[0],))
    thread.start()
    try:
        yield port
    finally:
        wanted[0] = False
        thread.join(20)
        assert not thread.is_alive()


def hello(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@pytest.mark.parametrize("part", [b"", *PARTS.values()])
def test_a_request_that_does_not_arrive_in_time_is_dropped(part, monkeypatch):
    monkeypatch.setattr(http_server, "ARRIVAL", 0.5)
    with served(hello) as port, half_sent(port, part, 3) as held:
        assert all(is_closed(connection) for connection in held)


def test_a_client_that_drips_does_not_hold_its_connection(monkeypatch):
    monkeypatch.setattr(http_server, "ARRIVAL", 0.5)
    with served(hello) as port, half_sent(port, HEAD, 1) as (connection,):
        until = time.monotonic() + 10
        connection.settimeout(0.2)
        with pytest.raises(ConnectionError):
            while time.monotonic() < until:
                connection.sendall(b"X")
                try:
                    if connection.recv(1) == b"":
                        raise ConnectionError
                except TimeoutError:
                    pass


def test_a_body_that_arrives_fast_enough_is_taken(monkeypatch):
    monkeypatch.setattr(http_server, "ARRIVAL", 0.5)
    body = b"x" * 20_000
    with served(hello) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 20000\r\n\r\n")
        for start in range(0, len(body), 4000):
            connection.sendall(body[start : start + 4000])
            threading.Event().wait(0.5)  # slow, and more than RATE
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.endswith(body)


def test_requests_at_work_are_finished_when_the_server_stops():
    began, stop = threading.Event(), threading.Event()

    def slow(environ, start_response):
        began.set()
        stop.wait(10)
        threading.Event().wait(0.5)
        return hello(environ, start_response)

    with served(slow) as port:
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert began.wait(10)
        stop.set()
    # It has stopped.
    with connection:
        assert connection.recv(100).startswith(b"HTTP/1.0 200")


# ---------------------------------------------------------------------------- behind nginx


@pytest.fixture
def nginx():
    """The program nginx; skips the test where there is none, fails it with CI=true."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return found or missing("no nginx: install nginx-light")


@contextmanager
def proxied(nginx, upstream, folder):
    """The example of the guide in front of the server, with a certificate of our own; gives the ports of both."""
    plain, secure = free_port(), free_port()
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=shop.example.com",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (ROOT / "docs" / "nginx.conf").read_text()
    for old, new in {
        "server 127.0.0.1:8069;": f"server 127.0.0.1:{upstream};",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "/etc/letsencrypt/live/shop.example.com/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/shop.example.com/privkey.pem": str(key),
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "stillage.conf").write_text(text)
    paths = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        # Its workers give up the rights of root, and could not write into the folder of the test.
        f"{'user root;' if os.geteuid() == 0 else ''}\ndaemon off;\nworker_processes 1;\n"
        f"pid {folder}/pid;\nerror_log stderr;\n"
        f"events {{ worker_connections 1024; }}\n"
        f"http {{ access_log off;\n{paths}\ninclude {folder}/stillage.conf; }}\n"
    )
    command = [nginx, "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"]
    subprocess.run([*map(str, command), "-t"], check=True, capture_output=True)
    with running(command, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 20
        while True:
            assert process.poll() is None, process.communicate()
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", plain), timeout=5):
                break
            assert time.monotonic() < until
            time.sleep(0.05)
        yield plain, secure


def call(port, path, *, body=None, headers=None, tls=True):
    """One request to the proxy: (status, headers, body)."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), NoRedirect())
    request = urllib.request.Request(
        f"{'https' if tls else 'http'}://127.0.0.1:{port}{path}",
        data=body,
        headers={"Host": "shop.example.com", **(headers or {})},
    )
    try:
        with opener.open(request, timeout=20) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def negotiated(port, cipher=""):
    """The version of TLS that the proxy agrees to with a client that has only this cipher of TLS 1.2, or all."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if cipher:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(cipher)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        with context.wrap_socket(connection, server_hostname="shop.example.com") as secured:
            return secured.version()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are answers."""

    def redirect_request(self, *_details):
        return None


@pytest.mark.slow
@pytest.mark.dialects("sqlite")
def test_the_nginx_file_of_the_guide(db, nginx, tmp_path, monkeypatch):
    monkeypatch.setenv("STILLAGE_TRUSTED_PROXIES", "1")
    with serving(db.url, 1, sigint_ignored=False) as (process, port), proxied(nginx, port, tmp_path) as (plain, secure):
        status, headers, _body = call(plain, "/login", tls=False)
        assert (status, headers["Location"]) == (301, "https://shop.example.com/login")
        for path in ("/jsonrpc", "/json/2/res.users/read", "/xmlrpc/2/common", "/web/session/authenticate"):
            assert call(plain, path, tls=False)[0] == 403, "programs are not led on with what they sent in the clear"
        assert negotiated(secure) == "TLSv1.3"
        assert negotiated(secure, "ECDHE-RSA-AES128-GCM-SHA256") == "TLSv1.2"
        for weak in ("AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA"):
            with pytest.raises(ssl.SSLError):
                negotiated(secure, weak)

        forged = {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
        status, headers, body = call(secure, "/login", headers=forged)
        # The scheme of the client arrives: cookies are for HTTPS only.
        assert status == 200 and "Secure" in headers["Set-Cookie"] and headers["Strict-Transport-Security"]
        assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-Id"])
        assert "Server" not in headers or "/" not in headers["Server"]
        status, headers, _body = call(secure, "/app", headers=forged)
        assert status == 303 and headers["Location"] == "/login"

        style = re.search(rb"/static/web/stillage\.css\?v=\w+", body)[0].decode()
        status, headers, _body = call(secure, style, headers={"Accept-Encoding": "gzip"})
        assert status == 200 and headers["Content-Encoding"] == "gzip" and "max-age" in headers["Cache-Control"]
        assert call(secure, "/health/live")[0] == 200

        json = {"Content-Type": "application/json"}
        status, _headers, _body = call(secure, "/jsonrpc", body=b" " * (40 << 20) + b"{}", headers=json)
        assert status == 200
        assert call(secure, "/jsonrpc", body=b" " * (65 << 20), headers=json)[0] == 413
        answers = [call(secure, "/login") for _ in range(40)]
        assert {200, 429} <= {status for status, _headers, _body in answers}
        for _status, headers, _body in answers:
            assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000; includeSubDomains"]
            assert headers.get_all("X-Content-Type-Options") == ["nosniff"]

        # Half-sent requests stay with the proxy: none of them reaches the server.
        with half_sent(plain, PARTS["heads"]):
            assert call(plain, "/", tls=False)[0] == 301
        assert process.poll() is None
