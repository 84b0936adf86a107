"""Dates and times as people type them, in the order of day and month of their language.

    day     27/11  27.11.2026  2026-11-27  27 Nov  November 27, 2026  today  tomorrow  yesterday  +3d  -2w  +1m
    moment  a day and a time: 20:18  8:18 pm  8pm;  a time alone is today's, a day alone means its noon

A day without a year is this year's. Where only one order of day and month makes a date, that one is meant.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from babel import Locale

from core.i18n import _

NOON = time(12)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})(?:\s*[-/.]\s*|\s+)(\d{1,2})(?:(?:\s*[-/.]\s*|\s+)(\d{2}|\d{4}))?\.?")
_RELATIVE = re.compile(r"([+-]\s*\d{1,4})\s*([dwmy])")
_TIME = re.compile(r"(?:^|[\s,T])(\d{1,2})(?::(\d{2})(?::\d{2}(?:\.\d+)?)?\s*([ap])?\.?m?\.?|\s*([ap])\.?m\.?)$", re.I)
_JOINING = frozenset({"of", "the", "de", "del", "d"})


def read_day(text: str, locale: Locale, today: date) -> date:
    """The day that `text` means. Raises ValueError when it means none."""
    words = text.strip().casefold()
    if (offset := _relative_words().get(words)) is not None:
        return today + timedelta(days=offset)
    if found := _RELATIVE.fullmatch(words):
        return _shifted(today, int(found[1].replace(" ", "")), found[2])
    if found := _ISO.fullmatch(words):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBERS.fullmatch(words):
        first, second = int(found[1]), int(found[2])
        year = _year(found[3], today)
        day_first = "." in words or _is_day_first(locale)
        day, month = (first, second) if day_first else (second, first)
        return date(year, day, month) if month > 12 >= day else date(year, month, day)
    return _named_day(words, locale, today)


def read_moment(text: str, locale: Locale, now: datetime) -> datetime:
    """The local point in time that `text` means, seconds cut off. Raises ValueError when it means none."""
    words = text.strip()
    found = _TIME.search(words)
    if not found:
        return datetime.combine(read_day(words, locale, now.date()), NOON)
    rest = words[: found.start()].strip(" ,")
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or found[4] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half == "p" else 0)
    day = read_day(rest, locale, now.date()) if rest else now.date()
    return datetime.combine(day, time(hour, minute))


def _relative_words() -> dict[str, int]:
    translated = {str(_("today")): 0, str(_("tomorrow")): 1, str(_("yesterday")): -1}
    return {"today": 0, "tomorrow": 1, "yesterday": -1} | {word.casefold(): days for word, days in translated.items()}


def _shifted(day: date, count: int, unit: str) -> date:
    if unit in "dw":
        return day + timedelta(days=count * (7 if unit == "w" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
    first = date(months // 12, months % 12 + 1, 1)
    last = (date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def _year(text: str | None, today: date) -> int:
    if not text:
        return today.year
    return int(text) if len(text) == 4 else today.year - today.year % 100 + int(text)


def _named_day(words: str, locale: Locale, today: date) -> date:
    """A day with its month in words, or in a script that puts words between the numbers."""
    numbers = re.findall(r"\d+", words)
    names = [name for name in re.findall(r"[^\W\d_]+", words) if name not in _JOINING]
    months = {month for name in names if (month := _month(name, locale))}
    if len(months) == 1 and len(names) == 1 and 1 <= len(numbers) <= 2:
        [month] = months
        years = [number for number in numbers if len(number) == 4]
        days = [number for number in numbers if len(number) <= 2]
        if days and (len(numbers) == 1 or years or len(days) == 2):
            return date(_year(years[0] if years else days[1] if len(days) == 2 else None, today), month, int(days[0]))
    if len(numbers) == 3 and len(numbers[0]) == 4 and not months:
        return date(*map(int, numbers))
    raise ValueError(words)


def _month(name: str, locale: Locale) -> int:
    """The month of this name, or of at least three letters of it; 0 when there is none."""
    names = _months(locale)
    if name in names:
        return names[name]
    found = {month for known, month in names.items() if len(name) >= 3 and known.startswith(name)}
    return found.pop() if len(found) == 1 else 0


@lru_cache(maxsize=64)
def _months(locale: Locale) -> dict[str, int]:
    names: dict[str, int] = {}
    for known in (Locale("en"), locale):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in known.months[context][width].items():
                    names[str(name).strip(".").casefold()] = int(month)
    return names


@lru_cache(maxsize=64)
def _is_day_first(locale: Locale) -> bool:
    pattern = locale.date_formats["short"].pattern
    return pattern.find("d") < pattern.find("M")
