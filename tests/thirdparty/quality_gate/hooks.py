"""Urgent documents are checked before they are done."""

from core.api import hookimpl


@hookimpl(model=("stock.picking", "mrp.production"), before="inventory")
def on_validate(env, documents, answers):
    """Ask about those of the documents that are urgent and not checked yet."""
    urgent = documents._unanswered("quality", answers).filtered(lambda document: document.priority == "1")
    return env["quality.gate"]._ask(documents, answers, about=urgent) if urgent else None
