"""The model behind the daily clean-up job."""

from __future__ import annotations

from core import api, models
from core.base.services import vacuum


class IrAutovacuum(models.AbstractModel):
    """Gives the scheduler something to call."""

    _name = "ir.autovacuum"
    _description = "Automatic Clean-up"

    @api.model
    def _run_vacuum_cleaner(self) -> list[str]:
        """Remove outdated temporary records and call every method marked `@api.autovacuum`."""
        return vacuum.run(self.env)
