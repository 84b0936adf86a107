"""What models take over from mixins and from their kind."""

from __future__ import annotations

from typing import Any

import pytest

from core import api, fields, models
from core.exceptions import ValidationError


class Limited(models.AbstractModel):
    _name = "m.limited"
    _description = "Limited"
    _amount = ""

    limit = fields.Integer()

    @api.constrains("limit", lambda cls: (cls._amount,))
    def _check_limit(self) -> None:
        if any(record[self._amount] > record.limit for record in self):
            raise ValidationError("Too much.", fields=[self._amount])


class Box(models.Model):
    _name = "m.box"
    _inherit = ["m.limited"]
    _description = "Box"
    _amount = "weight"

    weight = fields.Integer()
    color = fields.Integer()


class Dialog(models.TransientModel):
    _name = "m.dialog"
    _description = "Dialog"

    name = fields.Char()


@pytest.fixture
def boxes(dialect: str, model_databases: Any) -> Any:
    with model_databases(dialect, [Limited, Box, Dialog]).env() as env:
        yield env["m.box"]


def test_a_constraint_of_a_mixin_watches_the_field_that_the_model_names(boxes: Any) -> None:
    box = boxes.create({"limit": 5, "weight": 3})
    for field, value in {"weight": 6, "limit": 2}.items():
        with pytest.raises(ValidationError) as refused, boxes.env.savepoint():
            box[field] = value
        assert refused.value.fields == ["weight"]
    boxes.env.cr.execute("UPDATE m_box SET weight = 9")
    boxes.env.invalidate_all()
    box.color = 1  # not watched
    with pytest.raises(ValidationError), boxes.env.savepoint():
        box.limit = 6


def test_a_dialog_knows_the_records_from_which_it_was_opened(boxes: Any) -> None:
    dialog = boxes.env["m.dialog"]
    context = {"active_model": "m.box", "active_id": 4}
    assert dialog.with_context(**context)._active_ids("m.box") == [4]
    assert dialog.with_context(**context, active_ids=[4, 5])._active_ids("m.box") == [4, 5]
    assert dialog.with_context(**context)._active_ids("m.other") == []
    assert dialog.with_context(active_model="m.box")._active_ids("m.box") == dialog._active_ids("m.box") == []
