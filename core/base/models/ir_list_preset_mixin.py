"""Presets of a list saved under a name, for one user or for all, perhaps as what the list opens with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from core import api, fields, models
from core.api import _
from core.base.services.caching import cached
from core.exceptions import ValidationError


def is_names(value: Any) -> bool:
    """Whether a value read from JSON is a list of names of fields or filters."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


class Preset(NamedTuple):
    """A preset on offer. `default`: 2 where the user chose it, 1 where it is set for all, else 0.

    `of_list` says that it is for one list rather than for all of the model.
    """

    id: int
    name: str
    shared: bool
    default: int
    of_list: bool
    address: dict[str, Any]


class IrListPresetMixin(models.AbstractModel):
    """A named preset of one list. A model with it adds `user_ids`, `default_user_ids` and the fields that it saves."""

    _name = "ir.list.preset.mixin"
    _description = "List Preset"
    _inherit = ["cached.mixin"]
    _order = "name, id"

    name = fields.Char("Name", required=True)
    model_id = fields.Char("Model", required=True, index=True, help="The model of the list, by its technical name")
    action_id = fields.Many2one(
        "ir.actions.act_window", "List", ondelete="cascade", help="Empty: all lists of the model"
    )
    is_default = fields.Boolean("Default for All", help="The list opens with it for all users who see it")
    is_shared = fields.Boolean("Shared", compute="_compute_is_shared", inverse="_inverse_is_shared")
    is_my_default = fields.Boolean("My Default", compute="_compute_is_my_default")
    active = fields.Boolean(default=True)

    @api.depends("user_ids")
    def _compute_is_shared(self) -> None:
        for preset in self:
            preset.is_shared = not preset.user_ids

    def _inverse_is_shared(self) -> None:
        for preset in self:
            preset.user_ids = [(5,)] if preset.is_shared else [(6, 0, [preset.create_uid.id or self.env.uid])]

    @api.depends("default_user_ids")
    @api.depends_context("uid")
    def _compute_is_my_default(self) -> None:
        for preset in self:
            preset.is_my_default = self.env.user in preset.default_user_ids

    @api.constrains("model_id")
    def _check_model(self) -> None:
        for preset in self:
            if preset.model_id not in self.env.registry.models:
                raise ValidationError(
                    _("There is no model %(model)s.", model=preset.model_id),
                    fields=["model_id"],
                    code="base.preset_model",
                    data={"model": preset.model_id},
                )

    def _check_json(self, name: str, fits: Callable[[Any], bool]) -> None:
        """Refuse a text that is not JSON of the shape that lists read: one bad preset must not break the list."""
        for preset in self:
            try:
                value = json.loads(preset[name])
            except (TypeError, ValueError, RecursionError):
                value = None
            if value is None or not fits(value):
                raise ValidationError(
                    _("%(field)s does not hold the JSON of a saved list.", field=self._fields[name].string),
                    fields=[name],
                    code="base.preset_json",
                    data={"field": name},
                )

    def _address(self) -> dict[str, Any]:
        """The parts of a list's address that show what was saved; None takes a part out."""
        raise NotImplementedError

    @api.model
    def _offered(self, model: str, action: int | bool) -> list[Preset]:
        """The presets of a list that the user sees; read once, until one changes."""
        if not self.check_access_rights("read", False):
            return []
        return cached(self.env, self._name, (self.env.uid, model, action), lambda: self._read_offered(model, action))

    def _read_offered(self, model: str, action: int | bool) -> list[Preset]:
        lists = [False, action] if action else [False]
        presets = self.with_context(active_test=True)
        found = presets.search([("model_id", "=", model), ("action_id", "in", lists)])
        return [
            Preset(
                preset.id,
                str(preset.name),
                bool(preset.is_shared),
                2 if preset.is_my_default else int(preset.is_default),
                bool(preset.action_id),
                preset._address(),
            )
            for preset in found
        ]

    @api.model
    def _default_of(self, model: str, action: int | bool) -> Preset | None:
        """What a list opens with: what the user chose, or else what is set for all who see it."""
        return max(
            (preset for preset in self._offered(model, action) if preset.default),
            key=lambda preset: (preset.default, preset.of_list),
            default=None,
        )

    @api.public(access="read")
    def action_set_default(self) -> None:
        """Have the list open with this for the user, instead of what they chose before."""
        self.ensure_one()
        self.check_access("read")
        mine = [("model_id", "=", self.model_id), ("default_user_ids", "in", [self.env.uid])]
        of_list = [("action_id", "=", self.action_id.id)] if self.action_id else []
        self.sudo().search([*mine, *of_list]).write({"default_user_ids": [(3, self.env.uid)]})
        self.sudo().write({"default_user_ids": [(4, self.env.uid)]})

    @api.public(access="read")
    def action_unset_default(self) -> None:
        """Have the list open for the user as it does for others."""
        self.check_access("read")
        self.sudo().write({"default_user_ids": [(3, self.env.uid)]})
