"""What keeps documents from an action: all of it is gathered, then refused at once."""

from __future__ import annotations

from typing import Any

from core.exceptions import UserError


class Problems:
    """Reasons why documents cannot be confirmed or posted, for people and for programs."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.texts: list[str] = []
        self.data: list[dict[str, str]] = []

    def add(self, reason: str, text: str, **named: str) -> None:
        """Note a problem.

        Args:
            reason: what it is, for programs.
            text: what it is and the way out, marked by `_`, with placeholders for `named`.
            named: the document, product or amount that it is about; programs get them too.
        """
        self.texts.append(str(self.env._(text, **named)))
        self.data.append({**named, "reason": reason})

    def refuse(self, error: type[UserError]) -> None:
        """Raise `error` with all problems, if there are any; its data has them as `problems`."""
        if self.texts:
            raise error("\n".join(self.texts), data={"problems": self.data})
