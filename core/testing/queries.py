"""Counting statements: proof that an action's cost does not grow with the number of records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from core.db.sqltools import FETCH_IDS, FIND_ID_SEQUENCE
from core.orm.fields import Datetime

#: Where a transaction keeps the moment at which the clock of its last block stood.
_LAST = "testing.queries.last"


def _later_than_all_before(env: Any) -> datetime:
    """Later, by a second, than now and than the blocks before in this transaction."""
    memory = env.cr.memory
    memory[_LAST] = max(Datetime.now(), memory.get(_LAST, datetime.min)) + timedelta(seconds=1)
    return memory[_LAST]


@contextmanager
def max_queries(env: Any, n: int) -> Iterator[list[str]]:
    """Fail when the block, including the flush of what it wrote, needs more than `n` statements.

    What was buffered before the block is flushed first and does not count. Many rows sent in one call are one
    statement. Ids that PostgreSQL gives out in blocks are not counted: who needs the next block is a matter of chance.
    Yields the list of statements, filled as they run.

    In the block `Datetime.now` stands still, a second or more after all that happened before: a date that is set to
    now again is written or not depending on whether a second has passed, and the number of statements with it.

        with max_queries(env, 12):
            orders.action_confirm()

    Raises:
        AssertionError: listing the statements, the most frequent first.
    """
    env.flush_all()
    moment = _later_than_all_before(env)
    statements: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_details: Any) -> None:
        if statement not in (FETCH_IDS, FIND_ID_SEQUENCE):
            statements.append(" ".join(statement.split()))

    connection = env.cr.connection
    sa.event.listen(connection, "before_cursor_execute", record)
    try:
        with patch.object(Datetime, "now", staticmethod(lambda *_args: moment)):
            yield statements
            env.flush_all()
    finally:
        sa.event.remove(connection, "before_cursor_execute", record)
    if len(statements) > n:
        listing = "\n".join(f"{count:5} x {text[:300]}" for text, count in Counter(statements).most_common())
        raise AssertionError(f"{len(statements)} statements instead of at most {n}:\n{listing}")
