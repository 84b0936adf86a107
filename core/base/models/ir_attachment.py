"""Attachments: files that belong to records."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from typing import Any

from core import api, fields, models
from core.api import _
from core.exceptions import AccessError, ValidationError


class IrAttachment(models.Model):
    """A file, or a link. Whoever may read a record may read its files, whoever may change it may change them."""

    _name = "ir.attachment"
    _description = "Attachment"
    _order = "id desc"

    name = fields.Char(required=True)
    description = fields.Text()
    type = fields.Selection([("url", "URL"), ("binary", "File")], required=True, default="binary")
    url = fields.Char(string="Url")
    datas = fields.Binary(string="File Content (base64)", prefetch=False)
    mimetype = fields.Char(string="Mime Type", readonly=True)
    file_size = fields.Integer(string="File Size", readonly=True, help="Bytes")
    checksum = fields.Char(string="Checksum/SHA1", readonly=True)
    public = fields.Boolean(string="Is public document")
    res_model = fields.Char(string="Resource Model", help="Model of the record that the file belongs to")
    res_id = fields.Integer(string="Resource ID")
    res_field = fields.Char(string="Resource Field")
    res_name = fields.Char(string="Resource Name", compute="_compute_res_name")
    company_id = fields.Many2one("res.company", string="Company", default=lambda self: self.env.company)

    _resource_index = models.Index("(res_model, res_id)")

    @api.depends("res_model", "res_id")
    def _compute_res_name(self) -> None:
        for model_name, files in self.grouped("res_model").items():
            if model_name not in self.env.registry.models:
                files.res_name = False
                continue
            records = self.env[model_name].browse(set(files.mapped("res_id"))).exists()
            names = {record.id: record.display_name for record in records}
            for file in files:
                file.res_name = names.get(file.res_id, False)

    @api.constrains("type", "url", "datas")
    def _check_content(self) -> None:
        for file in self:
            if file.type == "url" and not file.url:
                raise ValidationError(_("%(name)s is a link without an address.", name=file.name), fields=["url"])

    # ------------------------------------------------------------------- access

    def _check_documents(self, operation: str) -> None:
        """Raise AccessError unless the user may perform `operation` on the records that the files belong to."""
        if self.env.su:
            return
        for file in self.sudo():
            if operation == "read" and file.public:
                continue
            if not file.res_model or not file.res_id:
                if file.create_uid.id != self.env.uid and not self.env.is_admin():
                    raise AccessError(_("The file %(name)s belongs to somebody else.", name=file.name))
            elif file.res_model in self.env.registry.models:
                self.env[file.res_model].browse(file.res_id).check_access(operation)

    def read(self, fields: list[str] | None = None, load: str | None = "_classic_read") -> list[dict[str, Any]]:
        """Read, with the rights of the records that the files belong to."""
        self._check_documents("read")
        return super().read(fields, load)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> IrAttachment:
        """Add files to records that the user may change."""
        files = super().create([_with_facts(values) for values in vals_list])
        files._check_documents("write")
        return files

    def write(self, vals: dict[str, Any]) -> bool:
        """Change files of records that the user may change."""
        self._check_documents("write")
        result = super().write(_with_facts(vals))
        if {"res_model", "res_id"} & set(vals):
            self._check_documents("write")
        return result

    def unlink(self) -> bool:
        """Remove files of records that the user may change."""
        self._check_documents("write")
        return super().unlink()

    @api.private
    def content(self) -> bytes:
        """Return the bytes of the file."""
        self.ensure_one()
        self._check_documents("read")
        return base64.b64decode(self.sudo().datas or b"")

    @api.autovacuum
    def _remove_orphans(self) -> None:
        """Remove files whose record is gone."""
        for model_name, files in (
            self.sudo().search([("res_id", "!=", 0), ("res_model", "!=", False)]).grouped("res_model").items()
        ):
            if model_name in self.env.registry.models:
                alive = set(self.env[model_name].sudo().browse(set(files.mapped("res_id"))).exists().ids)
                files.filtered(lambda file, alive=alive: file.res_id not in alive).unlink()


def _with_facts(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with size, checksum and type of the content that they bring."""
    values = dict(values)
    raw = values.pop("raw", None)
    if raw is not None:
        values["datas"] = base64.b64encode(raw.encode() if isinstance(raw, str) else raw).decode()
    if "datas" in values:
        content = base64.b64decode(values["datas"] or b"")
        values["file_size"] = len(content)
        values["checksum"] = hashlib.sha1(content, usedforsecurity=False).hexdigest() if content else False
    if values.get("name") and ("datas" in values or "url" in values) and not values.get("mimetype"):
        values["mimetype"] = mimetypes.guess_type(values["name"])[0] or "application/octet-stream"
    return values
