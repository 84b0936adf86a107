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
"""

from __future__ import annotations

from typing import Any

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
