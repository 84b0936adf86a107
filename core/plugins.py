"""Hooks: one plugin manager per database, on pluggy.

What pluggy gives is used as it is: specifications, validation of arguments, ``firstresult``, wrappers. What
is added here:

* **Scope.** ``@hookimpl(model="stock.picking")`` is called only when the records in question are of that model.
* **Order.** Dependents speak before the addons they depend on; ``tryfirst``/``trylast`` and
  ``before=``/``after=`` (names of addons) refine that. The order is computed once, when the manager is sealed;
  a cycle is an error that prints it, a name that is not installed is ignored.
* **Errors** that name the addon, the file, the line and the signature that the specification wants.
* **A conflict report** and **a trace** with timing.
* **Speed.** ``hooks.has("on_create", model)`` is one dictionary look-up, and a call without implementations
  returns at once, because the ORM asks for every batch it writes.

::

    hooks = HookManager()
    hooks.add_specs("core", core.hookspecs)
    hooks.add_implementations("inventory", addons.inventory.hooks, depends={"base"})
    hooks.seal()
    hooks.on_done(env=env, documents=pickings)
"""

from __future__ import annotations

import difflib
import functools
import heapq
import inspect
import itertools
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeVar

import pluggy

from core.exceptions import HookError

PROJECT: Final = "stillage"
_IMPL: Final = f"{PROJECT}_impl"
_SPEC: Final = f"{PROJECT}_spec"
_SCOPE: Final = f"{PROJECT}_scope"

F = TypeVar("F", bound=Callable[..., Any])

_mark_impl = pluggy.HookimplMarker(PROJECT)
_mark_spec = pluggy.HookspecMarker(PROJECT)


# ---------------------------------------------------------------------------- markers


@dataclass(frozen=True)
class Scope:
    """What :func:`hookimpl` adds to pluggy's options: the models and the named neighbours."""

    models: frozenset[str] | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def hookimpl(
    function: F | None = None,
    *,
    model: str | Collection[str] | None = None,
    before: str | Collection[str] = (),
    after: str | Collection[str] = (),
    tryfirst: bool = False,
    trylast: bool = False,
    wrapper: bool = False,
    specname: str | None = None,
    optional: bool = False,
) -> Any:
    """Mark a function of an addon's ``hooks.py`` as the implementation of a hook.

    Args:
        model: name(s) of the model(s) for which it is called; all when left out.
        before: addon(s) whose implementations of this hook are to be called after this one.
        after: addon(s) whose implementations of this hook are to be called before this one.
            Both win over ``tryfirst``/``trylast``; an addon that is not installed is ignored.
        tryfirst, trylast: ahead of or behind all implementations that say neither.
        wrapper: the function is a generator; it yields once, receives the outcome of all that it
            wraps, and returns the outcome to hand on.
        specname: the hook's name where the function has another one.
        optional: do not complain when no installed addon specifies this hook.

    Returns:
        the function itself, marked.
    """

    def mark(target: F) -> F:
        if tryfirst and trylast:
            raise HookError(f"{target.__name__}: tryfirst and trylast exclude each other", **_place(target), addon=None)
        marked = _mark_impl(
            target, tryfirst=tryfirst, trylast=trylast, wrapper=wrapper, specname=specname, optionalhook=optional
        )
        models = frozenset(_names(model)) if model is not None else None
        setattr(marked, _SCOPE, Scope(models, _names(before), _names(after)))
        return marked

    return mark if function is None else mark(function)


def hookspec(function: F | None = None, *, firstresult: bool = False) -> Any:
    """Mark a function as the specification of a hook; its name, arguments and docstring are the contract.

    Args:
        firstresult: stop at the first implementation that returns something other than None, and
            return that instead of a list.
    """
    return _mark_spec(function, firstresult=firstresult)


def _names(value: str | Collection[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _place(function: Callable[..., Any]) -> dict[str, Any]:
    code = inspect.unwrap(function).__code__
    return {"file": code.co_filename, "line": code.co_firstlineno}


# ---------------------------------------------------------------------------- what is registered


@dataclass(frozen=True, eq=False)
class Specification:
    """One hook: its owner, its signature and its documentation."""

    name: str
    addon: str
    function: Callable[..., Any]
    firstresult: bool
    arguments: tuple[str, ...]
    file: str
    line: int

    @property
    def signature(self) -> str:
        """The hook as it is to be written, e.g. ``on_done(env, documents) -> None``."""
        return f"{self.name}{inspect.signature(self.function)}"

    @property
    def plain_signature(self) -> str:
        """Name and arguments without annotations, as error messages quote it."""
        return f"{self.name}({', '.join(self.arguments)})"

    @property
    def collects(self) -> bool:
        """Whether results are contributions, returned in dependency order (base first)."""
        return self.name.startswith(("register_", "extra_"))

    @property
    def chooses(self) -> bool:
        """Whether implementations compete for the answer, so that their order decides."""
        return self.firstresult or self.name.split("_")[0] in ("choose", "rank", "plan")


@dataclass(frozen=True, eq=False)
class Implementation:
    """One marked function of one addon."""

    hook: str
    addon: str
    function: Callable[..., Any]
    scope: Scope
    priority: int  # 0 tryfirst, 1 neither, 2 trylast
    wrapper: bool
    optional: bool
    file: str
    line: int
    rank: int  # position of the addon in dependency order

    @property
    def label(self) -> str:
        """``addon:function`` as reports print it."""
        return f"{self.addon}:{self.function.__name__}"

    @property
    def where(self) -> str:
        """``file:line`` of the function, the folder of the addon being enough to find it."""
        return f"{Path(self.file).parent.name}/{Path(self.file).name}:{self.line}"

    def meets(self, other: Implementation) -> bool:
        """Whether one call can reach both: same kind, and scopes that overlap."""
        if self.wrapper != other.wrapper:
            return False
        mine, theirs = self.scope.models, other.scope.models
        return mine is None or theirs is None or bool(mine & theirs)


@dataclass(frozen=True)
class Conflict:
    """Several addons that change the same thing.

    ``determined`` says whether something other than the alphabet decides their order.
    """

    kind: str
    subject: str
    addons: tuple[str, ...]
    order: tuple[str, ...]
    determined: bool
    reason: str


@dataclass
class TraceEntry:
    """One call of one implementation, as :meth:`HookManager.tracing` records it."""

    hook: str
    addon: str
    function: str
    where: str
    model: str | None
    depth: int
    seconds: float = 0.0
    outcome: str = ""


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


# ---------------------------------------------------------------------------- a hook ready to be called


class HookCall:
    """``env.hooks.<name>``: call it with keyword arguments.

    Returns the list of results that are not None in call order (``register_*`` and ``extra_*``: in
    dependency order), or the first one for a ``firstresult`` hook.
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


# ---------------------------------------------------------------------------- the manager


@dataclass(eq=False)
class HookManager:
    """All hooks of one database.

    Specifications first, then implementations addon by addon in dependency order, then :meth:`seal`.
    """

    specifications: dict[str, Specification] = field(default_factory=dict)
    implementations: list[Implementation] = field(default_factory=list)
    depends: dict[str, frozenset[str]] = field(default_factory=dict)
    calls: dict[str, HookCall] = field(default_factory=dict, repr=False)
    _has: dict[tuple[str, str | None], bool] = field(default_factory=dict, repr=False)

    # -- registering

    def add_specs(self, addon: str, module: ModuleType | type) -> None:
        """Take the hooks that ``module`` specifies.

        Raises:
            HookError: when another addon has specified a hook of that name, or the name is taken by a
                method of this class.
        """
        for name, function in _marked(module, _SPEC):
            other = self.specifications.get(name)
            if other is not None and other.function is not function:
                raise HookError(
                    f"hook {name!r} is already specified by addon {other.addon!r} ({other.file}:{other.line})",
                    addon=addon,
                    **_place(function),
                )
            if hasattr(HookManager, name) or name in HookManager.__dataclass_fields__:
                raise HookError(
                    f"a hook cannot be named {name!r}: the name is reserved", addon=addon, **_place(function)
                )
            self.specifications[name] = Specification(
                name=name,
                addon=addon,
                function=function,
                firstresult=bool(getattr(function, _SPEC).get("firstresult")),
                arguments=tuple(inspect.signature(function).parameters),
                **_place(function),
            )

    def add_implementations(self, addon: str, module: ModuleType | type | None, depends: Iterable[str] = ()) -> None:
        """Take the implementations in ``module`` (None: the addon has none, but its place in the order counts).

        Args:
            depends: names of all addons that ``addon`` needs, directly or not.

        Raises:
            HookError: for a name that no hook has, an argument that its hook has not, or a wrapper that
                is no generator; nothing of the module is registered then.
        """
        rank = len(self.depends)
        found = [self._read(addon, name, function, rank) for name, function in _marked(module, _IMPL)] if module else []
        for implementation in found:
            self._verify(implementation)
        self.depends[addon] = frozenset(depends)
        self.implementations += found

    def _read(self, addon: str, name: str, function: Callable[..., Any], rank: int) -> Implementation:
        options = getattr(function, _IMPL)
        return Implementation(
            hook=options.get("specname") or name,
            addon=addon,
            function=function,
            scope=getattr(function, _SCOPE, Scope()),
            priority=0 if options.get("tryfirst") else 2 if options.get("trylast") else 1,
            wrapper=bool(options.get("wrapper")),
            optional=bool(options.get("optionalhook")),
            rank=rank,
            **_place(function),
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
            name: the hook; False when nobody specifies it.
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
        implementations, known = list(self.implementations), dict(self.depends)
        try:
            self.add_implementations(addon, module, depends or self.depends)
            yield self.seal()
        finally:
            self.implementations, self.depends = implementations, known
            self.seal()

    @contextmanager
    def tracing(self) -> Iterator[list[TraceEntry]]:
        """Within the block, every call of an implementation is recorded in the list that this gives.

        The entries are in the order in which the calls began; ``depth`` says how deeply they nest. Calls
        from all threads of this database are recorded. Outside the block nothing is paid for this.
        """
        entries: list[TraceEntry] = []
        depth = [0]
        self._build(lambda implementation: _traced(implementation, entries, depth))
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
                found += [self._conflict(name, group) for group in _meeting(rivals)]
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
                f"{first.label} then {second.label}: {reason or 'by position only, say before= or after='}"
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
        return None


def _meeting(rivals: Sequence[Implementation]) -> list[list[Implementation]]:
    """Groups of implementations of more than one addon that one call can reach together."""
    models = sorted({name for impl in rivals for name in impl.scope.models or ()})
    groups: list[list[Implementation]] = []
    everywhere = [impl for impl in rivals if impl.scope.models is None]
    for model in [None, *models]:
        group = (
            everywhere if model is None else [i for i in rivals if i in everywhere or model in (i.scope.models or ())]
        )
        if len({impl.addon for impl in group}) > 1 and group not in groups:
            groups.append(group)
    return groups


def _marked(module: ModuleType | type, attribute: str) -> list[tuple[str, Callable[..., Any]]]:
    """The marked functions of a module, those imported from elsewhere left out, in order of definition."""
    owner = module.__name__ if isinstance(module, ModuleType) else module.__module__
    return [
        (name, function)
        for name, function in inspect.getmembers_static(module)
        for function in [function.__func__ if isinstance(function, staticmethod) else function]
        if inspect.isfunction(function) and hasattr(function, attribute) and function.__module__ == owner
    ]


def order(implementations: Iterable[Implementation]) -> list[Implementation]:
    """The call order of one hook's implementations: wrappers, then the others, each sorted.

    By priority, then dependents before what they depend on, then as written; ``before=`` and ``after=`` move
    as little as needed.

    Raises:
        HookError: when they contradict each other; the message prints the circle.
    """
    everyone = sorted(implementations, key=lambda i: (not i.wrapper, i.priority, -i.rank, i.line))
    followers: dict[int, set[int]] = {index: set() for index in range(len(everyone))}
    for index, impl in enumerate(everyone):
        for position, other in enumerate(everyone):
            if other.addon == impl.addon or not impl.meets(other):
                continue
            if other.addon in impl.scope.before:
                followers[index].add(position)
            if other.addon in impl.scope.after:
                followers[position].add(index)
    waiting = [0] * len(everyone)
    for behind in followers.values():
        for position in behind:
            waiting[position] += 1
    ready = [index for index, count in enumerate(waiting) if not count]
    result: list[Implementation] = []
    while ready:
        index = heapq.heappop(ready)
        result.append(everyone[index])
        for position in followers[index]:
            waiting[position] -= 1
            if not waiting[position]:
                heapq.heappush(ready, position)
    if len(result) < len(everyone):
        raise _circle([impl for impl in everyone if impl not in result], everyone, followers)
    return result


def _circle(
    stuck: Sequence[Implementation], everyone: Sequence[Implementation], followers: Mapping[int, set[int]]
) -> HookError:
    path = [everyone.index(stuck[0])]
    while True:
        following = next(
            (p for p in sorted(followers[path[-1]]) if everyone[p] in stuck and _leads_back(p, followers)), None
        )
        if following is None:  # a member that only hangs on the circle: start from the next one
            return _circle(stuck[1:], everyone, followers)
        if following in path:
            break
        path.append(following)
    loop = [everyone[index] for index in [*path[path.index(following) :], following]]
    first = loop[0]
    return HookError(
        f"before=/after= of hook {first.hook!r} go round in a circle: " + " -> ".join(impl.label for impl in loop),
        addon=first.addon,
        file=first.file,
        line=first.line,
    )


def _leads_back(start: int, followers: Mapping[int, set[int]]) -> bool:
    seen: set[int] = set()
    todo = list(followers[start])
    while todo:
        index = todo.pop()
        if index == start:
            return True
        if index not in seen:
            seen.add(index)
            todo += followers[index]
    return False


def _traced(implementation: Implementation, entries: list[TraceEntry], depth: list[int]) -> Callable[..., Any]:
    """The implementation's function, recording each of its calls."""
    function = implementation.function

    def begin(arguments: Sequence[Any]) -> TraceEntry:
        models = (getattr(argument, "_name", None) for argument in arguments)
        entry = TraceEntry(
            hook=implementation.hook,
            addon=implementation.addon,
            function=function.__name__,
            where=implementation.where,
            model=next((name for name in models if isinstance(name, str)), None),
            depth=depth[0],
        )
        entries.append(entry)
        depth[0] += 1
        return entry

    @contextmanager
    def recorded(arguments: Sequence[Any]) -> Iterator[TraceEntry]:
        entry, started = begin(arguments), time.perf_counter()
        try:
            yield entry
        except BaseException as error:
            entry.outcome = f"raised {type(error).__name__}: {error}"
            raise
        finally:
            entry.seconds = time.perf_counter() - started
            depth[0] -= 1

    @functools.wraps(function)
    def plain(*arguments: Any) -> Any:
        with recorded(arguments) as entry:
            result = function(*arguments)
            entry.outcome = _brief(result)
            return result

    @functools.wraps(function)
    def wrapping(*arguments: Any) -> Any:
        with recorded(arguments) as entry:
            result = yield from function(*arguments)
            entry.outcome = _brief(result)
            return result

    return wrapping if implementation.wrapper else plain


def _brief(result: Any) -> str:
    text = repr(result)
    return text if len(text) <= 60 else text[:57] + "..."
