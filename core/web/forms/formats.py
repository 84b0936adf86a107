"""Typed values as people write them, and back: numbers, dates and times in a user's language and time zone.

Numbers are read strictly. ``1,5`` typed where the comma separates thousands is refused with the way to write it,
never guessed: a quantity that is silently ten times too large costs more than a second try.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime

from core.i18n import _
from core.web.forms import dates

# Within the precision of Python's default decimal context, so that no digit is ever rounded away.
MAX_DIGITS = 27
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'\u2019_")


class Unreadable(ValueError):
    """The text is not a value of the kind asked for; the message tells a person how to write it."""


@dataclass(frozen=True, slots=True)
class Formats:
    """How one user reads and writes values. Made by `formats_for`."""

    locale: Locale
    zone: ZoneInfo
    decimal: str
    group: str

    def number(self, value: Decimal | int | float, minimum: int = 0, grouped: bool = True) -> str:
        """`value` with at least `minimum` decimals and no trailing zeros beyond them."""
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        text = f"{exact:,f}" if grouped else f"{exact:f}"
        whole, _dot, fraction = text.partition(".")
        fraction = fraction.rstrip("0").ljust(minimum, "0")
        if whole in ("-0", "-") and not fraction.strip("0"):
            whole = "0"
        whole = whole.replace(",", self.group) if grouped else whole
        return f"{whole}{self.decimal}{fraction}" if fraction else whole

    def typed_number(self, value: Decimal | int | float, minimum: int = 0) -> str:
        """`value` as it stands in an input: no thousands separators to trip over."""
        return self.number(value, minimum, grouped=False)

    def read_number(self, text: str, scale: int) -> Decimal:
        """The number written in `text`, with at most `scale` decimals; Unreadable otherwise."""
        plain = text.strip().translate(_SPACES).replace("\u2212", "-")
        if not plain:
            raise Unreadable(_("Enter a number."))
        sign = -1 if plain.startswith("-") else 1
        plain = plain[1:] if plain.startswith(("+", "-")) else plain
        whole, _dot, fraction = plain.partition(self.decimal)
        if self.group in whole:
            whole = self._ungrouped(text, whole)
        if not re.fullmatch(r"[0-9]*", whole) or not re.fullmatch(r"[0-9]*", fraction) or not (whole + fraction):
            raise Unreadable(_("“%(text)s” is not a number.", text=text.strip()))
        if len(whole) + len(fraction) > MAX_DIGITS:
            raise Unreadable(_("The number has too many digits."))
        if len(fraction.rstrip("0")) > scale:
            if not scale:
                raise Unreadable(_("Only whole numbers are possible here."))
            raise Unreadable(_("At most %(scale)s decimals are possible here.", scale=scale))
        return sign * Decimal(f"{whole or '0'}.{fraction or '0'}").normalize() + Decimal(0)

    def _ungrouped(self, text: str, whole: str) -> str:
        if not re.fullmatch(rf"[0-9]{{1,3}}({re.escape(self.group)}[0-9]{{3}})+", whole):
            example = text.strip().replace(self.group, self.decimal, 1)
            raise Unreadable(
                _("“%(text)s” can be read in two ways. Write %(example)s.", text=text.strip(), example=example)
                if whole.count(self.group) == 1
                else _("“%(text)s” is not a number.", text=text.strip())
            )
        return whole.replace(self.group, "")

    def size(self, count: int) -> str:
        """A number of bytes as people read it, with two digits that matter at least."""
        amount, unit = Decimal(count), "bytes"
        for larger in ("kB", "MB", "GB"):
            if amount < 1000:
                break
            amount, unit = amount / 1024, larger
        exact = amount if unit == "bytes" else amount.quantize(Decimal("0.1") if amount < 10 else Decimal(1))
        return f"{self.number(exact)} {_('bytes') if unit == 'bytes' else unit}"

    def day(self, value: date) -> str:
        """A date as people read it."""
        return _day_text(value, self.locale)

    def moment(self, value: datetime) -> str:
        """A point in time (naive UTC) as people read it, in the user's time zone."""
        return _moment_text(value, self.locale, self.zone)

    def local_day(self, value: datetime) -> str:
        """The day of a point in time (naive UTC) as people read it, in the user's time zone."""
        return self.day(self.local(value).date())

    def local(self, value: datetime) -> datetime:
        """`value` (naive UTC) as naive local time."""
        return _in_zone(value, self.zone).replace(tzinfo=None)

    def typed_day(self, value: date) -> str:
        """A date as it stands in an input: as people read it."""
        return self.day(value)

    def typed_moment(self, value: datetime) -> str:
        """A point in time as it stands in an input. Seconds are kept unless it is edited."""
        return self.moment(value)

    def read_day(self, text: str) -> date:
        """The date written in `text` (see `dates`)."""
        try:
            return dates.read_day(text, self.locale, datetime.now(self.zone).date())
        except (ValueError, OverflowError):
            example = self.day(date(2026, 12, 31))
            raise Unreadable(
                _("“%(text)s” is not a date. Write it as %(example)s.", text=text.strip(), example=example)
            ) from None

    def read_moment(self, text: str) -> datetime:
        """The point in time written in `text` (see `dates`; the user's local time) as naive UTC."""
        try:
            local = dates.read_moment(text, self.locale, datetime.now(self.zone).replace(tzinfo=None))
            return local.replace(microsecond=0, tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError):
            example = f"{self.day(date(2026, 12, 31))}, 14:30"
            raise Unreadable(
                _("“%(text)s” is not a date and time. Write it as %(example)s.", text=text.strip(), example=example)
            ) from None


@lru_cache(maxsize=256)
def formats_for(lang: str | None, zone: str | None) -> Formats:
    """The Formats for a language like ``de_CH`` and a zone like ``Europe/Zurich``; unknown ones give en_US, UTC."""
    try:
        locale = Locale.parse((lang or "en_US").split("@")[0])
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en_US")
    try:
        timezone = ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        timezone = ZoneInfo("UTC")
    symbols = locale.number_symbols.get("latn", {})
    return Formats(locale, timezone, symbols.get("decimal", "."), symbols.get("group", ","))


@lru_cache(maxsize=8192)
def _day_text(value: date, locale: Locale) -> str:
    return format_date(value, "medium", locale=locale)


def _in_zone(value: datetime, zone: ZoneInfo) -> datetime:
    """`value` (naive UTC) in a zone; as it is where that lies beyond the calendar, in data from before the bounds."""
    try:
        return value.replace(tzinfo=UTC).astimezone(zone)
    except OverflowError:
        return value


@lru_cache(maxsize=8192)
def _moment_text(value: datetime, locale: Locale, zone: ZoneInfo) -> str:
    local = _in_zone(value, zone)
    day = format_date(local.date(), "medium", locale=locale)
    return f"{day}, {format_datetime(local, 'HH:mm', locale=locale)}"
