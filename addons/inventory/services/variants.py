"""Variants follow the attributes of their product: which there are to be, which come, come back, are archived or go.

A product comes in every combination of the values of its attribute lines. All products of a call are settled
together: the number of statements does not depend on how many products or variants there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product as combine
from math import prod
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from addons.inventory.exceptions import TooManyVariants, VariantInUse

# A product with more variants than this is a configuration, not a catalogue: `create_variant` has "dynamic" for it.
MOST_VARIANTS = 1000

# Products whose lines are being changed together, by the transaction that does it.
_waiting: WeakKeyDictionary[Any, set[int]] = WeakKeyDictionary()


class _Offer(NamedTuple):
    """What a product is offered in: for each attribute that makes variants, the values, in order."""

    axes: list[Any]
    on_demand: bool

    def fits(self, combination: Any) -> bool:
        """Whether these are one value of each attribute."""
        return len(combination) == len(self.axes) and all(len(axis & combination) == 1 for axis in self.axes)


@contextmanager
def together(templates: Any) -> Iterator[None]:
    """Within, the variants of these products wait while lines are changed; they follow once, at the end."""
    with _held(templates) as mine:
        yield
    follow(mine)


@contextmanager
def _held(templates: Any) -> Iterator[Any]:
    """Within, the variants of these products neither follow nor are checked; gives those that were not held before."""
    held = _waiting.setdefault(templates.env.cr, set())
    mine = set(templates.ids) - held
    held |= mine
    try:
        yield templates.filtered(lambda template: template.id in mine)
    finally:
        held -= mine


def are_waiting(templates: Any) -> bool:
    """Whether the lines of all these products are being changed together."""
    return not _at_rest(templates)


def follow(templates: Any) -> None:
    """Bring values and variants in line with the products' attribute lines.

    Variants that the product is no longer offered in are deleted, or archived when documents refer to them.

    Raises:
        TooManyVariants: a product would have more than `MOST_VARIANTS` of them.
        VariantInUse: a variant would go that an open document asks for; it names the document.
    """
    templates = _at_rest(templates)
    if not templates:
        return
    templates = templates.sudo().with_context(active_test=False)
    lines = templates.attribute_line_ids
    dropped = _follow_values(lines)
    offers = {template: _offer(template) for template in templates}
    variants = templates.env["product.product"].search([("product_tmpl_id", "in", templates.ids)])
    with _held(templates):
        _follow_single_values(variants, offers, dropped)
    _settle(variants.grouped("product_tmpl_id"), offers)
    gone = templates.env["product.template.attribute.value"].search(
        [("attribute_line_id", "in", lines.ids), ("ptav_active", "=", False)]
    )
    (gone - gone._in_use()).unlink()
    templates.attribute_line_ids.filtered(lambda line: not line.active)._unlink_unused()


def _at_rest(templates: Any) -> Any:
    """Those of the products whose lines are not being changed at this moment."""
    waiting = _waiting.get(templates.env.cr, set())
    return templates.filtered(lambda template: template.id not in waiting)


def _follow_values(lines: Any) -> Any:
    """Create, activate and deactivate the values of the lines; returns those that were the only ones of their line."""
    Value = lines.env["product.template.attribute.value"]
    known = Value.search([("attribute_line_id", "in", lines.ids)])
    at = {(value.attribute_line_id.id, value.product_attribute_value_id.id): value for value in known}
    wanted = {(line.id, value.id): value for line in lines if line.active for value in line.value_ids}
    active = known.filtered("ptav_active")
    before = active.grouped("attribute_line_id")
    leaving = active.filtered(
        lambda value: (value.attribute_line_id.id, value.product_attribute_value_id.id) not in wanted
    )
    Value.union(*(value for place, value in at.items() if place in wanted and not value.ptav_active)).write(
        {"ptav_active": True}
    )
    leaving.write({"ptav_active": False})
    Value.create(
        [
            {
                "attribute_line_id": line_id,
                "product_attribute_value_id": value_id,
                "price_extra": value.default_extra_price,
            }
            for (line_id, value_id), value in wanted.items()
            if (line_id, value_id) not in at
        ]
    )
    return leaving.filtered(
        lambda value: not value.attribute_line_id.active and len(before[value.attribute_line_id]) == 1
    )


def _offer(template: Any) -> _Offer:
    lines = template.attribute_line_ids.filtered(
        lambda line: line.active and line.attribute_id.create_variant != "no_variant"
    )
    offer = _Offer(
        [line.product_template_value_ids for line in lines],
        any(line.attribute_id.create_variant == "dynamic" for line in lines),
    )
    count = prod(len(axis) for axis in offer.axes)
    if count > MOST_VARIANTS and not offer.on_demand:
        raise TooManyVariants(
            template.env._(
                "%(product)s would have %(count)s variants; %(most)s is the most. Take values away, or use attributes "
                "whose variants are created dynamically.",
                product=template.name,
                count=count,
                most=MOST_VARIANTS,
            ),
        )
    return offer


def _follow_single_values(variants: Any, offers: dict[Any, _Offer], dropped: Any) -> None:
    """An attribute with one value tells no variants apart: it comes to, and goes from, those there are."""
    current = variants.filtered(lambda variant: variant.active or not variant.product_tmpl_id.active)
    for value in dropped:
        having = current.filtered(lambda variant, value=value: value in variant.product_template_attribute_value_ids)
        having.write({"product_template_attribute_value_ids": [(3, value.id)]})
    of_product = current.grouped("product_tmpl_id")
    for template, offer in offers.items():
        for value in (axis for axis in offer.axes if len(axis) == 1):
            lacking = of_product.get(template, variants.browse()).filtered(
                lambda variant, value=value: (
                    value.attribute_line_id not in variant.product_template_attribute_value_ids.attribute_line_id
                )
            )
            lacking.write({"product_template_attribute_value_ids": [(4, value.id)]})


def _settle(of_product: dict[Any, Any], offers: dict[Any, _Offer]) -> None:
    """Create the variants that are missing, bring back archived ones, take away those that are not offered."""
    Product = next(iter(offers)).env["product.product"]
    rows: list[dict[str, Any]] = []
    back, surplus = Product.browse(), Product.browse()
    for template, offer in offers.items():
        variants = of_product.get(template, Product.browse())
        fitting = variants.filtered(lambda v, offer=offer: offer.fits(v.product_template_attribute_value_ids))
        current = variants.filtered("active") if template.active else variants
        surplus |= current - fitting
        taken = {frozenset(variant.product_template_attribute_value_ids.ids) for variant in current & fitting}
        for variant in fitting - current:
            key = frozenset(variant.product_template_attribute_value_ids.ids)
            if key not in taken or not key:
                back |= variant
                taken.add(key)
        if not offer.on_demand:
            rows += _missing_rows(template, offer, taken)
    _take_away(surplus)
    back.write({"active": True})
    Product.create(rows)


def _missing_rows(template: Any, offer: _Offer, taken: set[frozenset[int]]) -> Iterator[dict[str, Any]]:
    for ids in combine(*(axis.ids for axis in offer.axes)):
        if frozenset(ids) not in taken:
            yield row(template, ids)


def row(template: Any, ids: Any) -> dict[str, Any]:
    """What a variant of these values (ids) is created with."""
    return {
        "product_tmpl_id": template.id,
        "product_template_attribute_value_ids": [(6, 0, ids)],
        "active": template.active,
    }


def key(combination: Any) -> str | bool:
    """What tells a variant of these values from the others of its product; False for a product without attributes."""
    return ",".join(str(id_) for id_ in sorted(combination.ids)) or False


def _take_away(variants: Any) -> None:
    """Delete the variants that no record refers to, and archive the others."""
    if not variants:
        return
    found = variants._find_open_document()
    if found:
        variant, document = found
        raise VariantInUse(
            variants.env._(
                "%(variant)s cannot go: %(document)s still asks for it. Finish or cancel that first.",
                variant=variant.display_name,
                document=document,
            ),
        )
    used = variants.browse().union(*_referenced(variants))
    used.filtered("active").write({"active": False})
    (variants - used).unlink()


def _referenced(variants: Any) -> Iterator[Any]:
    """The variants that records of other models refer to, model by model: one statement for each link."""
    registry = variants.env.registry
    for field in registry.pointing["product.product"]:
        model = variants.env[field.model_name]
        if model._transient or field.type == "one2many" or field.company_dependent:
            continue
        if model._name == "product.template.attribute.value":
            continue
        for variant, *_rest in model._read_group([(field.name, "in", variants.ids)], [field.name]):
            yield variant


def check_combinations(variants: Any) -> Any:
    """The first of the variants that is not one value of each attribute of its product, or None."""
    variants = variants.sudo()
    offers = {template: _offer(template) for template in _at_rest(variants.product_tmpl_id)}
    for variant in variants.filtered(lambda variant: variant.active and variant.product_tmpl_id in offers):
        if not offers[variant.product_tmpl_id].fits(variant.product_template_attribute_value_ids):
            return variant
    return None
