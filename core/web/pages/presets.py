"""Saved filters and layouts: the one that a list is shown in, and what is saved, as people read it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from core.bounds import is_integer
from core.exceptions import UserError
from core.i18n import _
from core.web.pages.arrangement import label_of, layout_asked
from core.web.pages.opening import Opening, list_address, open_action, open_model
from core.web.pages.searching import Search, group_label, read_search
from core.web.visit import Visit

#: Model -> the page on which its records are changed.
PRESETS = {"ir.filters": "filter", "ir.ui.layout": "layout"}


@dataclass(frozen=True)
class PresetSummary:
    """What a preset holds, in pairs of a title and words, and where it is shown and changed."""

    rows: list[tuple[str, str]]
    list_url: str = ""
    edit_url: str = ""


def opened_preset(opening: Opening, model: str) -> Any:
    """The preset that the list's address names, where the user may change it; else None."""
    if model == "ir.ui.layout":
        given = layout_asked(opening)[0]
    else:
        text = opening.args.get("favorite", "")
        given = int(text) if is_integer(text) else 0
    preset = opening.env[model].browse(given).exists() if given else None
    return preset if preset and preset.model_id == opening.model and preset.has_access("write") else None


def open_list(visit: Visit, model: str) -> Opening:
    """The list of `model` that a preset is made for. Raises AccessError."""
    opening = open_model(visit, model)
    opening.records.check_access("read")
    return opening


def save_preset(opening: Opening, model: str, values: dict[str, Any], name: str) -> Any:
    """Save `values` as a new preset called `name`, or without a name as the one that is open; it is returned.

    The form says whether others share a new one, and whether the list opens with it.

    Raises:
        UserError: the one that is open was deleted meanwhile, or is no longer the user's to change.
    """
    visit, form = opening.visit, opening.visit.request.form
    if not name:
        preset = opened_preset(opening, model)
        if preset is None:
            raise UserError(_("What is open here was deleted, or you may no longer change it. Save it under a name."))
        preset.write(values)
        return preset
    preset = visit.env[model].create(
        {
            **values,
            "name": name,
            "model_id": opening.model,
            "action_id": opening.action.id if opening.action else False,
            "user_ids": [] if form.get("shared") else [(6, 0, [visit.uid])],
        }
    )
    if form.get("default"):
        preset.action_set_default()
    return preset


def summary(visit: Visit, preset: Any) -> PresetSummary | None:
    """What a saved preset holds; None for a record of another kind, or one that is not saved yet."""
    if preset._name not in PRESETS or not preset.id:
        return None
    try:
        action = preset.action_id.id
        opening = open_action(visit, action) if action else open_model(visit, preset.model_id, query={})
        opening.records.check_access("read")
    except UserError as error:
        return PresetSummary([(str(_("List")), str(error))])
    query = {key: str(value) for key, value in preset._address().items() if value is not None}
    opening = replace(opening, args=query)
    search = read_search(opening, lambda **changes: "")
    rows = _search_rows(search) if preset._name == "ir.filters" else _columns_rows(opening, preset)
    if search.groups:
        rows.append((str(_("Group by")), ", ".join(group_label(search, name) for name in search.groups)))
    if words := _order_words(opening, json.loads(preset.sort)):
        rows.append((str(_("Sort by")), words))
    shown = list_address(opening)
    return PresetSummary([row for row in rows if row[1]], shown, list_address(opening, path=PRESETS[preset._name]))


def _search_rows(search: Search) -> list[tuple[str, str]]:
    plain = [chip for chip in search.chips if not chip.hint]
    return [
        (str(_("Conditions")), search.advanced_words or search.problem),
        (str(_("Filters")), ", ".join(chip.label for chip in plain if chip.kind == "filter")),
        (str(_("Search for")), ", ".join(chip.label for chip in plain if chip.kind == "words")),
    ]


def _columns_rows(opening: Opening, preset: Any) -> list[tuple[str, str]]:
    words = []
    for name, width in preset._columns():
        if label := label_of(opening, name):
            words.append(f"{label} ({width} em)" if width else label)
    return [(str(_("Columns")), ", ".join(words))]


def _order_words(opening: Opening, sort: list[str]) -> str:
    name, _blank, direction = (sort[0] if sort else "").partition(" ")
    label = label_of(opening, name)
    if not label:
        return ""
    return str(_("%(field)s, descending", field=label)) if direction == "desc" else label
