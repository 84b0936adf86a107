"""Filters that templates use besides Jinja's own."""

from __future__ import annotations

from typing import Any

from core.web.html_clean import clean_html

# Words of states by what they mean for whoever works with the document. Anything else is neutral.
_TONES = {
    "done": "good", "assigned": "good", "ready": "good", "sale": "good", "full": "good", "paid": "good", "delivered": "good",
    "installed": "good", "available": "good", "produced": "good", "progress": "busy", "to_close": "busy", "sent": "busy",
    "partial": "busy", "partially_available": "busy", "started": "busy", "in_progress": "busy", "confirmed": "wait", "waiting": "wait",
    "pending": "wait", "to_upgrade": "wait", "expected": "wait", "late": "bad", "cancel": "off", "cancelled": "off", "blocked": "bad",
    "refused": "bad", "error": "bad", "unavailable": "bad", "draft": "off", "uninstalled": "off", "quarantined": "bad",
}  # fmt: skip


def tone(value: Any) -> str:
    """The quiet colour of a state's badge: good, busy, wait, bad or off."""
    return _TONES.get(str(value or ""), "off")


def clock(value: Any) -> str:
    """Hours as people read them: 1.5 is 1:30."""
    minutes = round(float(value or 0) * 60)
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


FILTERS = {"tone": tone, "clock": clock, "clean_html": clean_html}
