"""Seams are found with their overrides, and an override must accept what the services' calls pass."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core import api, models
from core.orm.decorators import Step
from core.orm.environment import Environment
from core.orm.registry import Registry
from core.orm.seams import Seam, overrides, seams, signature_error, signature_text, tracing


class Rack(models.Model):
    _name = "seam.rack"
    _description = "Rack"

    @api.seam("done", order=20)
    @api.seam("confirm", order=70)
    @api.model
    def _fill(self, goods: Any, quantity: Decimal = Decimal(1), *, label: str = "A") -> Any:
        """Fill."""

    @api.seam("records", order=10)
    @api.model_create_multi
    def create(self, vals_list):
        """Create."""
        return super().create(vals_list)

    def _empty(self):
        """No seam."""


class Tall(models.Model):
    _inherit = "seam.rack"

    def _fill(self, goods, quantity=Decimal(2), *, label="B"):
        return super()._fill(goods, quantity, label=label)


class Wide(models.Model):
    _inherit = "seam.rack"

    def _fill(self, *args, **kwargs):
        return super()._fill(*args, **kwargs)


class Shelf(models.Model):
    _name = "seam.shelf"
    _description = "Shelf"
    _inherit = ["seam.rack"]

    def _fill(self, goods, *more, **others):
        return super()._fill(goods, *more, **others)


@pytest.fixture(scope="module")
def registry() -> Registry:
    registry = Registry()
    registry.load("racks", [Rack])
    registry.load("tall", [Tall])
    registry.load("wide", [Wide, Shelf])
    registry.setup()
    return registry


@pytest.fixture(scope="module")
def fill(registry: Registry) -> Seam:
    return next(seam for seam in seams(registry) if seam.name == "_fill")


def test_marked_methods_are_found_where_they_are_introduced(registry):
    assert [(seam.label, seam.addon, seam.definition) for seam in seams(registry)] == [
        ("seam.rack._fill", "racks", Rack),
        ("seam.rack.create", "racks", Rack),
    ]


def test_the_topmost_mark_comes_first(fill):
    assert fill.steps == (Step("done", 20), Step("confirm", 70))


def test_other_decorators_keep_the_mark(registry):
    create = next(seam for seam in seams(registry) if seam.name == "create")
    assert create.steps == (Step("records", 10),) and create.signature == "create(self, vals_list)"


def test_overrides_are_listed_outermost_first_with_their_addon(registry, fill):
    found = [(override.model, override.addon, override.definition) for override in overrides(registry, fill)]
    assert found == [
        ("seam.rack", "wide", Wide),
        ("seam.rack", "tall", Tall),
        ("seam.shelf", "wide", Shelf),
    ]


def test_the_signature_is_shown_as_it_is_written(fill):
    assert signature_text(fill.function) == (
        "_fill(self, goods: Any, quantity: Decimal = Decimal('1'), *, label: str = 'A') -> Any"
    )


def seam_of_two(self, goods, quantity=1):
    """What the overrides below are compared with."""


@pytest.mark.parametrize(
    "override",
    [
        lambda self, goods, quantity=2: None,
        lambda self, goods, quantity=2, more=None: None,
        lambda self, goods, quantity=2, *, more=None: None,
        lambda self, *args, **kwargs: None,
        lambda self, goods, *args, **kwargs: None,
        lambda records, goods, quantity=1: None,
    ],
)
def test_an_override_that_accepts_all_calls(override):
    assert signature_error(seam_of_two, override) is None


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        (lambda self, goods: None, "too many positional arguments"),
        (lambda self, goods, quantity: None, "missing a required argument: 'quantity'"),
        (lambda self, product, quantity=1: None, "missing a required argument: 'product'"),
        (lambda self, goods, quantity=1, *, reason: None, "missing a required argument: 'reason'"),
        (lambda self, quantity=1, goods=None: None, "has 'quantity' in the place of 'goods'"),
        (lambda self, goods, **kwargs: None, "too many positional arguments"),
        (lambda self, *args: None, "got an unexpected keyword argument 'goods'"),
        (lambda self: None, "too many positional arguments"),
    ],
)
def test_an_override_that_does_not(override, reason):
    assert signature_error(seam_of_two, override) == reason


def test_what_a_seam_hands_on_freely_is_accepted_freely():
    def seam(self, product, **extra):
        """A seam with further values."""

    assert signature_error(seam, lambda self, product, **more: None) is None
    assert signature_error(seam, lambda self, product: None) == "got an unexpected keyword argument 'any_other'"


def test_calls_are_traced_while_it_is_asked_for(registry):
    """With the overrides inside, and the class as it was afterwards."""
    racks = Environment(None, registry, su=True)["seam.rack"]
    before = type(racks)._fill
    with tracing(registry) as calls:
        racks._fill("bolts", Decimal(3))
        racks.browse([1, 2])._fill("nuts")
    racks._fill("screws")
    assert [(call.seam, call.records, call.depth) for call in calls] == [
        ("seam.rack._fill", 0, 0),
        ("seam.rack._fill", 2, 0),
    ]
    assert all(call.seconds > 0 for call in calls)
    assert type(racks)._fill is before and "_fill" not in vars(type(racks))


def test_services_take_no_shortcut_past_a_seam_while_calls_are_traced(registry):
    """So the trace has the seams that an override would be called for, whether or not an addon overrides them."""
    rack = registry.models["seam.rack"]
    before = rack._extended_methods
    assert not rack._is_extended("create")
    with tracing(registry):
        assert rack._is_extended("create") and not rack._is_extended("_empty")
    assert rack._extended_methods is before


@pytest.mark.parametrize(("override", "kind"), [(None, "NoneType"), (property(lambda self: 1), "property")])
def test_what_is_no_method_accepts_no_call(override, kind):
    assert signature_error(seam_of_two, override) == f"it is a {kind}, no method"
