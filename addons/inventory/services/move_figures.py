"""Searches by the figures of moves and order lines: what columns say is asked of the columns, the rest is computed.

A list of all moves ever made is searched by these as well, so nothing is computed of what is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.api import Domain
from core.fields import SearchByValue

DONE = Domain("state", "=", "done")


class SearchInProductUnit(NamedTuple):
    """The search by a figure `name`: the quantity in the column `stated` and the unit `unit`, in the product's unit.

    Where the units are the same it is the column itself; only the other records are converted.
    """

    name: str
    stated: str
    unit: str

    def __call__(self, records: Any, operator: str, value: Any) -> Domain:
        """The domain of records of which the figure compares as asked."""
        own = in_own_unit(records.env, self.unit)
        converted = SearchByValue(~own).find(self.name, records, operator, value)
        return (own & Domain(self.stated, operator, value)) | (~own & converted)


def in_own_unit(env: Any, unit: str) -> Domain:
    """The domain of records whose field `unit` is the unit of their product."""
    units = env["uom.uom"].sudo().with_context(active_test=False).search([])
    return Domain.OR([Domain(unit, "=", each.id) & Domain("product_id.uom_id", "=", each.id) for each in units])


def search_reference(moves: Any, paths: Sequence[str], operator: str, value: Any) -> Domain:
    """The domain of moves by the name of their document: the first of `paths` of which the first field is set."""
    found, rest = Domain.FALSE, Domain.TRUE
    for path in paths:
        head = path.partition(".")[0]
        found |= rest & Domain(head, "!=", False) & Domain(path, operator, value)
        rest &= Domain(head, "=", False)
    return found | (rest & SearchByValue(rest).find("reference", moves, operator, value))


class SearchUnlessDone(NamedTuple):
    """The search of moves by a figure `name` that is, once they are done, the value of the field `when_done`."""

    name: str
    when_done: str

    def __call__(self, moves: Any, operator: str, value: Any) -> Domain:
        """The domain of moves of which the figure compares as asked."""
        planned = SearchByValue(~DONE).find(self.name, moves, operator, value)
        return (DONE & Domain(self.when_done, operator, value)) | (~DONE & planned)


class SearchStock(NamedTuple):
    """The search of records by a figure of the stock of their product in their warehouse.

    `warehouse` is the path of a record's warehouse (without one it is about the stock of all), `figure` a field of
    `product.product` that depends on the context's `warehouse_id`.
    """

    warehouse: str
    figure: str

    def __call__(self, records: Any, operator: str, value: Any) -> Domain:
        """The domain of records of which the figure compares as asked.

        The products are searched once for each warehouse; the number of records does not matter.
        """
        condition = [(self.figure, operator, value)]
        products = records.env["product.product"].with_context(active_test=False)
        # without a product there is none of anything
        found = Domain("product_id", "=", False) if products.new().filtered_domain(condition) else Domain.FALSE
        # Records in the warehouses that the user may not see are not his to find either.
        warehouses = records.env["stock.warehouse"].with_context(active_test=False).search([])
        for id_ in (False, *warehouses.ids):
            in_stock = products.with_context(warehouse_id=id_).search(condition)
            found |= Domain(self.warehouse, "=", id_) & Domain("product_id", "in", in_stock.ids)
        return found
