"""The hooks that inventory offers. Core's document hooks (on_validate, on_backorder, ...) come on top of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
            return {move: (-1, move.date, move.id) for move in moves if move.partner_id.name == "Deco Addict"}
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
        product -> ``"fifo"``, ``"lifo"``, ``"fefo"``, ``"closest"`` or ``"least_packages"``.
    Transaction:
        that of the reservation; only read here.
    Example::

        from core.api import hookimpl

        @hookimpl
        def choose_removal(env, products, location):
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
            return {move: "customer_wish" for move in moves if move.partner_id.name == "Deco Addict"}
    """
    raise NotImplementedError
