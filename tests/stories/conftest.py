"""An integrator's view of a running server: OdooRPC, from PyPI and unchanged, and nothing else."""

import odoorpc
import pytest


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
