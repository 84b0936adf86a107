"""Stock on hand: one row per product, place, lot, package and owner; and counting it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import counting, quants, removal
from addons.inventory.services.quants import STOCKED
from core import api, fields, models
from core.rounding import to_decimal

IDENTITY = ("product_id", "location_id", "lot_id", "package_id", "owner_id")
# What open move lines say of the stock that they hold.
RESERVING = ("state", "quantity_product_uom", "location_id", "lot_id", "package_id", "owner_id")
COUNTED = {"inventory_quantity", "inventory_quantity_auto_apply", "inventory_quantity_set", "inventory_date", "user_id"}


class StockQuant(models.Model):
    """So many of a product are at a place.

    Only `services/quants.py` changes `quantity`, and only along with done lines of the ledger. What is reserved is
    not stored: it is the sum of the open move lines. Counting sets `inventory_quantity`; applying the count posts
    the difference as a movement from or to the inventory loss location.
    """

    _name = "stock.quant"
    _description = "Stock Count"
    _check_company_auto = True
    _eager = True
    _order = "location_id, product_id, id"
    _rec_name = "product_id"

    product_id = fields.Many2one(
        "product.product", "Product", required=True, index=True, ondelete="restrict", check_company=True
    )
    location_id = fields.Many2one(
        "stock.location",
        "Location",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["stock.warehouse"]._default_for(self.env.company).lot_stock_id,
    )
    lot_id = fields.Many2one("stock.lot", "Lot/Serial Number", index=True, ondelete="restrict", check_company=True)
    package_id = fields.Many2one("stock.package", "Package", index=True, ondelete="restrict", check_company=True)
    owner_id = fields.Many2one("res.partner", "Owner", check_company=True)
    company_id = fields.Many2one("res.company", related="location_id.company_id", string="Company")
    product_tmpl_id = fields.Many2one(
        "product.template", related="product_id.product_tmpl_id", string="Product Template"
    )
    product_categ_id = fields.Many2one("product.category", related="product_id.categ_id", string="Category")
    product_uom_id = fields.Many2one("uom.uom", related="product_id.uom_id", string="Unit")
    tracking = fields.Selection(related="product_id.tracking", string="Tracking")
    warehouse_id = fields.Many2one("stock.warehouse", related="location_id.warehouse_id", string="Warehouse")
    quantity = fields.Quantity("Quantity", readonly=True, aggregator="sum")
    reserved_quantity = fields.Quantity("Reserved Quantity", compute="_compute_reserved", search=fields.SearchByValue())
    available_quantity = fields.Quantity(
        "Available Quantity", compute="_compute_reserved", search=fields.SearchByValue()
    )
    in_date = fields.Datetime("Incoming Date", default=fields.Datetime.now, required=True)
    inventory_quantity = fields.Quantity("Counted Quantity", copy=False)
    inventory_quantity_set = fields.Boolean("Counted", copy=False)
    inventory_base_quantity = fields.Quantity("Quantity When Counted", readonly=True, copy=False)
    inventory_quantity_auto_apply = fields.Quantity(
        "Inventoried Quantity", compute="_compute_inventory_quantity_auto_apply", inverse="_inverse_auto_apply"
    )
    inventory_diff_quantity = fields.Quantity(
        "Difference",
        compute="_compute_inventory_diff",
        search=fields.SearchByValue([("inventory_quantity_set", "=", True)]),
    )
    is_outdated = fields.Boolean(
        "Stock Has Moved Since",
        compute="_compute_inventory_diff",
        search=fields.SearchByValue([("inventory_quantity_set", "=", True)]),
    )
    inventory_date = fields.Date("Scheduled Date")
    last_count_date = fields.Date("Last Count", readonly=True)
    user_id = fields.Many2one("res.users", "Assigned To")
    on_hand = fields.Boolean(compute="_compute_on_hand", search="_search_on_hand")

    # The five links in one column without NULL, which a unique index would treat as different from one another.
    identity = fields.Char(readonly=True, copy=False)

    _identity_unique = models.UniqueIndex(
        "(identity)", "There is one row of stock per product, location, lot, package and owner."
    )

    # ------------------------------------------------------------------ derived figures
    @api.depends("quantity", *(f"product_id.stock_move_ids.move_line_ids.{name}" for name in RESERVING))
    def _compute_reserved(self):
        reserved = quants.reserved(self.env, self.product_id.ids)
        for quant in self:
            held = reserved.get(quants.key_of(quant), Decimal(0))
            quant.reserved_quantity = held
            quant.available_quantity = quant.quantity - held

    @api.depends("quantity")
    def _compute_inventory_quantity_auto_apply(self):
        for quant in self:
            quant.inventory_quantity_auto_apply = quant.quantity

    def _inverse_auto_apply(self):
        counting.set_on_hand({quant: quant.inventory_quantity_auto_apply for quant in self})

    @api.depends("quantity", "inventory_quantity", "inventory_quantity_set", "inventory_base_quantity")
    def _compute_inventory_diff(self):
        for quant in self:
            counted = quant.inventory_quantity_set
            quant.inventory_diff_quantity = quant.inventory_quantity - quant.quantity if counted else Decimal(0)
            quant.is_outdated = counted and quant.inventory_base_quantity != quant.quantity

    @api.depends("location_id.usage")
    def _compute_on_hand(self):
        for quant in self:
            quant.on_hand = quant.location_id.usage in STOCKED

    def _search_on_hand(self, operator, value):
        return [("location_id.usage", "in" if (operator == "=") == bool(value) else "not in", STOCKED)]

    @api.depends("product_id", "location_id", "lot_id")
    def _compute_display_name(self):
        for quant in self:
            parts = (quant.location_id.complete_name, quant.product_id.display_name, quant.lot_id.name)
            quant.display_name = " - ".join(part for part in parts if part)

    # ------------------------------------------------------------------ counting
    @api.seam("records", order=40)
    @api.model_create_multi
    def create(self, vals_list):
        """Open rows to be counted: a row that exists is taken instead; a `quantity` given is counted and applied.

        Where no place is given, it is the stock location of the company's first warehouse. Stock never appears out of
        nothing: `quantity` becomes a movement from the inventory loss location.

        When:
            once for all rows that are opened together: by a person who counts or, settled, for all stock that an action
            brings to where none of its kind has been.
        Called by:
            forms and clients, and services by `_settle_create`.
        Args:
            vals_list: the values of each row.
        Returns:
            the rows, in order; existing ones among them where a person counts.
        Transaction:
            that of the action. The products are locked where something is counted or moved.
        Override:
            add values of the addon before ``super()``, act on the rows after it. Product, place, lot, package and owner
            are what a row is and stay as given. Where `_is_settling` says True, the quantity is the service's.
        Example::

            class StockQuant(models.Model):
                _inherit = "stock.quant"

                @api.model_create_multi
                def create(self, vals_list):
                    return super().create([{"user_id": self.env.uid, **vals} for vals in vals_list])
        """
        if self._is_settling():
            return super().create([{**vals, "identity": _identity(vals)} for vals in vals_list])
        return counting.open_rows(self, vals_list)

    def _check_company(self, fnames=None):
        """Places without a company, such as those of customers, hold the lots and packages of all of them."""
        super(StockQuant, self.filtered("company_id"))._check_company(fnames)

    @api.seam("records", order=50)
    def write(self, vals):
        """Note a count, or change what is not stock itself; quantity and identity are not for writing.

        When:
            once for all rows that get the same values, by a person who counts or, settled, by a service. Where a
            service gives rows values of their own (`_settle_multi`), such as the quantity on hand, once for each set of
            values.
        Called by:
            forms and clients, and services by `_settle` and `_settle_multi`.
        Args:
            vals: the new values; `inventory_quantity` is a count, with what is booked at that moment. `quantity`, what
                is on hand, is written by services only.
        Returns:
            True.
        Raises:
            InventoryError: the quantity on hand, or what a row is, would be written by hand.
        Transaction:
            that of the action. The products and the rows are locked where `quantity` is written.
        Override:
            refuse by raising, add values, or act on the rows after ``super()``. A rule for the quantity on hand is a
            constraint, ``@api.constrains("quantity")``: it refuses whatever action breaks it.
        Example::

            class StockQuant(models.Model):
                _inherit = "stock.quant"

                def write(self, vals):
                    if "inventory_quantity" in vals:
                        vals = {"user_id": self.env.uid, **vals}
                    return super().write(vals)
        """
        if self._is_settling():
            return super().write(vals)
        if "quantity" in vals or "identity" in vals:
            raise InventoryError(
                self.env._(
                    "The quantity on hand of %(stock)s follows from the movements. Count the stock and apply the "
                    "count, or make a transfer.",
                    stock=self[:1].display_name,
                ),
                code="inventory.quantity_of_ledger",
            )
        moved = [
            name for name in IDENTITY if name in vals and any(row[name].id != (vals[name] or False) for row in self)
        ]
        if moved and any(row.quantity for row in self):
            raise InventoryError(
                self.env._(
                    "%(stock)s cannot turn into other stock. Use an internal transfer to move it.",
                    stock=self[:1].display_name,
                ),
                code="inventory.stock_fixed",
            )
        if "inventory_quantity" in vals:
            return counting.record_count(self, vals)
        return super().write(vals)

    @api.seam("records", order=60)
    def unlink(self):
        """Delete empty rows; what is on hand stays.

        When:
            once for all rows that are deleted together: those of lots and packages that are gone, or that a user chose.
        Called by:
            forms, clients and services that empty rows.
        Returns:
            True.
        Raises:
            InventoryError: a row has something on hand.
        Transaction:
            that of the action. The rows are locked where stock was posted.
        Override:
            refuse by raising, or act before the rows are gone.
        Example::

            class StockQuant(models.Model):
                _inherit = "stock.quant"

                def unlink(self):
                    self.lot_id.write({"note": "used up"})
                    return super().unlink()
        """
        return super().unlink()

    @api.ondelete()
    def _unlink_if_empty(self):
        held = self.filtered("quantity")
        if held:
            raise InventoryError(
                self.env._(
                    "%(stock)s is on hand and cannot be deleted. Set its counted quantity to 0 and apply.",
                    stock=held[:1].display_name,
                ),
                code="inventory.stock_on_hand",
            )

    @api.public(access="write")
    def action_apply_inventory(self, answers: api.Answers | None = None):
        """Make the stock what was counted.

        Returns the wizard `stock.inventory.conflict` when stock has moved since it was counted and `answers` does
        not say yet what holds (`{"conflict": {id: "counted" | "difference"}}`); nothing has changed then. The answers
        may also say why the stock is adjusted (`"reason"`), which the movements keep.
        """
        return counting.apply(self, answers or {})

    @api.seam("done", order=33)
    def _apply_inventory(self, date=None) -> None:
        """Post the counted differences of these rows, whatever moved since; the counted quantity holds.

        When:
            once for all counts that are applied together, after the user has answered what holds where stock moved
            since the count; also where a quantity on hand is entered.
        Called by:
            ``inventory.services.counting.apply`` and ``set_on_hand``.
        Args:
            date: the moment of the moves, in UTC; now if None.
        Raises:
            AccessError: the user may not change the rows.
        Transaction:
            that of the action. The products and rows are locked.
        Override:
            refuse by raising, or act before or after ``super()``.
        Example::

            class StockQuant(models.Model):
                _inherit = "stock.quant"

                def _apply_inventory(self, date=None):
                    lots = self.lot_id
                    super()._apply_inventory(date)
                    lots.write({"note": "counted"})
        """
        counting.post(self, date)

    @api.seam("done", order=34)
    def _get_inventory_move_values(self, qty, location_id, location_dest_id, package_id=False, package_dest_id=False):
        """The values of the move by which a count, or a correction, changes this row.

        When:
            once for each row that a count or a correction changes; `self` is the row.
        Called by:
            ``inventory.services.counting._difference_moves``.
        Args:
            qty: how much moves, above zero, in the unit of the product.
            location_id: `stock.location`: where it is taken; the inventory loss location where more was counted.
            location_dest_id: `stock.location`: where it goes.
            package_id: `stock.package` it is taken from; empty if none.
            package_dest_id: `stock.package` it goes into; empty if none.
        Returns:
            values for `create` of stock.move; state and date are put in by the caller.
        Transaction:
            that of the action; it only reads.
        Override:
            add values to those of ``super()``.
        Example::

            class StockQuant(models.Model):
                _inherit = "stock.quant"

                def _get_inventory_move_values(self, qty, *args, **kwargs):
                    vals = super()._get_inventory_move_values(qty, *args, **kwargs)
                    return vals | {"origin": self.env._("Count")}
        """
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "product_uom": self.product_id.uom_id.id,
            "product_uom_qty": qty,
            "location_id": location_id.id,
            "location_dest_id": location_dest_id.id,
            "company_id": (self.company_id or self.env.company).id,
            "is_inventory": True,
            "inventory_name": counting.reason(self.env),
            "warehouse_id": self.warehouse_id.id,
        }

    @api.public(access="write")
    def action_set_inventory_quantity(self):
        """Take the quantity in the books as counted."""
        counting.record_as_booked(self)

    @api.public(access="write")
    def action_set_inventory_quantity_zero(self):
        """Count nothing."""
        self.write({"inventory_quantity": 0})

    @api.public(access="write")
    def action_clear_inventory_quantity(self):
        """Forget the count."""
        self._settle(counting.NOT_COUNTED)

    @api.public(access="read")
    def action_inventory_reason(self):
        """Ask for the reason before the counts are applied."""
        return self.env["stock.inventory.adjustment.name"].create({"quant_ids": [(6, 0, self.ids)]})

    @api.model
    def _ensure_countable(self, products):
        """Give products without any stock row one at the first warehouse, so that there is something to count."""
        counting.ensure_rows(self.env, products)

    # ------------------------------------------------------------------ what addons ask
    @api.seam("reserve", order=60)
    @api.model
    def _get_available_quantity(
        self,
        product_id,
        location_id,
        lot_id=None,
        package_id=None,
        owner_id=None,
        strict=False,
        allow_negative=False,
    ):
        """How many of the product are free (on hand and not reserved) at the location and below it.

        At places outside the company (customers, production) it is what went there and did not come back.

        While stock is reserved, it is what of that can be handed out.

        When:
            for each product and place that stock is reserved from, where an addon extends it, after the stock is locked
            and before any is handed out. For the figures of free stock that people see: `availability` of moves asks
            for the place that the move takes from, `free_qty` of products and Stock Detail for each place where some
            lies. And where an addon or a client asks for one product at one place.
        Called by:
            ``inventory.services.quants.ask_addons``, ``stock.quant._update_available_quantity``.
        Args:
            product_id: the product.
            location_id: the place, with those below it.
            lot_id: that lot, and what has no lot; likewise the exact `package_id` and `owner_id`. None for any.
            package_id: the exact package.
            owner_id: the exact owner.
            strict: the stock of exactly these, lying at the location itself; None then means "without".
            allow_negative: whether what is reserved or gone beyond the books counts; otherwise nothing is below zero,
                and a lot that is does not reduce the others.
        Returns:
            a Decimal in the product's unit.
        Transaction:
            that of the caller; it only reads.
        Override:
            lower the result where the addon keeps stock back: no more than that is reserved there now, and no more is
            shown as free. A person may still enter more on a move where the place allows it. `free_qty` and what
            follows from it are 0 here: they are computed from the result. It is asked for one product and place at a
            time, so read only what is read together for all of them: fields of the product and the location.
        Example::

            class StockQuant(models.Model):
                _inherit = "stock.quant"

                @api.model
                def _get_available_quantity(self, product_id, location_id, *args, **kwargs):
                    if location_id.name == "Quarantine":
                        return Decimal(0)
                    return super()._get_available_quantity(product_id, location_id, *args, **kwargs)
        """
        asked = _Asked(location_id, lot_id, package_id, owner_id, strict)
        tracked = product_id.tracking != "none"
        totals: defaultdict[int, Decimal] = defaultdict(Decimal)
        offers = quants.offered(self.env, product_id, location_id)
        if offers:
            slots = offers.slots[product_id.id, location_id.id]
        else:
            slots = quants.free(self.env, product_id, location_id)
            if self._is_extended("_gather"):
                gathered = set(self._gather(product_id, location_id, lot_id, package_id, owner_id, strict).ids)
                slots = [slot for slot in slots if not slot.quant_id or slot.quant_id in gathered]
        for slot in slots:
            if asked.fits(slot.key) and not (strict and lot_id and not slot.key.lot):
                totals[slot.key.lot if tracked else 0] += slot.free
        if allow_negative:
            return sum(totals.values(), Decimal(0))
        return sum((free for free in totals.values() if free > 0), Decimal(0))

    @api.seam("reserve", order=50)
    @api.model
    def _gather(self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False):
        """The stock rows of the product at the location and below it, in the order in which they go out.

        When:
            for each product and place that stock is reserved from, where an addon extends it, after the stock is
            locked; and for the figures of free stock, as for `_get_available_quantity`. And where an addon or a client
            asks for one product at one place.
        Called by:
            ``inventory.services.quants.ask_addons``, ``stock.quant._get_available_quantity``.
        Args:
            product_id: the product.
            location_id: the place, with those below it.
            lot_id: that lot, and what has no lot; None for any.
            package_id: the exact package; None for any.
            owner_id: the exact owner; None for any.
            strict: the stock of exactly these, lying at the location itself; None then means "without".
        Returns:
            stock.quant records.
        Transaction:
            that of the caller; it only reads.
        Override:
            leave rows out, or put them into another order: stock is reserved of these rows only, in their order, and
            free stock is shown without the others. Rows that ``super()`` does not return are not reserved. It is asked
            for one product and place at a time; fields of the rows are read together for all of them. For an order
            alone, answer the hook `choose_removal` or register a removal strategy.
        Example::

            class StockQuant(models.Model):
                _inherit = "stock.quant"

                @api.model
                def _gather(self, product_id, location_id, *args, **kwargs):
                    rows = super()._gather(product_id, location_id, *args, **kwargs)
                    return rows.filtered(lambda row: not (row.lot_id.name or "").startswith("BLOCKED"))
        """
        asked = _Asked(location_id, lot_id, package_id, owner_id, strict)
        offers = quants.offered(self.env, product_id, location_id)
        if offers:
            slots = [slot for slot in offers.slots[product_id.id, location_id.id] if asked.fits(slot.key)]
            return self.browse([slot.quant_id for slot in slots]).with_prefetch(offers.quant_ids)
        slots = [
            slot for slot in quants.free(self.env, product_id, location_id) if slot.quant_id and asked.fits(slot.key)
        ]
        strategy = removal.strategies(self.env, product_id, location_id)[product_id.id] if len(slots) > 1 else ""
        return self.browse([slot.quant_id for slot in removal.ordered(self.env, slots, strategy)])

    @api.seam("done", order=72)
    @api.model
    def _update_available_quantities(self, changes, in_date, move_lines=None):
        """Change what is on hand by what is posted: less at the source of the lines, more at their destination.

        When:
            once for all lines that an action posts together: of transfers, productions, counts and scraps. And once
            where `stillage doctor` repairs stock that contradicts the ledger.
        Called by:
            ``inventory.services.posting._change_stock``, ``inventory.services.stock_laws._correct_stock``.
        Args:
            changes: stock (product, location, lot, package and owner, as ids, 0 for none) -> what is added, in the
                product's unit; below zero what is taken away.
            in_date: when that is.
            move_lines: the lines that are posted, still open; None for a repair.
        Returns:
            stock -> what is on hand of it afterwards.
        Transaction:
            that of the action. The products are locked; the rows of stock are locked by ``super()``.
        Override:
            refuse by raising, or act on the stock after ``super()``. The changes follow from the lines: pass them on as
            they are; more or less is refused. A rule for the quantity on hand is a constraint,
            ``@api.constrains("quantity")``.
        Example::

            class StockQuant(models.Model):
                _inherit = "stock.quant"

                @api.model
                def _update_available_quantities(self, changes, in_date, move_lines=None):
                    after = super()._update_available_quantities(changes, in_date, move_lines)
                    gone = [key.product for key, quantity in after.items() if not quantity]
                    self.env["product.product"].browse(gone).write({"description_picking": "sold out"})
                    return after
        """
        return quants.apply(self.env, changes, in_date, move_lines)

    @api.seam("done", order=73)
    @api.model
    def _update_available_quantity(
        self, product_id, location_id, quantity, lot_id=None, package_id=None, owner_id=None, in_date=None
    ):
        """Change what is on hand of one product at one place.

        Asked for by an addon, that is a movement from or to the inventory loss location.

        When:
            for each change of a posting, where an addon extends it, after the rows of stock are locked and before they
            are written. And where an addon or a test adjusts one product at one place.
        Called by:
            ``inventory.services.quants._pass_on``.
        Args:
            product_id: the product.
            location_id: the place itself.
            quantity: what is added, in the product's unit; below zero what is taken away.
            lot_id: the lot, or None.
            package_id: the package, or None.
            owner_id: the owner, or None.
            in_date: since when what is added has been there, for first in, first out; now if None.
        Returns:
            the quantity of exactly this stock that is free afterwards (below zero if more is reserved or gone than the
            books hold), and its incoming date.
        Transaction:
            that of the caller. The product and its stock rows are locked.
        Override:
            refuse by raising, change the `in_date` of what is added, or act after ``super()``. The quantity follows
            from the ledger: pass it on as it is, once; a second call of ``super()`` is refused. It is asked for one
            change at a time, so read only what is read together for all of them: fields of the records that are passed.
            Where it is enough to know all changes of a posting, extend `_update_available_quantities`.
        Example::

            class StockQuant(models.Model):
                _inherit = "stock.quant"

                @api.model
                def _update_available_quantity(self, product_id, location_id, quantity, *args, **kwargs):
                    result = super()._update_available_quantity(product_id, location_id, quantity, *args, **kwargs)
                    self.env.notify(f"{product_id.display_name}: adjusted by {quantity}")
                    return result
        """
        links = (record.id if record else 0 for record in (lot_id, package_id, owner_id))
        key = quants.Key(product_id.id, location_id.id, *links)
        if quants.is_posting(self.env, key, quantity):
            return quants.post_change(self.env, key, to_decimal(quantity), in_date)
        with quants.adjusting(self.env, key):
            since = counting.adjust(self.env, key, to_decimal(quantity), in_date)
        rest = self._get_available_quantity(
            product_id, location_id, lot_id, package_id, owner_id, strict=True, allow_negative=True
        )
        return rest, since

    @api.public(access="read")
    def action_view_reservations(self):
        """The documents that hold this stock."""
        lines = self.env["stock.move.line"].search(
            [
                ("product_id", "in", self.product_id.ids),
                ("location_id", "in", self.location_id.ids),
                ("state", "=", "assigned"),
            ]
        )
        return lines.move_id


def _identity(vals):
    """What identifies a row of stock, as one text: the index over it admits no second row."""
    return ":".join(str(vals.get(name) or 0) for name in IDENTITY)


class _Asked(NamedTuple):
    """Which stock is asked for; unless `strict`, stock without a lot answers for any lot."""

    location: Any
    lot: Any
    package: Any
    owner: Any
    strict: bool

    def fits(self, key: quants.Key) -> bool:
        """Whether a row of stock is among what is asked for."""
        lot, package, owner = (record.id if record else 0 for record in (self.lot, self.package, self.owner))
        if key.lot and key.lot != lot and (lot or self.strict):
            return False
        if self.strict:
            return (key.location, key.package, key.owner) == (self.location.id, package, owner)
        return (not package or key.package == package) and (not owner or key.owner == owner)
