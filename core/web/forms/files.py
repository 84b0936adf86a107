"""Files in forms: what lies in a binary field, and what was chosen to take its place."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from werkzeug.datastructures import FileStorage

from core.bounds import FILE
from core.i18n import _
from core.web.forms.formats import Formats, Unreadable
from core.web.pictures import HEAD, NAMES, picture_type

#: The largest file and the largest picture that a form takes, in bytes.
LARGEST = FILE
LARGEST_PICTURE = 10 * 2**20
KEPT = "web.upload"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What lies in a binary field of a record. `mark` changes when it changes."""

    model: str
    id: int
    field: str
    size: int
    mark: str

    @property
    def picture(self) -> str:
        """Where it is shown, if it is a picture."""
        return f"/web/image/{self.model}/{self.id}/{self.field}?unique={self.mark}"

    def download(self, name_field: str = "") -> str:
        """Where it is downloaded; `name_field` is the field with its name."""
        name = f"&filename_field={quote(name_field)}" if name_field else ""
        return f"/web/content/{self.model}/{self.id}/{self.field}?download=true{name}"


@dataclass(slots=True, eq=False)
class Upload:
    """A file that was chosen. `mimetype` is that of a picture, else empty; `kept` where it waits to be saved."""

    name: str
    size: int
    mimetype: str
    read: Callable[[], bytes]
    kept: StoredFile | None = None


def upload_of(storage: FileStorage) -> Upload:
    """A file as the browser sent it."""
    stream = storage.stream

    def read() -> bytes:
        stream.seek(0)
        return stream.read()

    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    mimetype = picture_type(stream.read(HEAD))
    # Some browsers send the path along.
    name = (storage.filename or "").replace("\\", "/").rpartition("/")[2]
    return Upload(name, size, mimetype, read)


def kept_upload(env: Any, id_: int) -> Upload | None:
    """The file that `keep` kept, if it is there and the user's own."""
    record = env[KEPT].browse(id_)
    if not record.exists() or not record.has_access("read"):
        return None
    file = files_of(record, "content").get(id_)
    size = file.size if file else 0
    return Upload(record.name, size, record.mimetype or "", lambda: base64.b64decode(record.content or b""), file)


def keep(env: Any, upload: Upload) -> None:
    """Keep a file until the form is sent again, for some hours; one that is too large for any field is not kept."""
    if upload.kept is None and upload.size <= LARGEST:
        values = {"name": upload.name, "content": base64.b64encode(upload.read()), "mimetype": upload.mimetype}
        record = env[KEPT].create(values)
        upload.kept = files_of(record, "content").get(record.id)


def check_upload(upload: Upload, formats: Formats, *, picture: bool) -> None:
    """Raise Unreadable, in words for the field, when the file cannot be taken."""
    most = LARGEST_PICTURE if picture else LARGEST
    if upload.size > most:
        size, limit = formats.size(upload.size), formats.size(most)
        raise Unreadable(
            _("“%(name)s” has %(size)s; at most %(limit)s are possible here.", name=upload.name, size=size, limit=limit)
        )
    if not upload.size:
        raise Unreadable(_("“%(name)s” is empty.", name=upload.name))
    if picture and not upload.mimetype:
        raise Unreadable(
            _(
                "“%(name)s” is not a picture that can be shown here. Choose one of these kinds: %(kinds)s.",
                name=upload.name,
                kinds=NAMES,
            )
        )


def files_of(records: Any, name: str) -> dict[int, StoredFile]:
    """What lies in the binary field `name` of those of `records` that have something there, by id."""
    field, stored = records._fields[name], records.browse(records.ids)
    return {
        id_: StoredFile(records._name, id_, name, outline.size, outline.mark)
        for id_, outline in (field.outlines(stored) if stored else {}).items()
    }
