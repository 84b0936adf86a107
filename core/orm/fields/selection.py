"""Selection: one of a short list of keys, each with a label."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import sqlalchemy as sa

from core.orm.fields.base import Field


class Selection(Field):
    """One key of ``selection``: a list of (key, label), a method name or a function of the model.

    ``selection_add`` in an extension adds keys. A key that is there already marks a place: what stands before it in the
    addition is put before it, what follows is put after it.

    ``ondelete`` says what happens to records when the adding addon is uninstalled:
    ``{"key": "set default" | "set null" | "cascade"}``.
    """

    type = "selection"
    selection: Any = ()
    selection_add: Any = ()
    ondelete: Any = None
    group_expand: Any = None

    def __init__(self, selection: Any = None, string: str | None = None, **args: Any) -> None:
        if selection is not None:
            args["selection"] = selection
        super().__init__(string, **args)

    def merge_argument(self, key: str, old: Any, new: Any) -> Any:
        if key == "selection_add" and old:
            return [*old, *new]
        if key == "ondelete" and isinstance(old, dict) and isinstance(new, dict):
            return old | new
        return new

    def setup(self, model_class: Any) -> None:
        super().setup(model_class)
        if self.selection_add:
            self.selection = self._with_additions()
        self._keys = frozenset(key for key, _ in self.selection) if isinstance(self.selection, list | tuple) else None

    def _with_additions(self) -> list[tuple[str, str]]:
        result = [tuple(item) for item in self.selection]
        waiting: list[tuple[str, str]] = []
        place: int | None = None  # behind the last choice that was there already
        for key, *label in self.selection_add:
            index = next((i for i, item in enumerate(result) if item[0] == key), None)
            if index is None:
                waiting.append((key, label[0]))
                continue
            if label:
                result[index] = (key, label[0])
            at = index if place is None else place
            result[at:at] = waiting
            place = index + 1 + len(waiting)
            waiting = []
        end = len(result) if place is None else place
        result[end:end] = waiting
        return result

    def setup_related(self, env: Any) -> None:
        super().setup_related(env)
        target = self.related_field(env)
        if not self.args.get("selection"):
            self.selection = lambda model: target.options(model.env[target.model_name])
            self._keys = target._keys

    def sql_type(self) -> Any:
        return sa.Text()

    def options(self, model: Any) -> list[tuple[str, str]]:
        """The (key, label) pairs as `model`'s environment has them."""
        selection = self.selection
        if isinstance(selection, str):
            return getattr(model, selection)()
        if callable(selection):
            return selection(model)
        return [(key, str(model.env._(label))) for key, label in selection]

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        if value is None or value is False or value == "":
            return None
        if validate and not isinstance(value, Hashable):
            raise self.bad_value(value, record, "one choice is expected")
        if validate and self._keys is not None and value not in self._keys:
            choices = ", ".join(sorted(map(str, self._keys)))
            raise self.bad_value(value, record, f"allowed are {choices}")
        if validate and self._keys is None and value not in dict(self.options(record)):
            raise self.bad_value(value, record, "it is not one of the choices")
        return value

    def convert_to_display(self, value: Any, record: Any) -> str:
        return dict(self.options(record)).get(value, value) if value else ""

    def convert_to_export(self, value: Any, record: Any) -> Any:
        return self.convert_to_display(value, record)

    def description(self, env: Any) -> dict[str, Any]:
        return super().description(env) | {"selection": [list(item) for item in self.options(env[self.model_name])]}
