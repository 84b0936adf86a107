"""Random runs of many steps: how they are drawn, and proof that they did something.

The ordinary run draws the same examples every time. STILLAGE_EXAMPLES=200 draws new examples, at least as many as the
ordinary run; the seed is in the output of a failed test, and STILLAGE_SEED repeats it (see the fixture `chance`).
Shrinking is slow on a database and off by default; STILLAGE_SHRINK=1 turns it on.
"""

from __future__ import annotations

import functools
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings

from core.exceptions import UserError

EXAMPLES = os.environ.get("STILLAGE_EXAMPLES")
PHASES = [Phase.explicit, Phase.generate, *([Phase.shrink] if os.environ.get("STILLAGE_SHRINK") else [])]


# A busy machine must not fail a test: neither for the time that drawing takes nor for that of one example.
settings.register_profile(
    "stillage",
    max_examples=max(int(EXAMPLES or 0), settings().max_examples),
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("stillage")


def run_settings(examples: int, **options: Any) -> settings:
    """Settings of a random run of `examples` examples, or of more where STILLAGE_EXAMPLES says so."""
    defaults: dict[str, Any] = {
        "max_examples": max(int(EXAMPLES or 0), examples),
        "derandomize": not EXAMPLES,
        "phases": PHASES,
        "deadline": None,
        "database": None,
        "print_blob": True,
        "report_multiple_bugs": False,
        "suppress_health_check": list(HealthCheck),
    }
    return settings(**(defaults | options))


def seeded(test: Any, chance: random.Random, key: str = "") -> Any:
    """A hypothesis test or state machine, with the seed of this run where examples are not always the same.

    Where they are, a `key` makes them others than those of the same test with another key.
    """
    if EXAMPLES:
        return hypothesis.seed(chance.getrandbits(64))(test)
    return hypothesis.seed(key)(test) if key else test


class Tally:
    """How often each step of a random run acted, had nothing to act on, or was refused and with what code."""

    def __init__(self) -> None:
        self.acted: Counter[str] = Counter()
        self.idle: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()

    def __str__(self) -> str:
        refused = {f"{name} ({code})": number for (name, code), number in sorted(self.refused.items())}
        return f"acted: {dict(self.acted)}\nidle: {dict(self.idle)}\nrefused: {refused}"

    def __add__(self, other: Tally) -> Tally:
        both = Tally()
        for name in ("acted", "idle", "refused"):
            getattr(both, name).update(getattr(self, name))
            getattr(both, name).update(getattr(other, name))
        return both

    def attempt(
        self, name: str, step: Callable[..., Any], *arguments: Any, refusals: Iterable[type[UserError] | str] = ()
    ) -> None:
        """Do a step and count its outcome; the step returns False when there was nothing to act on.

        Refusals of exactly these classes, or with these codes, are counted. Subclasses are not meant, as generic errors
        have them all, and every other error is the caller's.
        """
        try:
            acted = step(*arguments) is not False
        except UserError as error:
            if not {type(error), error.code} & {*refusals}:
                raise
            self.refused[name, error.code] += 1
            return
        (self.acted if acted else self.idle)[name] += 1

    def assert_acted(self, names: Iterable[str], share: float) -> None:
        """Assert that every one of the steps acted, and at least this share of all steps."""
        assert set(names) <= set(self.acted), f"never acted: {sorted(set(names) - set(self.acted))}\n{self}"
        total = self.acted.total() + self.idle.total() + self.refused.total()
        assert self.acted.total() >= share * total, f"{self.acted.total()} of {total} steps acted\n{self}"


def counted(*refusals: type[UserError]) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Count what became of a rule of a state machine in its attribute `tally` (see `Tally.attempt`).

    A step that may be refused is done in a savepoint, so that a refusal is rolled back as that of a request is; others
    are not, as a savepoint flushes.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., None]:
        @functools.wraps(function)
        def step(self: Any, *values: Any, **named: Any) -> None:
            def act() -> Any:
                with self.env.savepoint() if refusals else nullcontext():
                    return function(self, *values, **named)

            self.tally.attempt(function.__name__, act, refusals=refusals)

        step.counted = True  # type: ignore[attr-defined]
        return step

    return decorate


def counted_steps(machine: type) -> set[str]:
    """The names of the steps of a state machine that are counted."""
    return {name for name in dir(machine) if getattr(getattr(machine, name), "counted", False)}
