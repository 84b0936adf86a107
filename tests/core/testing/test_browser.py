"""The parts of the browser support that need no browser."""

from __future__ import annotations

from werkzeug.test import Client
from werkzeug.wrappers import Response

from core.testing import browser


def test_on_a_slow_line_the_same_answer_arrives_in_pieces(monkeypatch):
    monkeypatch.setattr(browser, "PAUSE", 0)
    page = Response("<html>" + "x" * 100)
    closed = []
    page.call_on_close(lambda: closed.append(True))
    answer = Client(browser.hesitant(page)).get("/", buffered=False)
    pieces = list(answer.response)
    answer.close()
    assert len(pieces) == 3 and b"".join(pieces) == page.data
    assert closed, "what waits for the end of the answer is done"
