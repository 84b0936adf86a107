"""What the domain of a record rule may refer to."""

from __future__ import annotations

import time
from typing import Any


def rule_names(env: Any) -> dict[str, Any]:
    """Return the names for `domain_force`.

    `user`: the user's record, readable whatever the rights. `company_id`: id of the current company.
    `company_ids`: ids of the companies that the user works in at the moment. `time`: Python's module; a rule
    that uses it is evaluated anew each time.
    """
    return {
        "user": env["res.users"].sudo().browse(env.uid),
        "company_id": env.company.id,
        "company_ids": env.companies.ids,
        "time": time,
        "True": True,
        "False": False,
        "None": None,
    }
