"""Sequences: the numbers of documents, `WH/OUT/00042`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple

from core import api, fields, models
from core.api import _
from core.base.services import numbering
from core.base.services.caching import cached, invalidate
from core.base.services.numbering import Counter
from core.exceptions import UserError, ValidationError

_SHAPE = {"implementation", "number_increment", "number_next"}


class Shape(NamedTuple):
    """What has to be known of a sequence to give out a number; kept in the registry's cache."""

    counter: Counter
    prefix: str
    suffix: str
    padding: int
    use_date_range: bool

    @property
    def dated(self) -> bool:
        """Whether the numbers tell the date, so that it has to be known."""
        return self.use_date_range or "%" in self.prefix or "%" in self.suffix


class IrSequence(models.Model):
    """A counter with a way of writing its numbers."""

    _name = "ir.sequence"
    _description = "Sequence"
    _order = "name, id"

    name = fields.Char(required=True)
    code = fields.Char(string="Sequence Code", index=True, help="What programs ask for, e.g. stock.picking")
    implementation = fields.Selection(
        [("standard", "Standard"), ("no_gap", "No gap")],
        required=True,
        default="standard",
        help="Standard is fast and may skip a number when an operation is cancelled. No gap never skips one, at the "
        "price that users who number the same kind of document wait for each other.",
    )
    active = fields.Boolean(default=True)
    prefix = fields.Char(help="Text before the number; may hold date parts such as %(year)s")
    suffix = fields.Char(help="Text after the number; may hold date parts such as %(year)s")
    number_next = fields.Integer(string="Next Number", required=True, default=1)
    number_next_actual = fields.Integer(
        string="Actual Next Number", compute="_compute_number_next_actual", inverse="_inverse_number_next_actual"
    )
    number_increment = fields.Integer(string="Step", required=True, default=1)
    padding = fields.Integer(string="Sequence Size", required=True, default=0, help="Least number of digits")
    company_id = fields.Many2one(
        "res.company",
        string="Company",
        default=lambda self: self.env.company,
        help="Empty: used by every company that has no sequence of its own with the same code",
    )
    use_date_range = fields.Boolean(string="Use subsequences per date range")
    date_range_ids = fields.One2many("ir.sequence.date_range", "sequence_id", string="Subsequences")

    _increment_not_zero = models.Constraint("CHECK (number_increment > 0)", "The step must be at least 1.")
    _padding_not_negative = models.Constraint("CHECK (padding >= 0)", "The size cannot be negative.")

    @api.depends("number_next", "implementation")
    def _compute_number_next_actual(self) -> None:
        stored = self.filtered("id")
        counters = {record: record._counter() for record in stored}
        numbers = numbering.peek(self.env, counters.values())
        for record in self:
            record.number_next_actual = numbers[counters[record]] if record in counters else record.number_next

    def _inverse_number_next_actual(self) -> None:
        for record in self:
            record.number_next = record.number_next_actual

    @api.constrains("prefix", "suffix")
    def _check_templates(self) -> None:
        for record in self:
            for name in ("prefix", "suffix"):
                try:
                    numbering.check_template(record[name] or "")
                except UserError as error:
                    raise ValidationError(error.message, fields=[name], code=error.code) from error

    # -------------------------------------------------------------- life cycle

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> IrSequence:
        """Create sequences; their rows go to the database at once, as numbers are taken from there."""
        records = super().create(vals_list)
        invalidate(self.env)
        numbering.create_counters(self.env, {record._counter(): record.number_next for record in records})
        return records

    def write(self, vals: dict[str, Any]) -> bool:
        """Write; `number_next` says which number comes next."""
        if not _SHAPE & set(vals):
            result = super().write(vals)
            invalidate(self.env)
            return result
        holders = [*self, *self.date_range_ids]
        before = [(holder, holder._counter(), holder.number_next_actual) for holder in holders]
        result = super().write(vals)
        invalidate(self.env)
        for holder, counter, number in before:
            start = vals.get("number_next", number) if holder._name == self._name else number
            numbering.move_counter(self.env, counter, holder._counter(), start)
            holder._forget_counters()
        return result

    def unlink(self) -> bool:
        """Delete the sequences with their database counters."""
        self.date_range_ids.unlink()
        numbering.drop_counters(self.env, [record._counter() for record in self])
        result = super().unlink()
        invalidate(self.env)
        return result

    def _counter(self) -> Counter:
        """Return what the numbers are taken from."""
        return Counter("ir_sequence", self.id, self.number_increment, self.implementation == "no_gap")

    def _forget_counters(self) -> None:
        """Drop cached counters, which taking numbers has made stale."""
        self.invalidate_recordset(["number_next", "number_next_actual"])

    # ------------------------------------------------------------------ numbers

    @api.private
    @api.model
    def next_by_code(self, sequence_code: str, sequence_date: datetime.date | None = None) -> str | bool:
        """Return the next number of the current company's sequence with this code, or False when there is none."""
        return next(iter(self._next_many_by_code(sequence_code, 1, sequence_date)), False)

    @api.model
    def _next_many_by_code(
        self, sequence_code: str, count: int, sequence_date: datetime.date | None = None
    ) -> list[str]:
        """Return the next `count` numbers for a code in one go; an empty list when there is no such sequence."""
        sequence = self._for_code(sequence_code)
        return sequence.next_many(count, sequence_date) if sequence else []

    @api.model
    def _with_numbers(self, sequence_code: str, vals_list: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Copies of the values for `create`; rows without a name, or named "New", get the next numbers of a code.

        Raises:
            UserError: no sequence has the code.
        """
        rows = [dict(vals) for vals in vals_list]  # one dictionary may be given several times
        unnamed = [row for row in rows if not row.get("name") or row["name"] == "New"]
        numbers = self.sudo()._next_many_by_code(sequence_code, len(unnamed)) if unnamed else []
        if len(numbers) < len(unnamed):
            raise UserError(
                _(
                    "No active sequence has the code %(code)s, from which new documents get their numbers. "
                    "Create or restore one under Settings > Technical > Sequences & Identifiers > Sequences.",
                    code=sequence_code,
                ),
                code="base.sequence_missing",
            )
        for row, number in zip(unnamed, numbers, strict=True):
            row["name"] = number
        return rows

    @api.model
    def _for_code(self, sequence_code: str) -> IrSequence:
        """Return the current company's sequence for a code, else the one common to all companies, else none."""
        company = self.env.company.id
        found = cached(
            self.env, "sequence_code", (sequence_code, company), lambda: self._find_for_code(sequence_code, company)
        )
        return self.sudo().browse(found)

    def _find_for_code(self, sequence_code: str, company: int) -> list[int]:
        domain = [("code", "=", sequence_code), ("company_id", "in", [company, False])]
        found = self.sudo().search(domain)
        return found.sorted(lambda record: (not record.company_id, record.id)).ids[:1]

    @api.private
    def next_by_id(self, sequence_date: datetime.date | None = None) -> str:
        """Return the next number of this sequence."""
        return self.next_many(1, sequence_date)[0]

    @api.private
    def next_many(self, count: int, sequence_date: datetime.date | None = None) -> list[str]:
        """Return the next `count` numbers of this sequence, at the price of one statement.

        Args:
            count: how many; 0 gives an empty list.
            sequence_date: the document's date, for date parts and date ranges; default today, for the user.
        """
        self.ensure_one()
        if count <= 0:
            return []
        shape = cached(self.env, "sequence", self.id, lambda: self.sudo()._shape())
        if not shape.dated:
            numbers = numbering.take(self.env, shape.counter, count)
            self._forget_counters()
            return numbering.format_numbers(numbers, shape.prefix, shape.suffix, shape.padding, {})
        now = numbering.local_now(self.env)
        moment = _as_moment(sequence_date) or now
        counter, start = shape.counter, moment
        if shape.use_date_range:
            date_range = self.sudo()._range_for(moment.date())
            counter, start = date_range._counter(), _as_moment(date_range.date_from) or moment
        numbers = numbering.take(self.env, counter, count)
        self._forget_counters()
        moments = {"": moment, "current_": now, "range_": start}
        return numbering.format_numbers(numbers, shape.prefix, shape.suffix, shape.padding, moments)

    def _shape(self) -> Shape:
        return Shape(self._counter(), self.prefix or "", self.suffix or "", self.padding, self.use_date_range)

    def _range_for(self, day: datetime.date) -> IrSequenceDateRange:
        """Return the subsequence for a day, making the one for its year (as far as free) when there is none."""
        found = self._find_range(day)
        if not found:
            self.lock_for_update()  # two transactions must not both make the range of a new year
            found = self._find_range(day) or self._make_range(day)
        return found

    def _find_range(self, day: datetime.date) -> IrSequenceDateRange:
        domain = [("sequence_id", "=", self.id), ("date_from", "<=", day), ("date_to", ">=", day)]
        return self.env["ir.sequence.date_range"].sudo().search(domain, limit=1)

    def _make_range(self, day: datetime.date) -> IrSequenceDateRange:
        first, last = datetime.date(day.year, 1, 1), datetime.date(day.year, 12, 31)
        one = datetime.timedelta(days=1)
        for other in self.date_range_ids:
            if other.date_to < day:
                first = max(first, other.date_to + one)
            elif other.date_from > day:
                last = min(last, other.date_from - one)
        values = {"sequence_id": self.id, "date_from": first, "date_to": last}
        return self.env["ir.sequence.date_range"].sudo().create(values)


class IrSequenceDateRange(models.Model):
    """The counter of a sequence for one span of days."""

    _name = "ir.sequence.date_range"
    _description = "Sequence Date Range"
    _order = "date_from"
    _rec_name = "sequence_id"

    sequence_id = fields.Many2one("ir.sequence", string="Main Sequence", required=True, ondelete="cascade", index=True)
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    number_next = fields.Integer(string="Next Number", required=True, default=1)
    number_next_actual = fields.Integer(
        string="Actual Next Number", compute="_compute_number_next_actual", inverse="_inverse_number_next_actual"
    )

    _one_range_per_start = models.UniqueIndex(
        "(sequence_id, date_from)", "A sequence cannot have two ranges that start on the same day."
    )
    _dates_in_order = models.Constraint("CHECK (date_from <= date_to)", "A range must end after it starts.")

    @api.depends("number_next")
    def _compute_number_next_actual(self) -> None:
        counters = {record: record._counter() for record in self.filtered("id")}
        numbers = numbering.peek(self.env, counters.values())
        for record in self:
            record.number_next_actual = numbers[counters[record]] if record in counters else record.number_next

    def _inverse_number_next_actual(self) -> None:
        for record in self:
            record.number_next = record.number_next_actual

    @api.constrains("date_from", "date_to", "sequence_id")
    def _check_overlap(self) -> None:
        for record in self:
            others = record.sequence_id.date_range_ids - record
            if any(o.date_from <= record.date_to and record.date_from <= o.date_to for o in others):
                raise ValidationError(
                    _("The date ranges of the sequence %(name)s overlap.", name=record.sequence_id.name),
                    fields=["date_from", "date_to"],
                    code="base.date_ranges_overlap",
                    data={"sequence": record.sequence_id.name},
                )

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> IrSequenceDateRange:
        """Create ranges with their counters; the rows go to the database at once."""
        records = super().create(vals_list)
        self.env.flush_all()
        numbering.create_counters(self.env, {record._counter(): record.number_next for record in records})
        return records

    def write(self, vals: dict[str, Any]) -> bool:
        """Write; `number_next` says which number comes next."""
        result = super().write(vals)
        if "number_next" in vals:
            self.env.flush_all()
            numbering.restart_counters(self.env, {record._counter(): record.number_next for record in self})
            self._forget_counters()
        return result

    def unlink(self) -> bool:
        """Delete the ranges with their counters."""
        numbering.drop_counters(self.env, [record._counter() for record in self])
        return super().unlink()

    def _counter(self) -> Counter:
        """Return what the numbers are taken from."""
        sequence = self.sequence_id
        return Counter(
            "ir_sequence_date_range", self.id, sequence.number_increment, sequence.implementation == "no_gap"
        )

    def _forget_counters(self) -> None:
        """Drop cached counters, which taking numbers has made stale."""
        self.invalidate_recordset(["number_next", "number_next_actual"])


def _as_moment(value: datetime.date | str | bool | None) -> datetime.datetime | None:
    """Return a date, datetime or ISO text as a datetime; None when it is unset."""
    if not value:
        return None
    if isinstance(value, str):
        return datetime.datetime.fromisoformat(value)
    if isinstance(value, datetime.datetime):
        return value
    assert isinstance(value, datetime.date)
    return datetime.datetime(value.year, value.month, value.day)
