"""The structural tests that every addon gets."""

from __future__ import annotations

from core.testing.contract import AddonContract


class TestInventory(AddonContract):
    """Inventory keeps the rules of the house."""

    addon = "inventory"
