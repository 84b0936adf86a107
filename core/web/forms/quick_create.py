"""Quick creation: records made from a name typed into a form and the ``default_...`` values of the field's context.

is_offered, can_create   may it be offered here, and to this user
choose                   a button beside an unclear name was pressed: one of the records it may mean, or a new one
create_pending           the new ones are made when the form is saved
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from core.bounds import is_integer
from core.web.field_rules import Choice
from core.web.views.arch import Node

if TYPE_CHECKING:
    from core.web.forms.binding import Binding

# In place of an id: the record of that name is made when the form is saved.
NEW = "new"
#: The options of a <field> that switch it off.
_SWITCHES = ("no_create", "no_quick_create")


def is_offered(node: Node) -> bool:
    """Whether the view lets people make records in the field of `node`."""
    return not any(node.options.get(switch) for switch in _SWITCHES)


def can_create(records: Any, defaults: Mapping[str, Any]) -> bool:
    """Whether the user may make a record of which only the name and `defaults` (``default_...`` values) are known."""
    if not records.with_context(**defaults)._can_name_create():
        return False
    # What the record delegates to is made along with it, where the view says what kind of record it is to be.
    links = records._inherits.values() if defaults else ()
    needed = [
        spec
        for spec in records._fields.values()
        if spec.required and spec.store and not spec.compute and not spec.inherited and spec.name != records._rec_name
        if spec.name not in links
    ]
    return all("default" in spec.args or defaults.get(f"default_{spec.name}") for spec in needed)


def choose(binding: Binding, field: str, choice: str) -> None:
    """Give the relational `field` of `binding` the record that ``id|name`` or ``new|name`` stands for."""
    id_, _bar, label = choice.partition("|")
    if field in binding.nodes and (is_integer(id_) or id_ == NEW):
        chosen = Choice(0 if id_ == NEW else int(id_), label)
        many = binding.rules[field].type == "many2many"
        binding.set(field, (*(binding.values.get(field) or ()), chosen) if many else chosen)


def create_pending(env: Any, bindings: Iterable[Binding]) -> None:
    """Make the records that were named in forms and lines but do not exist yet, one of each name."""
    made: dict[Any, Choice] = {}

    def stored(binding: Binding, name: str, choice: Choice) -> Choice:
        if choice.id or not choice.label:
            return choice
        defaults, comodel = binding.context(binding.nodes[name]), binding.rules[name].comodel
        key = (comodel, choice.label, tuple(sorted(defaults.items())))
        if key not in made:
            made[key] = Choice(*env[comodel].with_context(**defaults).name_create(choice.label))
        return made[key]

    for binding in bindings:
        for name in sorted(binding.changed):
            value = binding.values.get(name)
            if isinstance(value, Choice):
                binding.set(name, stored(binding, name, value))
            elif isinstance(value, tuple):
                binding.set(name, tuple(stored(binding, name, choice) for choice in value))
