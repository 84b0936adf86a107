"""States as data: ``STATES`` lists them, ``TRANSITIONS`` says which method leads from where to where.

    STATES = [("draft", "Draft"), ("done", "Done"), ("cancel", "Cancelled")]
    TRANSITIONS = {"action_done": ({"draft"}, "done"), "action_cancel": ({"draft"}, "cancel")}
    STATE_REFUSALS = {
        "done": _("%(record)s is already done."),
        ("done", "action_cancel"): _("%(record)s is already done. Return it instead."),
        "cancel": _("%(record)s is cancelled. Duplicate it to begin again."),
    }

The guard (``@api.transition``), the buttons of the form, the diagram in the documentation and the tests read the same
tables. What ``STATE_REFUSALS`` does not say is said of the state's label.

A state follows from what happened to a document and is not for writing: `create` and `write` take it from transitions
and from services only, not from values or the context of a client. The same holds for the fields that a model names in
``_settled_fields``, such as a counted quantity.

Services write by `_settle`, `_settle_multi`, `_settle_create` and `_settle_unlink`. They call `create`, `write` and
`unlink` with the overrides of all addons; constraints, hooks and stored values hold as for any change. A model whose
own `create`, `write` or `unlink` has effects or guards for changes by hand asks `_is_settling` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Self

from core.exceptions import UserError
from core.i18n import ngettext
from core.orm.decorators import public, readonly

#: So many records are named when a method is refused for many.
_NAMED = 5


class States:
    """The guard of a document's life; a part of every model, active where ``TRANSITIONS`` is set."""

    __slots__ = ()

    @public(access="read")
    @readonly
    def allowed_transitions(self) -> set[str]:
        """The methods that the state of all these records allows."""
        if not self.TRANSITIONS:
            return set()
        states = {record[self._state_field] for record in self}
        return {name for name, (sources, _) in self.TRANSITIONS.items() if states <= set(sources)}

    def _check_transition(self, method: str) -> None:
        """Raise UserError, saying what happened to each document, unless all may take the transition `method`."""
        entry = self.TRANSITIONS.get(method)
        if entry is None:
            return
        refused = self.filtered(lambda record: record[self._state_field] not in entry[0])
        if not refused:
            return
        sentences = [record._state_refusal(method) for record in refused[:_NAMED]]
        if len(refused) > _NAMED:
            more = ngettext(
                "%(number)s more record is refused.", "%(number)s more records are refused.", len(refused) - _NAMED
            )
            sentences.append(self.env._(more))
        raise UserError(
            "\n".join(sentences),
            code="wrong_state",
            data={
                "model": self._name,
                "ids": refused.ids,
                "method": method,
            },
        )

    def _state_refusal(self, method: str) -> str:
        """What happened to this record, and what to do, so that `method` is not possible: one or two sentences."""
        record = self.sudo()
        state, name = record[self._state_field], record._state_name()
        known = self.STATE_REFUSALS.get((state, method)) or self.STATE_REFUSALS.get(state)
        if known:
            return self.env._(known, record=name)
        order = [value for value, _label in self.STATES]
        labels = {value: self.env._(label) for value, label in self.STATES}
        values = {"record": name, "state": labels.get(state, state or "?")}
        sources = [value for value in order if value in self.TRANSITIONS[method][0]]
        if state in order and sources and order.index(state) < order.index(sources[0]):
            wanted = labels[sources[0]]
            return self.env._(
                "%(record)s is still “%(state)s”. It has to be “%(wanted)s” first.", **values, wanted=wanted
            )
        return self.env._("%(record)s is already “%(state)s”.", **values)

    # -- who may write what a state is ----------------------------------------------------------------------------

    def _settling(self) -> AbstractContextManager[None]:
        """Within, `create` and `write` of the model take states and settled fields; for services."""
        return self.env._transaction.settling(self._name)

    def _is_settling(self) -> bool:
        """Whether a service is writing what it has settled of these records, or, on the model, is creating records.

        Guards and effects of a change by hand do not apply then. They do for other records of the model that an
        override changes on the way.
        """
        writes = self.env._transaction.settled_writes.get(self._name)
        if not writes:
            return False
        if not self._ids:
            return writes[-1].creating
        return any(write.ids.issuperset(self._ids) for write in writes)

    def _settle(self, vals: Mapping[str, Any]) -> None:
        """Write what an action settles, a state among it; `write` with all its overrides, if there is what to write."""
        if not self._ids or not vals:
            return
        with self.env._transaction.settled_write(self._name, self._ids):
            self.write(vals)

    def _settle_multi(self, vals_list: Sequence[Mapping[str, Any]]) -> None:
        """Write on each record what an action settles for it; see `_write_multi`."""
        with self.env._transaction.settled_write(self._name, self._ids):
            self._write_multi(vals_list)

    def _settle_create(self, vals_list: Iterable[Mapping[str, Any]]) -> Self:
        """Create records whose values an action has settled, complete; `create` with all its overrides."""
        with self.env._transaction.settled_write(self._name, creating=True):
            return self.browse().create(list(vals_list))

    def _settle_unlink(self) -> None:
        """Delete records as part of an action, which sees to the consequences; `unlink` with all its overrides."""
        if not self._ids:
            return
        with self.env._transaction.settled_write(self._name, self._ids):
            self.unlink()

    def _may_settle(self) -> bool:
        """Whether states and settled fields may be written: by transitions, services and, mostly, superuser code."""
        if self._name in self.env._transaction.settling_models or self._is_settling():
            return True
        return self.env.su and not self._settled_strictly

    def _check_settled(self, vals: Mapping[str, Any]) -> None:
        """Refuse to write another state, or another value of a settled field, than the records have."""
        names = self._settled.intersection(vals)
        if not names or self._may_settle():
            return
        for name in names:
            field = self._fields[name]
            value = field.convert_to_cache(vals[name], self[:1])
            if any(value != held for held in field.cached_values(self.sudo())):
                raise self._settled_error(name, value)

    def _check_first_values(self, vals_list: Iterable[Mapping[str, Any]]) -> None:
        """Refuse to create records that are in another state from the start, or have settled values."""
        for name in self._settled:
            field = self._fields[name]
            allowed = None
            for vals in vals_list:
                if name in vals:
                    allowed = self._first_values(name) if allowed is None else allowed
                    value = field.convert_to_cache(vals[name], self)
                    if value not in allowed:
                        raise self._settled_error(name, value)

    def _first_values(self, name: str) -> set[Any]:
        """The values (cache format) that a new record may have of a settled field."""
        field = self._fields[name]
        first = field.default_value(self) if "default" in field.args else field.null
        found = {field.null, field.convert_to_cache(first, self)}
        return found | self._first_states if name == self._state_field else found

    def _settled_error(self, name: str, value: Any) -> UserError:
        field = self._fields[name]
        shown = field.convert_to_display(field.convert_to_record(value, self), self)
        values = {"model": self._description, "field": field.string, "value": shown or value}
        methods = [method for method, (_sources, target) in self.TRANSITIONS.items() if target and target == value]
        if name == self._state_field and methods:
            message = self.env._(
                "%(model)s: the %(field)s “%(value)s” cannot be entered. It follows from %(methods)s.",
                **values,
                methods=", ".join(methods),
            )
        else:
            message = self.env._(
                "%(model)s: %(field)s cannot be entered. It follows from what is done with the document.", **values
            )
        return UserError(message, code="settled_field", data={"model": self._name, "field": name, "value": str(value)})

    def _state_name(self) -> str:
        """What this record is called where a method is refused in its state."""
        return str(self.display_name)


def diagram(model_class: Any) -> str:
    """The transitions of a model as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for name, (sources, target) in model_class.TRANSITIONS.items():
        for source in sorted(sources):
            lines.append(f"    {source} --> {target or source}: {name}")
    return "\n".join(lines)
