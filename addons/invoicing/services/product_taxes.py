"""The taxes that products bring to the lines of orders and invoices, unless others are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def of_line(line: Any) -> Any:
    """The taxes on the line's product in the line's company."""
    return line.product_id.sudo()._sale_taxes(line.company_id).with_env(line.env)


def on_create(lines: Any, vals_list: Sequence[Mapping[str, Any]]) -> None:
    """Tax new lines as their products say, where `vals_list` names no taxes."""
    apply(
        lines.browse(
            [line.id for line, vals in zip(lines, vals_list, strict=True) if line.product_id and "tax_ids" not in vals]
        )
    )


def on_write(lines: Any, vals: Mapping[str, Any]) -> None:
    """Tax lines whose product changed as the new one says, where `vals` names no taxes."""
    if "product_id" in vals and "tax_ids" not in vals:
        apply(lines.filtered("product_id"))


def apply(lines: Any) -> None:
    """Set the taxes of lines from their products; one write per set of taxes."""
    for taxes, members in lines.grouped(of_line).items():
        if taxes or members.tax_ids:
            members.write({"tax_ids": [(6, 0, taxes.ids)]})
