"""Bills of materials, taken apart: which components a quantity of a product needs.

All requests of a call are exploded together, level by level: each level of kits costs the same few statements
whether one bill or a thousand are being read. Quantities are carried as fractions and rounded once, at the leaf, up
to the component's unit, so that a third of a dozen times three is exactly four units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from addons.manufacturing.exceptions import BillOfMaterialsLoop, ManufacturingError


class Request(NamedTuple):
    """So many of a product, made by a bill of materials; the quantity is in the unit of the bill."""

    bom: Any
    product: Any
    quantity: Decimal


class Leaf(NamedTuple):
    """A component to consume: the line that asks for it, how many in the line's unit, and the kit line above it."""

    line: Any
    quantity: Decimal
    parent: Any


class Explosion(NamedTuple):
    """What a request comes to: the bills that were opened, with the quantity of each, and the leaves in order."""

    boms: list[tuple[Any, Decimal]]
    leaves: list[Leaf]


class _Line(NamedTuple):
    """A line of a bill in the form the walk needs: no database access from here on."""

    record: Any
    product_id: int
    per_batch: Fraction
    unit: Any


class _Graph:
    """The bills reachable from the requests, read level by level."""

    def __init__(self, boms: Any, find: Callable[[Any], dict[Any, Any]]):
        self.lines: dict[int, list[_Line]] = {}
        self.batch: dict[int, Fraction] = {}
        self.child: dict[int, Any] = {}
        self._load(boms, find)

    def _load(self, boms: Any, find: Callable[[Any], dict[Any, Any]]) -> None:
        frontier = boms
        while frontier:
            lines_of = {bom: bom.bom_line_ids for bom in frontier}
            products = frontier.bom_line_ids.product_id
            unknown = products.filtered(lambda product: product.id not in self.child)
            found = find(unknown) if unknown else {}
            for product in unknown:
                self.child[product.id] = found.get(product) or None
            for bom, lines in lines_of.items():
                self.batch[bom.id] = Fraction(bom.product_qty)
                self.lines[bom.id] = [
                    _Line(line, line.product_id.id, Fraction(line.product_qty), line.product_uom_id) for line in lines
                ]
            kits = [bom for bom in found.values() if bom and bom.id not in self.lines]
            frontier = boms.browse(dict.fromkeys(bom.id for bom in kits))


def ratio(source: Any, target: Any) -> Fraction:
    """How many of the unit `target` are in one of the unit `source`, exactly.

    Raises:
        ManufacturingError: the two units do not measure the same thing.
    """
    if source == target:
        return Fraction(1)
    if not source._has_common_reference(target):
        raise ManufacturingError(
            source.env._(
                "A bill of materials mixes %(source)s and %(target)s, which do not convert into one another. "
                "Choose units of the same kind.",
                source=source.display_name,
                target=target.display_name,
            )
        )
    return Fraction(source.factor) / Fraction(target.factor)


def round_up(quantity: Fraction, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that covers the quantity."""
    units = quantity / Fraction(step)
    return -(-units.numerator // units.denominator) * step


def explode(requests: Iterable[Request], find: Callable[[Any], dict[Any, Any]]) -> list[Explosion]:
    """Take every request apart.

    Args:
        requests: what is to be made.
        find: given products, the bill to open for each of them (a missing or empty one makes the product a leaf).

    Returns:
        One `Explosion` per request, in the order of the requests.

    Raises:
        BillOfMaterialsLoop: a product turns up below itself; the message shows the way round.
    """
    requests = list(requests)
    if not requests:
        return []
    roots = requests[0].bom.browse(dict.fromkeys(request.bom.id for request in requests))
    graph = _Graph(roots, find)
    return [_walk(graph, request) for request in requests]


def _walk(graph: _Graph, request: Request) -> Explosion:
    """Depth first, in the order of the lines; each entry of the stack carries the chain of bills above it."""
    result = Explosion([(request.bom, request.quantity)], [])
    start = Fraction(request.quantity) / graph.batch[request.bom.id]
    stack = [(line, start, None, (request.bom, None)) for line in reversed(graph.lines[request.bom.id])]
    while stack:
        line, batches, parent, trail = stack.pop()
        needed = batches * line.per_batch
        kit = graph.child.get(line.product_id)
        if kit is None:
            result.leaves.append(Leaf(line.record, round_up(needed, line.unit.rounding), parent))
            continue
        _refuse_loop(trail, kit)
        inside = needed * ratio(line.unit, kit.product_uom_id)
        result.boms.append((kit, round_up(inside, kit.product_uom_id.rounding)))
        below = inside / graph.batch[kit.id]
        stack.extend((child, below, line.record, (kit, trail)) for child in reversed(graph.lines[kit.id]))
    return result


def _refuse_loop(trail: Any, bom: Any) -> None:
    chain = []
    step = trail
    while step is not None:
        chain.append(step[0])
        if step[0] == bom:
            raise_loop([*reversed(chain), bom])
        step = step[1]


def raise_loop(chain: list[Any]) -> None:
    """Raise the error for bills (or products) that lead back to the first of them."""
    names = [getattr(record, "product_tmpl_id", record).display_name for record in chain]
    raise BillOfMaterialsLoop(
        chain[0].env._(
            "%(product)s would be made of itself: %(chain)s. Remove it from one of these bills of materials.",
            product=names[-1],
            chain=" > ".join(names),
        )
    )


def refuse_loops(boms: Any) -> None:
    """Check that no product of these bills is needed, at any depth, to make itself.

    Reads the bills below level by level (the same few statements per level whatever their number), of every type:
    a loop through a sub-assembly that is ordered separately never ends either.
    """
    Bom = boms.env["mrp.bom"].sudo()
    needs: dict[int, list[int]] = {}
    frontier = boms.sudo()
    while frontier:
        for bom in frontier:
            makes = bom.product_id or bom.product_tmpl_id.product_variant_ids
            for product in makes:
                needs.setdefault(product.id, []).extend(bom.bom_line_ids.product_id.ids)
        unseen = frontier.bom_line_ids.product_id.filtered(lambda product: product.id not in needs)
        for product in unseen:
            needs[product.id] = []
        found = Bom._bom_find(unseen) if unseen else {}
        frontier = Bom.browse(dict.fromkeys(bom.id for bom in found.values() if bom))
    cycle = _find_cycle(needs)
    if cycle:
        raise_loop([boms.env["product.product"].browse(product_id) for product_id in cycle])


def _find_cycle(graph: dict[int, list[int]]) -> list[int] | None:
    """A closed path through the graph, first node repeated at the end, or None. Iterative, so depth is no limit."""
    finished: set[int] = set()
    for start in graph:
        path: list[int] = []
        on_path: set[int] = set()
        stack = [(start, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                on_path.discard(path.pop())
                finished.add(node)
            elif node in on_path:
                return [*path[path.index(node) :], node]
            elif node not in finished:
                path.append(node)
                on_path.add(node)
                stack.append((node, True))
                stack.extend((below, False) for below in graph.get(node, ()))
    return None
