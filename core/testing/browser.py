"""A real browser on a real server: Chromium, driven by Playwright, on the web application of a test's database."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from core.web.session import COOKIE

try:
    from playwright.sync_api import expect, sync_playwright
except ImportError:  # the extra `testing` is not installed
    expect = sync_playwright = None  # type: ignore[assignment]

#: Tried in this order; STILLAGE_TEST_BROWSER comes before them all. The shell is Chromium without windows: the same
#: pages take a fifth less of the processor.
EXECUTABLES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
URL_VARIABLE: Final = "STILLAGE_TEST_BROWSER"
#: When it is set, answers arrive slowly and in pieces: a test that reads or presses before its page is there fails.
SLOW_VARIABLE: Final = "STILLAGE_TEST_SLOW"
#: Seconds between the pieces.
PAUSE: Final = 0.1
SIZE: Final = {"width": 1280, "height": 800}
#: Milliseconds; long enough for a machine that is busy with other tests.
TIMEOUT: Final = 30_000


class BrowserUnavailable(Exception):
    """There is no Playwright or no Chromium on this machine."""


class LiveServer:
    """A threaded server for `app` on a free port of this machine, from `start` until `stop`."""

    def __init__(self, app: Any) -> None:
        self._server = make_server(
            "127.0.0.1", 0, hesitant(app) if os.environ.get(SLOW_VARIABLE) else app, threaded=True
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        """The port that the system chose."""
        return int(self._server.server_port)

    @property
    def url(self) -> str:
        """Where it listens, e.g. http://127.0.0.1:43211"""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> LiveServer:
        """Answer from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering; requests under way are finished or dropped."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()


def hesitant(app: Any) -> Any:
    """The WSGI application `app` on a slow line: its answers arrive in three pieces, the first nearly empty."""

    def answer(environ: Any, start_response: Any) -> Any:
        whole = app(environ, start_response)
        return ClosingIterator(in_pieces(whole), getattr(whole, "close", None))

    def in_pieces(whole: Iterable[bytes]) -> Iterator[bytes]:
        for piece in whole:
            for part in (piece[:40], piece[40 : len(piece) // 2], piece[max(40, len(piece) // 2) :]):
                if part:
                    yield part
                    time.sleep(PAUSE)

    return answer


def executable() -> str:
    """The path of the browser. Raises BrowserUnavailable."""
    named = os.environ.get(URL_VARIABLE)
    found = named or next((path for name in EXECUTABLES if (path := shutil.which(name))), None)
    if sync_playwright is None:
        raise BrowserUnavailable("install playwright")
    if not found:
        raise BrowserUnavailable(f"install chromium, or name a browser in {URL_VARIABLE}")
    return found


@contextmanager
def chromium(folder: Path) -> Iterator[Any]:
    """A running browser (playwright's Browser) that keeps its profile in `folder`. Raises BrowserUnavailable.

    Playwright's `expect` waits up to TIMEOUT from then on.
    """
    path = executable()
    expect.set_options(timeout=TIMEOUT)
    with ExitStack() as stack:
        with _temporary_files_in(folder):
            playwright = stack.enter_context(sync_playwright())
        # As root, in a container, Chromium cannot make its sandbox; the pages come from our own server.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Let programs that are started within make their temporary files in `folder`."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


@contextmanager
def page_on(browser: Any, url: str, *, token: str = "", **options: Any) -> Iterator[Any]:
    """A new page (playwright's Page) in a context of its own.

    Args:
        url: where the server listens; relative addresses are meant from there.
        token: of a session (see `core.testing.client.open_session`); without one the page is not signed in.
        options: of the context, e.g. `java_script_enabled=False` or another `viewport`. Motion is reduced unless
            `reduced_motion="no-preference"`: drawing the transitions between pages took a third of a story's time.

    When the block ends, scripts that failed on the way fail the test.
    """
    context = browser.new_context(
        **{"base_url": url, "viewport": SIZE, "locale": "en-US", "reduced_motion": "reduce"} | options
    )
    context.set_default_timeout(TIMEOUT)
    if token:
        context.add_cookies([{"name": COOKIE, "value": token, "url": url, "httpOnly": True, "sameSite": "Lax"}])
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    try:
        yield page
        assert not failures, "scripts failed on the page:\n" + "\n".join(failures)
    finally:
        context.close()
