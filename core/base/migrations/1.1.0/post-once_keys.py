"""Keys of calls and questions get the interface that was a part of them: what was done is still not done again."""

from __future__ import annotations

from typing import Any


def migrate(env: Any, version: str) -> None:
    """Move the first part of each key, with the user where it held one, to the column for it."""
    call = "'json/2 ' || user_id || ' '"
    env.execute(
        f"UPDATE web_once SET interface = 'json/2', key = substr(key, length({call}) + 1)"
        f" WHERE substr(key, 1, length({call})) = {call}"
    )
    env.execute("UPDATE web_once SET interface = 'question', key = substr(key, 10) WHERE key LIKE 'question:%'")
