"""What records have in common whose contents are kept at hand (see `core.base.services.caching`)."""

from __future__ import annotations

from typing import Any

from core import api, models
from core.base.services.caching import invalidate


class CachedMixin(models.AbstractModel):
    """Inherit this in models behind values read with `cached`: rights, rules, menus, views, settings.

    A change counts at once in its own transaction, and everywhere else from the commit on.
    """

    _name = "cached.mixin"
    _description = "Kept at Hand"

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> CachedMixin:
        """Create records; values kept from before are forgotten."""
        records = super().create(vals_list)
        invalidate(self.env)
        return records

    def write(self, vals: dict[str, Any]) -> bool:
        """Change records; values kept from before are forgotten."""
        result = super().write(vals)
        invalidate(self.env)
        return result

    def unlink(self) -> bool:
        """Delete records; values kept from before are forgotten."""
        result = super().unlink()
        invalidate(self.env)
        return result
