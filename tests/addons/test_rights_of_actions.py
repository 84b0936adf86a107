"""No action of a document or wizard changes what its user may not change: every role, every action, by the registry."""

from __future__ import annotations

import contextlib
import inspect

import pytest

from core.base.services.access import AccessControl
from core.exceptions import StillageError
from core.rpc.public_methods import public_methods
from tests.addons import trading_day
from tests.addons.roles import NEIGHBOUR, ROLES, changes, environment

ADDONS = ["sales_manufacturing", "sales_invoicing", "purchasing"]

PER_STATE = 1
#: Actions that change something else than their own document: the right that they ask for instead.
INSTEAD = {
    "mrp.production.button_scrap": ("stock.scrap", "create"),
    "sale.order.action_plan_production": ("mrp.production.plan", "create"),
}


def business_models(env):
    """The lasting models of the bundled addons."""
    for name in sorted(env.registry.models):
        model = env[name]
        if not model._abstract and not model._transient and model._auto and not name.startswith(("ir.", "web.")):
            yield model


def documents(env, model):
    """One record of each state, and of each yes and no, of a model."""
    records = env[model._name].sudo().with_context(active_test=False).search([], limit=200)
    marks = [n for n, f in model._fields.items() if f.store and (n == "state" or f.type == "boolean")]
    key = lambda record: tuple(record[name] for name in marks)
    return [record.with_env(env) for group in records.grouped(key).values() for record in group[:PER_STATE]]


def actions(env, model):
    """The public methods of a model that are its own: name -> method."""
    found = public_methods(type(env[model]))
    return {name: method for name, method in found.items() if not method.inherited and not method.on_model}


def call(records, method):
    """Call a public method as a client does, with something for each parameter without a default."""
    method.check_rights(records)
    parameters = list(inspect.signature(method.function).parameters.values())[1:]
    kinds = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    given = [1 for each in parameters if each.kind in kinds and each.default is inspect.Parameter.empty]
    return getattr(records, method.name)(*given)


def attempt(env, records, method):
    """The tables that a call changes; none where it is refused or cannot be made."""
    touched = set()
    try:
        with changes(env) as touched:
            call(records, method)
    except (StillageError, TypeError, AttributeError, KeyError, ValueError):
        return set()
    return touched


@pytest.mark.parametrize("role", [*ROLES, NEIGHBOUR])
def test_an_action_changes_no_document_that_its_user_may_not_change(env, role):
    trading_day.fill(env)
    own = environment(env, role)
    done, called = [], 0
    for model in business_models(own):
        methods = actions(own, model._name)
        for record in documents(own, model):
            if record.has_access("write"):
                continue
            for name, method in methods.items():
                called += 1
                touched = attempt(own, record, method)
                if touched and not may_instead(record, name):
                    done.append((f"{model._name}.{name}", sorted(touched)))
    assert called > 40
    assert not done, report(done)


def may_instead(record, name):
    """Whether the action is about something else than its document, which the user may see, and which they may do."""
    model, operation = INSTEAD.get(f"{record._name}.{name}", ("", ""))
    return bool(model) and record.has_access("read") and record.env[model].has_access(operation)


def report(done):
    """The findings, one a line."""
    return "\n".join(f"{name} changes {', '.join(tables)}" for name, tables in sorted(done))


# -- wizards ---------------------------------------------------------------------------------------------------------


def wizards(env):
    """The transient models with actions of their own that are about lasting records of the addons."""
    lasting = {model._name for model in business_models(env)}
    for name in sorted(env.registry.models):
        model = env[name]
        if model._transient and not name.startswith(("res.", "web.", "change.password")) and actions(env, name):
            if any(field.comodel_name in lasting for field in links(model) for field in (field, *below(env, field))):
                yield model


def links(model):
    """The stored relational fields of a model, but for what every record has."""
    return [
        field
        for name, field in sorted(model._fields.items())
        if field.comodel_name and field.store and not field.related and name not in ("create_uid", "write_uid")
    ]


def below(env, field):
    """The links of the lines of a wizard."""
    return links(env[field.comodel_name]) if env[field.comodel_name]._transient else []


def filled(env, model, about, owner=""):
    """Values for a wizard, or a line of one, about a document: each link leads to it or what belongs to it."""
    values = {}
    for field in links(model):
        target = env[field.comodel_name]
        if field.name == owner or target._abstract:
            continue
        if target._transient:
            if field.type == "one2many":
                line = filled(env, target, about, field.inverse_name)
                values[field.name] = [(0, 0, line)]
            continue
        found = related(about, target)
        if found:
            values[field.name] = found[0].id if field.type == "many2one" else [(6, 0, found.ids)]
    return values | {name: plain_value(field) for name, field in model._fields.items() if wanted(field, values)}


def wanted(field, values):
    """Whether a field without a default is given something."""
    return (
        field.name not in values
        and field.store
        and not field.comodel_name
        and not field.computed
        and "default" not in field.args
        and field.type in ("quantity", "integer", "float", "char", "text", "boolean")
        and field.name not in ("id", "display_name")
    )


def plain_value(field):
    """One, yes, or a word."""
    return {"char": "X", "text": "X", "boolean": True}.get(field.type, 1)


def related(about, target):
    """The document where it is of the model asked for, else what of it is linked to the document."""
    if about._name == target._name:
        return about
    for field in about._fields.values():
        if field.comodel_name == target._name and about[field.name]:
            return about[field.name]
    return target.search([], limit=1)


def wizards_about(env, model):
    """The documents that a wizard can be about: of each lasting model that it or its lines link to."""
    fields = [each for field in links(model) for each in (field, *below(env, field))]
    found = dict.fromkeys(field.comodel_name for field in fields if not env[field.comodel_name]._transient)
    for name in found:
        if not name.startswith(("res.", "uom.", "ir.", "product.")):
            yield from documents(env, env[name])


@pytest.mark.parametrize("role", [*ROLES, NEIGHBOUR])
def test_a_wizard_changes_no_document_that_its_user_may_not_change(env, role, monkeypatch):
    trading_day.fill(env)
    own = environment(env, role)
    open_wizards(monkeypatch)
    done, called, kinds = [], 0, set()
    for model in wizards(own):
        methods = actions(own, model._name)
        for about in wizards_about(own, model):
            if about.has_access("write"):
                continue
            with contextlib.suppress(StillageError), changes(own):
                context = {"active_model": about._name, "active_id": about.id, "active_ids": about.ids}
                wizard = model.sudo().with_context(**context).create(filled(own(su=True), model, about.sudo()))
                for name, method in methods.items():
                    called += 1
                    kinds.add(model._name)
                    touched = attempt(own, wizard.with_env(own), method)
                    if touched:
                        done.append((f"{model._name}.{name} about {about._name}", sorted(touched)))
    assert role not in ("plain", "portal") or kinds == {model._name for model in wizards(own)}
    assert called > 10
    assert not done, report({(name, tuple(tables)) for name, tables in done})


def open_wizards(monkeypatch):
    """Let every user work on every wizard, so that what its actions ask is what protects the documents."""
    allowed = AccessControl.allowed

    def open_to_all(self, env, model_name, operation):
        return env[model_name]._transient or allowed(self, env, model_name, operation)

    monkeypatch.setattr(AccessControl, "allowed", open_to_all)
