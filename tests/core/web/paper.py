"""What the tests of the pages share: the addon of documents, and what the database says of one."""

from __future__ import annotations

from pathlib import Path

import pytest

#: The mark of tests that need the addon.
PAPERWORK = pytest.mark.addons("paperwork", paths=(Path(__file__).parent / "addons",))


def read(db, id_, *names):
    """Values of a document as the database has them now."""
    with db.transaction() as env:
        return env["paperwork.document"].browse(id_).read(list(names))[0]


def url(id_) -> str:
    """The address of a document's form."""
    return f"/app/paperwork.document/{id_}"
