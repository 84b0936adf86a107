"""Stock of variants that a product is no longer offered in: said before they go, and shown once they are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from core.rounding import format_number

# As many variants are named; more are counted.
NAMED = 5


def leaving(template: Any) -> Any:
    """The variants that saving a form would take away: those that its attribute lines do not offer.

    Args:
        template: the product of the form, not saved.
    """
    stored = template._origin.sudo()
    axes = {
        line.attribute_id._origin.id: set(line.value_ids._origin.ids)
        for line in template.attribute_line_ids
        if line.attribute_id.create_variant != "no_variant" and line.value_ids
    }
    single = {line.attribute_id.id for line in stored.attribute_line_ids if len(line.product_template_value_ids) == 1}
    return stored.product_variant_ids.filtered(lambda variant: not _stays(variant, axes, single))


def _stays(variant: Any, axes: dict[int, set[int]], single: set[int]) -> bool:
    """Whether a variant is of one value of each axis. An attribute with one value comes to, and goes from, all."""
    own = {
        value.attribute_id.id: value.product_attribute_value_id.id
        for value in variant.product_template_attribute_value_ids
    }
    fits = all(own[axis] in values if axis in own else len(values) == 1 for axis, values in axes.items())
    return fits and all(axis in axes or axis in single for axis in own)


def warning(template: Any) -> dict[str, Any] | None:
    """The warning of a product's form whose attributes take variants away that have stock."""
    going = leaving(template)
    held = _on_hand(going)
    if not held:
        return None
    env = template.env
    message = env._(
        "%(stock)s.\nThis is not offered with these attributes and will be archived when you save. Its stock stays, "
        "can still be counted and moved, and is shown on the product.",
        stock="\n".join(_lines(env, held)),
    )
    if any(_is_plainer(variant, template) for variant in held):
        message += "\n" + env._(
            "To keep it on one of the new variants instead, first save the new attribute with the one value that this "
            "stock is of, and add the other values after that."
        )
    return {"warning": {"title": env._("Stock on variants that are archived"), "message": message}}


def _is_plainer(variant: Any, template: Any) -> bool:
    """Whether the variant lacks a value of an attribute that is added."""
    own = variant.product_template_attribute_value_ids.attribute_id.ids
    return any(line.attribute_id._origin.id not in own for line in template.attribute_line_ids if line.value_ids)


def of_archived(templates: Any) -> dict[Any, dict[Any, Decimal]]:
    """Product -> its archived variants that have stock, each with what is on hand; products without are left out."""
    products = templates.env["product.product"].sudo().with_context(active_test=False)
    archived = products.search([("product_tmpl_id", "in", templates.ids), ("active", "=", False)], order="id")
    result: defaultdict[Any, dict[Any, Decimal]] = defaultdict(dict)
    for variant, quantity in _on_hand(archived).items():
        result[variant.product_tmpl_id.with_env(templates.env)][variant] = quantity
    return result


def note(template: Any, held: dict[Any, Decimal]) -> str:
    """What a product's form says of stock that lies on archived variants."""
    return str(
        template.env._(
            "Archived, and with stock: %(stock)s. Press On Hand to count or move it; adding the attribute values again "
            "brings a variant back.",
            stock=", ".join(_lines(template.env, held)),
        )
    )


def _on_hand(variants: Any) -> dict[Any, Decimal]:
    storable = variants.filtered("is_storable")
    quantities = {variant: variant.qty_available for variant in storable}
    return {variant: quantity for variant, quantity in quantities.items() if quantity}


def _lines(env: Any, held: dict[Any, Decimal]) -> Iterable[str]:
    for variant, quantity in list(held.items())[:NAMED]:
        yield env._(
            "%(qty)s %(unit)s of %(variant)s are on hand",
            qty=format_number(quantity),
            unit=variant.uom_id.name,
            variant=variant.display_name,
        )
    if len(held) > NAMED:
        yield env._("%(count)s more variants have stock", count=len(held) - NAMED)
