"""Files on their way: chosen in a form that could not be saved yet."""

from __future__ import annotations

from core import fields, models


class WebUpload(models.TransientModel):
    """A file that came with a form which was given back. A browser cannot be told to choose it again, so it is kept."""

    _name = "web.upload"
    _description = "File of a Form"

    name = fields.Char(required=True)
    content = fields.Binary(prefetch=False)
    mimetype = fields.Char(help="Of a picture: its kind, by its content")
