"""Which parts of a bill of materials apply on which variants of its product.

A part (component, by-product, operation) that names attribute values applies on the variants that have, for each
attribute named, one of the values named; a part that names none applies on all.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

VALUES = "bom_product_template_attribute_value_ids"

# For each attribute named, the ids of the values named.
Condition = tuple[frozenset[int], ...]


def conditions(parts: Any) -> dict[int, Condition]:
    """Part id -> what a variant must have; parts that apply on all variants are left out.

    Two statements, whatever the number of parts.
    """
    parts = parts.sudo()
    named = ((part.id, part[VALUES]) for part in parts) if parts[VALUES] else ()
    return {
        part_id: tuple(frozenset(group.ids) for group in values.grouped("attribute_id").values())
        for part_id, values in named
        if values
    }


def values_of(products: Any) -> dict[int, frozenset[int]]:
    """Product id -> the ids of the attribute values that it has: one statement."""
    return {product.id: frozenset(product.product_template_attribute_value_ids.ids) for product in products.sudo()}


def meets(values: Collection[int], condition: Condition) -> bool:
    """Whether a variant with these values (ids) is one that the condition is about."""
    return not any(group.isdisjoint(values) for group in condition)


def on_variant(parts: Any, product: Any) -> Any:
    """Those of the parts that apply on the variant."""
    asked = conditions(parts)
    if not asked:
        return parts
    values = values_of(product).get(product.id, frozenset())
    return parts.filtered(lambda part: meets(values, asked.get(part.id, ())))
