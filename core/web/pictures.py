"""Which content is a picture that a browser may show: told by its first bytes, never by its name.

Only raster pictures: they are drawn and nothing else. An SVG or HTML file can hold a script, and is handed out to save.
"""

from __future__ import annotations

KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")
#: The same for people.
NAMES = "PNG, JPEG, GIF, WebP, AVIF"
#: So many bytes are enough to tell.
HEAD = 32


def picture_type(content: bytes) -> str:
    """The media type of a picture, by its first bytes; empty when `content` is none that is shown."""
    head = content[:HEAD]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return ""
