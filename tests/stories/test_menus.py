"""Finding one's way, also by ear: every entry of the menus leads to a page within its app, and to forms that speak."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from core.testing.client import document

ADDONS = ("sales", "manufacturing", "purchasing")
DEMO = True
pytestmark = pytest.mark.dialects("sqlite")


def apps(client):
    """The apps of the start page: their names with their addresses."""
    tiles = document(client.get("/app")).xpath("//a[@class='tile']")
    return {tile.xpath("string(*[@class='tile-name'])"): tile.get("href") for tile in tiles}


def entries(page):
    """The addresses in the menus of a page."""
    return [str(url) for url in document(page).xpath("//nav[@class='bar-menus']//a/@href")]


def shown(page):
    """The app whose menus a page shows."""
    return document(page).xpath("string(//a[@class='bar-app'])")


@pytest.mark.slow
def test_every_menu_entry_stays_in_its_app(client):
    for app, url in apps(client).items():
        for entry in entries(client.get(url, follow_redirects=True)):
            page = client.get(entry, follow_redirects=True)
            assert (page.status_code, shown(page)) == (200, app), entry


def nameless(page):
    """The inputs of a page of which a screen reader can not say what they are for."""
    tree = document(page)
    labels = set(tree.xpath("//label/@for"))
    shown = "not(@type='hidden' or @aria-hidden='true')"
    inputs = tree.xpath(f"//main//*[self::input or self::select or self::textarea][{shown}]")
    return [
        element.get("name")
        for element in inputs
        if not (element.get("aria-label") or element.get("id") in labels or element.xpath("ancestor::label"))
    ]


def headings(page):
    """The levels of the headings of a page, in order."""
    return [int(heading.tag[1]) for heading in document(page).xpath("//h1 | //h2 | //h3 | //h4")]


@pytest.mark.slow
def test_lists_and_forms_can_be_used_by_ear(client):
    for app, url in apps(client).items():
        for entry in entries(client.get(url, follow_redirects=True)):
            page = client.get(entry, follow_redirects=True)
            found = document(page).xpath("//tr/@data-href | //a[@accesskey='c']/@href")
            for address in (entry, *dict.fromkeys([*found[:1], *found[-1:]])):
                page = client.get(address, follow_redirects=True)
                ids = Counter(document(page).xpath("//@id"))
                assert not [id_ for id_, number in ids.items() if number > 1], (app, address)
                levels = headings(page)
                assert not nameless(page), (app, address)
                assert levels.count(1) == 1 or address == entry, (app, address, levels)
                assert all(after <= before + 1 for before, after in pairwise(levels)), (app, address, levels)


def test_a_page_without_a_menu_entry_has_the_menus_of_what_it_shows(client):
    overview = next(url for url in entries(client.get(apps(client)["Inventory"])))
    card = document(client.get(overview)).xpath("string(//a[@class='card']/@href)")
    page = client.get(card)
    assert page.status_code == 200 and card not in entries(page)
    assert shown(page) == "Inventory"


def test_a_report_is_no_place_to_begin_a_record(client):
    inventory = client.get(apps(client)["Inventory"])
    stock, products = client.click(inventory, "Stock"), client.click(inventory, "Product Variants")
    assert stock.status_code == products.status_code == 200
    begin = "//a[normalize-space()='New']"
    assert document(products).xpath(begin) and not document(stock).xpath(begin)
    row = document(stock).xpath("string(//tr/@data-href)")
    assert not document(client.get(row)).xpath(begin)
