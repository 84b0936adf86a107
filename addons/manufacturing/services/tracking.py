"""Lots and serial numbers of what is made: the next number, numbers typed in, one order per serial number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import move_states
from addons.inventory.services.move_split import Portion
from addons.manufacturing.exceptions import ManufacturingError, SerialNumberTaken
from addons.manufacturing.services import output, splitting
from core.api import _
from core.rounding import format_number

NOT_GIVEN = Decimal(0)  # the quantity of a lot that is listed by its name only


class Entry(NamedTuple):
    """One order of a batch: its lots or serial numbers, and the lots to consume of each tracked component."""

    lots: tuple[tuple[str, Decimal], ...]
    components: tuple[tuple[tuple[str, Decimal], ...], ...] = ()


def units(production: Any) -> Decimal:
    """How many the order makes now, in the product's own unit: what serial numbers count."""
    return production._in_product_unit(output.amount(production))


def needs_numbers(production: Any) -> bool:
    """Whether several serial-numbered units are made and not each of them has its number."""
    if production.product_tracking != "serial":
        return False
    count = units(production)
    return count > 1 and len(production.lot_producing_ids) != count


def batch_values(production: Any) -> dict[str, Any]:
    """What the batch production dialog opens with: the next number, and one for each unit made now."""
    lot = production.lot_producing_ids[:1]
    count = units(production)
    _require_whole(production, count)
    return {
        "production_id": production.id,
        "lot_name": lot.name or next_free_name(production.product_id),
        "lot_qty": int(count),
    }


def next_free_name(product: Any) -> str:
    """The number that the next lot of the product gets, without taking it."""
    Lot = product.env["stock.lot"]
    name = Lot._peek_name(product)
    if name and Lot.sudo().search_count([("product_id", "=", product.id), ("name", "=", name)]):
        name = Lot._next_names(product, 1)[0]
    return name


def _require_whole(production: Any, count: Decimal) -> None:
    if count != count.to_integral_value():
        raise ManufacturingError(
            production.env._(
                "%(order)s: %(quantity)s %(unit)s of %(product)s cannot each have a serial number. "
                "Produce a whole number of %(unit)s.",
                order=production.name,
                quantity=format_number(count),
                unit=production.product_id.uom_id.name,
                product=production.product_id.display_name,
            ),
            code="manufacturing.serial_numbers_of_fraction",
        )


def generate(productions: Any) -> Any:
    """Give each order without one the next number; an order over several serial-numbered units gets the dialog."""
    several = productions.filtered(needs_numbers)
    if several:
        several.ensure_one()
        values = batch_values(several)
        return several.env["mrp.production.serials"].create(
            {
                "production_id": several.id,
                "lot_name": values["lot_name"],
                "lot_quantity": values["lot_qty"],
            }
        )
    untracked = productions.filtered(lambda production: production.product_tracking not in ("lot", "serial"))
    if untracked:
        raise ManufacturingError(
            productions.env._(
                "%(product)s is tracked neither by lots nor by serial numbers, so %(order)s needs none.",
                product=untracked[0].product_id.display_name,
                order=untracked[0].name,
            ),
            code="manufacturing.product_untracked",
        )
    number(productions)
    for production in productions:
        if production.product_tracking == "serial" and not production.qty_producing:
            production.qty_producing = output.amount(production)
    return None


def number(productions: Any) -> None:
    """Create and assign the next lot or serial number of every tracked order that has none.

    One number range per product and one create for all, whatever the number of orders. Serial-tracked orders over
    several units must have their numbers already.
    """
    missing = productions.filtered(
        lambda production: production.product_tracking in ("lot", "serial") and not production.lot_producing_ids
    )
    if not missing:
        return
    for production in missing:
        if production.product_tracking == "serial":
            _require_whole(production, units(production))
    names = next_names(missing.env, Counter(production.product_id for production in missing))
    rows = []
    for production in missing:
        name = names[production.product_id].pop(0)
        # Linked from the lot's side, as that takes one statement.
        linked = {"production_ids": [(4, production.id)]}
        rows.append(lot_values(production.product_id, production.company_id, name) | linked)
    missing.env["stock.lot"].create(rows)


def lot_values(product: Any, company: Any, name: str) -> dict[str, Any]:
    """The values of a new lot of what a company makes."""
    return {"name": name, "product_id": product.id, "company_id": company.id}


def next_names(env: Any, counts: Mapping[Any, int]) -> dict[Any, list[str]]:
    """The next numbers of each product, one range per product."""
    return {product: env["stock.lot"]._next_names(product, count) for product, count in counts.items()}


def lots_named(production: Any, names: Sequence[str]) -> Any:
    """The lots of the order's product with these names, in their order; those that do not exist yet are created.

    Raises:
        SerialNumberTaken: a name is given twice for a product tracked by serial number, or names a unit made before.
    """
    product, company = production.product_id, production.company_id
    _refuse_repeated(product, names)
    Lot = product.env["stock.lot"]
    domain = [("product_id", "=", product.id), ("name", "in", list(names)), ("company_id", "in", [False, company.id])]
    existing = Lot.search(domain)
    if product.tracking == "serial":
        _refuse_made(existing)
    found = {lot.name: lot.id for lot in existing}
    fresh = [name for name in dict.fromkeys(names) if name not in found]
    created = Lot.create([lot_values(product, company, name) for name in fresh])
    found.update(zip(fresh, created.ids, strict=True))
    _pass_over(product, fresh)
    return Lot.browse([found[name] for name in names])


def _refuse_repeated(product: Any, names: Sequence[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice and product.tracking == "serial":
        raise SerialNumberTaken(
            product.env._(
                "Serial number %(serials)s of %(product)s is given more than once. Each unit needs its own.",
                serials=twice,
                product=product.display_name,
            ),
        )


def _pass_over(product: Any, names: Sequence[str]) -> None:
    """Let the product's number range go on after those of its next numbers that are in use now."""
    Lot = product.env["stock.lot"]
    upcoming = Lot._peek_name(product)
    if upcoming and upcoming in names:
        row = [entry["lot_name"] for entry in Lot.generate_lot_names(upcoming, len(names))]
        used = next((index for index, name in enumerate(row) if name not in names), len(row))
        Lot._sequence_of(product).next_many(used)


def refuse_taken(productions: Any) -> None:
    """Check that no serial number of these orders is given to two of them, or has been produced before.

    A unit that was unbuilt since may be built again under its number.

    Raises:
        SerialNumberTaken: names number, product and the order that made it.
    """
    serial = productions.filtered(lambda production: production.product_tracking == "serial")
    uses = Counter(lot for production in serial for lot in production.lot_producing_ids)
    twice = [lot for lot, count in uses.items() if count > 1]
    if twice:
        holders = serial.filtered(lambda production: twice[0] in production.lot_producing_ids)
        _raise_taken(twice[0], ", ".join(holders.mapped("name")))
    _refuse_made(serial.lot_producing_ids)


def _refuse_made(lots: Any) -> None:
    """Raise for a serial number of which a unit exists; one look at the ledger for all of them."""
    if not lots:
        return
    lines = lots.env["stock.move.line"].sudo().search([("lot_id", "in", lots.ids), ("state", "=", "done")])
    made: dict[Any, int] = defaultdict(int)
    maker = {}
    for line in lines:
        if line.location_id.usage == "production" and line.location_dest_id.usage != "production":
            made[line.lot_id] += 1
            maker[line.lot_id] = line.move_id._document_name()
        elif line.location_dest_id.usage == "production" and line.move_id.consume_unbuild_id:
            made[line.lot_id] -= 1
    for lot, count in made.items():
        if count > 0:
            _raise_taken(lot, maker[lot])


def refuse_consumed(moves: Any) -> None:
    """Check that no serial-numbered component is used twice: in two places now, or after an order consumed it.

    A unit that came back since (unbuilt, returned, or found in a count) may be used again. One look at the ledger.

    Raises:
        SerialNumberTaken: names number, component and the orders that use it.
    """
    lines = moves.filtered(lambda move: move.has_tracking == "serial").move_line_ids
    users = defaultdict(list)
    for line in lines:
        if line.lot_id and line.quantity:
            users[line.lot_id].append(line.move_id)
    if not users:
        return
    for lot, using in users.items():
        if len(using) > 1:
            _raise_consumed(lot, ", ".join(dict.fromkeys(move._document_name() for move in using)))
    done = [("lot_id", "in", [lot.id for lot in users]), ("state", "=", "done")]
    last = {line.lot_id: line for line in lines.env["stock.move.line"].sudo().search(done, order="date, id")}
    for lot, line in last.items():
        if line.location_dest_id.usage == "production":
            _raise_consumed(lot, line.move_id._document_name())


def _raise_consumed(lot: Any, documents: str) -> None:
    text = _(
        "Serial number %(serials)s of %(product)s is one unit, and %(documents)s consumes it. "
        "Choose another number for the component."
    )
    raise _serial_error(lot, documents, text)


def _raise_taken(lot: Any, documents: str) -> None:
    text = _("Serial number %(serials)s of %(product)s is already used by %(documents)s. Enter another number.")
    raise _serial_error(lot, documents, text)


def _serial_error(lot: Any, documents: str, text: str) -> SerialNumberTaken:
    product = lot.product_id.display_name
    return SerialNumberTaken(lot.env._(text, serials=[lot.name], product=product, documents=documents))


def assign(production: Any, names: Sequence[str]) -> None:
    """Give an order lots or serial numbers by name, without dividing it."""
    production.lot_producing_ids = lots_named(production, names)


def split_by_numbers(entries: Mapping[Any, Sequence[Entry]]) -> tuple[Any, dict[Any, Any]]:
    """Divide orders into one order per entry, each with its lot or serial number.

    Args:
        entries: confirmed order -> its numbers; those of a serial-tracked product stand for one unit each. What they
            leave of the order becomes one more part without a number.

    Returns:
        The orders that have a number now, each original one before its parts; and original order -> the part without a
        number, where there is one.

    Raises:
        SerialNumberTaken: a number is used already, or given twice.
        ManufacturingError: more numbers than units, or none.
    """
    amounts = {production: _numbered_parts(production, listed) for production, listed in entries.items()}
    productions = next(iter(entries)).browse([production.id for production in entries])
    numbered, rests, original, count = [], {}, productions, 0
    for part in productions._split_productions(amounts):
        if part in entries:
            original, count = part, len(entries[part])
        if count > 0:
            numbered.append(part.id)
        else:
            rests[original] = part
        count -= 1
    for production, parts in amounts.items():
        production.write(parts[0].values)
    return productions.browse(numbered), rests


def amount_without_number(production: Any, entries: Sequence[Entry]) -> Decimal:
    """What a list of numbers leaves of an order, in the order's unit; 0 where it lists as many or more."""
    listed = sum((_entry_amount(production, entry, len(entries)) for entry in entries), Decimal(0))
    return max(production._remaining() - listed, Decimal(0))


def _numbered_parts(production: Any, entries: Sequence[Entry]) -> list[splitting.Part]:
    """The parts of an order by the numbers that are listed; lots that do not exist yet are created."""
    amounts = [_entry_amount(production, entry, len(entries)) for entry in entries]
    _check_count(production, amounts)
    lots = iter(lots_named(production, [name for entry in entries for name, _quantity in entry.lots]).ids)
    values = [{"lot_producing_ids": [(6, 0, [next(lots) for _lot in entry.lots])]} for entry in entries]
    portions = _component_portions(production, entries, amounts)
    return [splitting.Part(*part) for part in zip(amounts, values, portions, strict=True)]


def _entry_amount(production: Any, entry: Entry, count: int) -> Decimal:
    """How many an entry stands for, in the order's unit."""
    own = production.product_id.uom_id
    if production.product_tracking == "serial":
        return own._require_exact(Decimal(len(entry.lots)), production.product_uom_id)
    given = sum((quantity for _name, quantity in entry.lots), Decimal(0))
    return given or (output.amount(production) if count == 1 else Decimal(0))


def _check_count(production: Any, amounts: list[Decimal]) -> None:
    total = sum(amounts, Decimal(0))
    if not amounts or total > production._remaining():
        raise ManufacturingError(
            production.env._(
                "%(order)s: numbers for %(given)s %(unit)s of %(product)s are listed, but %(wanted)s are to be made. "
                "List one number for each unit, or fewer to leave the rest for a backorder.",
                order=production.name,
                given=format_number(total),
                unit=production.product_uom_id.name,
                product=production.product_id.display_name,
                wanted=format_number(production._remaining()),
            ),
            code="manufacturing.too_many_numbers",
        )


def _component_portions(production: Any, entries: Sequence[Entry], amounts: list[Decimal]) -> list[dict[Any, Portion]]:
    """Which lots of the tracked components each part is to get, by component, where the entries say so."""
    result: list[dict[Any, Portion]] = [{} for _entry in entries]
    if not any(entry.components for entry in entries):
        return result
    moves = move_states.unfinished(production.move_raw_ids)
    moves = moves.filtered(lambda move: move.has_tracking in ("lot", "serial"))
    for column, move in enumerate(moves):
        chosen = [entry.components[column] if column < len(entry.components) else () for entry in entries]
        if not any(chosen):
            continue
        names = [name for lots in chosen for name, _quantity in lots]
        lots = {lot.name: lot for lot in _existing(move, names)}
        shares = splitting.shares(move, production, amounts)
        for portions, share, part in zip(result, shares, chosen, strict=False):
            taken = tuple((lots[name].id, quantity or _even(share, part)) for name, quantity in part)
            portions[move] = Portion(share, taken)
    return result


def _even(share: Decimal, lots: Sequence[Any]) -> Decimal:
    return share if len(lots) == 1 else Decimal(1)


def _existing(move: Any, names: list[str]) -> Any:
    lots = move.env["stock.lot"].search([("product_id", "=", move.product_id.id), ("name", "in", names)])
    missing = sorted(set(names) - set(lots.mapped("name")))
    if missing:
        raise ManufacturingError(
            move.env._(
                "%(product)s has no lot or serial number %(lots)s. Components are consumed from existing lots: "
                "check the spelling.",
                product=move.product_id.display_name,
                lots=missing,
            ),
            code="manufacturing.lot_unknown",
        )
    return lots
