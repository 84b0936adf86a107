"""Filters that templates use besides Jinja's own."""

from __future__ import annotations

from typing import Any

import segno
from markupsafe import Markup

from core.web.html_clean import clean_html
from core.web.messages import pieces

# Words of states by what they mean for those who work with the document. Anything else is neutral.
_STATES = {
    "good": "done assigned ready sale full paid delivered installed available produced posted invoiced pass",
    "busy": "progress to_close sent partial partially_available started in_progress upselling",
    "wait": "confirmed waiting pending to_upgrade expected to_invoice",
    "bad": "late refused error unavailable quarantined",
    "off": "draft blocked cancel cancelled uninstalled",
}
_TONES = {state: tone for tone, states in _STATES.items() for state in states.split()}


def tone(value: Any) -> str:
    """The quiet colour of a state's badge: good, busy, wait, bad or off."""
    return _TONES.get(str(value or "").replace(" ", "_"), "off")


def clock(value: Any) -> str:
    """Hours as people read them: 1.5 is 1:30."""
    minutes = round(float(value or 0) * 60)
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def qrcode(text: str) -> Markup:
    """A QR code of the text, as an SVG picture: dark on light in every theme, or cameras cannot read it."""
    return Markup(segno.make(text, error="m").svg_inline(scale=5, dark="#000", light="#fff"))


FILTERS = {"qrcode": qrcode, "tone": tone, "clock": clock, "clean_html": clean_html, "pieces": pieces}
