"""Removal strategies: those of inventory and of addons, and what is refused because it is none."""

from __future__ import annotations

import pytest

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import removal, removal_laws
from addons.inventory.services.removal import RemovalStrategy
from addons.inventory.testing import put_lots
from core.api import hookimpl
from core.doctor import examine
from core.exceptions import UserError, ValidationError
from core.testing.databases import AddonSet

ADDONS = ["inventory"]


def plugged(env, **functions):
    """The functions, named after their hooks, as the hooks of an addon of their own."""
    implementations = {name: staticmethod(hookimpl(function)) for name, function in functions.items()}
    return env.hooks.extended("guest", type("Guest", (), implementations))


def smallest_first(env, slots):
    """The stock of which there is least goes out first."""
    return sorted(slots, key=lambda slot: slot.quantity)


def register_removal_strategies(env):
    return [RemovalStrategy("smallest", "Smallest Quantity First", smallest_first)]


def in_lots(stock, **quantities):
    """A product of which there is so much of each lot, and the lots by name."""
    category = stock.env.ref("inventory.product_category_all")
    product = stock.product(tracking="lot", categ_id=category.id)
    names = [{"name": name, "product_id": product.id} for name in quantities]
    lots = dict(zip(quantities, stock.env["stock.lot"].create(names)))
    put_lots(product, {lots[name]: quantity for name, quantity in quantities.items()})
    return product, lots


@pytest.mark.parametrize("chosen_by", ["category", "location", "hook"])
def test_an_addon_brings_a_strategy(stock, chosen_by):
    product, lots = in_lots(stock, A=8, B=3, C=5)

    def choose_removal(env, products, location):
        return dict.fromkeys(products, "smallest") if chosen_by == "hook" else None

    addon = {"register_removal_strategies": register_removal_strategies, "choose_removal": choose_removal}
    with plugged(stock.env, **addon):
        strategy = stock.env["product.removal"].create({"name": "Smallest first", "method": "smallest"})
        if chosen_by == "category":
            product.categ_id.removal_strategy_id = strategy
        elif chosen_by == "location":
            stock.stock.removal_strategy_id = strategy
        lines = stock.delivery((product, 6)).move_line_ids
        assert [(line.lot_id, line.quantity) for line in lines] == [(lots["B"], 3), (lots["C"], 3)]
        gathered = stock.env["stock.quant"]._gather(product, stock.stock)
        assert gathered.mapped("quantity") == [3, 5, 8]


def test_stock_that_a_strategy_leaves_out_stays(stock):
    product, lots = in_lots(stock, A=8, B=3)

    def register_removal_strategies(env):
        def only_b(env, slots):
            return [slot for slot in slots if slot.key.lot == lots["B"].id]

        return [RemovalStrategy("fifo", "Only B", only_b)]

    with plugged(stock.env, register_removal_strategies=register_removal_strategies):
        picking = stock.delivery((product, 6))
    assert picking.move_line_ids.lot_id == lots["B"] and picking.move_ids.quantity == 3


def test_an_unknown_strategy_is_refused_when_it_is_set(stock, messages):
    with pytest.raises(ValidationError) as refused:
        stock.env["product.removal"].create({"name": "Smallest first", "method": "smallest"})
    assert refused.value.code == "inventory.unknown_removal_strategy" and refused.value.fields == ["method"]
    assert refused.value.data["known"] == [strategy.name for strategy in removal.BUILT_IN]
    messages.check(str(refused.value))


@pytest.mark.parametrize("where", ["category", "location"])
def test_a_strategy_whose_addon_has_gone_is_refused(stock, where):
    product, _lots = in_lots(stock, A=8, B=3)
    user = product.categ_id if where == "category" else stock.stock
    with plugged(stock.env, register_removal_strategies=register_removal_strategies):
        strategy = stock.env["product.removal"].create({"name": "Smallest first", "method": "smallest"})
    with pytest.raises(ValidationError) as refused, stock.env.savepoint():
        user.removal_strategy_id = strategy
        stock.env.flush_all()
    assert refused.value.fields == ["removal_strategy_id"] and "smallest" in str(refused.value)


def test_stock_of_a_strategy_that_has_gone_does_not_go_out_in_another_order(stock, messages):
    product, _lots = in_lots(stock, A=8, B=3)
    with plugged(stock.env, register_removal_strategies=register_removal_strategies):
        strategy = stock.env["product.removal"].create({"name": "Smallest first", "method": "smallest"})
        stock.stock.removal_strategy_id = strategy
    with pytest.raises(InventoryError) as refused, stock.env.savepoint():
        stock.delivery((product, 6))
    assert refused.value.code == "inventory.unknown_removal_strategy"
    messages.check(str(refused.value))


def test_the_doctor_names_who_uses_a_strategy_that_has_gone(stock, messages):
    category = stock.env["product.category"].create({"name": "Bolts"})
    with plugged(stock.env, register_removal_strategies=register_removal_strategies):
        strategy = stock.env["product.removal"].create({"name": "Smallest first", "method": "smallest"})
        category.removal_strategy_id = stock.stock.removal_strategy_id = strategy
        assert not examine(stock.env, removal_laws.checks())
    found = examine(stock.env, removal_laws.checks())
    assert [(problem.model, problem.res_id) for problem in found] == [
        ("product.category", category.id),
        ("stock.location", stock.stock.id),
    ]
    words = [f"{problem.text} ({problem.hint})".replace(f" {problem.res_id} (", " (") for problem in found]
    messages.check("\n".join(words))
    category.removal_strategy_id = stock.stock.removal_strategy_id = False
    assert not examine(stock.env, removal_laws.checks())


SMALLEST = {
    "__init__.py": "",
    "__manifest__.py": repr({"name": "Smallest", "depends": ["inventory"], "data": ["data/removal.xml"]}),
    "data/removal.xml": """<odoo><record id="smallest" model="product.removal">
        <field name="name">Smallest first</field><field name="method">smallest</field></record></odoo>""",
    "strategy.py": "def order(env, slots):\n    return sorted(slots, key=lambda slot: slot.quantity)\n",
    "hooks.py": """
from addons.inventory.services.removal import RemovalStrategy
from core.api import hookimpl
from .strategy import order

@hookimpl
def register_removal_strategies(env):
    return [RemovalStrategy("smallest", "Smallest Quantity First", order)]
""",
}


def test_an_addon_stays_whose_strategy_is_used(tmp_path, databases, monkeypatch):
    """It is refused with the records and the way out; when they have another one, it goes, and can come again."""
    monkeypatch.setitem(examine.__kwdefaults__, "limit", 2)
    for name, text in SMALLEST.items():
        path = tmp_path / "smallest_first" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with databases.fresh("sqlite", AddonSet(("smallest_first",), paths=(str(tmp_path),))) as database:
        with database.transaction() as env:
            category = env["product.category"].create({"name": "Bolts"})
            category.removal_strategy_id = env.ref("smallest_first.smallest")
            # More than the doctor lists have a strategy of an addon that has gone before.
            gone = env["product.removal"].search([("method", "=", "closest")])
            env["product.category"].create(
                [{"name": f"Anchors {number}", "removal_strategy_id": gone.id} for number in range(3)]
            )
            env.flush_all()
            env.cr.execute("UPDATE product_removal SET method = 'gone' WHERE id = :id", {"id": gone.id})
        with pytest.raises(UserError, match=r"Bolts.*“smallest”.*choose one of fifo, lifo") as refused:
            database.uninstall(["smallest_first"])
        assert "Anchors" not in str(refused.value)
        with database.transaction() as env:
            assert "smallest_first" in database.addons
            category.with_env(env).removal_strategy_id = False
        assert database.uninstall(["smallest_first"]) == ["smallest_first"]
        with database.transaction() as env:
            assert "smallest" not in env["product.removal"].search([]).mapped("method")
        assert database.install(["smallest_first"]) == ["smallest_first"]


def test_a_strategy_in_use_is_not_deleted(stock):
    category = stock.env["product.category"].create({"name": "Bolts"})
    category.removal_strategy_id = stock.env["product.removal"].search([("method", "=", "closest")])
    with pytest.raises(UserError, match="used by Product Category Bolts"), stock.env.savepoint():
        category.removal_strategy_id.unlink()


def test_an_answer_that_is_no_strategy_is_refused(stock):
    product, _lots = in_lots(stock, A=8, B=3)

    def choose_removal(env, products, location):
        return dict.fromkeys(products, "oldest")

    with plugged(stock.env, choose_removal=choose_removal), pytest.raises(InventoryError) as refused:
        with stock.env.savepoint():
            stock.delivery((product, 1))
    assert refused.value.data["strategy"] == "oldest" and "oldest" in str(refused.value)
