"""Who the stories are told by: an integrator with OdooRPC, from PyPI and unchanged, and a user in a real browser."""

import re

import odoorpc
import pytest

from core.testing.browser import page_on
from core.testing.client import open_session
from tests.stories.person import Person


class Integrator:
    """A signed-in OdooRPC client, with the few steps that every story begins with."""

    def __init__(self, port, database):
        self.server = odoorpc.ODOO("127.0.0.1", port=port, timeout=60)
        self.server.login(database, "admin", "admin")
        self.env = self.server.env

    def __getitem__(self, model):
        return self.env[model]

    def make(self, model, **values):
        """A new record, browsed."""
        return self.env[model].browse(self.env[model].create(values))

    def again(self, record):
        """The record as it is now; OdooRPC remembers what it read."""
        return self.env[record._name].browse(record.ids)

    def product(self, name, **values):
        """A storable product."""
        return self.make("product.product", name=name, is_storable=True, **values)

    def stock(self, product, quantity, **values):
        """Count `quantity` of `product` in the warehouse."""
        location = self.env.ref("inventory.stock_location_stock").id
        quant = self.make(
            "stock.quant", product_id=product.id, location_id=location, inventory_quantity=quantity, **values
        )
        quant.action_apply_inventory()

    def order(self, product, quantity):
        """A confirmed sale order over `quantity` of `product`."""
        partner = self.env["res.partner"].create({"name": "Ready Mat"})
        line = (0, 0, {"product_id": product.id, "product_uom_qty": quantity})
        order = self.make("sale.order", partner_id=partner, order_line=[line])
        order.action_confirm()
        return self.again(order)

    def answer(self, action, method="process"):
        """Answer a question in the way that the action offers."""
        assert (action["type"], action["target"]) == ("ir.actions.act_window", "new")
        return getattr(self.env[action["res_model"]].browse(action["res_id"]), method)()


@pytest.fixture
def odoo(live_server, db):
    """An integrator, signed in as admin."""
    client = Integrator(live_server.port, db.name)
    yield client
    client.server.logout()


@pytest.fixture
def person(browser, request):
    """A user of the web client, signed in as admin."""
    return Person(browser, story_name(request))


@pytest.fixture
def person_without_scripts(chromium, live_server, db, request):
    """A user whose browser runs no scripts."""
    plain = {"java_script_enabled": False}
    with page_on(chromium, live_server.url, token=open_session(db), **plain) as page:
        yield Person(page, story_name(request), scripts=False)


def story_name(request):
    """The name of a test as a part of file names."""
    return re.sub(r"\W+", "-", request.node.name).strip("-")
