"""Attachments: files that belong to records."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from typing import Any

from core import api, fields, models
from core.api import Domain, _
from core.exceptions import AccessError, UserError, ValidationError

#: Megabytes of files that belong to no record, for each user who is no administrator.
QUOTA = 100
QUOTA_PARAMETER = "base.attachment_quota"


class IrAttachment(models.Model):
    """A file, or a link. Those who may read a record may read its files, those who may change it may change them."""

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
                raise ValidationError(
                    _("%(name)s is a link without an address.", name=file.name),
                    fields=["url"],
                    code="base.link_without_address",
                    data={"name": file.name},
                )

    # ------------------------------------------------------------------- access

    def _rule_domain(self, operation: str) -> Domain:
        return super()._rule_domain(operation) & self._documents_domain(operation)

    def _documents_domain(self, operation: str) -> Domain:
        """The files (of these, or of all where there are none) whose records the user may read, or else change.

        A file that belongs to no record is its maker's own.
        """
        reading = operation == "read"
        allowed = Domain("public", "=", True) if reading else Domain.FALSE
        own = Domain("res_id", "in", [0, False]) | Domain("res_model", "in", [False, self._name])
        allowed |= own if self.env.is_admin() else own & Domain("create_uid", "=", self.env.uid)
        chosen = Domain("id", "in", self.ids) if self else Domain.TRUE
        for model_name in self._models_of_documents(chosen):
            documents = self.env[model_name].with_context(active_test=False)
            wanted = "read" if reading else "write"
            if not documents.check_access_rights(wanted, False):
                continue
            found = Domain("res_model", "=", model_name) & Domain("res_id", "!=", 0)
            if documents._rule_domain(wanted) != Domain.TRUE:
                ids = self._values_of("res_id", chosen & found)
                found &= Domain("res_id", "in", documents.browse(ids).exists()._filtered_access(wanted).ids)
            allowed |= found
        return allowed

    def _models_of_documents(self, chosen: Domain) -> list[str]:
        names = self._values_of("res_model", chosen & Domain("res_model", "!=", False))
        return [name for name in names if name in self.env.registry.models and name != self._name]

    def _values_of(self, name: str, domain: Domain) -> list[Any]:
        """The values of a field; not through records, as what is decided here is whether these may be read."""
        return [row[0] for row in self.browse().sudo()._read_group(domain, [name], ["__count"])]

    def _check_access_of(self, operation: str) -> None:
        self._check_model_access(operation)
        refused = self - self._filtered_access(operation)
        if refused and operation == "read":
            raise AccessError(
                _("You may not open this file: it belongs to a record that you may not see, or to another user."),
                code="base.file_hidden",
            )
        if refused:
            names = ", ".join(refused._filtered_access("read").mapped("name"))
            raise AccessError(
                _(
                    "You may not change the files of a record that you may not change, nor those of another user."
                    " %(names)s stays as it is.",
                    names=names or _("This file"),
                ),
                code="base.file_protected",
            )

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> IrAttachment:
        """Add files to records that the user may change."""
        files = super().create([_with_facts(values) for values in vals_list])
        files._check_quota()
        return files

    def write(self, vals: dict[str, Any]) -> bool:
        """Change files of records that the user may change, before and after."""
        vals = _with_facts(vals)
        result = super().write(vals)
        if {"res_model", "res_id"} & set(vals):
            self.check_access("write")
        if {"res_model", "res_id", "file_size"} & set(vals):
            self._check_quota()
        return result

    def _check_quota(self) -> None:
        """Refuse what goes beyond the space that a user has for files which belong to no record.

        Administrators and the server have no such bound. Raises UserError.
        """
        loose = Domain("res_id", "in", [0, False]) | Domain("res_model", "in", [False, self._name])
        if self.env.is_admin() or not self.sudo().filtered_domain(loose):
            return
        quota = int(self.env["ir.config_parameter"].sudo().get_param(QUOTA_PARAMETER) or QUOTA)
        own = loose & Domain("create_uid", "=", self.env.uid)
        [(total,)] = self.browse().sudo()._read_group(own, [], ["file_size:sum"])
        if (total or 0) > quota * 2**20:
            raise UserError(
                _(
                    "Your files that belong to no record take more than %(quota)s MB. Delete some of them first, or"
                    " attach them to a record.",
                    quota=quota,
                ),
                code="base.attachment_quota",
                data={"quota": quota},
            )

    @api.private
    def content(self) -> bytes:
        """Return the bytes of the file."""
        self.ensure_one()
        self.check_access("read")
        return base64.b64decode(self.datas or b"")

    @api.autovacuum
    def _remove_orphans(self) -> None:
        """Remove files whose record is gone."""
        for model_name, files in (
            self.sudo().search([("res_id", "!=", 0), ("res_model", "!=", False)]).grouped("res_model").items()
        ):
            if model_name in self.env.registry.models:
                alive = set(self.env[model_name].sudo().browse(set(files.mapped("res_id"))).exists().ids)
                files.filtered(lambda file, alive=alive: file.res_id not in alive).unlink()


def _decoded(datas: Any) -> bytes:
    """The content behind base64; of what is none, as the field takes it: bytes as they are, or refused by the field."""
    try:
        return base64.b64decode(datas)
    except (TypeError, ValueError):
        return datas if isinstance(datas, bytes) else b""


def _with_facts(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with size, checksum and type of the content that they bring."""
    values = dict(values)
    raw = values.pop("raw", None)
    if raw is not None:
        values["datas"] = base64.b64encode(raw.encode() if isinstance(raw, str) else raw).decode()
    if "datas" in values:
        content = _decoded(values["datas"] or b"")
        values["file_size"] = len(content)
        values["checksum"] = hashlib.sha1(content, usedforsecurity=False).hexdigest() if content else False
    if values.get("name") and ("datas" in values or "url" in values) and not values.get("mimetype"):
        values["mimetype"] = mimetypes.guess_type(values["name"])[0] or "application/octet-stream"
    return values
