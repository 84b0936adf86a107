"""What a check of `stillage doctor` is, and how checks are run and their repairs carried out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from core.exceptions import MissingError

#: Problems that one check reports at most; a repair of more of them takes several rounds.
MOST: Final = 1000
#: Rows that a check reads at once where it cannot compare in the database.
SLICE: Final = 20_000
#: Rounds of a repair: what one repair brings to light is repaired in the next.
ROUNDS: Final = 8

Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Problem:
    """A record for which a law does not hold.

    Args:
        check: id of the check that found it; `examine` fills it in.
        model: name of the model, or of a relation's table.
        res_id: id of the record; 0 where there is none.
        text: what is wrong, with the record's name.
        repair: what a repair would do; empty where nothing says what is right.
        hint: where nothing says what is right, what to look at and the way out.
        key, value: for the check's own repair.
    """

    model: str
    res_id: int
    text: str
    repair: str = ""
    hint: str = ""
    key: Any = None
    value: Any = None
    check: str = ""

    @property
    def derivable(self) -> bool:
        """Whether a repair exists."""
        return bool(self.repair)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "check": self.check,
            "model": self.model,
            "id": self.res_id,
            "problem": self.text,
            "repair": self.repair or None,
            "look_at": self.hint or None,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """A law and the search for records that break it.

    Args:
        id: `<addon>.<law>`, e.g. `inventory.on_hand`.
        title: the law in a sentence.
        find: called with a superuser environment that sees archived records; yields problems, and only reads.
        repair: called with such an environment and the problems found that say what their repair is; None where no
            problem of this check has one. It never changes done move lines.
        covers: stored computed fields (`model.field`) that `find` compares, and that are not computed again.
        at_uninstall: whether an addon stays installed without which `find` would find more than before; `find` then
            yields all that it finds, not only the first `MOST`.
    """

    id: str
    title: str
    find: Callable[[Any], Iterable[Problem]]
    repair: Callable[[Any, list[Problem]], None] | None = None
    covers: frozenset[str] = frozenset()
    at_uninstall: bool = False


def registered(env: Any) -> list[Check]:
    """The checks of all installed addons, those of addons that others depend on first."""
    return [check for found in reversed(env.hooks.register_doctor_checks(env=env)) for check in found]


def examine(
    env: Any, checks: Iterable[Check] | None = None, progress: Progress | None = None, *, limit: int | None = MOST
) -> list[Problem]:
    """All problems that the checks (by default those of all addons) find; nothing is changed.

    What is pending in the transaction is written first.

    Args:
        limit: the most problems of each check; all of them if None.
    """
    env = _all_rows(env)
    env.flush_all()
    found: dict[Any, Problem] = {}
    checks = registered(env) if checks is None else list(checks)
    for number, check in enumerate(checks):
        if progress is not None:
            progress(check.title, number, len(checks))
        for problem in islice(_found(env, check), limit):
            # Two checks may see the same mistake: the first one names it.
            key = (problem.model, problem.res_id, problem.text)
            found.setdefault(key, _of(check, problem))
    if progress is not None:
        progress("", len(checks), len(checks))
    return list(found.values())


def _found(env: Any, check: Check) -> Iterator[Problem]:
    """What a check finds; where it reads a record that a broken link leads to, it says so and the others go on."""
    try:
        yield from check.find(env)
    except MissingError as error:
        env._transaction.clear()
        yield Problem(
            "", 0, f"not checked to the end: {error.message}", hint="mend links that lead to nothing, then check again"
        )


def carry_out(
    env: Any, checks: Iterable[Check] | None = None, progress: Progress | None = None
) -> tuple[list[Problem], list[Problem]]:
    """Repair what can be derived until nothing more can; returns the problems repaired, and those that are left."""
    env = _all_rows(env)
    checks = registered(env) if checks is None else list(checks)
    repaired: dict[Any, Problem] = {}
    left = examine(env, checks, progress)
    for _round in range(ROUNDS):
        todo: defaultdict[str, list[Problem]] = defaultdict(list)
        for problem in left:
            if problem.derivable:
                todo[problem.check].append(problem)
        if not todo:
            break
        for check in checks:
            if check.repair is not None and todo[check.id]:
                check.repair(env, todo[check.id])
                env.flush_all()
                env.invalidate_all()
                repaired |= {(problem.model, problem.res_id, problem.text): problem for problem in todo[check.id]}
        left = examine(env, checks, progress)
    return list(repaired.values()), left


def plan(env: Any, progress: Progress | None = None) -> tuple[list[Problem], list[Problem]]:
    """What `carry_out` would repair and leave. It is tried in a savepoint that is taken back."""
    outcome: tuple[list[Problem], list[Problem]] = ([], [])
    try:
        with env.savepoint():
            outcome = carry_out(env, None, progress)
            raise _TakenBack
    except _TakenBack:
        return outcome


class _TakenBack(Exception):
    """Ends a trial."""


def _all_rows(env: Any) -> Any:
    return env(su=True, context={"active_test": False})


def _of(check: Check, problem: Problem) -> Problem:
    return Problem(
        problem.model,
        problem.res_id,
        problem.text,
        problem.repair,
        problem.hint,
        problem.key,
        problem.value,
        check.id,
    )


# ---------------------------------------------------------------------------- for checks
def slices(env: Any, name: str, size: int = SLICE) -> Iterator[tuple[int, int]]:
    """First and last ids of slices of at most `size` rows that a model's table divides into."""
    column = env.registry.table(name).c.id
    first, last = env.execute(sa.select(sa.func.min(column), sa.func.max(column))).one()
    if first is None:
        return
    for low in range(first, last + 1, size):
        yield low, low + size - 1


def describe(env: Any, model: str, res_id: int) -> str:
    """The name of a record as it can be said of a damaged database: "Delivery Order 5 (WH/OUT/00005)"."""
    if model not in env:
        return f"{model} {res_id}"
    label = f"{env[model]._description} {res_id}"
    try:
        name = env[model].browse(res_id).display_name
    except Exception:  # the damage may be what the name is made of
        return label
    finally:
        env.invalidate_all()
    return f"{label} ({name})" if name and name != str(res_id) else label
