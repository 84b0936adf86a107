"""Static files: our stylesheet and script, htmx from its wheel, and the ``static`` folders of addons.

Every file is read and compressed once per process. Its address carries a digest of its content
(``/static/web/stillage.css?v=1a2b3c4d``), so browsers keep it for a year and never show an old one.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

OWN = Path(__file__).parent / "static"
_COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg+xml", "text/javascript")
_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    content: bytes
    packed: bytes | None
    mimetype: str
    digest: str


class Assets:
    """The static files of one application. `folders` maps an addon's name to its ``static`` folder."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self.folders = dict(folders)
        self._loaded: dict[str, Asset] = {}

    def url(self, name: str) -> str:
        """The address of ``web/stillage.css`` and the like."""
        return f"/static/{name}?v={self._asset(name).digest}"

    def respond(self, request: Request, name: str) -> Response:
        """The file `name`; 404 when there is none."""
        asset = self._asset(name)
        response = Response(mimetype=asset.mimetype)
        response.headers["Cache-Control"] = _YEAR if request.args.get("v") == asset.digest else "public, max-age=300"
        response.headers["Vary"] = "Accept-Encoding"
        response.set_etag(asset.digest)
        if asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.headers["Content-Encoding"] = "gzip"
            response.data = asset.packed
        else:
            response.data = asset.content
        return response.make_conditional(request)

    def _asset(self, name: str) -> Asset:
        asset = self._loaded.get(name)
        if asset is None:
            asset = self._loaded[name] = self._load(name)
        return asset

    def _load(self, name: str) -> Asset:
        content = _htmx() if name == "web/htmx.js" else self._read(name)
        mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
        packed = gzip.compress(content, 9, mtime=0) if mimetype.startswith(_COMPRESSED) else None
        return Asset(content, packed, mimetype, hashlib.sha256(content).hexdigest()[:12])

    def _read(self, name: str) -> bytes:
        owner, _slash, path = name.partition("/")
        folder = OWN if owner == "web" else self.folders.get(owner)
        if folder is None or not path:
            raise NotFound()
        if not path.isprintable():
            raise NotFound()
        file = (folder / path).resolve()
        if (
            not file.is_relative_to(folder.resolve())
            or not file.is_file()
            or any(part.startswith(".") for part in Path(path).parts)
        ):
            raise NotFound()
        return file.read_bytes()


def _htmx() -> bytes:
    """htmx, as its wheel ships it."""
    return resources.files("js_lib_htmx").joinpath("static", "htmx", "htmx.min.js").read_bytes()
