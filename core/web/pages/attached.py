"""The files of a document: shown under its form, added and removed there.

They belong to the document and have its rights. A form view asks for them with ``<chatter/>``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from core.exceptions import MissingError, UserError
from core.i18n import _
from core.web.forms.files import Upload, check_upload, files_of
from core.web.forms.formats import Unreadable
from core.web.pictures import KINDS
from core.web.visit import Visit

#: The input for new files on the page of a document.
INPUT = "_files"
_MOST = 100
_WEB = ("https://", "http://")


@dataclass
class Attached:
    """One file, ready to be shown. `picture` is where it is drawn small; empty when it is none."""

    id: int
    name: str
    url: str
    about: str
    picture: str = ""
    elsewhere: bool = False


@dataclass
class Panel:
    """The files of a document, the newest first."""

    files: list[Attached]
    editable: bool
    problem: str = ""


def panel(visit: Visit, record: Any) -> Panel:
    """The files of `record`, which the user may read."""
    files = _files_of(record).search(_domain(record), limit=_MOST)
    # What they really are shows when they are sent.
    stored = files_of(files.filtered(lambda file: file.mimetype in KINDS), "datas")
    return Panel([_attached(visit, file, stored.get(file.id)) for file in files], record.has_access("write"))


def attach(visit: Visit, record: Any, uploads: Iterable[Upload]) -> int:
    """Attach files to `record`; returns how many. Raises UserError for one that is too large or empty."""
    uploads = list(uploads)
    for upload in uploads:
        try:
            check_upload(upload, visit.formats, picture=False)
        except Unreadable as error:
            raise UserError(str(error)) from None
    visit.env["ir.attachment"].create(
        [
            {
                "name": upload.name,
                "datas": base64.b64encode(upload.read()),
                "mimetype": upload.mimetype or False,
                "res_model": record._name,
                "res_id": record.id,
            }
            for upload in uploads
        ]
    )
    return len(uploads)


def find(record: Any, id_: int) -> Any:
    """The file `id_` of `record`. Raises MissingError when it has none of that id."""
    file = record.env["ir.attachment"].search([("id", "=", id_), *_domain(record)])
    if not file:
        raise MissingError(_("This file no longer exists."))
    return file


def _files_of(record: Any) -> Any:
    """The attachments, without asking again for the document's rights."""
    return record.env["ir.attachment"].sudo()


def _domain(record: Any) -> list[Any]:
    # Those with a field are the content of that field.
    return [("res_model", "=", record._name), ("res_id", "=", record.id), ("res_field", "=", False)]


def _attached(visit: Visit, file: Any, stored: Any) -> Attached:
    linked = file.type == "url"
    url = str(file.url or "") if linked else f"/web/content/{file.id}/{quote(file.name.replace('/', '_'), safe='')}"
    about = [
        "" if linked else visit.formats.size(file.file_size or 0),
        str(file.create_uid.name or ""),
        visit.formats.moment(file.create_date) if file.create_date else "",
    ]
    return Attached(
        file.id,
        str(file.name),
        url if not linked or url.startswith(_WEB) else "",
        " · ".join(part for part in about if part),
        stored.picture if stored and not linked else "",
        linked,
    )
