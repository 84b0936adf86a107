"""Backorder policy of documents that are done in part: ask, always or never.

One policy and one protocol of answers for transfers and productions:

    hook choose_backorder_policy ─> ask / always / never, by document
    answers {"backorder": {id: bool}} ─> what the user said where the policy is to ask
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.exceptions import HookError

#: The name of the question among the answers.
QUESTION = "backorder"
ASK, ALWAYS, NEVER = "ask", "always", "never"


def policies(documents: Any) -> dict[Any, str]:
    """Backorder policy of each document: ask, always or never, from the hook `choose_backorder_policy`.

    Raises:
        HookError: an addon answers with something else than ask, always or never.
    """
    hook = documents.env.hooks.choose_backorder_policy
    chosen = hook.merged(env=documents.env, documents=documents)
    for document, policy in chosen.items():
        if policy not in (ASK, ALWAYS, NEVER):
            addons = ", ".join(dict.fromkeys(each.addon for each in hook.for_model(documents._name)))
            raise HookError(
                f"choose_backorder_policy answers {policy!r} for {document!r}; it must be {ASK!r}, {ALWAYS!r} or"
                f" {NEVER!r}. It is implemented by: {addons}"
            )
    return {document: chosen.get(document, ASK) for document in documents}


def undecided(documents: Any, answers: Mapping[str, Any]) -> Any:
    """The documents whose policy is to ask, and about which nothing was answered."""
    unanswered = documents._unanswered(QUESTION, answers)
    if not unanswered:
        return unanswered
    chosen = policies(unanswered)
    return unanswered.filtered(lambda document: chosen[document] == ASK)


def with_backorder(documents: Any, answers: Mapping[str, Any]) -> Any:
    """Those of the documents whose rest becomes a backorder: as answered, else as the policy says.

    A rest is cancelled only where that was said.
    """
    given = documents._answers_to(QUESTION, answers)
    others = documents.filtered(lambda document: document not in given)
    chosen = policies(others) if others else {}
    return documents.filtered(lambda document: given[document] if document in given else chosen[document] != NEVER)
