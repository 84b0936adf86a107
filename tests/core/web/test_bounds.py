"""What browsers send is bounded before it is read, and a mistake of the client's is answered as one."""

from __future__ import annotations

import logging
from time import perf_counter

import pytest

from core.settings import Settings
from core.testing.client import words
from core.web.pages.files import _clean
from tests.core.web.paper import PAPERWORK, url

pytestmark = PAPERWORK

FORM = "application/x-www-form-urlencoded"
HUGE = "9" * 5000
BEYOND = "99999999999999999999"


@pytest.fixture(autouse=True)
def no_defects(caplog):
    """Nothing is logged as a defect of the server."""
    yield
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info]


def test_inputs_are_counted_before_they_are_parsed(anonymous):
    for address, largest in (("/login", 20), ("/logout", 20), ("/app/paperwork.document/new", 20_000)):
        began = perf_counter()
        answer = anonymous.post(address, data=b"a&" * largest, content_type=FORM)
        assert perf_counter() - began < 1
        assert answer.status_code == 413 and f"more than the {largest:,} inputs" in words(answer)


def test_a_form_without_a_session_is_small(anonymous):
    for address, size in (("/login", 500_001), ("/logout", 100_001)):
        answer = anonymous.post(address, data=b"a" * size, content_type=FORM)
        assert answer.status_code == 413 and "larger than the" in words(answer)


def test_a_form_at_the_bound_is_read_and_one_beyond_is_not(client, monkeypatch):
    monkeypatch.setattr(client.application, "max_inputs", 10)
    new = "/app/paperwork.document/new"
    assert client.post(new, data=b"a=1&" * 9 + b"a=1", content_type=FORM).status_code != 413
    answers = [
        client.post(new, data=b"a=1&" * 10 + b"a=1", content_type=FORM),
        client.post(new, data={f"a{i}": "1" for i in range(11)}, content_type="multipart/form-data"),
    ]
    for answer in answers:
        assert answer.status_code == 413 and "more than the 10 inputs" in words(answer)


def test_a_part_of_a_form_without_a_name_is_refused(client, anonymous):
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\n5\r\n--x--\r\n"
    for user, address in ((client, "/app/paperwork.document/new"), (anonymous, "/login")):
        answer = user.post(address, data=body, content_type="multipart/form-data; boundary=x")
        assert answer.status_code == 400 and "has no name" in words(answer)


def test_numbers_in_addresses_are_refused_by_name(client, paper):
    for name in ("page", "action", "active_id", "ids"):
        for value in ("²", "٣", HUGE, BEYOND, "1.5", "x"):
            answer = client.get("/app/paperwork.document", query_string={name: value})
            assert (name, value, answer.status_code) == (name, value, 400)
            assert f"{name}: " in words(answer)


def test_other_parts_of_an_address_are_never_a_defect(client, paper):
    names = ("default_partner_id", "default_name", "cols", "sort", "layout", "favorite", "open", "filter", "group")
    for value in ("²", HUGE, BEYOND):
        for address in ("/app/paperwork.document", "/app/paperwork.document/new", url(paper)):
            assert client.get(address, query_string=dict.fromkeys(names, value)).status_code < 500
            for name in names:
                assert client.get(address, query_string={name: value}).status_code < 500


@pytest.mark.both_dialects("types")
def test_no_record_has_a_number_beyond_its_column(client):
    roots = ("/app/paperwork.document/{}", "/app/action/{}", "/web/content/{}", "/web/image/res.partner/{}/image")
    for value in ("²", "٣", HUGE, BEYOND, str(2**63 - 1)):
        for address in roots:
            assert client.get(address.format(value)).status_code == 404


def test_words_to_search_for_are_bounded(client, paper):
    assert client.get("/app/paperwork.document", query_string={"q": "x" * 1000}).status_code == 200
    answer = client.get("/app/paperwork.document", query_string={"q": "x" * 1001})
    assert answer.status_code == 400 and "q has 1001 characters" in words(answer)
    assert client.get("/app/paperwork.document", query_string={"q": " | ".join("a" * 20)}).status_code == 200
    answer = client.get("/app/paperwork.document", query_string={"q": " | ".join("a" * 21)})
    assert answer.status_code == 400 and "q: at most 20 texts" in words(answer)


def test_the_character_nul_is_refused_in_addresses(client, anonymous):
    assert anonymous.get("/static/web/%00").status_code == 404
    assert anonymous.get("/static/web/%0a").status_code == 404
    answer = client.get("/app/paperwork.document?q=a%00b")
    assert answer.status_code == 400 and "q holds a character" in words(answer)


def test_signs_and_fingerprints_of_any_text_are_only_wrong(client, paper):
    assert client.get("/app/complete/res.partner?given=[]&sign=é&q=a").status_code == 200
    deep = "[" * 100_000
    assert client.get(url(paper), headers={"Cookie": "flash=é.é"}).status_code < 500
    page = client.get(url(paper))
    assert client.submit(page, {"_base": deep}, button="save").status_code < 500


def test_two_slashes_do_not_redirect_to_the_host_of_the_request(anonymous):
    for address in ("/static//web/stillage.css", "//app", "/app//paperwork.document"):
        answer = anonymous.get(address, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.headers.get("Location", "")


def test_only_allowed_hosts_are_answered(client, anonymous, monkeypatch):
    settings = Settings(allowed_hosts=("shop.example", ".stores.example"))
    monkeypatch.setattr(anonymous.application, "settings", settings)
    for host in ("shop.example", "shop.example:8069", "north.stores.example"):
        assert anonymous.get("/login", headers={"Host": host}).status_code == 200
    for host in ("evil.example", "shop.example.evil.example", "x:y:z", "é"):
        answer = anonymous.get("/login", headers={"Host": host})
        assert answer.status_code == 400 and "for that host" in words(answer)


def test_names_of_files_keep_no_characters_that_turn_their_reading():
    assert _clean("invoice\u202egnp.exe\u2069\x85\n.pdf\ud800") == "invoicegnp.exe_.pdf"
    assert (
        _clean("Rechnung für 東京 \U0001f469\u200d\U0001f527.pdf") == "Rechnung für 東京 \U0001f469\u200d\U0001f527.pdf"
    )


def test_the_first_request_of_a_server_may_be_a_form(client, paper):
    """The key that signs forms is read before the transaction of the form begins: SQLite has one writer."""
    assert client.application._secret is None
    assert client.post(url(paper), data={"_csrf": "x"}).status_code == 307
