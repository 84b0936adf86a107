"""A database with a few models and no addon, for tests of the ORM itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.db.engine import create_engine
from core.db.transaction import Cursor
from core.orm.environment import Environment
from core.orm.registry import Registry


class ModelDatabase:
    """The tables of some model classes in an empty database.

    Args:
        url: the address of an empty database.
        definitions: model classes, in the order in which an addon would register them.
    """

    def __init__(self, url: str, definitions: list[type]) -> None:
        self.url = url
        self.registry = Registry()
        self.registry.load("test", definitions)
        self.registry.setup()
        self.engine = create_engine(url)
        self.dialect = self.engine.dialect.name
        self.registry.metadata().create_all(self.engine)

    def open(self, uid: int = 1, **options: Any) -> Environment:
        """An environment in a transaction of its own, which the caller ends (superuser unless `uid` is given)."""
        return Environment(Cursor(self.engine), self.registry, uid, **options)

    @contextmanager
    def env(self, **options: Any) -> Iterator[Environment]:
        """The same, rolled back after the block."""
        env = self.open(**options)
        try:
            yield env
        finally:
            env.cr.close()
