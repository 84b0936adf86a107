"""The system checks of invoicing (`stillage check`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from addons.invoicing.services import consistency

HINTS = {
    "invoicing.E001": "restore the lines from a backup, or credit the invoice",
    "invoicing.E002": "find out who deleted the invoice; rows are never deleted by Stillage once they have a number",
}


def check_invoices(subject: Any) -> Iterator[Any]:
    """Posted invoices are the sums of their lines, and no number is missing."""
    if subject.env is not None and "account.move" in subject.registry.models:
        for problem in consistency.problems(subject.env):
            yield subject.error(problem.id, problem.subject, problem.text, hint=HINTS[problem.id])
