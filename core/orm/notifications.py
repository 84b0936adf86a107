"""Notifications: what an action tells its user, queued in the transaction and shown by the web client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal["success", "info", "warning", "danger"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Notification:
    """One message for the user.

    Attributes: ``message`` (translated text), ``kind`` (one of `KINDS`), ``records`` (what the message is about, to be
    offered as links; None when there is nothing to open).
    """

    message: str
    kind: str = "success"
    records: Any = None
