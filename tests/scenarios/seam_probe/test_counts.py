"""Through every seam: a third party overrides all of them, and each is called as often as it says.

The addon `stillage-seam-probe` overrides each method that docs/seams.md describes, and counts the calls. The tables say
how often each seam is called in each flow, and every seam is called in one of them. With more lines the calls and
statements stay the same, except for those seams that are called "for each".
"""

from __future__ import annotations

import importlib
import re
from collections import Counter
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from core.cli.seamdocs import in_order, sections
from core.loader.assembly import assemble
from core.loader.discovery import discover
from core.orm.seams import seams
from core.testing.databases import AddonSet, rolled_back
from core.testing.queries import max_queries
from tests.scenarios.seam_probe.flows import FLOWS, goods, ordered, quotation

BUNDLED = ("sales", "purchasing", "manufacturing")
ADDONS = (*BUNDLED, "seam_probe")

#: So many statements may what the probe notes add to a flow: it writes in about as many places.
MORE_STATEMENTS = 15

pytestmark = pytest.mark.slow


class Calls:
    """What the probe has recorded."""

    def __init__(self) -> None:
        self.module = importlib.import_module("stillage_seam_probe.calls")

    def of(self, flow: Any, *arguments: Any) -> Counter[str]:
        """Seam -> how often the flow calls it, in the order of the first calls."""
        with self.module.recorded() as calls:
            flow(*arguments)
        return self.module.totals(calls)


#: How often each flow of a table calls each seam: with 2 and with 20 lines (or documents) alike, or `n` times with n of
#: them; `6/25` where the calls do not grow evenly. Only seams that are called are listed. What the services really do
#: is in the message of the failed test, as a table that is ready to be put here.
COUNTS = {
    "orders": """
                                                       sale purchase production return scrap count sales productions
mrp.production._button_mark_done_sanity_checks            .        .          3      .     .     .     .           2
mrp.production._draw_components                           .        .          2      .     .     .     .           2
mrp.production._get_backorder_mo_vals                     .        .          1      .     .     .     .           n
mrp.production._get_consumption_issues                    .        .          2      .     .     .     .           2
mrp.production._get_move_finished_values                  .        .          1      .     .     .     .           .
mrp.production._get_move_raw_values                       .        .          n      .     .     .     .           .
mrp.production._get_moves_finished_values                 .        .          1      .     .     .     .           .
mrp.production._get_moves_raw_values                      .        .          1      .     .     .     .           .
mrp.production._get_underdelivery_tolerance               .        .          .      .     .     .     .           1
mrp.production._post_inventory                            .        .          2      .     .     .     .           2
mrp.production._split_productions                         .        .          1      .     .     .     .           1
mrp.production.action_confirm                             .        .          1      .     .     .     .           1
mrp.production.button_mark_done                           .        .          3      .     .     .     .           2
purchase.order._create_picking                            .        1          .      .     .     .     .           .
purchase.order.button_approve                             .        1          .      .     .     .     .           .
purchase.order.button_confirm                             .        1          .      .     .     .     .           .
purchase.order.line._prepare_stock_moves                  .        1          .      .     .     .     .           .
sale.order._action_confirm                                1        .          .      .     .     .     1           .
sale.order._prepare_confirmation_values                   1        .          .      .     .     .     1           .
sale.order.action_confirm                                 1        .          .      .     .     .     1           .
sale.order.line._action_launch_stock_rule                 1        .          .      .     .     .     1           .
sale.order.line._prepare_procurement_values               n        .          .      .     .     .     n           .
stock.move._action_assign                                 2        2          1      2     .     .     2           1
stock.move._action_confirm                                1        1          1      1     .     .     1           1
stock.move._action_done                                   2        2          2      1     1     1     2           2
stock.move._do_unreserve                                  .        .          .      1     .     .     .           .
stock.move._document_name                                 n        n          .      .     .     .     n           .
stock.move._get_new_picking_values                        1        1          .      .     .     .     n           .
stock.move._get_underdelivery_tolerance                   1        1          .      .     .     .     1           .
stock.move._merge_moves                                   1        1          .      .     .     .     1           .
stock.move._picking_key                                   n        n          .      .     .     .     n           .
stock.move._prepare_merge_moves_distinct_fields           1        1          .      .     .     .     1           .
stock.move._prepare_move_line_vals                       2n       2n       3n+3      n     n     n    2n          4n
stock.move._prepare_move_split_vals                       n        n       2n+2      .     .     .     n          2n
stock.move._should_be_assigned                            n        n          n      n     .     .     n           n
stock.move._should_bypass_reservation                    2n       2n          n      n     .     .    2n           n
stock.move._split                                         1        1          1      .     .     .     1           1
stock.move._split_field_names                             1        1          1      1     .     .     1           1
stock.move.line._action_done                              2        2          2      1     1     1     2           2
stock.move.line.create                                    2        2          4      1     1     1     2           4
stock.move.line.write                                     3        3          3      1     1     1     3           3
stock.picking._action_done                                2        2          .      1     .     .     2           .
stock.picking._backorder_field_names                      1        1          .      .     .     .     1           .
stock.picking._create_backorder                           1        1          .      .     .     .     1           .
stock.picking._prepare_backorder_vals                     1        1          .      .     .     .     n           .
stock.picking.button_validate                             2        2          .      1     .     .     2           .
stock.quant._apply_inventory                              .        .          .      .     .     1     .           .
stock.quant._gather                                      3n        .          n      .     .     .    3n           1
stock.quant._get_available_quantity                      3n        .          n      .     .     .    3n           1
stock.quant._get_inventory_move_values                    .        .          .      .     .     n     .           .
stock.quant._update_available_quantities                  2        2          2      1     1     1     2           2
stock.quant._update_available_quantity                   2n       2n       2n+3      n     n     n    2n           4
stock.quant.create                                        .        1          2      .     .     .     .           1
stock.quant.write                                        2n        2       2n+2      n     n   n+3    2n           4
stock.return.picking._create_return                       .        .          .      1     .     .     .           .
stock.return.picking._prepare_picking_default_values      .        .          .      1     .     .     .           .
stock.return.picking.line._prepare_move_default_values    .        .          .      n     .     .     .           .
stock.rule._get_custom_move_fields                        n        .          .      .     .     .     n           .
stock.rule._get_stock_move_values                         n        .          .      .     .     .     n           .
stock.rule._run_pull                                      1        .          .      .     .     .     1           .
stock.rule.run                                            1        .          .      .     .     .     1           .
stock.scrap._prepare_move_values                          .        .          .      .     n     .     .           .
""",
    "cancelled": """
                             sale sales purchase purchases production productions transfer transfers
mrp.production.action_cancel    .     .        .         .          1           1        .         .
purchase.order.button_cancel    .     .        1         1          .           .        .         .
sale.order._action_cancel       1     1        .         .          .           .        .         .
sale.order.action_cancel        1     1        .         .          .           .        .         .
stock.move._action_cancel       1     1        1         1          1           1        1         1
stock.move.line.unlink          1     1        1         1          1           1        1         1
stock.picking.action_cancel     1     1        1         1          .           .        1         1
""",
    "transfers by hand": """
                                                confirm check unreserve enter demand split lines no backorder lots kit
stock.move._action_assign                             1     1         .     .      .     .     .            .    .   1
stock.move._action_cancel                             .     .         .     .      .     .     .            1    .   .
stock.move._action_confirm                            1     .         .     .      .     .     .            .    .   1
stock.move._action_done                               .     .         .     .      .     .     .            1    1   1
stock.move._demand_entered                            .     .         .     .      1     .     .            .    .   .
stock.move._do_unreserve                              .     .         1     .      .     .     .            .    .   .
stock.move._merge_moves                               1     .         .     .      .     .     .            .    .   1
stock.move._prepare_merge_moves_distinct_fields       1     .         .     .      .     .     .            .    .   1
stock.move._prepare_move_line_vals                    n     n         .     .      .     .     .            .    .   n
stock.move._prepare_move_split_vals                   .     .         .     .      .     n     .            n    .   .
stock.move._prepare_phantom_move_values               .     .         .     .      .     .     .            .    .   n
stock.move._should_be_assigned                        n     .         .     .      .     .     .            .    .   n
stock.move._should_bypass_reservation                 n     n         .     n      .     .     .            .    .   n
stock.move._split                                     .     .         .     .      .     1     .            1    .   .
stock.move._split_field_names                         .     .         .     .      .     1     .            1    .   1
stock.move.line._action_done                          .     .         .     .      .     .     .            1    1   1
stock.move.line.create                                1     1         .     .      .     .     1            .    .   1
stock.move.line.unlink                                .     .         1     1      .     .     1            .    .   .
stock.move.line.write                                 .     .         .     2      1     1     1            2    1   1
stock.picking._action_done                            .     .         .     .      .     .     .            1    1   1
stock.picking._backorder_field_names                  .     .         .     .      .     1     .            .    .   .
stock.picking._create_backorder                       .     .         .     .      .     1     .            .    .   .
stock.picking._prepare_backorder_vals                 .     .         .     .      .     n     .            .    .   .
stock.picking.action_assign                           .     1         .     .      .     .     .            .    .   .
stock.picking.action_confirm                          1     .         .     .      .     .     .            .    .   1
stock.picking.button_validate                         .     .         .     .      .     .     .            1    1   1
stock.quant._gather                                   n     n         .     n      .     .     .            .    .   n
stock.quant._get_available_quantity                   n     n         .     n      .     .     .            .    .   n
stock.quant._update_available_quantities              .     .         .     .      .     .     .            1    1   1
stock.quant._update_available_quantity                .     .         .     .      .     .     .            n    n   n
stock.quant.unlink                                    .     .         .     .      .     .     .            .    1   .
stock.quant.write                                     .     .         .     .      .     .     .            n    1   n
""",
    "supply": """
                                                                  receive ship buy make reorder missing
mrp.production._button_mark_done_sanity_checks                          .    .   .    1       .       .
mrp.production._draw_components                                         .    .   .    1       .       .
mrp.production._get_consumption_issues                                  .    .   .    1       .       .
mrp.production._get_move_finished_values                                .    .   .    n       .       .
mrp.production._get_move_raw_values                                     .    .   .    n       .       .
mrp.production._get_moves_finished_values                               .    .   .    1       .       .
mrp.production._get_moves_raw_values                                    .    .   .    1       .       .
mrp.production._post_inventory                                          .    .   .    1       .       .
mrp.production._postpone_without_bom                                    .    .   .    1       .       1
mrp.production.action_confirm                                           .    .   .    1       .       .
mrp.production.button_mark_done                                         .    .   .    1       .       .
purchase.order._create_picking                                          .    .   1    .       .       .
purchase.order.button_approve                                           .    .   1    .       .       .
purchase.order.button_confirm                                           .    .   1    .       .       .
purchase.order.line._prepare_purchase_order_line_from_procurement       .    .   n    .       n       n
purchase.order.line._prepare_stock_moves                                .    .   1    .       .       .
sale.order._action_confirm                                              .    1   1    1       .       .
sale.order._prepare_confirmation_values                                 .    1   1    1       .       .
sale.order.action_confirm                                               .    1   1    1       .       .
sale.order.line._action_launch_stock_rule                               .    1   1    1       .       .
sale.order.line._prepare_procurement_values                             .    n   n    n       .       .
stock.move._action_assign                                               1    2   3    3       .       .
stock.move._action_confirm                                              1    2   2    2       .       .
stock.move._action_done                                                 2    2   2    2       .       .
stock.move._get_new_picking_values                                      1    2   2    1       .       .
stock.move._merge_moves                                                 1    2   2    1       .       .
stock.move._picking_key                                                 n   2n  2n    n       .       .
stock.move._prepare_merge_moves_distinct_fields                         1    2   2    1       .       .
stock.move._prepare_move_line_vals                                      n   2n  2n   3n       .       .
stock.move._prepare_procurement_origin                                  n    n   n    n       .       .
stock.move._prepare_procurement_values                                  .    .   n    n       .       .
stock.move._should_be_assigned                                          n   2n  2n   2n       .       .
stock.move._should_bypass_reservation                                   n   2n  3n   3n       .       .
stock.move.line._action_done                                            2    2   2    2       .       .
stock.move.line.create                                                  1    2   2    3       .       .
stock.move.line.write                                                   2    2   2    2       .       .
stock.picking._action_done                                              2    2   2    1       .       .
stock.picking.button_validate                                           2    2   2    1       .       .
stock.quant._gather                                                     n   2n   n  n+1       .       .
stock.quant._get_available_quantity                                     n   2n   n  n+1       .       .
stock.quant._update_available_quantities                                2    2   2    2       .       .
stock.quant._update_available_quantity                                 3n   3n  2n 2n+1       .       .
stock.quant.create                                                      2    1   1    1       .       .
stock.quant.write                                                       4 2n+2   2    3       .       .
stock.rule._get_custom_move_fields                                      .    n   n    n       .       .
stock.rule._get_stock_move_values                                       .    n   n    n       .       .
stock.rule._lead_days                                                   .    .   .    .       1       .
stock.rule._prepare_purchase_order                                      .    .   1    .       1       1
stock.rule._push_prepare_move_copy_values                               n    n   .    .       .       .
stock.rule._push_routes                                                 n    n   .    .       .       .
stock.rule._refusals                                                    .    .   .    .       .       1
stock.rule._run_buy                                                     .    .   1    .       1       1
stock.rule._run_manufacture                                             .    .   .    1       .       .
stock.rule._run_pull                                                    .    1   1    1       .       .
stock.rule._run_push                                                    1    1   .    .       .       .
stock.rule.run                                                          .    1   2    2       1       1
stock.warehouse.orderpoint._prepare_procurement_values                  .    .   .    .      2n       .
""",
    "questions": """
                                                   production productions
mrp.production._action_generate_backorder_wizard            1           1
mrp.production._action_generate_consumption_wizard          1           1
mrp.production._action_generate_transfer_wizard             1           1
mrp.production._button_mark_done_sanity_checks              4           4
mrp.production._draw_components                             1           1
mrp.production._get_backorder_mo_vals                       1           n
mrp.production._get_consumption_issues                      1           1
mrp.production._get_underdelivery_tolerance                 2           2
mrp.production._post_inventory                              1           1
mrp.production._set_qty_producing                           1           1
mrp.production._split_productions                           1           1
mrp.production._transfer_components                         1           1
mrp.production.button_mark_done                             4           4
stock.move._action_assign                                   3           3
stock.move._action_done                                     2           2
stock.move._get_underdelivery_tolerance                     1           1
stock.move._prepare_move_line_vals                       2n+2          4n
stock.move._prepare_move_split_vals                      2n+2          4n
stock.move._should_bypass_reservation                    2n+3          5n
stock.move._split                                           2           2
stock.move._split_field_names                               2           2
stock.move.line._action_done                                2           2
stock.move.line.create                                      3           3
stock.move.line.write                                       5           5
stock.picking._action_done                                  1           1
stock.picking._backorder_field_names                        1           1
stock.picking._create_backorder                             1           1
stock.picking._prepare_backorder_vals                       1           n
stock.picking.button_validate                               1           1
stock.quant._gather                                        3n           3
stock.quant._get_available_quantity                        3n           3
stock.quant._update_available_quantities                    2           2
stock.quant._update_available_quantity                   3n+2           5
stock.quant.create                                          2           2
stock.quant.write                                        2n+4           6
""",
}

#: Seams that no flow calls, and the reason.
NOT_CALLED: dict[str, str] = {
    "stock.move._tolerated_documents": "no flow closes anything within a tolerance; test_effects does",
}


def counted_by_flow(database: Any, flows: Any) -> dict[str, dict[int, Counter[str]]]:
    """Flow -> number of lines -> the calls, with the stock laws asserted after each flow."""
    calls = Calls()
    found: dict[str, dict[int, Counter[str]]] = {}
    for name, (flow, prepare) in flows.items():
        for lines in (2, 20):
            with rolled_back(database) as env:
                start = prepare(env, lines)
                env.flush_all()
                found.setdefault(name, {})[lines] = calls.of(flow, env, start)
                assert_stock_laws(env)
    return found


def cell(few: int, many: int) -> str:
    """How often a seam is called with 2 and with 20 lines: `3`, `n`, `2n`, `n+1`, a dot for never, or both numbers."""
    each, rest = divmod(many - few, 18)
    if rest:
        return f"{few}/{many}"
    fixed = few - 2 * each
    variable = "" if not each else "n" if each == 1 else f"{each}n"
    return f"{variable}{'+' if variable and fixed > 0 else ''}{fixed or ''}" or "."


def table_of(found: dict[str, dict[int, Counter[str]]]) -> str:
    """How often each flow calls each seam that one of them calls, as text."""
    labels = sorted(set().union(*(calls for counted in found.values() for calls in counted.values())))
    rows = [["", *found]]
    rows += [[label, *(cell(counted[2][label], counted[20][label]) for counted in found.values())] for label in labels]
    first, *widths = (max(len(text) for text in column) for column in zip(*rows, strict=True))
    return "\n".join(
        " ".join([f"{label:{first}}", *(f"{text:>{width}}" for text, width in zip(cells, widths, strict=True))])
        for label, *cells in rows
    )


@pytest.mark.usefixtures("even_clock")
@pytest.mark.parametrize("name", FLOWS)
def test_every_override_is_called_as_often_as_documented(dialect, databases, name):
    found = table_of(counted_by_flow(databases.shared(dialect, AddonSet(ADDONS)), FLOWS[name]))
    assert found == COUNTS.get(name, "").strip("\n"), f"put this table into COUNTS, if it is right:\n{found}"


def listed() -> dict[str, set[str]]:
    """Seam -> its cells in all tables."""
    found: dict[str, set[str]] = {}
    for table in COUNTS.values():
        for row in table.strip("\n").splitlines()[1:]:
            label, *cells = row.split()
            found.setdefault(label, set()).update(cells)
    return found


def bundled_seams() -> list[Any]:
    """The seams of the bundled addons, without the probe."""
    catalogue = discover(entry_points=False)
    return seams(assemble(catalogue, catalogue.with_dependencies(BUNDLED)).registry)


def test_every_seam_is_called_by_a_flow():
    """Add a flow that calls it, or say in NOT_CALLED why there is none."""
    assert set(COUNTS) == set(FLOWS)
    called = {label for label, cells in listed().items() if cells != {"."}}
    assert set(listed()) - called == set(), "rows of dots say nothing"
    wanted = {seam.label for seam in bundled_seams()}
    assert wanted - called - NOT_CALLED.keys() == set()
    assert called & NOT_CALLED.keys() == set(), "is called"
    assert NOT_CALLED.keys() - wanted == set(), "is no seam"


def confirming(env: Any) -> Any:
    """An order is about to be confirmed."""
    return quotation(env, goods(env, 2)).action_confirm


def validating(env: Any) -> Any:
    """A delivery is about to be validated in part."""
    delivery = transfer_of(env)
    delivery.move_ids.quantity = 5
    return lambda: delivery.button_validate({"backorder": {"*": True}})


def reserving(env: Any) -> Any:
    """The availability of a delivery is about to be checked."""
    delivery = transfer_of(env)
    delivery.do_unreserve()
    return delivery.action_assign


def cancelling(env: Any) -> Any:
    """An order is about to be cancelled."""
    return transfer_of(env).sale_id.action_cancel


def producing(env: Any) -> Any:
    """Part of an order is about to be made."""
    order = ordered(env, goods(env, 2))
    order.qty_producing = 1
    return lambda: order.button_mark_done({"backorder": {"*": True}})


def transfer_of(env: Any) -> Any:
    """The open delivery of an order."""
    order = quotation(env, goods(env, 2))
    order.action_confirm()
    return order.picking_ids


@pytest.mark.parametrize(
    ("prepare", "actions"),
    [
        (confirming, ("procure", "confirm")),
        (validating, ("done", "split")),
        (reserving, ("reserve",)),
        (cancelling, ("cancel",)),
        (producing, ("produce", "split")),
    ],
)
def test_seams_are_called_in_the_order_of_the_page(env, prepare, actions):
    """Their first calls are in the order of the ranks that `@api.seam` gives them in the action."""
    press = prepare(env)
    env.flush_all()
    seen = Calls().of(press)
    by_action = in_order(seams(env.registry))
    for action in actions:
        ranks = {seam.label: rank for rank, seam in by_action[action]}
        called = [(ranks[label], label) for label in seen if label in ranks]
        assert called, action
        assert called == sorted(called, key=lambda call: call[0]), action


def test_what_is_called_once_does_not_grow_with_the_lines():
    """A seam may be called for each line only where its description says so, under When."""
    growing = {label for label, cells in listed().items() if re.search("[n/]", "".join(cells))}
    said = {seam.label for seam in bundled_seams() if "for each" in sections(seam.docstring)["When"]}
    assert growing - said == set()


@pytest.mark.both_dialects("statements")
@pytest.mark.parametrize("table", FLOWS)
def test_a_flow_costs_a_constant_number_of_statements_more(dialect, databases, table):
    """Of writing what the probe notes; with 20 lines no more than with 2."""
    flows = FLOWS[table]
    costs: dict[bool, dict[tuple[str, int], int]] = {}
    for probed in (False, True):
        database = databases.shared(dialect, AddonSet(ADDONS if probed else BUNDLED))
        costs[probed] = {}
        for name, (flow, prepare) in flows.items():
            with rolled_back(database) as env:
                flow(env, prepare(env, 2))  # what is read once by a process is read
            for lines in (2, 20):
                with rolled_back(database) as env:
                    start = prepare(env, lines)
                    env.flush_all()
                    with max_queries(env, 10_000) as statements:
                        flow(env, start)
                    costs[probed][name, lines] = len(statements)
    more = {key: costs[True][key] - costs[False][key] for key in costs[True]}
    few, many = ({name: more[name, lines] for name in flows} for lines in (2, 20))
    assert {name: many[name] - few[name] for name in flows if many[name] > few[name] + 2} == {}
    assert {name: few[name] for name in flows if few[name] > MORE_STATEMENTS} == {}
