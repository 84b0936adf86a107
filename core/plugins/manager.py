"""All hooks of one database, on pluggy."""

from __future__ import annotations

import difflib
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

import pluggy

from core.exceptions import HookError
from core.plugins.marks import IMPL, PROJECT, SCOPE, SPEC, Scope, marked, place_of
from core.plugins.order import meeting, order
from core.plugins.parts import Conflict, Implementation, Specification, TraceEntry
from core.plugins.tracing import traced

UNDETERMINED: Final = "only by name; state before= or after= on one of them, or 'after' in a manifest"


class _Manager(pluggy.PluginManager):
    """pluggy's manager, told that the order has been computed already."""

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        if not isinstance(plugin, _Plugin) or name != plugin.hook:
            return None
        return {"wrapper": plugin.implementation.wrapper, "optionalhook": plugin.implementation.optional}


class _Plugin:
    """One implementation as a plugin of its own, so that pluggy's subset callers can leave out single ones."""

    def __init__(self, implementation: Implementation, function: Callable[..., Any]) -> None:
        self.implementation = implementation
        self.hook = implementation.hook
        self.__dict__[implementation.hook] = function


class HookCall:
    """``env.hooks.<name>``: call it with keyword arguments.

    Returns the list of results that are not None in call order (``register_*`` and ``extra_*``: in
    loading order), or the first one for a ``firstresult`` hook.
    """

    __slots__ = ("_callers", "_manager", "_plugins", "_scoped", "_subjects", "implementations", "spec")

    def __init__(self, spec: Specification, manager: pluggy.PluginManager, plugins: Sequence[_Plugin]) -> None:
        self.spec = spec
        self.implementations: tuple[Implementation, ...] = tuple(plugin.implementation for plugin in plugins)
        self._manager = manager
        self._plugins = plugins
        self._scoped = any(impl.scope.models is not None for impl in self.implementations)
        self._subjects = tuple(name for name in spec.arguments if name != "env")
        self._callers: dict[str | None, Any] = {}

    def __call__(self, **arguments: Any) -> Any:
        if not self.implementations:
            return None if self.spec.firstresult else []
        model = self._model_of(arguments) if self._scoped else None
        caller = self._callers.get(model)
        if caller is None:
            caller = self._callers[model] = self._caller(model)
        result = caller(**arguments)
        return result[::-1] if self.spec.collects else result

    def merged(self, **arguments: Any) -> dict[Any, Any]:
        """Call a hook whose implementations return dicts (or None); the first answer for a key wins."""
        answers: dict[Any, Any] = {}
        for answer in self(**arguments):
            for key, value in answer.items():
                answers.setdefault(key, value)
        return answers

    def applies(self, model: str | None) -> bool:
        """Whether a call for records of ``model`` (None: any) reaches at least one implementation."""
        return any(
            model is None or impl.scope.models is None or model in impl.scope.models for impl in self.implementations
        )

    def for_model(self, model: str | None) -> list[Implementation]:
        """The implementations that a call for records of ``model`` reaches, in call order, wrappers first."""
        return [i for i in self.implementations if model is None or i.scope.models is None or model in i.scope.models]

    def _model_of(self, arguments: Mapping[str, Any]) -> str | None:
        for name in self._subjects:
            model = getattr(arguments.get(name), "_name", None)
            if isinstance(model, str):
                return model
        return None

    def _caller(self, model: str | None) -> Any:
        foreign = [
            plugin
            for plugin in self._plugins
            if plugin.implementation.scope.models is not None and model not in plugin.implementation.scope.models
        ]
        return self._manager.subset_hook_caller(self.spec.name, foreign)


@dataclass(eq=False)
class HookManager:
    """All hooks of one database.

    Specifications first, then implementations addon by addon in loading order, then :meth:`seal`.
    """

    specifications: dict[str, Specification] = field(default_factory=dict)
    implementations: list[Implementation] = field(default_factory=list)
    depends: dict[str, frozenset[str]] = field(default_factory=dict)
    after: dict[str, frozenset[str]] = field(default_factory=dict)
    calls: dict[str, HookCall] = field(default_factory=dict, repr=False)
    _has: dict[tuple[str, str | None], bool] = field(default_factory=dict, repr=False)

    @property
    def contents(self) -> tuple[Any, ...]:
        """What it consists of, to compare: managers of equal contents do the same."""
        return (
            tuple((spec.addon, spec.function) for spec in self.specifications.values()),
            tuple((implementation.addon, implementation.function) for implementation in self.implementations),
            tuple(self.depends.items()),
            tuple(self.after.items()),
        )

    def sibling(self) -> HookManager:
        """A sealed manager of the same contents; what is traced or added for a while is seen by one of them only."""
        other = copy(self)
        other.implementations, other.depends = list(self.implementations), dict(self.depends)
        other.after = dict(self.after)
        return other

    # -- registering

    def add_specs(self, addon: str, module: ModuleType | type) -> None:
        """Take the hooks that ``module`` specifies.

        Raises:
            HookError: when another addon has specified a hook of that name, or the name is taken by a
                method of this class.
        """
        for name, function in marked(module, SPEC):
            other = self.specifications.get(name)
            if other is not None and other.function is not function:
                raise HookError(
                    f"hook {name!r} is already specified by addon {other.addon!r} ({other.file}:{other.line})",
                    addon=addon,
                    **place_of(function),
                )
            if hasattr(HookManager, name) or name in HookManager.__dataclass_fields__:
                raise HookError(
                    f"a hook cannot be named {name!r}: the name is reserved", addon=addon, **place_of(function)
                )
            self.specifications[name] = Specification(
                name=name,
                addon=addon,
                function=function,
                firstresult=bool(getattr(function, SPEC).get("firstresult")),
                arguments=tuple(inspect.signature(function).parameters),
                **place_of(function),
            )

    def add_implementations(
        self, addon: str, module: ModuleType | type | None, depends: Iterable[str] = (), after: Iterable[str] = ()
    ) -> None:
        """Take the implementations in ``module`` (None: the addon has none, but its place in the order counts).

        Args:
            depends: names of all addons that ``addon`` needs, directly or not.
            after: names of all addons that ``addon`` is loaded after by its manifest, directly or not.

        Raises:
            HookError: for a name that no hook has, an argument that its hook has not, or a wrapper that
                is no generator; nothing of the module is registered then.
        """
        rank = len(self.depends)
        found = [self._read(addon, name, function, rank) for name, function in marked(module, IMPL)] if module else []
        for implementation in found:
            self._verify(implementation)
        self.depends[addon] = frozenset(depends)
        self.after[addon] = frozenset(after)
        self.implementations += found

    def _read(self, addon: str, name: str, function: Callable[..., Any], rank: int) -> Implementation:
        options = getattr(function, IMPL)
        return Implementation(
            hook=options.get("specname") or name,
            addon=addon,
            function=function,
            scope=getattr(function, SCOPE, Scope()),
            priority=0 if options.get("tryfirst") else 2 if options.get("trylast") else 1,
            wrapper=bool(options.get("wrapper")),
            optional=bool(options.get("optionalhook")),
            rank=rank,
            **place_of(function),
        )

    def _verify(self, implementation: Implementation) -> None:
        def wrong(message: str) -> HookError:
            return HookError(message, addon=implementation.addon, file=implementation.file, line=implementation.line)

        spec = self.specifications.get(implementation.hook)
        if spec is None:
            if implementation.optional:
                return
            close = difflib.get_close_matches(implementation.hook, self.specifications, n=1)
            hint = f"; did you mean {self.specifications[close[0]].plain_signature}?" if close else ""
            raise wrong(f"no installed addon specifies a hook {implementation.hook!r}{hint}")
        parameters = inspect.signature(implementation.function).parameters
        unknown = [name for name in parameters if name not in spec.arguments]
        if unknown:
            raise wrong(
                f"{implementation.function.__name__} takes {', '.join(map(repr, unknown))}, which its hook does not "
                f"pass; the hook is {spec.plain_signature}"
            )
        if implementation.wrapper and not inspect.isgeneratorfunction(implementation.function):
            raise wrong(f"{implementation.function.__name__} is marked wrapper=True and must yield exactly once")
        if implementation.scope.models is not None and set(spec.arguments) <= {"env"}:
            raise wrong(f"{spec.plain_signature} has no records to compare model= with")

    def seal(self) -> HookManager:
        """Compute the order of all implementations and make the hooks callable; returns itself.

        Raises:
            HookError: when ``before=``/``after=`` go round in a circle.
        """
        self._build(lambda implementation: implementation.function)
        return self

    def _build(self, prepare: Callable[[Implementation], Callable[..., Any]]) -> None:
        manager = _Manager(PROJECT)
        calls: dict[str, HookCall] = {}
        by_hook: dict[str, list[Implementation]] = {}
        for implementation in self.implementations:
            by_hook.setdefault(implementation.hook, []).append(implementation)
        for name, spec in self.specifications.items():
            manager.add_hookspecs(type("Specs", (), {name: staticmethod(spec.function)}))
            plugins = [_Plugin(impl, prepare(impl)) for impl in order(by_hook.get(name, ()))]
            for plugin in reversed(plugins):  # pluggy calls the last registered first
                manager.register(plugin)
            calls[name] = HookCall(spec, manager, plugins)
        self.calls = calls
        self.__dict__.update(calls)  # found without __getattr__
        self._has = {}

    # -- asking and calling

    def __getattr__(self, name: str) -> HookCall:
        raise AttributeError(f"no installed addon specifies a hook {name!r}")

    def has(self, name: str, model: str | None = None) -> bool:
        """Whether anything would be called: one dictionary look-up after the first time.

        Args:
            name: the hook; False when it is not specified.
            model: name of the model of the records that would be passed; None for any.
        """
        key = (name, model)
        known = self._has.get(key)
        if known is None:
            call = self.calls.get(name)
            known = self._has[key] = call is not None and call.applies(model)
        return known

    @contextmanager
    def extended(self, addon: str, module: ModuleType | type, depends: Iterable[str] = ()) -> Iterator[HookManager]:
        """Within the block, hooks are also implemented by ``module`` (a module or a class with static functions)."""
        implementations, known, after = list(self.implementations), dict(self.depends), dict(self.after)
        try:
            self.add_implementations(addon, module, depends or self.depends)
            yield self.seal()
        finally:
            self.implementations, self.depends, self.after = implementations, known, after
            self.seal()

    @contextmanager
    def tracing(self) -> Iterator[list[TraceEntry]]:
        """Within the block, every call of an implementation is recorded in the list that this gives.

        The entries are in the order in which the calls began; ``depth`` says how deeply they nest. Calls
        from all threads of this database are recorded. Outside the block nothing is paid for this.
        """
        entries: list[TraceEntry] = []
        depth = [0]
        self._build(lambda implementation: traced(implementation, entries, depth))
        try:
            yield entries
        finally:
            self.seal()

    # -- conflicts

    def conflicts(self) -> list[Conflict]:
        """Hooks that several addons wrap, or for which several compete for the one answer.

        Plain notifications and collected lists are no conflict: everybody is called.
        """
        found = []
        for name, call in sorted(self.calls.items()):
            for wrapper in (True, False):
                rivals = [i for i in call.implementations if i.wrapper is wrapper]
                if not wrapper and not call.spec.chooses:
                    continue
                found += [self._conflict(name, group) for group in meeting(rivals)]
        return found

    def _conflict(self, hook: str, rivals: list[Implementation]) -> Conflict:
        reasons = [self._reason(first, second) for first, second in itertools.pairwise(rivals)]
        models = [sorted(impl.scope.models) for impl in rivals if impl.scope.models]
        about = f" for {', '.join(sorted({name for names in models for name in names}))}" if models else ""
        return Conflict(
            kind="wrapped hook" if rivals[0].wrapper else "competing answers",
            subject=hook + about,
            addons=tuple(dict.fromkeys(impl.addon for impl in rivals)),
            order=tuple(impl.label for impl in rivals),
            determined=all(reason is not None for reason in reasons),
            reason="; ".join(
                f"{first.label} then {second.label}: {reason or UNDETERMINED}"
                for (first, second), reason in zip(itertools.pairwise(rivals), reasons, strict=True)
            ),
        )

    def _reason(self, first: Implementation, second: Implementation) -> str | None:
        """Why ``first`` is called ahead of ``second``; None when only their names decide."""
        if first.addon == second.addon:
            return "same addon"
        if second.addon in first.scope.before:
            return f"before={second.addon!r}"
        if first.addon in second.scope.after:
            return f"after={first.addon!r}"
        if first.priority != second.priority:
            return "tryfirst" if first.priority == 0 else "trylast"
        if second.addon in self.depends.get(first.addon, ()):
            return f"{first.addon} depends on {second.addon}"
        if second.addon in self.after.get(first.addon, ()):
            return f"{first.addon} is loaded after {second.addon}"
        return None
