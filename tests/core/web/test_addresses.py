"""Addresses: short enough for every server, however many records or conditions they stand for."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from core.testing.client import document, words
from core.web.addresses import ADDRESS_MAX, address, collecting, key_of, pack_ids, shortened, unpack_ids
from tests.core.web.paper import PAPERWORK

pytestmark = PAPERWORK
LIST = "/app/paperwork.document"
#: What gunicorn takes of a request line; other servers take more.
LINE_MAX = 4000


@pytest.fixture
def many(db, paper):
    """The ids of many documents, every second of those there are: their list cannot be packed."""
    with db.transaction(login="admin") as env:
        ids = env["paperwork.document"].create([{"name": f"Sheet {number:04}"} for number in range(3000)]).ids
    return ids[::2]


def links(page):
    """Every address on a page: of links, forms, rows, and what htmx and scripts ask for."""
    tree = document(page)
    found = tree.xpath("//@href | //@action | //@data-href | //@hx-get | //@hx-post | //@data-complete | //@data-back")
    return [str(each) for each in found if each and not each.startswith("#")]


def typed(form):
    """The address that a form of the method GET makes of its inputs."""
    pairs = [(each.get("name"), each.get("value", "")) for each in form.xpath(".//input[@name] | .//select[@name]")]
    return f"{form.get('action', '')}?{urlencode(pairs)}"


def assert_short(page):
    """Every address that a page leads to fits into a request line."""
    for link in [*links(page), *map(typed, document(page).xpath("//form[@method='get']"))]:
        assert len(link.encode()) < LINE_MAX, link[:200]


def opened(client, ids):
    """The list of some records, as a button leads to it."""
    found: dict[str, str] = {}
    with collecting(found):
        url = address("paperwork.document", ids=pack_ids(ids), filter="-")
    client.application.store_address_parts(found)
    assert len(url) <= ADDRESS_MAX
    return client.get(url)


def test_thousands_of_chosen_records_fit_into_an_address(client, many):
    page = opened(client, many)
    assert f"{len(many)} records of Document" in words(page).replace(",", "")
    assert_short(page)
    row = document(page).xpath("//tr/@data-href")[0]
    form = client.get(row)
    assert "1 of 1,500" in " ".join(words(form).split()), "the record pager goes through the selection"
    assert_short(form)
    following = client.get(document(form).xpath("//a[@aria-label='Next record']/@href")[0])
    assert "2 of 1,500" in " ".join(words(following).split())
    (back,) = document(following).xpath("(//nav//a[contains(@href, 'ids=')])[1]/@href")
    assert "1500 selected" in words(client.get(back)).replace(",", "")


def test_a_long_filter_is_built_applied_and_changed(client, paper):
    names = [f"{number:03} {'ä' * 90}" for number in range(30)]
    domain = ["|"] * 30 + [["name", "ilike", "Chair"], *(["name", "ilike", name] for name in names)]
    data = {"c.join": "any", "_do": "apply"}
    builder = document(client.get(f"{LIST}/filter?filter=-")).xpath("//form[@id='builder']")[0]
    data["_csrf"] = builder.xpath("string(.//input[@name='_csrf']/@value)")
    for place, (_name, operator, value) in enumerate(leaf for leaf in domain if leaf != "|"):
        data |= {f"c.{place}.f0": "name", f"c.{place}.op": operator, f"c.{place}.value": value}
    answer = client.post(builder.get("action"), data=data)
    assert answer.status_code == 303 and len(answer.headers["Location"]) <= ADDRESS_MAX
    page = client.get(answer.headers["Location"])
    assert len(document(page).xpath("//tr[@data-href]")) == 1
    assert_short(page)
    assert_short(client.get(document(page).xpath("//a[@class='chip-edit']/@href")[0]))


def test_an_unknown_selection_is_refused_rather_than_shown_as_everything(client, paper):
    for name in ("ids", "domain"):
        page = client.get(f"{LIST}?filter=-&{name}={key_of('never stored')}")
        assert page.status_code == 404 and "no longer stored" in words(page)
    assert client.get(f"{LIST}?filter=-&list={key_of('never stored')}").status_code == 200


def test_signing_in_leads_back_by_a_short_address(anonymous):
    answer = anonymous.get(f"{LIST}?{urlencode({'filter': '-', 'q': '%' * 1200})}")
    assert answer.status_code == 303 and len(answer.headers["Location"]) < LINE_MAX


def test_only_the_longest_values_are_stored_and_short_addresses_stay_as_they_are():
    pairs = [("q", "short"), ("domain", json.dumps([["name", "=", "x" * 900]])), ("ids", "1," * 900), ("sort", "name")]
    found: dict[str, str] = {}
    with collecting(found):
        short = dict(shortened(pairs))
        assert address("a.b", ids="1-5,9") == "/app/a.b?ids=1-5,9"
    assert short["q"] == "short" and short["ids"].startswith("~") and found[short["ids"]] == "1," * 900
    assert len(urlencode(short)) <= ADDRESS_MAX
    assert shortened(pairs) == pairs, "outside of a page nothing is replaced"


def test_lists_of_ids_are_read_as_they_were_written():
    ids = [1, 2, 3, 7, *range(20, 40_000, 3)]
    assert unpack_ids(pack_ids(ids)) == ids
    assert len(unpack_ids("1-999999999999")) <= 100_000


def test_a_user_has_so_much_stored_within_a_day(env, monkeypatch):
    monkeypatch.setattr("core.base.models.web_address_part.DAILY", 10)
    parts, uid = env["web.address.part"], env.ref("base.user_admin").id
    parts._store({"~a": "123456"}, uid)
    parts._store({"~a": "123456", "~b": "1234567"}, uid)
    parts._store({"~c": "1234"}, uid)
    parts._store({"~d": "1"}, uid)
    parts._store({"~e": "1"}, env.uid)
    assert set(parts._texts(["~a", "~b", "~c", "~d", "~e"])) == {"~a", "~c", "~e"}
    env.cr.execute("UPDATE web_address_part SET created = '2020-01-01 00:00:00.000000'")
    parts._store({"~d": "1"}, uid)
    assert parts._texts(["~d"])


def test_stored_parts_go_when_no_page_has_linked_to_them_for_long(env):
    parts = env["web.address.part"]
    parts._store({"~a": "1,2", "~b": "3"})
    parts._store({"~a": "1,2"})
    assert parts._texts(["~a", "~b", "~c"]) == {"~a": "1,2", "~b": "3"}
    env.cr.execute("UPDATE web_address_part SET used = '2020-01-01 00:00:00.000000' WHERE key = '~b'")
    parts._gc_old()
    assert parts._texts(["~a", "~b"]) == {"~a": "1,2"}
