"""External ids: stable names for records, `inventory.stock_location_stock`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import api, fields, models
from core.api import _
from core.base.services.caching import cached, invalidate, peek
from core.exceptions import MissingError

MODEL_PREFIX = "model_"


class IrModelData(models.Model):
    """The name under which an addon's data files know a record."""

    _name = "ir.model.data"
    _inherit = ["cached.mixin"]
    _description = "External Id"
    _order = "module, model, name"
    _rec_name = "complete_name"

    name = fields.Char(string="External Identifier", required=True)
    module = fields.Char(string="Addon", required=True, default="")
    model = fields.Char(string="Model Name", required=True)
    res_id = fields.Integer(string="Record ID", required=True)
    noupdate = fields.Boolean(string="Non Updatable", help="An upgrade of the addon leaves the record as it is")
    complete_name = fields.Char(string="Complete ID", compute="_compute_complete_name")
    reference = fields.Char(string="Reference", compute="_compute_reference")

    _name_unique = models.UniqueIndex("(module, name)", "This external id is already in use.")
    _record_index = models.Index("(model, res_id)")

    @api.depends("module", "name")
    def _compute_complete_name(self) -> None:
        for record in self:
            record.complete_name = ".".join(part for part in (record.module, record.name) if part)

    @api.depends("model", "res_id")
    def _compute_reference(self) -> None:
        for record in self:
            record.reference = f"{record.model},{record.res_id}"

    # ----------------------------------------------------------------- look-up

    @api.model
    def _xmlid_lookup(self, xmlid: str) -> tuple[str, int] | None:
        """Return (model name, record id) of an external id "addon.name", or None.

        `<any addon>.model_stock_picking` always finds the `ir.model` row, whichever addon it is prefixed with.
        """
        try:
            return cached(self.env, "xmlid", xmlid, lambda: self._find(xmlid))
        except LookupError:  # raised rather than returned, so that a name missing now is not remembered as missing
            return None

    def _find(self, xmlid: str) -> tuple[str, int]:
        module, _dot, name = xmlid.partition(".")
        row = self.env.cr.execute(
            "SELECT model, res_id FROM ir_model_data WHERE module = :module AND name = :name",
            {"module": module, "name": name},
        ).first()
        if row is None and name.startswith(MODEL_PREFIX):
            found = self.env.cr.execute(
                "SELECT id FROM ir_model WHERE replace(model, '.', '_') = :name", {"name": name[len(MODEL_PREFIX) :]}
            ).first()
            row = ("ir.model", found[0]) if found else None
        if row is None:
            raise LookupError(xmlid)
        return row[0], row[1]

    @api.model
    def _xmlid_to_res_model_res_id(
        self, xmlid: str, raise_if_not_found: bool = False
    ) -> tuple[str, int] | tuple[bool, bool]:
        """Return (model name, record id), or (False, False); MissingError instead where it is asked for."""
        found = self._xmlid_lookup(xmlid)
        if found is None and raise_if_not_found:
            raise MissingError(
                _("There is no record with the external id %(xmlid)s.", xmlid=xmlid),
                code="unknown_external_id",
                data={"xmlid": xmlid},
            )
        return found or (False, False)

    @api.model
    def _xmlid_to_res_id(self, xmlid: str, raise_if_not_found: bool = False) -> int | bool:
        """Return the record id, or False."""
        return self._xmlid_to_res_model_res_id(xmlid, raise_if_not_found)[1]

    @api.public(any_user=True)
    @api.readonly
    @api.model
    def check_object_reference(
        self, module: str, xml_id: str, raise_on_access_error: bool = False
    ) -> tuple[str, int | bool]:
        """Return (model name, record id) for clients that look up an external id; the id is False without read access.

        Raises:
            MissingError: there is no such external id.
            AccessError: the user may not read the record, and `raise_on_access_error` asks for the error.
        """
        model, id_ = self._xmlid_to_res_model_res_id(f"{module}.{xml_id}", raise_if_not_found=True)
        records = self.env[str(model)].browse(id_)
        if raise_on_access_error:
            records.check_access("read")
        return str(model), id_ if records.has_access("read") else False

    @api.model
    def _forget_records(self, records: models.Model) -> None:
        """Drop cached names of records that are about to be deleted."""
        known = set(peek(self.env, "xmlid").values())
        if any((records._name, id_) in known for id_ in records.ids):
            invalidate(self.env)

    @api.model
    def _xmlids_of(self, model_name: str, ids: Iterable[int]) -> dict[int, str]:
        """Return the external id of each record that has one (the oldest, where there are several)."""
        found: dict[int, str] = {}
        for record in self.sudo().search([("model", "=", model_name), ("res_id", "in", list(ids))], order="id"):
            found.setdefault(record.res_id, record.complete_name)
        return found

    # ------------------------------------------------------------------ upkeep

    @api.model
    def _update_xmlids(self, data_list: list[dict[str, Any]], update: bool = False) -> IrModelData:
        """Make the external ids say what `data_list` says, all at once.

        Args:
            data_list: dictionaries with `xml_id` ("addon.name"), `record`, and optionally `noupdate`.
            update: the data file is being loaded again: rows that are `noupdate` stay as they are.

        Returns:
            the rows, in the order of `data_list`.
        """
        names = [data["xml_id"].partition(".")[::2] for data in data_list]
        known = {
            (row.module, row.name): row
            for row in self.sudo().search(
                [("module", "in", [n[0] for n in names]), ("name", "in", [n[1] for n in names])]
            )
        }
        missing = []
        for (module, name), data in zip(names, data_list, strict=True):
            values = {
                "model": data["record"]._name,
                "res_id": data["record"].id,
                "noupdate": bool(data.get("noupdate")),
            }
            row = known.get((module, name))
            if row is None:
                missing.append({"module": module, "name": name, **values})
            elif not (update and row.noupdate) and (row.model, row.res_id) != (values["model"], values["res_id"]):
                row.write(values)
        created = self.sudo().create(missing) if missing else self.sudo().browse()
        known.update({(row.module, row.name): row for row in created})
        return self.sudo().browse([known[tuple(name)].id for name in names])
