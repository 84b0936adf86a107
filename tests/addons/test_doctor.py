"""`stillage doctor` on a database with a story: what SQL breaks is found, and repaired where it follows from others.

The story has deliveries with backorders, receipts, a return, lots, units, productions in parts, orders of both kinds
and invoices. Each damage changes rows behind the back of the ORM, as a defect or a person with SQL would.
"""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from addons.inventory.services import doctor as stock_laws
from addons.inventory.services import link_laws
from addons.inventory.testing import put_lots, put_stock
from addons.manufacturing.services import doctor as manufacturing_laws
from addons.sales.services import doctor as sales_laws
from core import doctor
from core.cli.doctor import doctor as command
from core.cli.session import Session
from core.doctor import columns
from tests.addons.manufacturing.workshop import Workshop
from tests.addons.sales.desk import Desk

ADDONS = ["inventory", "sales", "manufacturing", "purchasing", "sales_manufacturing", "invoicing", "sales_invoicing"]
D = Decimal


class Story:
    """What a company did, by names."""

    def __init__(self, env: Any) -> None:
        self.env = env
        stock = env.ref("inventory.stock_location_stock")
        stock.allow_negative_stock = False
        env.ref("inventory.picking_type_out").create_backorder = "always"
        desk, shop = Desk(env), Workshop(env)
        self.case = desk.product("Case", 14)
        self.order = desk.order((self.case, 24), (desk.product("Tray", 40), 2, {"product_uom_id": desk.dozen.id}))
        self.gone = self.order.picking_ids
        self.gone.button_validate()
        self.rest = self.gone.backorder_ids
        self.rest_move = self.rest.move_ids.filtered(lambda move: move.product_id == self.case)
        self.entry = self.rest_move.shortfall_id
        self.gone_move = self.gone.move_ids.filtered(lambda move: move.product_id == self.case)
        self.gone_line = self.gone_move.move_line_ids
        self.dozens = self.gone.move_ids - self.gone_move
        varnish = desk.product("Varnish", tracking="lot")
        lots = env["stock.lot"].create([{"name": name, "product_id": varnish.id} for name in ("L1", "L2")])
        put_lots(varnish, {lots[0]: 5, lots[1]: 7})
        self.held = desk.order((varnish, 9)).picking_ids
        self.late = desk.order((desk.product("Lamp", 3), 5)).picking_ids
        self.none = desk.order((desk.product("Stool"), 5)).picking_ids
        self.quotation = desk.quotation((self.case, 1))
        self.purchase = env["purchase.order"].create(
            {"partner_id": desk.customer.id, "order_line": [(0, 0, {"product_id": self.case.id, "product_qty": 9})]}
        )
        self.purchase.button_confirm()
        self.purchase.picking_ids.move_ids.quantity = 4
        self.purchase.picking_ids.button_validate(answers={"backorder": {"*": True}})
        self.made = shop.order(10)
        self.made.qty_producing = 4
        self.made.button_mark_done({"backorder": {self.made.id: True}})
        self.to_make = self.made.production_group_id.production_ids - self.made
        self.pending = shop.order(3)
        self.invoice = self.order._create_invoices()
        self.invoice.action_post()
        self.row = self.case.stock_quant_ids.filtered(lambda row: row.location_id == stock)
        self.inner = env["stock.location"].create({"name": "Shelf", "location_id": stock.id})
        self.place = env["stock.location"].create({"name": "Box", "location_id": self.inner.id})
        put_stock(self.case, 3, self.place)
        env.flush_all()
        env.invalidate_all()

    def change(self, records: Any, **values: Any) -> None:
        """Write values by SQL."""
        table = self.env.registry.table(records._name)
        self.env.execute(sa.update(table).where(table.c.id.in_(records.ids)).values(**values))
        self.env.invalidate_all()

    def lose(self, record: Any) -> None:
        """Delete a row by SQL."""
        table = self.env.registry.table(record._name)
        self.env.execute(sa.delete(table).where(table.c.id == record.id))
        self.env.invalidate_all()

    def double(self, record: Any, **values: Any) -> None:
        """Insert a row again, with other values, by SQL."""
        table = self.env.registry.table(record._name)
        row = dict(self.env.execute(sa.select(table).where(table.c.id == record.id)).one()._mapping)
        new = self.env.execute(sa.select(sa.func.max(table.c.id))).scalar() + 1000
        self.env.execute(sa.insert(table).values({**row, "id": new, **values}))
        self.env.invalidate_all()


@pytest.fixture
def story(env: Any) -> Story:
    """The story; the doctor finds nothing in it."""
    told = Story(env)
    assert [problem.text for problem in doctor.examine(env)] == []
    return told


@dataclass(frozen=True)
class Damage:
    """A way to break the story, the record that a check must name, and whether it follows from others what is right."""

    check: str
    broken: Callable[[Story], Any]
    do: Callable[[Story], Any]
    repaired: bool = True


def other_company(story: Story) -> Any:
    company = story.env["res.company"].create({"name": "Another"})
    story.env.flush_all()
    return company


MISSING = 987654
DAMAGES = {
    "second stock row with the same figure": Damage(
        "inventory.stock_rows", lambda s: None, lambda s: s.double(s.row, identity="again")
    ),
    "stock row of a wrong identity": Damage(
        "inventory.stock_rows", lambda s: s.row, lambda s: s.change(s.row, identity="1:2:3:4:5")
    ),
    "on hand changed": Damage(
        "inventory.on_hand", lambda s: s.row, lambda s: s.change(s.row, quantity=s.row.quantity + 5)
    ),
    "stock row deleted": Damage("inventory.on_hand", lambda s: None, lambda s: s.lose(s.place.quant_ids)),
    "done line deleted": Damage("inventory.moves", lambda s: s.gone_move, lambda s: s.lose(s.gone_line), False),
    "done line doubled": Damage("inventory.moves", lambda s: s.gone_move, lambda s: s.double(s.gone_line), False),
    "done line at another place": Damage(
        "inventory.on_hand", lambda s: s.row, lambda s: s.change(s.gone_line, location_id=s.place.id)
    ),
    "done line of another product": Damage(
        "inventory.lines",
        lambda s: s.gone_line,
        lambda s: s.change(s.gone_line, product_id=s.quotation.order_line.product_id.id + 1),
        False,
    ),
    "done line without move": Damage(
        "inventory.lines", lambda s: s.gone_line, lambda s: s.change(s.gone_line, move_id=None), False
    ),
    "done line of a move that does not exist": Damage(
        "core.links", lambda s: s.gone_line, lambda s: s.change(s.gone_line, move_id=MISSING), False
    ),
    "done line in its own unit": Damage(
        "inventory.lines",
        lambda s: s.dozens.move_line_ids,
        lambda s: s.change(s.dozens.move_line_ids, quantity=D(3)),
        False,
    ),
    "open line in its own unit": Damage(
        "inventory.lines",
        lambda s: s.held.move_line_ids[0],
        lambda s: s.change(s.held.move_line_ids[0], quantity=D(2)),
    ),
    "reserved beyond what is there": Damage(
        "inventory.reserved",
        lambda s: None,
        lambda s: s.change(s.held.move_line_ids[1], quantity=D(90), quantity_product_uom=D(90)),
    ),
    "done move made open": Damage(
        "inventory.moves", lambda s: s.gone_move, lambda s: s.change(s.gone_move, state="assigned")
    ),
    "done move cancelled": Damage(
        "inventory.moves", lambda s: s.gone_move, lambda s: s.change(s.gone_move, state="cancel")
    ),
    "open component made done": Damage(
        "inventory.moves",
        lambda s: s.pending.move_raw_ids[0],
        lambda s: s.change(s.pending.move_raw_ids[0], state="done"),
    ),
    "open move without reservation made done": Damage(
        "inventory.moves", lambda s: s.none.move_ids, lambda s: s.change(s.none.move_ids, state="done"), False
    ),
    "reserved move cancelled": Damage(
        "inventory.moves", lambda s: s.held.move_ids, lambda s: s.change(s.held.move_ids, state="cancel")
    ),
    "move against its lines": Damage(
        "inventory.moves", lambda s: s.held.move_ids, lambda s: s.change(s.held.move_ids, quantity=D(1))
    ),
    "done move against its lines": Damage(
        "inventory.moves", lambda s: s.gone_move, lambda s: s.change(s.gone_move, quantity=D(1)), False
    ),
    "demand of a done move raised": Damage(
        "inventory.moves", lambda s: s.gone_move, lambda s: s.change(s.gone_move, product_uom_qty=D(99))
    ),
    "line in another transfer": Damage(
        "inventory.lines",
        lambda s: s.held.move_line_ids[0],
        lambda s: s.change(s.held.move_line_ids[0], picking_id=s.late.id),
    ),
    "done transfer made draft": Damage(
        "inventory.transfers", lambda s: s.gone, lambda s: s.change(s.gone, state="draft")
    ),
    "open transfer made done": Damage(
        "inventory.transfers", lambda s: s.held, lambda s: s.change(s.held, state="done")
    ),
    "deadline of a transfer": Damage(
        "inventory.deadlines", lambda s: s.held, lambda s: s.change(s.held, date_deadline=datetime(2031, 1, 1))
    ),
    "backorder owes too much": Damage(
        "inventory.backorder_entries", lambda s: s.entry, lambda s: s.change(s.entry, quantity_owed=D(99))
    ),
    "backorder was over more": Damage(
        "inventory.backorder_entries", lambda s: s.entry, lambda s: s.change(s.entry, quantity=D(99))
    ),
    "backorder delivered more": Damage(
        "inventory.backorder_entries", lambda s: s.entry, lambda s: s.change(s.entry, quantity_done=D(3))
    ),
    "backorder closed": Damage(
        "inventory.backorder_entries", lambda s: s.entry, lambda s: s.change(s.entry, state="done")
    ),
    "backorder entry deleted": Damage("inventory.backorder_missing", lambda s: s.rest_move, lambda s: s.lose(s.entry)),
    "backorder entry gone, the link stays": Damage(
        "inventory.backorder_missing",
        lambda s: s.rest_move,
        lambda s: s.change(s.rest_move, shortfall_id=MISSING),
    ),
    "transfer is its own backorder": Damage(
        "inventory.backorder_chain", lambda s: s.gone, lambda s: s.change(s.gone, backorder_id=s.gone.id), False
    ),
    "two transfers are backorders of one another": Damage(
        "inventory.backorder_chain", lambda s: None, lambda s: s.change(s.gone, backorder_id=s.rest.id), False
    ),
    "move is a return of itself": Damage(
        "inventory.return_chain",
        lambda s: s.gone_move,
        lambda s: s.change(s.gone_move, origin_returned_move_id=s.gone_move.id),
        False,
    ),
    "moves feed one another": Damage("inventory.move_chain", lambda s: None, lambda s: feed_in_a_circle(s), False),
    "move feeds another product": Damage(
        "inventory.chain_products", lambda s: s.gone_move, lambda s: feed(s, s.gone_move, s.held.move_ids), False
    ),
    "move of another company than its transfer": Damage(
        "inventory.move_company",
        lambda s: s.held.move_ids,
        lambda s: s.change(s.held.move_ids, company_id=other_company(s).id),
    ),
    "delivered quantity of an order line": Damage(
        "sales.quantities",
        lambda s: s.order.order_line[0],
        lambda s: s.change(s.order.order_line[0], qty_delivered=s.order.order_line[0].qty_delivered + 3),
    ),
    "confirmed order made draft": Damage("sales.states", lambda s: s.order, lambda s: s.change(s.order, state="draft")),
    "confirmed order cancelled": Damage(
        "sales.states", lambda s: s.order, lambda s: s.change(s.order, state="cancel"), False
    ),
    "quotation made an order": Damage(
        "sales.states", lambda s: s.quotation, lambda s: s.change(s.quotation, state="sale"), False
    ),
    "received quantity of a purchase": Damage(
        "purchasing.quantities",
        lambda s: s.purchase.order_line,
        lambda s: s.change(s.purchase.order_line, qty_received=D(7)),
    ),
    "purchase made draft": Damage(
        "purchasing.states", lambda s: s.purchase, lambda s: s.change(s.purchase, state="draft")
    ),
    "production done without movements": Damage(
        "manufacturing.states", lambda s: s.pending, lambda s: s.change(s.pending, state="done"), False
    ),
    "done production made open": Damage(
        "manufacturing.states", lambda s: s.made, lambda s: s.change(s.made, state="confirmed")
    ),
    "production cancelled while its moves are open": Damage(
        "manufacturing.states", lambda s: s.pending, lambda s: s.change(s.pending, state="cancel"), False
    ),
    "production made draft after it was produced": Damage(
        "manufacturing.states", lambda s: s.made, lambda s: s.change(s.made, state="draft"), False
    ),
    "two parts at one place": Damage(
        "manufacturing.parts", lambda s: s.to_make, lambda s: s.change(s.to_make, backorder_sequence=1), False
    ),
    "invoiced quantity": Damage(
        "core.computed",
        lambda s: s.order.order_line[0],
        lambda s: s.change(s.order.order_line[0], qty_invoiced=D(77)),
    ),
    "posted invoice without number": Damage(
        "invoicing.numbers", lambda s: s.invoice, lambda s: s.change(s.invoice, name="/"), False
    ),
    "location below itself": Damage(
        "core.hierarchies", lambda s: s.place, lambda s: s.change(s.place, location_id=s.place.id)
    ),
    "location below what lies in it": Damage(
        "core.hierarchies", lambda s: s.inner, lambda s: s.change(s.inner, location_id=s.place.id)
    ),
    "path of a location": Damage("core.hierarchies", lambda s: s.place, lambda s: s.change(s.place, parent_path="1/")),
}


def feed(story: Story, source: Any, target: Any) -> None:
    """Link two moves of a chain by SQL."""
    table = story.env.registry.table("stock_move_move_rel")
    story.env.execute(sa.insert(table).values(move_orig_id=source.id, move_dest_id=target.id))
    story.env.invalidate_all()


def feed_in_a_circle(story: Story) -> None:
    feed(story, story.gone_move, story.rest_move)
    feed(story, story.rest_move, story.gone_move)


AREAS = sorted({damage.check.partition(".")[0] for damage in DAMAGES.values()})


def undone(env: Any, work: Callable[[], Any]) -> Any:
    """What `work` returns; what it changed is taken back."""
    results = []
    with contextlib.suppress(_TakenBack), env.savepoint():
        results.append(work())
        raise _TakenBack
    env.invalidate_all()
    return results[0]


class _TakenBack(Exception):
    pass


@pytest.mark.both_dialects("sql")
@pytest.mark.parametrize("area", AREAS)
def test_damage_is_found_and_repaired_where_it_follows_from_others(story: Story, area: str) -> None:
    """One story for all damages of an addon's checks: each is taken back after it was examined."""
    wrong = {}
    for name, damage in DAMAGES.items():
        if damage.check.partition(".")[0] == area:
            said = undone(story.env, lambda damage=damage: shortcomings(story, damage))
            if said:
                wrong[name] = said
    assert wrong == {}


def shortcomings(story: Story, damage: Damage) -> list[str]:
    """What the doctor does wrong about a damage."""
    checks = checks_beside(story.env, damage)
    expected = damage.broken(story)
    damage.do(story)
    ledger = done_lines(story)
    found = doctor.examine(story.env, checks)
    mine = [problem for problem in found if problem.check == damage.check]
    wrong = []
    if not mine or (expected and (expected._name, expected.id) not in {(each.model, each.res_id) for each in mine}):
        wrong.append(f"not found by {damage.check}: {[(each.check, each.text) for each in found]}")
    wrong += [f"no way out: {each.text}" for each in found if not (each.repair or each.hint)]
    _repaired, left = doctor.carry_out(story.env, checks)
    if damage.repaired and left:
        wrong.append(f"left: {[(each.check, each.text) for each in left]}")
    if not damage.repaired and damage.check not in {each.check for each in left}:
        wrong.append(f"repaired what does not follow from others: {mine}")
    if any(each.derivable for each in left):
        wrong.append(f"not settled: {[(each.check, each.text, each.repair) for each in left if each.derivable]}")
    if done_lines(story) != ledger:
        wrong.append("done lines were changed")
    return wrong


def checks_beside(env: Any, damage: Damage) -> list[Any]:
    """All checks for a damage that core finds; for others those of the addons, which are quick."""
    checks = [check for found in env.hooks.register_doctor_checks(env=env) for check in found]
    return [check for check in checks if damage.check.startswith("core.") or not check.id.startswith("core.")]


def done_lines(story: Story) -> list[Any]:
    """The ledger as it is stored."""
    line = story.env.registry.table("stock.move.line")
    return list(story.env.execute(sa.select(line).where(line.c.state == "done").order_by(line.c.id)).all())


# ---------------------------------------------------------------------------- classes of damage
@pytest.mark.both_dialects("sql")
def test_every_hierarchy_is_checked(story: Story) -> None:
    """A record below itself, for every model of which records have parents."""
    env = story.env
    stranger = env["res.partner"].create({"name": "Head Office"})
    env["res.partner"].create({"name": "Branch", "parent_id": stranger.id})
    found = set()
    models = []
    for model in columns.stored_models(env):
        parent = model._fields.get(model._parent_name)
        if parent is None or not parent.column_backed or parent.comodel_name != model._name:
            continue
        record = env[model._name].with_context(active_test=False).search([], limit=1)
        if not record:
            continue
        models.append(model._name)
        before = undone(env, lambda record=record, name=parent.name: below_itself(story, record, name))
        if (model._name, record.id) in before:
            found.add(model._name)
    assert {"stock.location", "product.category", "res.partner"} <= set(models)
    assert found == set(models)


def below_itself(story: Story, record: Any, name: str) -> set[tuple[str, int]]:
    story.change(record, **{name: record.id})
    return {(each.model, each.res_id) for each in doctor.examine(story.env, [doctor.tree_check()])}


def test_every_link_within_a_company_is_checked(story: Story) -> None:
    """The linked record is given to another company, for each link of every check of companies."""
    env = story.env
    company = other_company(story)
    checks = [check for check in env.hooks.register_doctor_checks(env=env) for check in check if "compan" in check.id]
    links = [*company_links(), *declared_links(env)]
    missed, tried = [], 0
    for model, name in links:
        record, target = linked(env, model, name, company)
        if record is None:
            continue
        tried += 1
        named = undone(env, lambda target=target: given_away(story, target, company, checks))
        if (model, record) not in named:
            missed.append((model, name))
    assert missed == []
    assert tried >= 15


def company_links() -> list[tuple[str, str]]:
    return [
        *((model, name) for model, names in link_laws.COMPANIES.items() for name in names),
        *sales_laws.COMPANIES,
        *manufacturing_laws.COMPANIES,
    ]


def declared_links(env: Any) -> list[tuple[str, str]]:
    """Links whose fields declare `check_company`."""
    return [
        (model._name, field.name)
        for model in columns.stored_models(env)
        for field in model._column_fields
        if field.type == "many2one" and getattr(field, "check_company", False)
    ]


def linked(env: Any, model: str, name: str, company: Any) -> tuple[int | None, Any]:
    """Id of a record of a company that has the link, and what it leads to, which has a company as well."""
    fields = env.registry.models[model]._fields
    if name not in fields:
        return None, None
    records = env[model].sudo().with_context(active_test=False).search([(name, "!=", False)], limit=20)
    for record in records:
        target = record[name]
        own = "company_id" in record._fields and record.company_id
        field = target._fields.get("company_id")
        if (
            own
            and field
            and field.column_backed
            and target.company_id
            and target.company_id != company
            and target != record
        ):
            return record.id, target
    return None, None


def given_away(story: Story, target: Any, company: Any, checks: list[Any]) -> set[tuple[str, int]]:
    story.change(target, company_id=company.id)
    return {(each.model, each.res_id) for each in doctor.examine(story.env, checks)}


def test_every_stored_figure_that_follows_from_others_is_checked(story: Story) -> None:
    """One value of every computed field that is stored and that nobody enters is changed."""
    env = story.env
    missed, tried = [], 0
    for model in columns.stored_models(env):
        fields = [
            field
            for field in model._column_fields
            if field.stored_compute and field.readonly and not field.company_dependent and not field.related
        ]
        record = env[model._name].sudo().with_context(active_test=False).search([], order="id desc", limit=1)
        for field in fields if record else ():
            value = another(field, record[field.name])
            if value is None:
                continue
            tried += 1
            change = {field.name: value}
            named = undone(env, lambda record=record, change=change: found_after(story, record, change))
            if (record._name, record.id) not in named:
                missed.append(str(field))
    assert missed == []
    assert tried >= 20


def another(field: Any, value: Any) -> Any:
    """A value of the field's type that is not `value`; None for types of which none is made up."""
    if field.type in ("quantity", "monetary", "float", "integer"):
        return (value or 0) + 3
    if field.type in ("char", "text"):
        return f"{value or ''}x"
    if field.type == "boolean":
        return not value
    if field.type == "datetime":
        return (value or datetime(2026, 1, 1)) + timedelta(days=400)
    if field.type == "date":
        return (value or date(2026, 1, 1)) + timedelta(days=400)
    if field.type == "selection" and isinstance(field.selection, list | tuple):
        return next((key for key, _label in field.selection if key != value), None)
    return None


def found_after(story: Story, record: Any, change: dict[str, Any], checks: Any = None) -> set[tuple[str, int]]:
    story.change(record, **change)
    return {(each.model, each.res_id) for each in doctor.examine(story.env, checks)}


#: Columns of stock that no law of stock says anything about: what was agreed, entered, noted or planned. Kinds of
#: events are told apart as far as they change figures; "Put off again" is a note like "Fell short".
WITHOUT_LAW = {
    "stock.quant": {"in_date", "inventory_quantity", "inventory_quantity_set", "inventory_base_quantity"}
    | {"inventory_date", "last_count_date"},
    "stock.move": {"sequence", "priority", "date", "reservation_date", "description_picking", "procure_method"}
    | {"propagate_cancel", "origin", "to_refund", "price_unit", "is_inventory", "inventory_name", "additional"}
    | {"picked", "hold_date", "cost_share", "manual_consumption", "date_deadline", "product_uom_qty"},
    "stock.move.line": {"picked", "date", "lot_name"},
    "stock.picking": {"name", "priority", "origin", "note", "move_type", "scheduled_date", "date_done"}
    # closed_within_tolerance: words of that day; the cancelled rest itself does not say why it was cancelled.
    | {"is_locked", "printed", "closed_within_tolerance"},
    "stock.backorder": {
        "reason",
        "origin",
        "source",
        "res_model",
        "res_id",
        "priority",
        "date_promised",
        "date_closed",
    },
    "stock.backorder.event": {"kind", "document"},
}


def test_figures_and_states_of_stock_have_a_law_or_are_listed(story: Story, chance: random.Random) -> None:
    """A value of every column of the stock tables is changed, in rows drawn at random; links are checked as links."""
    env = story.env
    checks = stock_laws.checks()
    missed = set()
    for model, without in WITHOUT_LAW.items():
        records = env[model].sudo().search([("picking_id", "!=", False)] if model == "stock.move" else [])
        for field in records._column_fields:
            logged = field.name in ("create_date", "write_date")
            if field.name in without or logged or field.type in ("many2one", "html", "binary", "json"):
                continue
            record = chance.choice(list(records))
            value = another(field, record[field.name])
            if value is None or field.name == "parent_path":
                continue
            change = {field.name: value}
            found = undone(env, lambda record=record, change=change: found_after(story, record, change, checks))
            if not found:
                missed.add((model, field.name, record.id, value))
    assert missed == set()


# ---------------------------------------------------------------------------- the command
def test_command_shows_asks_repairs_and_checks_again(db: Any) -> None:
    class Opened(Session):
        def open(self) -> Any:
            return db

    def run(*arguments: str, answer: str | None = None) -> Any:
        return CliRunner().invoke(command, arguments, obj=Opened(), input=answer)

    def damage(env: Any) -> None:
        told = Story(env)
        told.change(told.row, quantity=told.row.quantity + 5)
        told.change(told.pending, state="done")

    assert run().exit_code == 0
    assert json.loads(run("--json").stdout) == {"problems": [], "repaired": []}
    db.run(damage)
    found = run()
    assert found.exit_code == 1
    assert "inventory.on_hand" in found.stdout and "Nothing was changed" in found.stdout
    assert "not derivable" in found.stdout
    listed = json.loads(run("--json").stdout)["problems"]
    assert {"inventory.on_hand", "manufacturing.states"} <= {each["check"] for each in listed}
    assert run("--repair", answer="n\n").exit_code == 1
    assert json.loads(run("--json").stdout)["problems"] == listed, "a refused repair changes nothing"
    repaired = run("--repair", "--yes")
    assert repaired.exit_code == 1 and "Repaired" in repaired.stdout and "manufacturing.states" in repaired.stdout
    assert "inventory.on_hand" not in {each["check"] for each in json.loads(run("--json").stdout)["problems"]}
