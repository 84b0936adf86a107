"""Marks on model methods. A decorator only tags its function; the registry reads the tags."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, get_args

from core.orm.argument_types import Operation

F = TypeVar("F", bound=Callable[..., Any])


class Declaration(NamedTuple):
    """What `public` says of a method: which right the boundary asks before a call from outside."""

    access: str = ""
    groups: str = ""


class Step(NamedTuple):
    """A place of a seam: the action that calls it, and its rank among the seams of that action (lower is earlier)."""

    action: str
    order: int


def _tag(name: str, value: Any) -> Callable[[F], F]:
    def mark(function: F) -> F:
        setattr(function, name, value)
        return function

    return mark


def depends(*names: str | Callable[..., Any]) -> Callable[[F], F]:
    """The compute method depends on dotted field names: ``@api.depends("line_ids.quantity", "partner_id.name")``."""
    return _tag("_depends", names)


def depends_context(*keys: str) -> Callable[[F], F]:
    """The computed value also depends on these context keys.

    ``company``, ``uid`` and ``allowed_company_ids`` (the companies worked for) are the environment's.
    """
    return _tag("_depends_context", keys)


def constrains(*names: str | Callable[..., Any]) -> Callable[[F], F]:
    """The method checks the fields `names` after each create or write of one of them; it raises ValidationError.

    A mixin whose models call a field differently gives a function instead: of the class of the model, to field names.
    """
    return _tag("_constrains", names)


def onchange(*names: str) -> Callable[[F], F]:
    """The method adapts an unsaved record when one of `names` is edited in a form; it may return a warning."""
    return _tag("_onchange", names)


def seam(action: str, order: int) -> Callable[[F], F]:
    """Mark a method as a seam: a step of an action that services call in batch and addons override by ``_inherit``.

        @api.seam("confirm", order=20)
        def _action_confirm(self, merge=True, merge_into=False): ...

    Services go through the method for every record, so an override takes part in the action whatever starts it. The
    docstring has the sections of `core.orm.seams.SECTIONS`; ``stillage seams --markdown`` makes ``docs/seams.md`` of
    them. Only the definition that introduces the method is marked, overrides are not. A seam of several actions is
    marked once for each; the topmost mark names the action under which it is described.

    Args:
        action: what the user or service does, in one word of the trade: ``"confirm"``, ``"reserve"``, ``"done"``.
        order: its rank among the seams that this action calls. Steps of tens leave room for those of other addons.
    """

    def mark(function: F) -> F:
        function._seam = (Step(action, order), *getattr(function, "_seam", ()))  # type: ignore[attr-defined]
        return function

    return mark


def ondelete(*, at_uninstall: bool = False) -> Callable[[F], F]:
    """The method is called before records are deleted and may refuse; at an addon's uninstall only when asked."""
    return _tag("_ondelete", at_uninstall)


def model(method: F) -> F:
    """The method works on the model, not on particular records: a remote call passes it no ids."""
    method._api = "model"  # type: ignore[attr-defined]
    return method


def model_create_multi(method: F) -> F:
    """Mark of a `create` that takes a list of values; one dictionary is wrapped into a list."""

    @functools.wraps(method)
    def create(self: Any, vals_list: Any) -> Any:
        return method(self, [vals_list] if isinstance(vals_list, dict) else vals_list)

    create._api = "model"  # type: ignore[attr-defined]
    return create  # type: ignore[return-value]


def public(*, access: Operation | None = None, groups: str = "", any_user: bool = False) -> Callable[[F], F]:
    """The method may be called from outside: by remote calls and by the buttons of pages.

    The boundary asks for the right before the method runs; a call from Python does not. An override in another addon
    inherits the declaration unless it has one of its own. The arguments of a remote call are checked against the
    annotations of the signature (see `core.orm.argument_types`).

    Args:
        access: the user must be allowed to do this with all the records (with the model, for a method of the model).
        groups: the user must be in one of these groups, external ids separated by commas; asked besides `access`.
        any_user: every signed-in user may call it. The method itself asks for the rights that its work takes, or
            tells only what concerns the user who asks.

    Raises:
        ValueError: neither a right nor `any_user` is given, or both are.
    """
    if any_user == bool(access or groups):
        raise ValueError("A public method asks for access or groups, or says that any_user may call it.")
    if access and access not in get_args(Operation):
        raise ValueError(f"{access!r} is no right; there are {', '.join(get_args(Operation))}.")
    return _tag("_public", Declaration(access or "", groups))


def readonly(method: F) -> F:
    """The method only reads: a remote call of it runs in a read-only transaction. Overrides inherit it."""
    method._readonly = True  # type: ignore[attr-defined]
    return method


def check_identity(method: F) -> F:
    """The method is sensitive: in a session it needs the password, given within the last minutes.

    The web client asks for it on a page of its own and then does what was asked for. A program that sends the password
    with its call has given it; one with an API key cannot call the method. Raises IdentityRequired.
    """

    @functools.wraps(method)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.env["res.users"]._require_identity()
        return method(self, *args, **kwargs)

    return checked  # type: ignore[return-value]


def private(method: F) -> F:
    """The method cannot be called from outside, though its name has no underscore."""
    method._api = "private"  # type: ignore[attr-defined]
    return method


def autovacuum(method: F) -> F:
    """The method is called by the daily clean-up job."""
    method._autovacuum = True  # type: ignore[attr-defined]
    return method


def transition(method: F) -> F:
    """Guard a document's method: who calls it must be allowed to change the records, in a state of ``TRANSITIONS``.

    What the method does by sudo is thereby done for those who may. Raises AccessError, or UserError naming the records
    that are in another state.

    The method gets the records oldest first, whatever the order in which a list or a client names them: numbers are
    given, and scarce things handed out, in this order.

    Within the method, states of the model may be written.
    """

    @functools.wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.check_access("write")
        self._check_transition(method.__name__)
        with self._settling():
            return method(self.sorted("id"), *args, **kwargs)

    guarded._transition = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]
