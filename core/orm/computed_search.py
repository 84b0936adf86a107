"""Search of computed fields by their values, for fields whose value no domain expresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from core.db.text_match import Pattern
from core.orm.domain import Domain
from core.orm.domain.algebra import holds_unset
from core.orm.domain.expression import Condition
from core.orm.domain.optimize import resolve_for_records
from core.orm.domain.predicate import to_predicate
from core.orm.domain.values import NUMBER_TYPES


class SearchByValue:
    """A search for computed fields: ``search=fields.SearchByValue([("state", "=", "sale")])``.

    The field is computed for all records that may have a value, in one batch, and compared as `filtered_domain`
    compares: extensions of the compute method hold, and so do the companies, places and dates of the environment.

    Args:
        candidates: a domain outside of which the field has no value (0, False, empty), or the name of a model method
            that returns one; all records by default. The narrower it is, the less is computed.
    """

    __slots__ = ("candidates",)

    def __init__(self, candidates: Domain | Sequence[Any] | str = ()) -> None:
        self.candidates = candidates

    def of_field(self, name: str) -> Callable[[Any, str, Any], Domain]:
        """The search method of the field `name`."""
        return partial(self.find, name)

    def find(self, name: str, model: Any, operator: str, value: Any) -> Domain:
        """The domain of the records of `model` of which the field `name` compares as asked.

        Costs one search and one computation, whatever the number of records. Raises ValidationError for an operator
        or value that does not fit the field.
        """
        condition = Domain(name, operator, value)
        candidates = getattr(model, self.candidates)() if isinstance(self.candidates, str) else self.candidates
        records = model.with_context(active_test=False).search(candidates, order="").with_env(model.env)
        if not model._fields[name].depends_on:
            records.invalidate_recordset([name])  # nothing else says that such a value has changed
        records.mapped(name)  # together, as the user; the comparison reads them one by one
        matches = to_predicate(condition, records.browse(), as_user="uid" in model._fields[name].context_keys)
        matching = records.filtered(matches)
        if _holds_without_value(resolve_for_records(condition, model), model):
            return Domain("id", "not in", (records - matching).ids)
        return Domain("id", "in", matching.ids)


def _holds_without_value(condition: Domain, model: Any) -> bool:
    """Whether a resolved condition holds for a record whose field is not set."""
    if isinstance(condition, Condition) and isinstance(condition.value, Pattern):
        field = model._fields[condition.field_expr]
        if field.type in NUMBER_TYPES:
            return condition.value.matches("0") != condition.operator.startswith("not ")
    return holds_unset(condition, model)
