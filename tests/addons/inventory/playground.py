"""A small warehouse to play with, and words for the steps of a flow."""

from __future__ import annotations

from decimal import Decimal

from addons.inventory.testing import assert_stock_laws, put_stock


class Stock:
    """A warehouse to play with: products, transfers, and short words for what people do with them."""

    def __init__(self, env):
        self.env = env
        self.warehouse = env.ref("inventory.warehouse0")
        self.stock = env.ref("inventory.stock_location_stock")
        self.customers = env.ref("inventory.stock_location_customers")
        self.suppliers = env.ref("inventory.stock_location_suppliers")
        self.out = env.ref("inventory.picking_type_out")
        self.into = env.ref("inventory.picking_type_in")
        self.internal = env.ref("inventory.picking_type_internal")
        self.unit = env.ref("inventory.product_uom_unit")
        self.dozen = env.ref("inventory.product_uom_dozen")

    def product(self, name="Drawer Case Black", on_hand=0, **values):
        """A storable product with so many on hand."""
        product = self.env["product.product"].create({"name": name, "is_storable": True, **values})
        if on_hand:
            put_stock(product, on_hand, self.stock)
        return product

    def transfer(self, kind, *demands, confirm=True, **values):
        """A transfer over (product, quantity) or (product, quantity, unit)."""
        picking = self.env["stock.picking"].create({"picking_type_id": kind.id, **values})
        self.env["stock.move"].create(
            [
                {
                    "picking_id": picking.id,
                    "product_id": product.id,
                    "product_uom_qty": Decimal(str(quantity)),
                    "product_uom": (unit[0] if unit else product.uom_id).id,
                }
                for product, quantity, *unit in demands
            ]
        )
        if confirm:
            picking.action_confirm()
        return picking

    def delivery(self, *demands, **values):
        """A confirmed delivery."""
        return self.transfer(self.out, *demands, **values)

    def receipt(self, *demands, **values):
        """A confirmed receipt."""
        return self.transfer(self.into, *demands, **values)

    def receive(self, product, quantity):
        """Goods arrive."""
        picking = self.receipt((product, quantity))
        picking.button_validate()
        return picking

    def pulled_in_two_steps(self, product):
        """Give the product a route on which shipping asks picking: both transfers exist as soon as it is ordered."""
        warehouse = self.warehouse
        output = warehouse.wh_output_stock_loc_id
        output.active = warehouse.pick_type_id.active = True
        route = self.env["stock.route"].create({"name": "Shipping asks picking"})
        for source, target, kind, method in (
            (self.stock, output, warehouse.pick_type_id, "make_to_stock"),
            (output, self.customers, self.out, "make_to_order"),
        ):
            self.env["stock.rule"].create(
                {
                    "name": f"{source.name} → {target.name}", "route_id": route.id, "action": "pull",
                    "location_src_id": source.id, "location_dest_id": target.id, "picking_type_id": kind.id,
                    "procure_method": method, "location_dest_from_rule": True,
                }
            )  # fmt: skip
        product.route_ids = route

    def on_hand(self, product, location=None):
        """So many are there."""
        location = location or self.stock
        return product.with_context(location=location.id).qty_available

    def laws(self):
        """Assert the stock laws."""
        assert_stock_laws(self.env)
