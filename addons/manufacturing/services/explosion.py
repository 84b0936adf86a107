"""Bills of materials, taken apart: which components a quantity of a product needs.

All requests of a call are exploded together: a few statements, whether one bill or a thousand are being read, and
however deep the kits go. Quantities are carried as fractions and rounded once, at the leaf, up
to the component's unit, so that a third of a dozen times three is exactly four units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from addons.manufacturing.exceptions import BillOfMaterialsLoop, ManufacturingError, NoBillOfMaterials
from addons.manufacturing.services import applying

_LINE_FIELDS = ["bom_id", "product_id", "product_qty", "product_uom_id"]


class Request(NamedTuple):
    """So many of a product, made by a bill of materials; the quantity is in the unit of the bill."""

    bom: Any
    product: Any
    quantity: Decimal

    @classmethod
    def of(cls, bom: Any, product: Any, quantity: Decimal, unit: Any) -> Request:
        """The request for a quantity in another unit; it is converted without rounding."""
        own = bom.product_uom_id
        return cls(bom, product, quantity if unit == own else unit._compute_quantity(quantity, own, round=False))


class Leaf(NamedTuple):
    """A component to consume: the line that asks for it, how many in the line's unit, and the kit line above it."""

    line: Any
    quantity: Decimal
    parent: Any


class Explosion(NamedTuple):
    """What a request comes to: the bills that were opened, with the quantity of each, and the leaves in order.

    `empty` are those of the bills that list nothing for the variant they were opened for, with that variant.
    """

    boms: list[tuple[Any, Decimal]]
    leaves: list[Leaf]
    empty: list[tuple[Any, Any]]


class _Line(NamedTuple):
    """A line of a bill in the form the walk needs: ids and whole numbers, no database access from here on."""

    record: Any
    product_id: int
    unit_id: int
    numerator: int  # how many of the component one unit of what the bill makes takes, as a fraction
    denominator: int
    condition: applying.Condition


class _Graph:
    """The bills reachable from the requests: four statements for the first level, six for all levels below.

    Where lines apply on some variants only, the values of those lines and of the products are read besides.
    """

    def __init__(self, requests: list[Request], find: Callable[[Any], dict[Any, Any]], kinds: Sequence[str]):
        boms = requests[0].bom.browse(dict.fromkeys(request.bom.id for request in requests))
        self.lines: dict[int, list[_Line]] = {}
        self.conditional: set[int] = set()  # bills with lines that apply on some variants only
        self.values: dict[int, frozenset[int]] = {}  # of the products that may be made by such bills
        self.child: dict[int, Any] = {}
        self.units: dict[int, Any] = {}
        self.unit_of: dict[int, int] = {}
        self._ratios: dict[tuple[int, int], Fraction] = {}
        self._steps: dict[int, tuple[Decimal, int, int]] = {}
        self._load(boms, find, kinds)
        if self.conditional:
            made = dict.fromkeys([*(request.product.id for request in requests), *self.child])
            self.values = applying.values_of(requests[0].product.browse(made))

    def _load(self, boms: Any, find: Callable[[Any], dict[Any, Any]], kinds: Sequence[str]) -> None:
        """Read level by level until `find` opens nothing new; what it is likely to open is read ahead at once."""
        frontier = boms
        while frontier:
            batch = {}
            for row in frontier.read(["product_qty", "product_uom_id"], load=None):
                self.unit_of[row["id"]] = row["product_uom_id"]
                batch[row["id"]] = row["product_qty"].as_integer_ratio()
                self.lines[row["id"]] = []
            unknown: dict[int, None] = {}
            lines = _read_lines(frontier)
            conditions = applying.conditions(_conditional_lines(frontier))
            for line, row in zip(lines, lines.read(_LINE_FIELDS, load=None)):
                bom_id, product_id = row["bom_id"], row["product_id"]
                (numerator, denominator), (made, parts) = row["product_qty"].as_integer_ratio(), batch[bom_id]
                condition = conditions.get(row["id"], ())
                self.lines[bom_id].append(
                    _Line(line, product_id, row["product_uom_id"], numerator * parts, denominator * made, condition)
                )
                if condition:
                    self.conditional.add(bom_id)
                if product_id not in self.child:
                    unknown[product_id] = None
            units = {*self.unit_of.values(), *lines.product_uom_id.ids}
            self.units.update((unit.id, unit) for unit in boms.env["uom.uom"].browse(units))
            products = boms.env["product.product"].browse(unknown)
            found = find(products) if products else {}
            self.child.update((product.id, found.get(product) or None) for product in products)
            kits = dict.fromkeys(bom.id for bom in found.values() if bom and bom.id not in self.lines)
            frontier = _read_ahead(boms.browse(kits), kinds) if kits else boms.browse()

    def lines_for(self, bom_id: int, product_id: int) -> list[_Line]:
        """The lines of a bill that apply on the variant, in their order."""
        lines = self.lines[bom_id]
        if bom_id not in self.conditional:
            return lines
        return [line for line in lines if applying.meets(self.values[product_id], line.condition)]

    def ratio(self, unit_id: int, bom_id: int) -> Fraction:
        """How many of the unit of a bill are in one of the unit of a line."""
        key = (unit_id, self.unit_of[bom_id])
        if key not in self._ratios:
            self._ratios[key] = ratio(self.units[unit_id], self.units[key[1]])
        return self._ratios[key]

    def round_up(self, numerator: int, denominator: int, unit_id: int) -> Decimal:
        """The smallest quantity of the unit that covers the fraction."""
        if unit_id not in self._steps:
            step = self.units[unit_id].rounding
            self._steps[unit_id] = (step, *step.as_integer_ratio())
        step, above, below = self._steps[unit_id]
        return -(-numerator * below // (denominator * above)) * step


def _read_ahead(boms: Any, kinds: Sequence[str]) -> Any:
    """The bills themselves and all that may be opened below them, whatever the depth, in one statement.

    It may find more than will be used, and a bill that is missing here is read when it turns up: this only saves time.
    So nothing pending is written first: bills are taken apart while fields are computed, and that would compute others.
    """
    ids = ", ".join(str(int(bom_id)) for bom_id in boms.ids)
    rows = boms.env.cr.execute(
        f"""
        WITH RECURSIVE reach(bom_id) AS (
            SELECT id FROM mrp_bom WHERE id IN ({ids})
            UNION
            SELECT child.id
            FROM reach
            JOIN mrp_bom_line line ON line.bom_id = reach.bom_id
            JOIN product_product product ON product.id = line.product_id
            JOIN mrp_bom child ON child.product_tmpl_id = product.product_tmpl_id
            WHERE child.active AND (child.type = :kind OR child.type = :other)
        )
        SELECT bom_id FROM reach
        """,
        {"kind": kinds[0], "other": kinds[-1]},
    )
    found = boms.browse([row[0] for row in rows])
    found.fetch(["product_qty", "product_uom_id", "product_tmpl_id"])
    return found


def _read_lines(boms: Any) -> Any:
    """The lines of the bills in their order, with the fields that the walk needs: one statement."""
    return boms.env["mrp.bom.line"].search_fetch([("bom_id", "in", boms.ids)], [*_LINE_FIELDS, "sequence"])


def _conditional_lines(boms: Any) -> Any:
    """The lines that apply on some variants only: most often none, which is quicker to ask than to read from links.

    Links are written at once, and `_read_lines` has written the lines; see `_read_ahead` on what else is pending.
    """
    ids = ", ".join(str(int(bom_id)) for bom_id in boms.ids)
    rows = boms.env.cr.execute(
        f"""
        SELECT line.id
        FROM mrp_bom_line line
        WHERE line.bom_id IN ({ids}) AND line.id IN (SELECT bom_line_id FROM mrp_bom_line_variant_value_rel)
        """
    )
    return boms.env["mrp.bom.line"].browse([row[0] for row in rows])


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
                "A bill of materials mixes %(unit)s and %(other)s, which do not convert into one another. "
                "Choose units of the same kind.",
                unit=source.display_name,
                other=target.display_name,
            ),
            code="manufacturing.unit_family",
        )
    return Fraction(source.factor) / Fraction(target.factor)


def explode(
    requests: Iterable[Request], find: Callable[[Any], dict[Any, Any]], kinds: Sequence[str] = ("phantom",)
) -> list[Explosion]:
    """Take every request apart.

    Args:
        requests: what is to be made.
        find: given products, the bill to open for each of them (a missing or empty one makes the product a leaf).
        kinds: the types of bill that `find` opens.

    Returns:
        One `Explosion` per request, in the order of the requests.

    Raises:
        BillOfMaterialsLoop: a product turns up below itself; the message shows the way round.
    """
    requests = list(requests)
    if not requests:
        return []
    graph = _Graph(requests, find, kinds)
    return [_walk(graph, request) for request in requests]


def _walk(graph: _Graph, request: Request) -> Explosion:
    """Depth first, in the order of the lines. Each entry of the stack carries what is needed, as a fraction of two
    whole numbers that is never reduced on the way, and the chain of bills above it, each with the product it makes: a
    bill may open itself for another variant."""
    result = Explosion([(request.bom, request.quantity)], [], [])
    numerator, denominator = request.quantity.as_integer_ratio()
    top = (request.bom.id, request.product.id, None)
    lines = graph.lines_for(request.bom.id, request.product.id)
    if not lines:
        result.empty.append((request.bom, request.product))
    stack = [(line, numerator, denominator, None, top) for line in reversed(lines)]
    while stack:
        line, above, below, parent, trail = stack.pop()
        above, below = above * line.numerator, below * line.denominator
        kit = graph.child[line.product_id]
        if kit is None:
            result.leaves.append(Leaf(line.record, graph.round_up(above, below, line.unit_id), parent))
            continue
        kit_id = kit.id
        if _is_above(trail, kit_id, line.product_id):
            raise_loop(_chain(trail, kit_id, line.record.product_id))
        factor = graph.ratio(line.unit_id, kit_id)
        above, below = above * factor.numerator, below * factor.denominator
        result.boms.append((kit, graph.round_up(above, below, graph.unit_of[kit_id])))
        trail = (kit_id, line.product_id, trail)
        lines = graph.lines_for(kit_id, line.product_id)
        if not lines:
            result.empty.append((kit, line.record.product_id))
        stack.extend((child, above, below, line.record, trail) for child in reversed(lines))
    return result


def _is_above(trail: Any, bom_id: int, product_id: int) -> bool:
    while trail is not None:
        if trail[0] == bom_id and trail[1] == product_id:
            return True
        trail = trail[2]
    return False


def _chain(trail: Any, bom_id: int, last: Any) -> list[Any]:
    """The products from the repeated one down to its repetition."""
    ids = [last.id]
    while trail is not None:
        ids.append(trail[1])
        if trail[0] == bom_id and trail[1] == last.id:
            break
        trail = trail[2]
    return [last.browse(product_id) for product_id in reversed(ids)]


def refuse_empty(found: Iterable[tuple[Any, Any]]) -> None:
    """Raise `NoBillOfMaterials` for the first of the bills that list nothing for a variant (`Explosion.empty`)."""
    for bom, product in found:
        raise NoBillOfMaterials(
            bom.env._(
                "The bill of materials %(bom)s lists no components for %(product)s. Add some, or change the variants "
                "that its components apply on.",
                bom=bom.display_name,
                product=product.display_name,
            ),
        )


def raise_loop(chain: list[Any]) -> None:
    """Raise the error for products that lead back to the first of them."""
    names = [product.display_name for product in chain]
    raise BillOfMaterialsLoop(
        chain[0].env._(
            "%(product)s would be made of itself: %(chain)s. Remove it from one of these bills of materials.",
            product=names[-1],
            chain=" > ".join(names),
        ),
        data={"products": names},
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
        conditions = applying.conditions(frontier.bom_line_ids)
        for bom in frontier:
            makes = bom.product_id or bom.product_tmpl_id.product_variant_ids
            values = applying.values_of(makes) if conditions else {}
            for product in makes:
                needs.setdefault(product.id, []).extend(
                    line.product_id.id
                    for line in bom.bom_line_ids
                    if line.id not in conditions or applying.meets(values[product.id], conditions[line.id])
                )
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
