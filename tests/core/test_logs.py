"""The log: lines of requests, ids, secrets that are masked, defects that come again."""

from __future__ import annotations

import io
import json
import logging
import re
import sys

import pytest

from core import logs

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG"


@pytest.fixture
def written(monkeypatch):
    """Gives a function that formats one record, as `configure` has it written."""

    def write(formatter, message, *arguments, level=logging.ERROR, exc_info=None):
        record = logging.LogRecord("core.test", level, __file__, 1, message, arguments, exc_info)
        return formatter.format(record)

    return write


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("cannot connect to postgresql://stillage:s3cr3t@db/shop", "s3cr3t"),
        ("Authorization: Bearer 0123456789abcdef", "0123456789abcdef"),
        ("{'login': 'ann', 'password': 'correct horse'}", "correct horse"),
        ('{"new_password": "quote \\" in it", "a": 1}', "in it"),
        ("_csrf=abc.def&name=x", "abc.def"),
        ("session_id=zzzzzzzz; flash=x", "zzzzzzzz"),
        (f"[parameters: ({HASH!r}, 2)]", HASH[20:]),
        ("api_key: 'k-123456'", "k-123456"),
    ],
)
@pytest.mark.parametrize("formatter", [logs.TextFormatter(), logs.JsonFormatter()])
def test_secrets_are_masked_wherever_they_stand(written, text, secret, formatter):
    for line in (written(formatter, text), written(formatter, "%s", text)):
        assert secret not in line and "*****" in line


def test_words_that_only_look_like_it_stay(written):
    text = "The password of ann was changed; token expired; 3 keys: a, b"
    assert text in written(logs.TextFormatter(), text)


def test_a_secret_of_the_request_is_masked_in_tracebacks(written):
    with logs.request_log(logs.RequestLog("abc")):
        logs.keep_secret("correct horse")
        try:
            raise ValueError("bad value 'correct horse'")
        except ValueError:
            text = written(logs.TextFormatter(), "failed", exc_info=sys.exc_info())
    assert "ValueError" in text and "correct horse" not in text and "id=abc" in text


def test_a_message_cannot_begin_a_line_of_its_own(written):
    assert "\n" not in written(
        logs.TextFormatter(), "GET %s", "/x\r\n2026-01-01T00:00:00.000Z INFO root: forged\x1b[2J"
    )


def test_a_traceback_cannot_begin_a_line_of_its_own():
    forged = "2026-11-28T11:17:06.123Z INFO stillage.audit: event=sign_in"
    try:
        raise ValueError(f"nonsense\n{forged}\r{forged}\x85{forged}\x1b[2J")
    except ValueError:
        record = logging.LogRecord("shop", logging.ERROR, "shop.py", 1, "it failed", None, sys.exc_info())
    first, *others = logs.TextFormatter().format(record).split("\n")
    assert "it failed" in first and any("ValueError: nonsense" in line for line in others)
    assert all(line.startswith("    ") for line in others)
    assert not set("\r\x85\x1b") & set("".join(others))
    line = logs.JsonFormatter().format(record)
    assert len(line.splitlines()) == 1 and forged in json.loads(line)["traceback"]


def test_values_of_tokens_in_addresses_are_masked():
    assert logs.mask_query("q=chair&access_token=abc&sign=def&key=ghi&page=2") == (
        "q=chair&access_token=********&sign=********&key=********&page=2"
    )


def test_the_line_of_a_request_in_both_forms(caplog, written):
    caplog.set_level(logging.INFO)
    log = logs.RequestLog("abc", "POST", "/jsonrpc?q=a b", 2, "192.0.2.7")
    with logs.request_log(log):
        log.call, log.status = "sale.order.create", 200
        log.statements += 3
    (record,) = caplog.records
    line = logs.TextFormatter().format(record)
    assert re.fullmatch(
        r'\S+Z INFO stillage.request: id=abc user=2 source=192\.0\.2\.7 method=POST path="/jsonrpc\?q=a b" status=200'
        r" ms=[\d.]+ statements=3 retries=0 call=sale.order.create",
        line,
    )
    entry = json.loads(logs.JsonFormatter().format(record))
    assert entry.pop("time").endswith("Z") and entry.pop("ms") >= 0
    assert entry == {
        "level": "INFO", "logger": "stillage.request", "id": "abc", "user": 2, "source": "192.0.2.7", "method": "POST",
        "path": "/jsonrpc?q=a b", "status": 200, "statements": 3, "retries": 0, "call": "sale.order.create",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("enabled", "quiet", "status", "expected"),
    [(True, False, 200, "INFO"), (False, False, 200, None), (True, True, 200, None), (False, True, 503, "WARNING")],
)
def test_requests_are_logged_as_set_and_failures_always(caplog, enabled, quiet, status, expected):
    caplog.set_level(logging.INFO)
    with logs.request_log(logs.RequestLog("abc", status=status), enabled=enabled, quiet=quiet):
        pass
    assert [record.levelname for record in caplog.records] == ([expected] if expected else [])


def fail(number):
    raise KeyError(number)


def test_the_same_defect_is_logged_in_full_once(caplog):
    logs.forget_defects()
    references = []
    for number in range(3):
        with logs.request_log(logs.RequestLog(f"request{number}"), enabled=False):
            try:
                fail(number)
            except KeyError as error:
                references.append(logs.log_defect(logging.getLogger("core.test"), "GET /x", error))
    assert references == ["request0", "request1", "request2"]
    records = [record for record in caplog.records if record.name == "core.test"]
    assert [bool(record.exc_info) for record in records] == [True, False, False]
    assert "as request0 before (3 times within" in records[2].getMessage()


def test_what_is_configured_is_written_to_standard_error(monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    before = root.level
    try:
        logs.configure("json", "info")
        logging.getLogger("core.test").info("one")
        logs.configure("text", "warning")  # the same handler
        logging.getLogger("core.test").info("two")
        logging.getLogger("core.test").warning("three")
    finally:
        root.setLevel(before)
    first, second = sys.stderr.getvalue().splitlines()
    assert json.loads(first)["message"] == "one" and second.endswith("WARNING core.test: three")
