"""Random work on records does what the same work does on plain dictionaries: nothing is forgotten or left over."""

from __future__ import annotations

import random
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core import api, fields, models
from core.api import Command
from tests.core.orm.model_database import ModelDatabase
from tests.random_runs import Tally, counted, counted_steps, run_settings, seeded

pytestmark = pytest.mark.both_dialects("sql")

CENT = Decimal("0.0001")


class Account(models.Model):
    _name = "p.account"
    _description = "Account"
    _parent_store = True
    _log_access = False

    name = fields.Char()
    active = fields.Boolean(default=True)
    factor = fields.Integer(default=1)
    parent_id = fields.Many2one("p.account", ondelete="set null")
    child_ids = fields.One2many("p.account", "parent_id")
    entry_ids = fields.One2many("p.entry", "account_id")
    large_entry_ids = fields.One2many("p.entry", "account_id", domain=[("amount", ">", 100)])
    total = fields.Quantity(digits=4, compute="_compute_total", store=True)
    tree_total = fields.Quantity(digits=4, compute="_compute_tree_total", store=True, recursive=True)
    level = fields.Integer(compute="_compute_level", store=True, recursive=True)
    size = fields.Integer(compute="_compute_size")
    tags = fields.Char(compute="_compute_tags", store=True)

    @api.depends("entry_ids.value", "factor")
    def _compute_total(self) -> None:
        for account in self:
            account.total = account.factor * sum(account.entry_ids.mapped("value"), Decimal(0))

    @api.depends("total", "child_ids.tree_total")
    def _compute_tree_total(self) -> None:
        for account in self:
            children = account.with_context(active_test=False).child_ids
            account.tree_total = account.total + sum(children.mapped("tree_total"), Decimal(0))

    @api.depends("parent_id.level")
    def _compute_level(self) -> None:
        for account in self:
            account.level = account.parent_id.level + 1 if account.parent_id else 0

    @api.depends("entry_ids")
    def _compute_size(self) -> None:
        for account in self:
            account.size = len(account.entry_ids)

    @api.depends("entry_ids.label_ids.name")
    def _compute_tags(self) -> None:
        for account in self:
            account.tags = ",".join(sorted(set(filter(None, account.entry_ids.label_ids.mapped("name"))))) or False


class Entry(models.Model):
    _name = "p.entry"
    _description = "Entry"
    _log_access = False

    account_id = fields.Many2one("p.account", required=True, ondelete="cascade", index=True)
    amount = fields.Quantity(digits=4)
    price = fields.Monetary(digits=2)
    day = fields.Date()
    note = fields.Text()
    twin_id = fields.Many2one("p.entry", ondelete="set null")
    label_ids = fields.Many2many("p.label")
    value = fields.Quantity(digits=4, compute="_compute_value", store=True)
    account_name = fields.Char(related="account_id.name", store=True)
    twin_value = fields.Quantity(digits=4, related="twin_id.value")

    @api.depends("amount", "price")
    def _compute_value(self) -> None:
        for entry in self:
            entry.value = entry.amount * entry.price


class Label(models.Model):
    _name = "p.label"
    _description = "Label"
    _log_access = False

    name = fields.Char()
    entry_ids = fields.Many2many("p.entry")
    count = fields.Integer(compute="_compute_count", store=True)
    worth = fields.Quantity(digits=4, compute="_compute_worth", store=True)

    @api.depends("entry_ids")
    def _compute_count(self) -> None:
        for label in self:
            label.count = len(label.entry_ids)

    @api.depends("entry_ids.value")
    def _compute_worth(self) -> None:
        for label in self:
            label.worth = sum(label.entry_ids.mapped("value"), Decimal(0))


@pytest.fixture(scope="module")
def ledger(dialect: str, model_databases: Any) -> ModelDatabase:
    """The database with the models above."""
    return model_databases(dialect, [Account, Entry, Label])


# -- against a plain model ---------------------------------------------------------------------------------------------

names = st.sampled_from([False, "a", "b", "B", "ä", "a b"])
small = st.decimals(-100, 100, places=4)
days = st.sampled_from([False, date(2024, 1, 1), date(2024, 2, 29)])
picks = st.lists(st.integers(0, 30), max_size=3)
pick = st.integers(0, 30)
entry_values = st.fixed_dictionaries(
    {}, optional={"amount": small, "price": st.decimals(-10, 10, places=2), "day": days, "note": names}
)
ENTRY_DEFAULTS = {"amount": Decimal(0), "price": Decimal(0), "day": False, "note": False, "twin_id": None}

Plain = dict[int, dict[str, Any]]


class Machine(RuleBasedStateMachine):
    """The same operations on records and on plain dictionaries; `check` compares."""

    ledger: ModelDatabase
    tally: Tally

    def __init__(self) -> None:
        super().__init__()
        self.env = self.ledger.open()
        self.accounts: Plain = {}
        self.entries: Plain = {}
        self.labels: Plain = {}

    def teardown(self) -> None:
        try:
            self.env.flush_all()
            self.check()
            self.check_columns()
            self.env.invalidate_all()
            self.check()
            self.check_recomputed()
        finally:
            self.env.cr.rollback()
            self.env.cr.close()

    # -- plain model ---------------------------------------------------------------------------------------------------

    def some(self, store: Plain, numbers: list[int]) -> list[int]:
        ids = sorted(store)
        return list(dict.fromkeys(ids[number % len(ids)] for number in numbers)) if ids else []

    def one(self, store: Plain, number: int) -> int:
        return self.some(store, [number])[0]

    def value(self, entry: int) -> Decimal:
        row = self.entries[entry]
        return (row["amount"] * row["price"]).quantize(CENT, ROUND_HALF_UP)

    def entries_of(self, account: int) -> list[int]:
        return [id_ for id_, row in self.entries.items() if row["account_id"] == account]

    def total(self, account: int) -> Decimal:
        return self.accounts[account]["factor"] * sum(map(self.value, self.entries_of(account)), Decimal(0))

    def children(self, account: int) -> list[int]:
        return [id_ for id_, row in self.accounts.items() if row["parent_id"] == account]

    def tree_total(self, account: int) -> Decimal:
        return self.total(account) + sum(map(self.tree_total, self.children(account)), Decimal(0))

    def level(self, account: int) -> int:
        parent = self.accounts[account]["parent_id"]
        return self.level(parent) + 1 if parent else 0

    def path(self, account: int) -> str:
        parent = self.accounts[account]["parent_id"]
        return (self.path(parent) if parent else "") + f"{account}/"

    def tags(self, account: int) -> Any:
        entries = set(self.entries_of(account))
        found = {row["name"] for row in self.labels.values() if row["name"] and row["entries"] & entries}
        return ",".join(sorted(found)) or False

    def expected(self) -> dict[str, dict[int, dict[str, Any]]]:
        accounts, entries, labels = {}, {}, {}
        for id_, row in self.accounts.items():
            accounts[id_] = row | {
                "entry_ids": set(self.entries_of(id_)),
                "child_ids": {child for child in self.children(id_) if self.accounts[child]["active"]},
                "total": self.total(id_), "tree_total": self.tree_total(id_), "level": self.level(id_),
                "parent_path": self.path(id_),
                "size": len(self.entries_of(id_)), "tags": self.tags(id_),
            }  # fmt: skip
        for id_, row in self.entries.items():
            entries[id_] = row | {
                "value": self.value(id_),
                "account_name": self.accounts[row["account_id"]]["name"],
                "twin_value": self.value(row["twin_id"]) if row["twin_id"] else Decimal(0),
                "label_ids": {label for label, other in self.labels.items() if id_ in other["entries"]},
            }
        for id_, row in self.labels.items():
            labels[id_] = {
                "name": row["name"], "entry_ids": row["entries"], "count": len(row["entries"]),
                "worth": sum(map(self.value, row["entries"]), Decimal(0)),
            }  # fmt: skip
        return {"p.account": accounts, "p.entry": entries, "p.label": labels}

    # -- creating ------------------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.create_accounts([("a", True, 1, None)])

    @rule(rows=st.lists(st.tuples(names, st.booleans(), st.integers(-2, 3), st.none() | pick), min_size=1, max_size=3))
    @counted()
    def create_accounts(self, rows: list[tuple[Any, ...]]) -> None:
        values = []
        for name, active, factor, parent in rows:
            parent_id = self.one(self.accounts, parent) if parent is not None and self.accounts else None
            values.append({"name": name, "active": active, "factor": factor, "parent_id": parent_id})
        records = self.env["p.account"].create([row | {"parent_id": row["parent_id"] or False} for row in values])
        self.accounts.update(zip(records.ids, values, strict=True))

    @rule(rows=st.lists(st.tuples(pick, entry_values, st.none() | pick), min_size=1, max_size=4))
    @counted()
    def create_entries(self, rows: list[tuple[int, dict[str, Any], int | None]]) -> None:
        values = []
        for account, row, twin in rows:
            twin_id = self.one(self.entries, twin) if twin is not None and self.entries else None
            values.append({"account_id": self.one(self.accounts, account), **row, "twin_id": twin_id})
        records = self.env["p.entry"].create([row | {"twin_id": row["twin_id"] or False} for row in values])
        self.entries.update({id_: ENTRY_DEFAULTS | row for id_, row in zip(records.ids, values, strict=True)})

    @rule(name=names, entries=picks)
    @counted()
    def create_label(self, name: Any, entries: list[int]) -> None:
        ids = self.some(self.entries, entries)
        record = self.env["p.label"].create({"name": name, "entry_ids": [Command.set(ids)]})
        self.labels[record.id] = {"name": name, "entries": set(ids)}

    @rule(name=names, rows=st.lists(entry_values, max_size=3), labels=picks)
    @counted()
    def create_account_with_entries(self, name: Any, rows: list[dict[str, Any]], labels: list[int]) -> None:
        label_ids = self.some(self.labels, labels)
        lines = [Command.create(row | {"label_ids": [Command.set(label_ids)]}) for row in rows]
        record = self.env["p.account"].create({"name": name, "entry_ids": lines})
        self.accounts[record.id] = {"name": name, "active": True, "factor": 1, "parent_id": None}
        new = [id_ for id_ in record.entry_ids.ids if id_ not in self.entries]
        assert len(new) == len(rows)
        for id_, row in zip(sorted(new), rows, strict=True):
            self.entries[id_] = ENTRY_DEFAULTS | row | {"account_id": record.id}
        for label in label_ids:
            self.labels[label]["entries"] |= set(new)

    # -- writing -------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.entries)
    @rule(entries=picks, values=entry_values)
    @counted()
    def write_entries(self, entries: list[int], values: dict[str, Any]) -> None:
        ids = self.some(self.entries, entries)
        self.env["p.entry"].browse(ids).write(values)
        for id_ in ids:
            self.entries[id_].update(values)

    @precondition(lambda self: self.entries)
    @rule(entry=pick, account=pick, twin=st.none() | pick)
    @counted()
    def move_entry(self, entry: int, account: int, twin: int | None) -> None:
        id_, account_id = self.one(self.entries, entry), self.one(self.accounts, account)
        twin_id = self.one(self.entries, twin) if twin is not None else None
        record = self.env["p.entry"].browse(id_)
        record.account_id = account_id
        record.twin_id = twin_id or False
        self.entries[id_].update(account_id=account_id, twin_id=twin_id)

    @rule(account=pick, name=names, factor=st.integers(-2, 3), active=st.booleans())
    @counted()
    def write_account(self, account: int, name: Any, factor: int, active: bool) -> None:
        id_ = self.one(self.accounts, account)
        self.env["p.account"].browse(id_).write({"name": name, "factor": factor, "active": active})
        self.accounts[id_].update(name=name, factor=factor, active=active)

    @rule(account=pick, parent=st.none() | pick)
    @counted()
    def move_account(self, account: int, parent: int | None) -> None:
        id_ = self.one(self.accounts, account)
        lower = [other for other in sorted(self.accounts) if other < id_]  # no circles
        parent_id = lower[parent % len(lower)] if parent is not None and lower else None
        self.env["p.account"].browse(id_).parent_id = parent_id or False
        self.accounts[id_]["parent_id"] = parent_id

    @precondition(lambda self: self.labels)
    @rule(label=pick, entries=picks, kind=st.sampled_from(["set", "link", "unlink", "clear"]), name=names)
    @counted()
    def write_label(self, label: int, entries: list[int], kind: str, name: Any) -> None:
        id_, ids = self.one(self.labels, label), self.some(self.entries, entries)
        commands = {
            "set": [Command.set(ids)],
            "link": [Command.link(i) for i in ids],
            "unlink": [Command.unlink(i) for i in ids],
            "clear": [Command.clear()],
        }[kind]
        self.env["p.label"].browse(id_).write({"name": name, "entry_ids": commands})
        row = self.labels[id_]
        row["name"] = name
        before = row["entries"]
        after = {"set": set(ids), "link": before | set(ids), "unlink": before - set(ids), "clear": set()}
        row["entries"] = after[kind]

    @precondition(lambda self: self.entries and self.labels)
    @rule(entries=picks, labels=picks, link=st.booleans())
    @counted()
    def write_labels_of_entries(self, entries: list[int], labels: list[int], link: bool) -> None:
        ids, label_ids = self.some(self.entries, entries), self.some(self.labels, labels)
        command = Command.link if link else Command.unlink
        self.env["p.entry"].browse(ids).write({"label_ids": [command(id_) for id_ in label_ids]})
        for label in label_ids:
            row = self.labels[label]
            row["entries"] = row["entries"] | set(ids) if link else row["entries"] - set(ids)

    @rule(
        account=pick,
        new=st.lists(entry_values, max_size=2),
        changed=picks,
        values=entry_values,
        deleted=picks,
        taken=picks,
    )
    @counted()
    def write_entries_of_account(
        self, account: int, new: Any, changed: Any, values: Any, deleted: Any, taken: Any
    ) -> None:
        id_ = self.one(self.accounts, account)
        mine = {entry: self.entries[entry] for entry in self.entries_of(id_)}
        deleted_ids = self.some(mine, deleted)
        taken_ids = [entry for entry in self.some(self.entries, taken) if entry not in deleted_ids]
        changed_ids = [entry for entry in self.some(mine, changed) if entry not in deleted_ids]
        commands = [
            *(Command.create(row) for row in new),
            *(Command.update(entry, values) for entry in changed_ids),
            *(Command.delete(entry) for entry in deleted_ids),
            *(Command.link(entry) for entry in taken_ids),
        ]
        record = self.env["p.account"].browse(id_)
        record.write({"entry_ids": commands})
        for entry in changed_ids:
            self.entries[entry].update(values)
        for entry in taken_ids:
            self.entries[entry]["account_id"] = id_
        self.forget_entries(deleted_ids)
        created = sorted(set(record.entry_ids.ids) - set(self.entries))
        assert len(created) == len(new)
        for entry, row in zip(created, new, strict=True):
            self.entries[entry] = ENTRY_DEFAULTS | row | {"account_id": id_}

    # -- deleting ------------------------------------------------------------------------------------------------------

    def forget_entries(self, ids: list[int]) -> None:
        for id_ in ids:
            self.entries.pop(id_, None)
        for row in self.entries.values():
            if row["twin_id"] in ids:
                row["twin_id"] = None
        for row in self.labels.values():
            row["entries"] = row["entries"] - set(ids)

    @precondition(lambda self: self.entries)
    @rule(entries=picks)
    @counted()
    def unlink_entries(self, entries: list[int]) -> None:
        ids = self.some(self.entries, entries)
        self.env["p.entry"].browse(ids).unlink()
        self.forget_entries(ids)

    @precondition(lambda self: len(self.accounts) > 1)
    @rule(account=pick)
    @counted()
    def unlink_account(self, account: int) -> None:
        id_ = self.one(self.accounts, account)
        self.env["p.entry"].browse(self.entries_of(id_)).unlink()
        self.env["p.account"].browse(self.children(id_)).write({"parent_id": False})
        self.env["p.account"].browse(id_).unlink()
        self.forget_entries(self.entries_of(id_))
        del self.accounts[id_]
        for row in self.accounts.values():
            if row["parent_id"] == id_:
                row["parent_id"] = None

    @precondition(lambda self: self.labels)
    @rule(label=pick)
    @counted()
    def unlink_label(self, label: int) -> None:
        id_ = self.one(self.labels, label)
        self.env["p.label"].browse(id_).unlink()
        del self.labels[id_]

    # -- transactions and caches ---------------------------------------------------------------------------------------

    @rule()
    @counted()
    def flush(self) -> None:
        self.env.flush_all()

    @rule()
    @counted()
    def forget_cache(self) -> None:
        self.env.flush_all()
        self.env.invalidate_all()

    @rule(account=pick, values=entry_values, flush=st.booleans())
    @counted()
    def fail_in_a_savepoint(self, account: int, values: dict[str, Any], flush: bool) -> None:
        id_ = self.one(self.accounts, account)
        with pytest.raises(ZeroDivisionError), self.env.savepoint():
            self.env["p.entry"].create(values | {"account_id": id_})
            self.env["p.account"].browse(id_).write({"name": "undone", "parent_id": False})
            self.env["p.entry"].browse(sorted(self.entries)[:2]).unlink()
            if flush:
                self.env.flush_all()
            raise ZeroDivisionError

    @rule(account=pick)
    @counted()
    def search(self, account: int) -> None:
        id_ = self.one(self.accounts, account)
        env, expected = self.env, self.expected()
        entries = expected["p.entry"]
        found = env["p.entry"].search([("account_id", "=", id_), ("value", ">", 1)])
        assert set(found.ids) == {i for i, row in entries.items() if row["account_id"] == id_ and row["value"] > 1}
        found = env["p.entry"].search([("label_ids.count", ">", 1)])
        wide = {i for i, row in expected["p.label"].items() if row["count"] > 1}
        assert set(found.ids) == {i for i, row in entries.items() if row["label_ids"] & wide}
        totals = {account.id: total for account, total in env["p.entry"]._read_group([], ["account_id"], ["value:sum"])}
        sums: dict[int, Decimal] = {}
        for row in entries.values():
            sums[row["account_id"]] = sums.get(row["account_id"], Decimal(0)) + row["value"]
        assert totals == sums
        everything = env["p.account"].with_context(active_test=False)
        below = {i for i in self.accounts if self.path(i).startswith(self.path(id_))}
        assert set(everything.search([("id", "child_of", id_)]).ids) == below
        assert set(env["p.entry"].search([("account_id", "child_of", id_)]).ids) == {
            i for i, row in self.entries.items() if row["account_id"] in below
        }
        above = set(map(int, self.path(id_).strip("/").split("/")))
        assert set(everything.search([("id", "parent_of", id_)]).ids) == above
        assert set(everything.search([("tree_total", "<", 0)]).ids) == {
            i for i, row in expected["p.account"].items() if row["tree_total"] < 0
        }

    # -- comparing -----------------------------------------------------------------------------------------------------

    @invariant()
    def check(self) -> None:
        for model, rows in self.expected().items():
            for record in self.env[model].browse(sorted(rows)):
                assert {name: _plain(record, name) for name in rows[record.id]} == rows[record.id], record

    def check_columns(self) -> None:
        """What the tables hold, stored computed values included."""
        for model, rows in self.expected().items():
            table = self.env.registry.table(model)
            stored = {row.id: row._asdict() for row in self.env.cr.execute(sa.select(table))}
            assert set(stored) == set(rows), model
            for id_, row in rows.items():
                columns = {name: value or None for name, value in row.items() if name in table.c}
                assert {name: stored[id_][name] or None for name in columns} == columns, (model, id_)

    def check_recomputed(self) -> None:
        """Computing all stored fields anew changes nothing."""
        env = self.env
        for model in ("p.entry", "p.account", "p.label"):
            records = env[model].with_context(active_test=False).search([])
            for field in records._fields.values():
                if field.stored_compute and records:
                    before = {record.id: record[field.name] for record in records}
                    env._tocompute[field].update(records.ids)
                    assert {record.id: record[field.name] for record in records} == before, field


def _plain(record: Any, name: str) -> Any:
    """The value of a field as the plain model has it."""
    value, kind = record[name], record._fields[name].type
    if kind == "many2one":
        return value.id or None
    return set(value.ids) if kind in ("one2many", "many2many") else value


@pytest.mark.slow
def test_random_work_does_what_a_plain_model_does(ledger: ModelDatabase, chance: random.Random) -> None:
    machine = type("LedgerMachine", (Machine,), {"ledger": ledger, "tally": Tally()})
    options = run_settings(20, stateful_step_count=30, phases=tuple(Phase))
    run_state_machine_as_test(seeded(machine, chance), settings=options)
    machine.tally.assert_acted(counted_steps(Machine), 1)


# -- what the machine steps around -------------------------------------------------------------------------------------


def test_deleting_in_cascade_recomputes_what_depended_on_the_rows(ledger: ModelDatabase) -> None:
    with ledger.env() as env:
        label = env["p.label"].create({"name": "L"})
        line = {"amount": 2, "price": 3, "label_ids": [Command.link(label.id)]}
        account = env["p.account"].create({"name": "A", "entry_ids": [Command.create(line)]})
        assert (label.count, label.worth) == (1, 6)
        account.unlink()
        assert (label.count, label.worth) == (0, 0)


def test_children_of_a_deleted_parent_become_roots(ledger: ModelDatabase) -> None:
    with ledger.env() as env:
        parent = env["p.account"].create({"name": "A"})
        child = env["p.account"].create({"name": "B", "parent_id": parent.id})
        parent.unlink()
        assert not child.parent_id and child.parent_path == f"{child.id}/"
        assert env["p.account"].search([("id", "child_of", child.id)]) == child


def test_lines_that_are_created_show_in_a_one2many_with_a_domain(ledger: ModelDatabase) -> None:
    with ledger.env() as env:
        account = env["p.account"].create({"name": "A"})
        assert not account.large_entry_ids
        entry = env["p.entry"].create({"account_id": account.id, "amount": 200})
        assert account.large_entry_ids == entry
        account = env["p.account"].create({"name": "B", "entry_ids": [Command.create({"amount": 200})]})
        assert account.large_entry_ids == account.entry_ids
