"""Dates and moments. A moment is kept in UTC without time zone; forms show it in the user's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core.bounds import FIRST_DAY, LAST_DAY, is_day_in_bounds
from core.db.types import UtcDateTime
from core.orm.fields.base import Field

DATE_FORMAT = "%Y-%m-%d"
DATETIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def checked_day(field: Field, day: Any, record: Any) -> Any:
    """`day`, a date or moment within the bounds. Raises ValidationError: beyond them time zones cannot be applied."""
    if not is_day_in_bounds(day):
        raise field.bad_value(str(day), record, f"a day from {FIRST_DAY} to {LAST_DAY} is expected")
    return day


class Date(Field):
    """A calendar day (``datetime.date``; ISO text when written from outside)."""

    type = "date"

    def sql_type(self) -> Any:
        return sa.Date()

    @staticmethod
    def today(*args: Any) -> date:
        """Today in UTC."""
        return datetime.now(UTC).date()

    @staticmethod
    def context_today(record: Any, timestamp: datetime | None = None) -> date:
        """Today, or the day of the UTC moment `timestamp`, in the time zone of the context."""
        moment = (timestamp or datetime.now(UTC)).replace(tzinfo=UTC)
        return moment.astimezone(ZoneInfo(record.env.context.get("tz") or "UTC")).date()

    @staticmethod
    def to_date(value: Any) -> Any:
        """`value` (date, datetime, ISO text or falsy) as a date, or False. Raises ValueError."""
        if not value:
            return False
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else date.fromisoformat(value[:10])

    @staticmethod
    def to_string(value: date | None) -> Any:
        """ISO text of `value`, or False."""
        return date(value.year, value.month, value.day).isoformat() if value else False

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        try:
            day = self.to_date(value) or None
        except (TypeError, ValueError):
            raise self.bad_value(value, record, "a date such as 2026-12-31 is expected") from None
        return checked_day(self, day, record) if validate and day else day


class Datetime(Field):
    """A moment in UTC (naive ``datetime``; ``YYYY-MM-DD HH:MM:SS`` when written from outside)."""

    type = "datetime"

    def sql_type(self) -> Any:
        return UtcDateTime()

    @staticmethod
    def now(*args: Any) -> datetime:
        """This moment in UTC, without microseconds."""
        return datetime.now(UTC).replace(microsecond=0, tzinfo=None)

    @staticmethod
    def today(*args: Any) -> datetime:
        """Midnight of today in UTC."""
        return Datetime.now().replace(hour=0, minute=0, second=0)

    @staticmethod
    def context_timestamp(record: Any, timestamp: datetime) -> datetime:
        """The UTC moment `timestamp` in the time zone of the context."""
        return timestamp.replace(tzinfo=UTC).astimezone(ZoneInfo(record.env.context.get("tz") or "UTC"))

    @staticmethod
    def to_datetime(value: Any) -> Any:
        """`value` (datetime, date, ISO text or falsy) as a naive UTC datetime, or False. Raises ValueError."""
        if not value:
            return False
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return datetime(value.year, value.month, value.day)

    @staticmethod
    def to_string(value: datetime | None) -> Any:
        """``YYYY-MM-DD HH:MM:SS`` of `value`, or False."""
        # not strftime, which writes the year 1 as "1"
        return value.replace(microsecond=0, tzinfo=None).isoformat(" ") if value else False

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        if value.__class__ is datetime and value.tzinfo is None:
            return checked_day(self, value, record) if validate else value
        try:
            moment = self.to_datetime(value) or None
        except (TypeError, ValueError, AttributeError, OverflowError):
            raise self.bad_value(value, record, "a moment such as 2026-12-31 18:30:00 is expected") from None
        return checked_day(self, moment, record) if validate and moment else moment

    def convert_to_display(self, value: Any, record: Any) -> str:
        return self.to_string(value) or ""

    def convert_to_export(self, value: Any, record: Any) -> Any:
        """In the time zone of the context, in which `load` reads it."""
        return self.to_string(self.context_timestamp(record, value)) if value else ""
