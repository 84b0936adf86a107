"""Every bundled addon keeps the contract that holds for all addons."""

from pathlib import Path

from core.testing.contract import AddonContract

ADDONS = Path(__file__).resolve().parents[2] / "addons"


class TestBase(AddonContract):
    """The built-in addon. It can neither be uninstalled nor keep to the facade: it serves what stands above it."""

    addon = "base"
    # Written by the server itself: counters, sessions, keys and files of forms, bookkeeping of data files.
    without_view = frozenset(
        {"web.once", "web.session", "web.upload", "web.address.part", "res.users.throttle", "ir.tracking"}
    )
    without_rights = frozenset({"web.once", "web.session", "web.address.part", "res.users.throttle"})
    not_copied = frozenset({"ir.model", "ir.model.fields", "ir.model.data", "ir.addon", "web.once", "web.session"})

    test_it_uninstalls_without_a_trace = None
    test_imports_stay_within_depends = None
    test_files_classes_and_functions_are_short = None  # in test_sizes, with the rest of core


class TestInventory(AddonContract):
    """Stock, transfers, backorders."""

    addon = "inventory"
    oversized = {
        "models/stock_move.py": "One model: the move as a demand, on hold and done, with the seams of its whole life.",
        "models/stock_picking.py": "One model: the document, its dates, its backorders and its buttons.",
    }


class TestSales(AddonContract):
    """Quotations and orders."""

    addon = "sales"


class TestManufacturing(AddonContract):
    """Bills of materials and production."""

    addon = "manufacturing"
    oversized = {
        "models/mrp_production.py": "One model: the order with its figures, lots, buttons, links and seams.",
    }


class TestPurchasing(AddonContract):
    """Requests to vendors, purchase orders and their receipts."""

    addon = "purchasing"


class TestInvoicing(AddonContract):
    """Customer invoices, credit notes and taxes."""

    addon = "invoicing"


class TestSalesInvoicing(AddonContract):
    """What only sales and invoicing together have."""

    addon = "sales_invoicing"


class TestSalesManufacturing(AddonContract):
    """What only sales and manufacturing together have."""

    addon = "sales_manufacturing"


def test_no_bundled_addon_is_left_out():
    """Each folder of addons/ has its class above."""
    held = {cls.addon for cls in AddonContract.__subclasses__()}
    assert {path.parent.name for path in ADDONS.glob("*/__manifest__.py")} <= held
