"""`stillage doctor` where a line leads to an order that is gone: it names the line, and all other damage too."""

from __future__ import annotations

from typing import Any

from core import doctor
from tests.addons.test_doctor import ADDONS, Story, story, undone

__all__ = ["ADDONS", "story"]


def test_a_line_whose_order_is_gone_hides_no_other_damage(story: Story) -> None:
    """Stored figures that follow from the order cannot be computed for it; they are for the other lines."""

    def examine() -> list[Any]:
        lost, other = story.order.order_line
        story.change(lost, order_id=10**9)
        story.change(other, price_subtotal=7)
        story.change(story.row, quantity=story.row.quantity + 5)
        return doctor.examine(story.env)

    found = undone(story.env, examine)
    assert {"core.links", "inventory.on_hand"} <= {problem.check for problem in found}
    assert any(problem.key == "price_subtotal" for problem in found)
