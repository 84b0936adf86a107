"""States as data: ``STATES`` lists them, ``TRANSITIONS`` says which method leads from where to where.

    STATES = [("draft", "Draft"), ("done", "Done")]
    TRANSITIONS = {"action_done": ({"draft"}, "done")}

The guard (``@api.transition``), the buttons of the form, the diagram in the documentation and the tests read the same
table.
"""

from __future__ import annotations

from typing import Any

from core.exceptions import UserError


class States:
    """The guard of a document's life; a part of every model, active where ``TRANSITIONS`` is set."""

    __slots__ = ()

    def allowed_transitions(self) -> set[str]:
        """The methods that the state of all these records allows."""
        states = {record[self._state_field] for record in self}
        return {name for name, (sources, _) in self.TRANSITIONS.items() if states <= set(sources)}

    def _check_transition(self, method: str) -> None:
        """Raise UserError, naming the documents and their state, unless all may take the transition `method`."""
        entry = self.TRANSITIONS.get(method)
        if entry is None:
            return
        refused = self.filtered(lambda record: record[self._state_field] not in entry[0])
        if not refused:
            return
        labels = dict(self.STATES)
        states = ", ".join(sorted({str(labels.get(record[self._state_field], "?")) for record in refused}))
        wanted = ", ".join(str(labels.get(state, state)) for state, _ in self.STATES if state in entry[0])
        raise UserError(
            self.env._(
                "%(records)s: this cannot be done in the state %(state)s; it needs %(wanted)s.",
                records=refused._described(),
                state=states,
                wanted=wanted,
            ),
            code="wrong_state",
            data={
                "model": self._name,
                "ids": refused.ids,
                "method": method,
            },
        )


def diagram(model_class: Any) -> str:
    """The transitions of a model as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for name, (sources, target) in model_class.TRANSITIONS.items():
        for source in sorted(sources):
            lines.append(f"    {source} --> {target or source}: {name}")
    return "\n".join(lines)
