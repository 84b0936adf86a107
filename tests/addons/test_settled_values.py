"""No document of the bundled addons takes a state or a computed figure from a client."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from core.exceptions import UserError
from core.testing.databases import AddonSet, rolled_back

#: Of each type of field, two values: a record has at most one of them.
VALUES = {
    "char": ("a", "b"),
    "text": ("a", "b"),
    "boolean": (True, False),
    "integer": (41, 42),
    "float": (41.0, 42.0),
    "quantity": (Decimal(41), Decimal(42)),
    "monetary": (Decimal(41), Decimal(42)),
    "date": (date(2001, 1, 1), date(2002, 1, 1)),
    "datetime": (datetime(2001, 1, 1), datetime(2002, 1, 1)),
    "json": ({"a": 1}, {"b": 1}),
}


@pytest.fixture
def admin(databases):
    """An administrator, for whom rights hold, on a database with demo data."""
    addons = AddonSet(("sales_manufacturing", "sales_invoicing", "purchasing"), demo=True)
    with rolled_back(databases.shared("sqlite", addons)) as env:
        yield env(uid=env.ref("base.user_admin").id, su=False)


@pytest.fixture
def documents(admin):
    """One of each kind of order; the sales order is confirmed, so there is a transfer too."""
    partner = admin["res.partner"].create({"name": "Azure"})
    product = admin["product.product"].create({"name": "Chair", "type": "consu", "is_storable": True, "list_price": 5})
    admin["sale.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 2})]}
    ).action_confirm()
    admin["purchase.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id, "product_qty": 2})]}
    )
    admin["mrp.production"].create({"product_id": product.id, "product_qty": 2})
    admin.flush_all()


def candidates(env, model):
    """(field name, value that the first record does not have) of what must not be entered."""
    record = env[model].sudo().search([], limit=1)
    for name, field in model_fields(env, model):
        if field.type == "selection":
            values = [key for key, _label in field.options(env[model])]
        elif field.type == "many2one":
            values = env[field.comodel_name].sudo().search([], limit=2).ids
        else:
            values = VALUES[field.type]
        held = field.convert_to_cache(record[name], record)
        value = next((value for value in values if value != held), None)
        if value is not None:
            yield record.with_env(env), name, value


def model_fields(env, model):
    fields = env[model]._fields
    computed = [f.name for f in fields.values() if f.stored_compute and f.readonly and not f.inverse]
    return [(name, fields[name]) for name in sorted({*computed, *env[model]._settled})]


def test_states_and_figures_of_documents_are_refused(admin, documents):
    tried, taken = set(), []
    for model, cls in sorted(admin.registry.models.items()):
        if cls._abstract or cls._transient or not admin.registry.access.allowed(admin, model, "write"):
            continue
        for record, name, value in candidates(admin, model) if model_fields(admin, model) else ():
            if not record:
                continue
            tried.add((model, name))
            try:
                with admin.savepoint():
                    record.write({name: value})
                taken.append((model, name))
            except UserError:
                continue
    assert taken == []
    assert tried >= {
        ("sale.order", "state"), ("sale.order", "amount_total"), ("purchase.order", "state"),
        ("mrp.production", "state"), ("stock.picking", "state"), ("stock.move", "state"),
        ("sale.order.line", "price_subtotal"), ("purchase.order.line", "price_total"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "model, state", [("sale.order", "sale"), ("purchase.order", "purchase"), ("mrp.unbuild", "done")]
)
def test_a_document_begins_as_a_draft(admin, model, state):
    for values, context in (({"state": state}, {}), ({}, {"default_state": state})):
        with pytest.raises(UserError) as refusal:
            admin[model].with_context(**context).create(values)
        assert refusal.value.code == "settled_field"


def test_an_order_that_is_confirmed_is_not_made_a_draft(admin, documents):
    order = admin["sale.order"].search([("state", "=", "sale")], limit=1)
    with pytest.raises(UserError) as refusal:
        order.write({"state": "draft"})
    assert refusal.value.data == {"model": "sale.order", "field": "state", "value": "draft"}
