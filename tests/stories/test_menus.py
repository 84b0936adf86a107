"""Finding one's way: every entry of the menus leads to a page that stays within its app."""

from __future__ import annotations

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


def test_every_menu_entry_stays_in_its_app(client):
    for app, url in apps(client).items():
        for entry in entries(client.get(url, follow_redirects=True)):
            page = client.get(entry, follow_redirects=True)
            assert (page.status_code, shown(page)) == (200, app), entry


def test_a_page_without_a_menu_entry_has_the_menus_of_what_it_shows(client):
    overview = next(url for url in entries(client.get(apps(client)["Inventory"])))
    card = document(client.get(overview)).xpath("string(//a[@class='card']/@href)")
    page = client.get(card)
    assert page.status_code == 200 and card not in entries(page)
    assert shown(page) == "Inventory"
