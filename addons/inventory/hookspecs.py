"""The hooks that inventory offers. Core's document hooks (on_validate, on_backorder, ...) come on top of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from core.api import Environment, hookspec

Records: TypeAlias = Any


@hookspec
def choose_backorder_policy(env: Environment, documents: Records) -> Mapping[Any, str] | None:
    """Say what becomes of what a document cannot ship or produce: ask, always a backorder, or never.

    When:
        a document is validated with less than demanded, before the user is asked. All implementations are called; for
        each document the first answer counts, and inventory's own (the operation type's "Create Backorder") comes last.
    Args:
        env: environment of the user who validates.
        documents: the documents, all of one model. Scope it with ``model=``.
    Returns:
        document -> ``"ask"``, ``"always"`` or ``"never"``, for those it decides; None to decide nothing. Anything else
        is a HookError.
    Transaction:
        that of the validation. It may be called more than once for one validation, so it only reads.
    Example::

        from core.api import hookimpl

        @hookimpl(model="stock.picking")
        def choose_backorder_policy(env, documents):
            '''Deco Addict always gets a backorder.'''
            return {picking: "always" for picking in documents if picking.partner_id.name == "Deco Addict"}
    """
    raise NotImplementedError


@hookspec
def rank_demand(env: Environment, moves: Records) -> Mapping[Any, Any] | None:
    """Say who gets scarce stock first.

    When:
        stock is reserved for more than one move, and when expected dates are worked out. All implementations are
        called; for each move the first answer counts. Without one: urgent first, then by deadline, then by age.
    Args:
        env: environment of the reservation.
        moves: the moves that want stock, of transfers and of productions alike.
    Returns:
        move -> key; lower keys are served first. Keys are compared with the default ones, which are tuples
        ``(0 for urgent or 1, deadline or planned date, id)``; start a key with -1 to be before all of them.
    Transaction:
        that of the reservation; only read here.
    Example::

        from core.api import hookimpl

        @hookimpl
        def rank_demand(env, moves):
            '''Deco Addict is served first.'''
            return {move: (-1, move.date, move.id) for move in moves if move.partner_id.name == "Deco Addict"}
    """
    raise NotImplementedError


@hookspec
def limit_reservation(
    env: Environment, moves: Sequence[Any], missing: Mapping[Any, Decimal], free: Mapping[Any, Decimal]
) -> Mapping[Any, Decimal] | None:
    """Lower what moves get of the stock that is about to be handed out.

    When:
        stock is reserved automatically or by a check of availability, once for all moves that compete, before any of
        them gets something. Not for what a person enters on a move. All implementations are called; for each move the
        lowest answer holds, rounded down to the unit of the product. What a move does not get is left for those that
        rank below it. What is free of a product (`free_qty`, `availability`, Stock Detail) is shown before this limit:
        it depends on who asks. Where a move waits beside free stock, its waiting reason names the addon.
    Args:
        env: environment of the reservation.
        moves: the moves (``stock.move``) in the order in which they are served (`rank_demand`). Those with
            ``move_orig_ids`` get at most what these brought.
        missing: move -> what it lacks, above zero, in the product's unit.
        free: (product, location) -> what can be taken there and below, in the product's unit, for the product and the
            source of each move. Where one location lies in another, the stock of the inner one counts in both.
    Returns:
        move -> the most that it gets **now**, in the product's unit, for those that are to get less; None to limit
        none. A move asks again with every reservation: a limit of all that it holds is the limit less what it has.
    Transaction:
        that of the reservation; the products and the stock are locked. Only read here.
    Example::

        from decimal import Decimal

        from core.api import hookimpl

        MOST = Decimal(10)

        @hookimpl
        def limit_reservation(env, moves, missing, free):
            '''Deco Addict gets 10 units for each move at most.'''
            limited = [move for move in moves if move.partner_id.name == "Deco Addict"]
            return {move: max(MOST - move.product_qty + missing[move], Decimal(0)) for move in limited}
    """
    raise NotImplementedError


@hookspec
def register_removal_strategies(env: Environment) -> Iterable[Any]:
    """Add ways to choose which stock goes out first.

    When:
        stock of a product is reserved that lies in more than one place, lot or package, and when a strategy is set.
    Args:
        env: environment of the reservation or of the user.
    Returns:
        ``addons.inventory.services.removal.RemovalStrategy(name, label, order)`` objects. ``order(env, slots)`` gets
        the stock of one product as ``addons.inventory.services.allocation.Slot`` objects (``key quant_id quantity free
        in_date path``) and returns them in the order in which they go out, without those that are to stay. A name that
        is registered already is replaced. For people to choose it, the addon brings a record of ``product.removal``
        whose `method` is the name. The function belongs into a module of the addon, as ``hooks.py`` holds hooks only.
    Transaction:
        that of the reservation or of the user's action; only read here.
    Example::

        from addons.inventory.services.removal import RemovalStrategy
        from core.api import hookimpl

        def _smallest_first(env, slots):
            return sorted(slots, key=lambda slot: slot.quantity)  # the least goes out first

        @hookimpl
        def register_removal_strategies(env):
            '''The smallest quantity goes out first.'''
            return [RemovalStrategy("smallest", "Smallest Quantity First", _smallest_first)]
    """
    raise NotImplementedError


@hookspec
def choose_removal(env: Environment, products: Records, location: Records) -> Mapping[Any, str] | None:
    """Say which stock of a product goes out first.

    When:
        stock is reserved of products that lie in more than one place, lot or package. All implementations are called;
        for each product the first answer counts, and inventory's own (category, then location) comes last.
    Args:
        env: environment of the reservation.
        products: products (``product.product``).
        location: the place that the stock is taken from, a single location.
    Returns:
        product -> the name of a strategy: ``"fifo"``, ``"lifo"``, ``"fefo"``, ``"closest"``, ``"least_packages"``, or
        one that an addon registers (`register_removal_strategies`). Another answer is an error that names it.
    Transaction:
        that of the reservation; only read here.
    Example::

        from core.api import hookimpl

        @hookimpl
        def choose_removal(env, products, location):
            '''What is tracked by lots goes out by expiry.'''
            return {product: "fefo" for product in products if product.tracking == "lot"}
    """
    raise NotImplementedError


@hookspec
def plan_supply(env: Environment, needs: Sequence[Any]) -> Mapping[Any, Any] | None:
    """Answer needs that no move from stock answers: make it, buy it, or bring it from elsewhere.

    When:
        procurement has found the rules: for needs whose rule is not a pull from stock, and for those without a rule.
        All implementations are called with the same needs, those of addons that depend on others first.
    Args:
        env: environment of the procurement.
        needs: ``addons.inventory.services.procurement.Need`` objects: ``product_id product_qty product_uom
            location_id name origin company_id values`` and ``rule`` (an empty recordset when there is none).
    Returns:
        need -> the document that answers it, or True, for those answered. What remains goes to
        ``stock.rule._run_<action>``, and then is an error. ``addons.inventory.services.supply_links.link`` notes
        for which demand the lines or moves of the document are, so that no other demand counts on them.
    Transaction:
        that of the procurement: raising undoes the order that caused it.
    Example::

        from core.api import hookimpl

        @hookimpl
        def plan_supply(env, needs):
            '''Free samples need no supply.'''
            return {need: True for need in needs if need.product_id.default_code == "FREE-SAMPLE"}
    """
    raise NotImplementedError


@hookspec
def explain_shortfall(env: Environment, moves: Records) -> Mapping[Any, str] | None:
    """Give the reason why something is on backorder.

    When:
        a backorder entry (``stock.backorder``) is opened, and when what it owes is put on hold or released. All
        implementations are called; the first answer per move counts.
    Args:
        env: environment of the user.
        moves: the moves that hold what is still owed.
    Returns:
        move -> the code of a ``stock.backorder.reason``; without an answer ``"no_stock"``.
    Transaction:
        that of the validation; only read here.
    Example::

        from core.api import hookimpl

        @hookimpl
        def explain_shortfall(env, moves):
            '''Deco Addict asked for the rest to come later.'''
            return {move: "customer_wish" for move in moves if move.partner_id.name == "Deco Addict"}
    """
    raise NotImplementedError
