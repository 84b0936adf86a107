"""The daily clean-up: temporary records by age, and whatever the methods marked `@api.autovacuum` see to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

logger = logging.getLogger(__name__)

#: The ORM's own method; it exists on every model and has something to do on transient ones only.
TRANSIENT = "_transient_vacuum"


def run(env: Any) -> list[str]:
    """Call every clean-up method; one that fails is rolled back and logged, and the others still run.

    Returns:
        what was called, as "model.method".
    """
    called = []
    for name, model_class in sorted(env.registry.models.items()):
        if model_class._abstract:
            continue
        for method in vacuum_methods(model_class):
            if method != TRANSIENT or model_class._transient:
                with _logged(env, f"{name}.{method}"):
                    getattr(env[name].sudo(), method)()
                    called.append(f"{name}.{method}")
    return called


def vacuum_methods(model_class: type) -> list[str]:
    """Return the names of the model's methods marked `@api.autovacuum`, its parents' included."""
    return sorted(
        name for name in dir(model_class) if getattr(_plain_attribute(model_class, name), "_autovacuum", False)
    )


def _plain_attribute(model_class: type, name: str) -> Any:
    """Return an attribute as it is written in the class, without calling descriptors."""
    return next((vars(cls)[name] for cls in model_class.__mro__ if name in vars(cls)), None)


@contextmanager
def _logged(env: Any, what: str) -> Iterator[None]:
    """A part of the clean-up that may fail alone."""
    try:
        with env.savepoint():
            yield
    except Exception:
        if not env.cr.is_usable:
            raise
        logger.exception("The clean-up of %s failed", what)
