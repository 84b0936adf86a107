"""The life of a manufacturing order: what its buttons do, and the seams that addons override."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from addons.manufacturing.services import (
    bills,
    component_transfers,
    consumption,
    merging,
    planning,
    producing,
    progress,
    questions,
    splitting,
    transfers,
)
from core import api, fields, models
from core.api import _


class MrpProductionLife(models.Model):
    """From draft to done or cancelled; a part of `mrp.production`, whose states and transitions say when."""

    _inherit = "mrp.production"

    STATE_REFUSALS = {
        "draft": _("%(record)s is a draft. Confirm it first."),
        ("draft", "action_unbuild"): _("%(record)s has not produced anything yet."),
        "confirmed": _("%(record)s is already confirmed."),
        ("confirmed", "action_unbuild"): _("%(record)s is not done yet. Produce it first."),
        "progress": _("%(record)s is already in progress."),
        ("progress", "action_merge"): _("%(record)s is in progress. Only orders that have not begun can be merged."),
        ("progress", "action_update_bom"): _("%(record)s is in progress and keeps its components."),
        ("progress", "action_unbuild"): _("%(record)s is not done yet. Produce it first."),
        "to_close": _("%(record)s is already in progress. It is ready to be closed."),
        ("to_close", "action_merge"): _("%(record)s is to be closed. Only orders that have not begun can be merged."),
        ("to_close", "action_update_bom"): _("%(record)s is to be closed and keeps its components."),
        ("to_close", "action_unbuild"): _("%(record)s is not done yet. Close it first."),
        "done": _("%(record)s is already done."),
        ("done", "action_cancel"): _("%(record)s is already done. Unbuild what it made instead."),
        "cancel": _("%(record)s is cancelled. Duplicate it to make the products after all."),
        ("cancel", "action_cancel"): _("%(record)s is already cancelled."),
    }

    @api.public(access="write")
    @api.transition
    def action_confirm(self) -> None:
        """Plan work orders, demand the components, and reserve them when the operation type does so at confirmation.

        Raises:
            NoBillOfMaterials: an order has nothing to consume.
        """
        planning.confirm(self)

    @api.public(access="write")
    @api.transition
    def action_assign(self) -> None:
        """Reserve components, as far as there are any."""
        self.move_raw_ids._action_assign()

    @api.public(access="write")
    @api.transition
    def do_unreserve(self) -> None:
        """Give back the components reserved for these orders."""
        self.check_access("write")
        self.move_raw_ids.filtered(lambda move: move.state not in ("done", "cancel"))._do_unreserve()

    @api.public(access="write")
    @api.transition
    def action_start(self) -> None:
        """Begin: the orders are in progress."""
        self._settle({"state": "progress", "date_start": fields.Datetime.now()})

    @api.public(access="write")
    @api.transition
    def set_qty_producing(self) -> None:
        """Fill in all that remains where no quantity is given, and state what is consumed for the quantity.

        Components hold just what the quantity takes, and are marked as consumed; those whose consumption was entered
        by hand stay as they are.
        """
        progress.produce_all(self)
        self._set_qty_producing()

    @api.public(access="write")
    @api.transition
    def button_mark_done(self, answers: dict[str, Any] | None = None) -> Any:
        """Close the orders with what `qty_producing` says, or with all that remains where it says nothing.

        Args:
            answers: what was answered before, by question: `{"backorder": {id: bool}}` (make the rest later, or
                not at all), `{"consumption": {id: bool}}` (a deviation is right), `{"serials": {id: [name]}}`,
                `{"transfer": {id: "make" or "anyway"}}` (components that an open transfer has not brought are
                transferred first, or consumed where they are booked).

        Returns:
            A wizard to show when something must be asked first: `mrp.batch.produce`, `mrp.consumption.warning`,
            `mrp.production.backorder` or `mrp.transfer.confirmation`; nothing has changed then. The first order of
            the split when serial numbers split it. None otherwise.
        """
        return producing.mark_done(self, answers or {})

    @api.public(access="write")
    def button_produce_all(self) -> Any:
        """Close the orders with all that remains, whatever was typed."""
        self.filtered("qty_producing").write({"qty_producing": Decimal(0)})
        return self.button_mark_done()

    @api.public(access="write")
    @api.transition
    def action_cancel(self) -> None:
        """Cancel the orders, free their components and cancel what was moved only for them."""
        planning.cancel(self)

    @api.public(access="read")
    @api.transition
    def action_split(self) -> Any:
        """Return the dialog that divides one order into several."""
        self.ensure_one()
        return self.env["mrp.production.split"].create({"production_id": self.id})

    @api.public(access="write")
    @api.transition
    def action_merge(self) -> Any:
        """Join orders for the same product and bill into one new order, which is returned."""
        return merging.merge(self)

    @api.public(access="read")
    @api.transition
    def action_change_quantity(self) -> Any:
        """Return the dialog that changes how many are to be made."""
        self.ensure_one()
        return self.env["change.production.qty"].create({"mo_id": self.id, "product_qty": self.product_qty})

    @api.public(access="write")
    @api.transition
    def action_update_bom(self) -> None:
        """Plan the orders anew from their bill of materials as it is now."""
        planning.update_from_bom(self)

    @api.public(access="write")
    def action_generate_bom(self) -> Any:
        """Generate BoM: a bill of materials of what an order without one consumes and makes, which it then follows."""
        self.ensure_one()
        return bills.generate_bom(self)

    @api.public(access="read")
    @api.transition
    def action_make_transfer(self) -> Any:
        """Bring the components to the work-in-progress location; returns the transfers."""
        return transfers.make_transfer(self)

    @api.public(access="write")
    @api.transition
    def action_back_flush(self, answers: dict[str, Any] | None = None) -> Any:
        """Consume components for `qty_producing` (or for all) and take the finished product in, keeping one order.

        Args:
            answers: what was answered before, by question; see `button_mark_done`.

        Returns:
            A wizard to show when something must be asked first: `mrp.transfer.confirmation`, or what closing an
            order asks. None otherwise.
        """
        return transfers.back_flush(self, answers or {})

    @api.public(access="read")
    @api.transition
    def action_unbuild(self) -> Any:
        """Return a new unbuild order for what this order made."""
        self.ensure_one()
        return self.env["mrp.unbuild"].create({"mo_id": self.id, "product_qty": self.qty_produced})

    @api.public(access="read")
    def button_unbuild(self) -> Any:
        """The same under its other name."""
        return self.action_unbuild()

    @api.public(access="read")
    def button_scrap(self) -> Any:
        """Return a new scrap: of a component while the order is open, of what it made when it is done."""
        self.ensure_one()
        product = self.product_id if self.state == "done" else self.move_raw_ids[:1].product_id or self.product_id
        return self.env["stock.scrap"].create({"production_id": self.id, "product_id": product.id})

    @api.public(access="write")
    def button_plan(self) -> None:
        """Confirm drafts, and put the work orders on the calendar, one after the other from the start of the order."""
        self.filtered(lambda production: production.state == "draft").action_confirm()
        progress.plan_workorders(self)

    @api.public(access="write")
    def button_unplan(self) -> None:
        """Take the work orders that have not begun off the calendar again."""
        progress.unplan_workorders(self)

    # -- seams ---------------------------------------------------------------------------------------------------------

    def _get_quantity_to_backorder(self) -> Decimal:
        """What this order leaves for later, in its unit."""
        self.ensure_one()
        return max(self._remaining() - (self.qty_producing or self._remaining()), Decimal(0))

    def _set_qty_producing(self) -> None:
        """Let the components hold what `qty_producing` takes; see `set_qty_producing`."""
        producing.state_consumption(self)

    def _post_inventory(self, cancel_backorder: bool = False, wanted: dict[Any, Decimal] | None = None) -> None:
        """Consume the components for what is made now and take the product in; the orders stay open.

        Args:
            cancel_backorder: nothing is made later; what remains of components and product is cancelled.
            wanted: component -> what is consumed of it, in the unit of its move, where that is decided already.
        """
        producing.post_inventory(self, cancel_backorder, wanted)

    def _transfer_components(self, wanted: dict[Any, Decimal]) -> Any:
        """Validate open transfers with what these orders consume now; see `services.component_transfers.bring`.

        Args:
            wanted: component -> what is consumed of it, in the unit of its move.

        Returns:
            None, or the question that validating a transfer needs answered first.
        """
        return component_transfers.bring(component_transfers.lacking(wanted))

    def _draw_components(self, wanted: dict[Any, Decimal]) -> dict[Any, Decimal]:
        """Take what open transfers have not brought from where it is booked; see `services.component_transfers.draw`.

        Args:
            wanted: component -> what is consumed of it, in the unit of its move.

        Returns:
            The same with the components as they are consumed now; the transfers bring that much less.
        """
        return component_transfers.draw(wanted)

    def _get_consumption_issues(self) -> list[consumption.Issue]:
        """Where the consumption entered differs from what the bill of materials says."""
        return consumption.issues(self)

    def _get_move_raw_values(self, product: Any, quantity: Decimal, unit: Any, **extra: Any) -> dict[str, Any]:
        """The values of a component's move; addons add theirs here."""
        return planning.raw_values(self, product, quantity, unit) | extra

    def _get_move_finished_values(self, product: Any, quantity: Decimal, unit: Any, **extra: Any) -> dict[str, Any]:
        """The values of a finished product's or by-product's move; addons add theirs here."""
        return planning.finished_values(self, product, quantity, unit) | extra

    @api.model
    def _postpone_without_bom(self, needs: Iterable[Any]) -> set[Any]:
        """The needs whose orders are made later, when a bill of materials is there; all others are refused."""
        return set()

    def _get_backorder_values(self) -> dict[str, Any]:
        """The values that a part split off takes over from this order; addons add theirs here."""
        return splitting.part_values(self)

    def _split_productions(self, amounts: dict[Any, Iterable[Decimal]] | None = None) -> Any:
        """Divide each order into parts of the given quantities; see `services.splitting.split`.

        Args:
            amounts: order -> the quantities of its parts; when left out, what is produced now and the rest.

        Returns:
            All parts of all orders, each order before those that were split off it.
        """
        if amounts is None:
            amounts = {production: [consumption.amount(production)] for production in self}
        return self.browse([part.id for family in splitting.split(amounts).values() for part in family])

    def _action_generate_consumption_wizard(
        self, issues: list[consumption.Issue], answers: dict[str, Any] | None = None
    ) -> Any:
        """The question whether consumption that deviates is right; addons add to it here."""
        return questions.consumption_wizard(self, issues, answers or {})

    def _action_generate_backorder_wizard(self, short: Any, answers: dict[str, Any] | None = None) -> Any:
        """The question what becomes of the rest of the `short` orders among these; addons add to it here."""
        return questions.backorder_wizard(self, short, answers or {})

    def _action_generate_transfer_wizard(
        self,
        lacks: list[component_transfers.Lack],
        answers: dict[str, Any] | None = None,
        method: str = "button_mark_done",
    ) -> Any:
        """The question about components that open transfers have not brought; addons add to it here.

        Args:
            lacks: what is missing of which component, and the move of a transfer that is to bring it.
            method: of these orders, called with all answers afterwards.
        """
        return questions.transfer_wizard(self, lacks, answers or {}, method)
