"""Counting statements: proof that an action's cost does not grow with the number of records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


@contextmanager
def max_queries(env: Any, n: int) -> Iterator[list[str]]:
    """Fail when the block, including the flush of what it wrote, needs more than `n` statements.

    What was buffered before the block is flushed first and does not count. Many rows sent in one call are one
    statement. Yields the list of statements, filled as they run.

        with max_queries(env, 12):
            orders.action_confirm()

    Raises:
        AssertionError: listing the statements, the most frequent first.
    """
    env.flush_all()
    statements: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_details: Any) -> None:
        statements.append(" ".join(statement.split()))

    connection = env.cr.connection
    sa.event.listen(connection, "before_cursor_execute", record)
    try:
        yield statements
        env.flush_all()
    finally:
        sa.event.remove(connection, "before_cursor_execute", record)
    if len(statements) > n:
        listing = "\n".join(f"{count:5} x {text[:300]}" for text, count in Counter(statements).most_common())
        raise AssertionError(f"{len(statements)} statements instead of at most {n}:\n{listing}")
