"""A manager of another company is told nothing of this one: by no call, path, name, form or wizard."""

from __future__ import annotations

import contextlib

import pytest

from core.exceptions import AccessError, StillageError
from tests.addons import trading_day
from tests.addons.roles import NEIGHBOUR, changes, environment
from tests.addons.test_rights_of_actions import actions, business_models, call, documents

ADDONS = ["sales_manufacturing", "sales_invoicing", "purchasing"]


@pytest.fixture
def own(env):
    """The environment of the neighbour, after a day of trade of the company that is none of theirs."""
    trading_day.fill(env, private=True)
    found = environment(env, NEIGHBOUR)
    env.take_notifications()
    env.invalidate_all()
    return found


def lasting(env):
    """The models of which the user reads records."""
    for name in sorted(env.registry.models):
        model = env[name]
        if not model._abstract and not model._transient and model._auto and model.has_access("read"):
            yield model


def is_followed(own, field):
    """Whether a field leads to records of a model that the user reads."""
    return bool(field.comodel_name) and own[field.comodel_name].check_access_rights("read", False)


def tells(answer):
    """Whether an answer names anything of the day."""
    return trading_day.MARK in repr(answer) or "WH/" in repr(answer)


def test_no_reading_names_what_is_hidden(own):
    told = []
    for model in lasting(own):
        records = model.with_context(active_test=False).search([], limit=300)
        names = [name for name, field in model._fields.items() if model._field_allowed(field)]
        links = [name for name in names if is_followed(own, model._fields[name])]
        nested = {name: {"fields": {"display_name": {}, "id": {}}} for name in links}
        for kind, ask in (
            ("read", lambda records=records: records.read()),
            ("web_read", lambda records=records, nested=nested: records.web_read(nested)),
            ("name_search", lambda model=model: model.name_search("", limit=None)),
            ("export", lambda records=records, links=links: records.export_data([f"{n}/display_name" for n in links])),
        ):
            with contextlib.suppress(*([] if kind == "read" else [StillageError])):
                if tells(ask()):
                    told.append((model._name, kind))
        for name in (each for each in links if model._fields[each].type == "many2one"):
            with contextlib.suppress(StillageError):
                if tells(model.formatted_read_group([], [name], ["__count"])):
                    told.append((model._name, f"group by {name}"))
    assert not told, "\n".join(f"{name}: {kind}" for name, kind in told)


def test_no_form_names_what_is_hidden(own, env):
    told, asked = [], 0
    for name in sorted(own.registry.models):
        model = own[name]
        if model._abstract or not model._auto or not model.check_access_rights("create", False):
            continue
        spec = {each: {"fields": {"display_name": {}}} if field.comodel_name else {} for each, field in shown(model)}
        for link, field in shown(model):
            target = env[field.comodel_name] if field.type == "many2one" else None
            if target is None or target._transient or target._abstract:
                continue
            hidden = target.with_context(active_test=False).search([], limit=500)
            for record in (hidden - hidden.with_env(own)._filtered_access("read").sudo())[:2]:
                asked += 1
                with contextlib.suppress(StillageError):
                    if tells(model.onchange({link: record.id}, [link], spec)):
                        told.append((name, link))
                for lines in lines_of(model):
                    with contextlib.suppress(StillageError):
                        command = [(0, 0, dict.fromkeys(links_to(own[lines.comodel_name], record), record.id))]
                        if tells(model.onchange({lines.name: command}, [lines.name], {lines.name: {"fields": {}}})):
                            told.append((name, lines.name))
                with contextlib.suppress(StillageError):
                    answer = model.with_context(**{f"default_{link}": record.id}).onchange({}, [], spec)
                    if tells(answer):
                        told.append((name, f"default of {link}"))
    assert asked > 100
    assert not told, "\n".join(sorted({f"{name}: {link}" for name, link in told}))


def test_no_form_takes_lines_that_are_hidden(own, env):
    """Totals of the form would tell of them."""
    taken, asked = [], 0
    for name in sorted(own.registry.models):
        model = own[name]
        if model._abstract or not model._auto or not model.check_access_rights("create", False):
            continue
        for field in lines_of(model):
            lines = env[field.comodel_name].with_context(active_test=False).search([], limit=500)
            for line in (lines - lines.with_env(own)._filtered_by_rules("read").sudo())[:1].ids:
                for commands in ([(4, line)], [(6, 0, [line])], [line], [(1, line, {})]):
                    asked += 1
                    with contextlib.suppress(AccessError):
                        model.onchange({field.name: commands}, [field.name], {field.name: {"fields": {}}})
                        taken.append(f"{name}.{field.name} {commands}")
    assert asked > 20
    assert not taken, "\n".join(taken)


def shown(model):
    """The fields of a form of the model."""
    return [(name, field) for name, field in model._fields.items() if name != "id" and model._field_allowed(field)]


def lines_of(model):
    """The lines of a form."""
    return [field for _name, field in shown(model) if field.type == "one2many" and field.inverse_name]


def links_to(model, record):
    """The fields of a model that can be the record."""
    return [name for name, field in shown(model) if field.type == "many2one" and field.comodel_name == record._name]


def test_no_action_names_what_is_hidden(own):
    told, called = [], 0
    for model in business_models(own):
        methods = actions(own, model._name)
        for record in documents(own, model):
            if record.has_access("read"):
                continue
            for name, method in methods.items():
                called += 1
                if tells(answer_of(own, record, method)):
                    told.append((model._name, name))
    assert called > 40
    assert not told, "\n".join(sorted({f"{name}: {method}" for name, method in told}))


def answer_of(own, record, method):
    """What a call says: its values, the records it returns by name, its messages, or its refusal."""
    said = []
    with contextlib.suppress(TypeError, AttributeError, KeyError, ValueError), changes(own):
        try:
            result = call(record, method)
            said.append(result.sudo().mapped("display_name") if hasattr(result, "_ids") else result)
        except StillageError as error:
            said += [str(error), error.data]
        said += [str(each.message) for each in own.take_notifications()]
    return said
