"""Exact decimals survive storage, sums, order and comparisons on both kinds of database."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st

from core import api, fields, models
from tests.core.orm.model_database import ModelDatabase
from tests.random_runs import run_settings, seeded

pytestmark = pytest.mark.both_dialects("types")


class Sheet(models.Model):
    _name = "p.sheet"
    _description = "Sheet"
    _log_access = False

    row_ids = fields.One2many("p.row", "sheet_id")
    total = fields.Quantity(digits=4, compute="_compute_total", store=True)

    @api.depends("row_ids.double")
    def _compute_total(self) -> None:
        for sheet in self:
            sheet.total = sum(sheet.row_ids.mapped("double"), Decimal(0))


class Row(models.Model):
    _name = "p.row"
    _description = "Row"
    _log_access = False

    sheet_id = fields.Many2one("p.sheet", required=True)
    amount = fields.Quantity(digits=4)
    double = fields.Quantity(digits=4, compute="_compute_double", store=True)

    @api.depends("amount")
    def _compute_double(self) -> None:
        for row in self:
            row.double = row.amount * 2


@pytest.fixture(scope="module")
def sheets(dialect: str, model_databases: Any) -> ModelDatabase:
    """The database with the models above."""
    return model_databases(dialect, [Sheet, Row])


amounts = st.decimals(-(10**9), 10**9, places=4) | st.decimals(-10, 10, places=4)


def test_decimals_survive_storage_sums_and_comparisons(sheets: ModelDatabase, chance: random.Random) -> None:
    @run_settings(30, phases=tuple(Phase))
    @given(st.lists(amounts, min_size=1, max_size=8), amounts | st.decimals(-10, 10, places=9))
    def check(numbers: list[Decimal], bound: Decimal) -> None:
        with sheets.env() as env:
            sheet = env["p.sheet"].create({})
            rows = env["p.row"].create([{"sheet_id": sheet.id, "amount": number} for number in numbers])
            assert rows.mapped("amount") == numbers
            env.flush_all()
            env.invalidate_all()
            assert rows.mapped("amount") == numbers
            assert all(type(number) is Decimal for number in rows.mapped("amount"))
            assert sheet.total == 2 * sum(numbers)
            search = env["p.row"].search
            assert search([], order="amount, id").mapped("amount") == sorted(numbers)
            for operator, test in {"<": Decimal.__lt__, ">=": Decimal.__ge__, "=": Decimal.__eq__}.items():
                expected = [number for number in numbers if test(number, bound)]
                assert search([("amount", operator, bound)]).mapped("amount") == expected
                assert rows.filtered_domain([("amount", operator, bound)]).mapped("amount") == expected
            specs = ["amount:sum", "amount:min", "amount:max"]
            assert env["p.row"]._read_group([], [], specs) == [(sum(numbers), min(numbers), max(numbers))]
            assert env["p.row"]._read_group([], ["sheet_id"], ["amount:sum"]) == [(sheet, sum(numbers))]

    seeded(check, chance)()


def test_what_has_too_many_decimals_is_rounded_half_up_everywhere(sheets: ModelDatabase, chance: random.Random) -> None:
    @run_settings(30, phases=tuple(Phase))
    @given(st.lists(st.decimals(-100, 100, places=7), min_size=1, max_size=5))
    def check(numbers: list[Decimal]) -> None:
        with sheets.env() as env:
            sheet = env["p.sheet"].create({})
            rows = env["p.row"].create([{"sheet_id": sheet.id, "amount": number} for number in numbers])
            expected = [number.quantize(Decimal("0.0001"), ROUND_HALF_UP) for number in numbers]
            assert rows.mapped("amount") == expected
            env.flush_all()
            env.invalidate_all()
            assert rows.mapped("amount") == expected

    seeded(check, chance)()
