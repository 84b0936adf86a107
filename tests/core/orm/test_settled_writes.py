"""Services write what they have settled; every override, constraint and stored value takes part in it."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal

import pytest

from core import api, fields, models
from core.db.engine import create_engine
from core.db.transaction import Cursor
from core.exceptions import ValidationError
from core.orm.environment import Environment
from core.orm.registry import Registry


class Crate(models.Model):
    _name = "t.crate"
    _description = "Crate"

    name = fields.Char()
    weight = fields.Quantity()
    place = fields.Char()
    doubled = fields.Quantity(compute="_compute_doubled", store=True)
    shelf_id = fields.Many2one("t.shelf")

    @api.depends("weight")
    def _compute_doubled(self) -> None:
        for crate in self:
            crate.doubled = crate.weight * 2

    @api.constrains("weight")
    def _check_weight(self) -> None:
        for crate in self:
            if crate.weight > 100:
                raise ValidationError(f"{crate.name} is too heavy.")

    def create(self, vals_list):
        place = False if self._is_settling() else "by hand"
        return super().create([{**vals, "place": place} for vals in vals_list])

    def write(self, vals):
        if self._is_settling():
            return super().write(vals)
        return super().write({**vals, "place": "by hand"})


class Shelf(models.Model):
    _name = "t.shelf"
    _description = "Shelf"

    crate_ids = fields.One2many("t.crate", "shelf_id")
    load = fields.Quantity(compute="_compute_load", store=True)

    @api.depends("crate_ids.weight")
    def _compute_load(self) -> None:
        for shelf in self:
            shelf.load = sum(shelf.crate_ids.mapped("weight"), Decimal(0))


class Watched(models.Model):
    """What an addon adds to crates: a note of each call."""

    _inherit = "t.crate"

    note = fields.Char()

    def write(self, vals):
        return super().write({**vals, "note": f"{len(self)} at once"})

    def unlink(self):
        WATCHED.append(("unlink", len(self)))
        return super().unlink()


class Stacked(models.Model):
    """An addon that moves the crate above along, by hand."""

    _inherit = "t.crate"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("name") == "moved":
            (self.search([]) - self).write({"name": "followed"})
        return result

    def create(self, vals_list):
        crates = super().create(vals_list)
        if len(crates) == 1 and crates.name == "first":
            self.browse().create([{"name": "second"}])
        return crates


WATCHED: list[tuple[str, int]] = []


@contextmanager
def opened(database_url, *extensions):
    """An environment over crates and shelves, and what an addon adds to them."""
    registry = Registry()
    registry.load("test", [Crate, Shelf])
    if extensions:
        registry.load("watch", list(extensions))
    registry.setup()
    engine = create_engine(database_url)
    registry.metadata().create_all(engine)
    env = Environment(Cursor(engine), registry, 1, su=True)
    yield env
    env.cr.close()
    engine.dispose()


@pytest.fixture(params=[(), (Watched,)], ids=["plain", "extended"])
def env(request, database_url):
    with opened(database_url, *request.param) as env:
        yield env


@pytest.fixture
def crates(env):
    shelf = env["t.shelf"].create({})
    return env["t.crate"]._settle_create(
        [{"name": name, "weight": weight, "shelf_id": shelf.id} for name, weight in (("A", 1), ("B", 2), ("C", 3))]
    )


def test_each_record_gets_its_own_values(crates):
    crates._settle_multi([{"weight": Decimal(10)}, {}, {"weight": Decimal(30), "name": "Third"}])
    crates.flush_recordset()
    assert [(crate.name, crate.weight, crate.doubled) for crate in crates] == [
        ("A", 10, 20), ("B", 2, 4), ("Third", 30, 60)
    ]  # fmt: skip
    assert crates.shelf_id.load == 42


def test_the_effects_of_a_change_by_hand_stay_away(crates):
    crates._settle_multi([{"weight": Decimal(5)}] * 3)
    crates._settle({"weight": Decimal(6)})
    assert not any(crates.mapped("place"))
    crates.write({"weight": Decimal(7)})
    assert set(crates.mapped("place")) == {"by hand"}


def test_constraints_hold(crates):
    for attempt in (
        lambda: crates._settle_multi([{"weight": Decimal(1)}, {"weight": Decimal(101)}, {"weight": Decimal(1)}]),
        lambda: crates._settle({"weight": Decimal(101)}),
        lambda: crates._settle_create([{"name": "B", "weight": Decimal(101)}]),
    ):
        with pytest.raises(ValidationError, match="is too heavy"):
            attempt()


def test_overrides_of_addons_are_called(env, crates):
    extended = env["t.crate"]._is_extended("write")
    crates._settle_multi([{"weight": Decimal(5)}, {"weight": Decimal(5)}, {"weight": Decimal(6)}])
    if extended:
        assert crates.mapped("note") == ["2 at once", "2 at once", "1 at once"]
    WATCHED.clear()
    crates._settle_unlink()
    assert WATCHED == ([("unlink", 3)] if extended else [])


def test_nothing_settled_is_no_call_of_write(env, crates):
    crates._settle({})
    crates.browse()._settle({"weight": Decimal(5)})
    crates._settle_multi([{}] * 3)
    assert not env["t.crate"]._is_extended("write") or not any(crates.mapped("note"))


def test_only_other_addons_extend_a_method(env):
    crate = env["t.crate"]
    assert not crate._is_extended("_check_weight")
    assert crate._is_extended("unlink") == crate._is_extended("write") == hasattr(type(crate), "note")


def test_unequal_numbers_of_records_and_values_are_refused(crates):
    with pytest.raises(ValueError):
        crates._settle_multi([{"weight": Decimal(5)}])


def test_what_an_override_does_to_other_records_is_a_change_by_hand(database_url):
    """Settling is about the records that the service writes or creates, not about their model."""
    with opened(database_url, Stacked) as env:
        one, other = env["t.crate"]._settle_create([{"name": "A"}, {"name": "B"}])
        one._settle({"name": "moved"})
        assert (one.place, other.place, other.name) == (False, "by hand", "followed")
        first = env["t.crate"]._settle_create([{"name": "first"}])
        second = env["t.crate"].search([("name", "=", "second")])
        assert (first.place, second.place) == (False, "by hand")


def test_hooks_change_records_by_hand(crates):
    """They are called while a service writes, and neither settle states nor leave out the effects."""
    transaction = crates.env._transaction
    with transaction.settled_write("t.crate", crates.ids), transaction.settling("t.crate"):
        assert crates._is_settling() and crates[0]._is_settling()
        with transaction.by_hand("t.crate"):
            assert not crates._is_settling() and "t.crate" not in transaction.settling_models
        assert crates._is_settling()
    assert not crates._is_settling()


def test_each_its_own_values_by_hand_goes_through_write(crates):
    crates._write_multi([{"weight": Decimal(5)}, {"weight": Decimal(6)}, {}])
    assert crates.mapped("place") == ["by hand", "by hand", False]
