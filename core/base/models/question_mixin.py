"""What dialogs have in common that ask before documents are validated: they keep the call and repeat it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from core import api, fields, models
from core.api import _
from core.exceptions import AccessError, InvalidArgument


class QuestionMixin(models.AbstractModel):
    """Inherit this in a wizard that an implementation of `on_validate` returns.

    The wizard keeps the whole call: all documents that are validated together, the answers given before, and the
    method of the documents. A button adds its own answer, and the method is called again for all of them::

        @hookimpl(model=("stock.picking", "mrp.production"), before="inventory")
        def on_validate(env, documents, answers):
            unchecked = documents.filtered("needs_check")._unanswered("quality", answers)
            return env["quality.question"]._ask(documents, answers, about=unchecked) if unchecked else None


        class QualityQuestion(models.TransientModel):
            _name = "quality.question"
            _inherit = ["question.mixin"]
            _description = "Is the quality right?"
            _question = "quality"

            @api.public(access="write")
            def action_pass(self):
                return self._answer(True)
    """

    _name = "question.mixin"
    _description = "Question"

    #: The name of the question among the answers, such as "backorder".
    _question = ""
    #: A field of the wizard that holds all documents of the call; without one, their model and ids are kept.
    _documents_field = ""

    res_model = fields.Char(
        "Document Model", help="Technical name of the model of the documents, such as stock.picking"
    )
    res_ids = fields.Json("All Documents", help="The ids of all documents that are validated together")
    about_ids = fields.Json("Asked About", help="The ids of those documents that the question is about")
    method = fields.Char("Method", help="The documents' method that is called again with the answer")
    answers = fields.Json("Answers So Far", help="By the name of the question; see the hook on_validate")
    about_names = fields.Char("Documents", compute="_compute_about_names")

    @api.depends("res_model", "res_ids", "about_ids")
    def _compute_about_names(self) -> None:
        for question in self:
            asked = question._about() if question._documents_field or question.res_model else ()
            question.about_names = ", ".join(document.display_name for document in asked)

    @api.model
    def _ask(
        self, documents: Any, answers: Mapping[str, Any], *, about: Any = None, method: str = "", **values: Any
    ) -> Any:
        """Create the wizard that asks.

        Args:
            documents: all documents of the call, as the hook was given them.
            answers: what was answered before, by the name of the question.
            about: those of the documents that the question is about; all of them where it is left out.
            method: of the documents, to call again with the answers; by default the one that validates them.
            values: further values of the wizard.

        Returns:
            the wizard, to be returned by the hook.
        """
        if self._documents_field:
            many = self._fields[self._documents_field].type != "many2one"
            values[self._documents_field] = [(6, 0, documents.ids)] if many else documents.id
        else:
            values |= {"res_model": documents._name, "res_ids": documents.ids}
        if about is not None:
            values["about_ids"] = about.ids
        if method:
            values["method"] = method
        return self.create({"answers": dict(answers), **values})

    def _documents(self) -> Any:
        """All documents of the call."""
        self.ensure_one()
        if self._documents_field:
            return self[self._documents_field]
        if not self.res_model or self.res_model not in self.env.registry.models:
            raise InvalidArgument(_("The question does not say which documents it is about."), argument="res_model")
        return self.env[self.res_model].browse(self.res_ids or [])

    def _about(self) -> Any:
        """The documents that the question is about."""
        documents = self._documents()
        about = self.about_ids
        return documents.browse(about) & documents if isinstance(about, list) else documents

    def _answers_with(self, answer: Any) -> dict[str, Any]:
        """All answers given so far and this one.

        Args:
            answer: a mapping by document id, or one answer for all documents that the question is about.
        """
        self.ensure_one()
        if not isinstance(answer, Mapping):
            answer = dict.fromkeys(self._about().ids, answer)
        answers = dict(self.answers or {})
        before = answers.get(self._question)
        if before is not None and not isinstance(before, Mapping):
            before = {"*": before}
        answers[self._question] = {**(before or {}), **{str(key): value for key, value in answer.items()}}
        return answers

    def _answer(self, answer: Any) -> Any:
        """Add an answer and call the documents' method again, for all documents of the call.

        Args:
            answer: see `_answers_with`.

        Returns:
            what the method returns: the next question, or what the action leads to.
        """
        return self._call_again(self._documents(), self._answers_with(answer))

    def _call_again(self, documents: Any, answers: dict[str, Any]) -> Any:
        """Call the method that asked, with the rights that a call from outside needs."""
        method = self.method or getattr(documents, "_validate_method", "")
        functions = [owner.__dict__[method] for owner in type(documents).__mro__ if method in owner.__dict__]
        declared = next((each._public for each in functions if hasattr(each, "_public")), None)
        if declared is None or not any("answers" in inspect.signature(each).parameters for each in functions):
            raise InvalidArgument(
                _(
                    "%(model)s.%(method)s is no method that takes answers to a question.",
                    model=documents._name,
                    method=method,
                ),
                argument="method",
            )
        if declared.access:
            documents.check_access(declared.access)
        if declared.groups and not self.env.user.has_groups(declared.groups):
            raise AccessError(
                _("%(model)s.%(method)s: your groups do not allow this.", model=documents._name, method=method)
            )
        return getattr(documents, method)(answers=answers)
