"""What lies in binary fields, sent to those who may read the record: pictures to be shown, all else to be downloaded.

/web/image/<model>/<id>/<field>      a picture
/web/content/<model>/<id>/<field>    a file; ?download=true, ?filename_field=<field> with its name
/web/image/<id>  /web/content/<id>   the content of an `ir.attachment`

A name at the end of an address is for people: what a file is called when it is saved is what the record says.

Whatever comes from a user may be meant to do harm. Only pictures are shown, by what they are and not by what they are
called; anything else is a file to save, never a page of this site. Whoever may not read a record gets the same answer
as for one that does not exist.
"""

from __future__ import annotations

import base64
import mimetypes
import re
import unicodedata
from typing import Any
from urllib.parse import quote

from werkzeug.exceptions import NotFound
from werkzeug.http import dump_options_header
from werkzeug.wrappers import Response

from core.web.pictures import picture_type
from core.web.security import FILE_POLICY
from core.web.visit import Visit

ATTACHMENT, CONTENT = "ir.attachment", "datas"
# With `unique`, the address of a picture changes when the picture does.
_WEEK = "private, max-age=604800, immutable"
_ASK = "private, no-cache"
_UNKNOWN = "application/octet-stream"
# What a browser could take for a page or a program even when it is told to save it.
# With these a program can look like a picture: directions of writing, line separators, halves of characters.
_UNSEEN = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\x80-\x9f]")
_ACTIVE = re.compile(r"html|xml|svg|script|wasm|multipart|message")


def show_attachment(visit: Visit, id: int, name: str = "") -> Response:
    """``GET /web/image/<id>`` and ``GET /web/content/<id>``: of an attachment."""
    return show(visit, ATTACHMENT, id, CONTENT)


def show(visit: Visit, model: str, id: int, field: str, name: str = "") -> Response:
    """``GET /web/image/<model>/<id>/<field>`` and ``GET /web/content/<model>/<id>/<field>``."""
    record = _record(visit, model, id, field)
    outline = record._fields[field].outlines(record).get(id)
    if outline is None:
        raise NotFound()
    args = visit.request.args
    response = Response()
    response.set_etag(outline.mark)
    response.headers["Cache-Control"] = _WEEK if args.get("unique") == outline.mark else _ASK
    # Another user of the same browser asks anew.
    response.headers["Vary"] = "Cookie"
    response.headers["Content-Security-Policy"] = FILE_POLICY
    if visit.request.if_none_match.contains(outline.mark):
        response.status_code = 304
        return response
    response.data = base64.b64decode(record[field])
    picture = picture_type(response.data)
    saved_as = _clean(_name(record, field, picture, args.get("filename_field", "")))
    response.content_type = picture or _type_of(saved_as, response.data)
    kind = "inline" if picture and not args.get("download") else "attachment"
    if kind == "attachment":
        # What is saved on purpose need not be left in the browser's cache as well.
        response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = dump_options_header(kind, _names(saved_as))
    return response


def _record(visit: Visit, model: str, id_: int, field: str) -> Any:
    """The record, if there is one that the user may read, and the field of it; NotFound in any other case."""
    env = visit.env
    if model not in env.registry.models or env[model]._abstract:
        raise NotFound()
    record = env[model].browse(id_)
    spec = record._fields.get(field)
    if spec is None or spec.type != "binary" or not record._field_allowed(spec):
        raise NotFound()
    if not record.sudo().exists() or not record.has_access("read"):
        raise NotFound()
    return record


def _name(record: Any, field: str, picture: str, name_field: str) -> str:
    """What the file is called: as a field says, or after the record."""
    if record._name == ATTACHMENT and field == CONTENT:
        name_field = "name"
    spec = record._fields.get(name_field)
    name = ""
    if spec is not None and spec.type == "char" and record._field_allowed(spec):
        name = str(record[name_field] or "")
    ending = (mimetypes.guess_extension(picture) or "") if picture and "." not in name else ""
    return f"{name or record.display_name or record._name}{ending}"


def _clean(name: str) -> str:
    """`name` as a file may be called anywhere, read in the order in which it is written."""
    name = _UNSEEN.sub("", name)
    return re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|]+", "_", name).strip(" .")[:150] or "file"


def _names(name: str) -> dict[str, str]:
    """The parts of a header that tell a file's name: headers are ASCII, what else is in it is told beside."""
    if name.isascii():
        return {"filename": name}
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return {"filename": plain or "file", "filename*": f"UTF-8''{quote(name, safe='')}"}


def _type_of(name: str, content: bytes) -> str:
    """The media type by the ending of a file's name, unless a browser could run what is of that type.

    Text is declared as UTF-8 where it is; in any other encoding it is bytes to be saved.
    """
    found = mimetypes.guess_type(name)[0] or _UNKNOWN
    if _ACTIVE.search(found):
        return _UNKNOWN
    if not found.startswith("text/"):
        return found
    try:
        content.decode()
    except UnicodeDecodeError:
        return _UNKNOWN
    return f"{found}; charset=utf-8"
