"""The hooks that sales offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from core.api import Environment, hookspec

Records: TypeAlias = Any


@hookspec(firstresult=True)
def choose_release(env: Environment, orders: Records, answers: Mapping[str, Any]) -> Records | None:
    """Ask what is to be done with newly available items: an addon that knows more than shipping offers it here.

    When:
        *Release Backorders* is pressed on sales orders, before anything is reserved. The first answer counts.
    Args:
        env: environment of the user who releases.
        orders: the sales orders (``sale.order``).
        answers: what has been answered so far, by the name of the question. A wizard that inherits ``question.mixin``
            keeps the orders and the answers, and calls ``action_release_backorders`` again with its own.
    Returns:
        a wizard (a record of a transient model) to **ask**, or None to let the next implementation speak. When all
        return None, what is available is reserved and the transfers are opened to be shipped.
    Transaction:
        that of the user's action. When a wizard is returned, it is committed and nothing is released.
    Example::

        from core.api import hookimpl

        @hookimpl
        def choose_release(env, orders, answers):
            '''More than 10 orders are released after a question only.'''
            if "many" not in answers and len(orders) > 10:
                return env["many.orders.question"]._ask(orders, answers, method="action_release_backorders")
    """
    raise NotImplementedError
