"""What is registered, and what reports are made of."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.plugins.marks import Scope


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
        """Whether results are contributions, returned in loading order (base first)."""
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
    rank: int  # position of the addon in loading order

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

    ``determined`` says whether something other than depth and alphabet decides their order.
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
