"""Databases opened as several processes would."""

from __future__ import annotations

import pytest

from core.boot import Database


@pytest.fixture
def another(db):
    """Opens the test's database once more, as another process would."""
    opened = []

    def work(**more):
        opened.append(Database(db.url, **more))
        return opened[-1]

    yield work
    for database in opened:
        database.close()
