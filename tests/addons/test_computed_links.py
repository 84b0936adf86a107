"""Computed lines and links without a table of their own: a form may send commands for them, no list groups by them."""

from __future__ import annotations

import pytest

from core.exceptions import StillageError
from core.testing.databases import AddonSet, rolled_back

COMMANDS = [[(0, 0, {})], [(4, 1)], [(6, 0, [1])], [(1, 1, {"display_name": "Other"})], [(2, 1)], [(5,)]]


@pytest.fixture
def env(databases):
    addons = AddonSet(("sales_manufacturing", "sales_invoicing", "purchasing"), demo=True)
    with rolled_back(databases.shared("sqlite", addons)) as env:
        yield env


def computed_links(env):
    """(a record, or none, of a lasting model; a field of it)."""
    for name in sorted(env.registry.models):
        model = env[name]
        if model._abstract or not model._auto:
            continue
        for field in model._fields.values():
            if field.type in ("one2many", "many2many") and not field.store and not field.related:
                yield model.search([], limit=1), field


def attempt(call):
    """Call, refusals included; an error of Python is a defect."""
    try:
        call()
    except StillageError:
        return


def test_there_are_computed_links(env):
    assert {"mrp.production.finished_move_line_ids", "stock.move.line.consume_line_ids"} <= {
        str(field) for _record, field in computed_links(env)
    }


def test_a_form_may_send_commands_for_computed_links(env):
    for record, field in computed_links(env):
        for commands in COMMANDS:
            attempt(lambda: record.onchange({field.name: commands}, [field.name], {field.name: {}}))  # noqa: B023


def test_no_list_is_grouped_by_computed_links(env):
    for record, field in computed_links(env):
        attempt(lambda: record.formatted_read_group([], [field.name], ["__count"]))  # noqa: B023
