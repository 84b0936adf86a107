"""Hooks: one plugin manager per database, on pluggy.

What pluggy gives is used as it is: specifications, validation of arguments, ``firstresult``, wrappers. What
is added here:

* **Scope.** ``@hookimpl(model="stock.picking")`` is called only when the records in question are of that model.
* **Order.** An addon that is loaded after another (by ``depends`` or ``after`` in its manifest) speaks before it;
  ``tryfirst``/``trylast`` and ``before=``/``after=`` (names of addons) refine that. The order is computed once, when
  the manager is sealed; a cycle is an error that prints it, a name that is not installed is ignored.
* **Errors** that name the addon, the file, the line and the signature that the specification wants.
* **A conflict report** and **a trace** with timing.
* **Speed.** ``hooks.has("on_create", model)`` is one dictionary look-up, and a call without implementations
  returns at once, because the ORM asks for every batch it writes.

::

    marks.py      hookimpl, hookspec: what addons write
    parts.py      specifications and implementations, conflicts, trace entries
    order.py      who is called before whom
    tracing.py    implementations that record their calls
    manager.py    HookManager, and HookCall: one hook ready to be called

::

    hooks = HookManager()
    hooks.add_specs("core", core.hookspecs)
    hooks.add_implementations("inventory", addons.inventory.hooks, depends={"base"})
    hooks.seal()
    hooks.on_done(env=env, documents=pickings)
"""

from core.plugins.manager import HookCall, HookManager
from core.plugins.marks import hookimpl, hookspec
from core.plugins.parts import Conflict, Implementation, Specification, TraceEntry

__all__ = [
    "Conflict",
    "HookCall",
    "HookManager",
    "Implementation",
    "Specification",
    "TraceEntry",
    "hookimpl",
    "hookspec",
]
