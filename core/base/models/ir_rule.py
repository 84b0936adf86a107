"""Record rules: which records of a model a user may read, change, create or delete."""

from __future__ import annotations

from core import api, fields, models
from core.api import Domain, _
from core.base.services.evaluation import evaluate
from core.base.services.rule_names import rule_names
from core.exceptions import ValidationError


class IrRule(models.Model):
    """A domain that records must be in.

    All rules without groups hold for everyone; of the rules for a user's groups one is enough.
    """

    _name = "ir.rule"
    _inherit = ["cached.mixin"]
    _description = "Record Rule"
    _order = "model_id, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    model_id = fields.Many2one("ir.model", string="Model", required=True, ondelete="cascade", index=True)
    groups = fields.Many2many("res.groups", "rule_group_rel", "rule_group_id", "group_id", string="Groups")
    domain_force = fields.Text(
        string="Domain",
        help="May use user, company_id (current company), company_ids (companies the user works in now) and time",
    )
    # `global` is a keyword of Python, so it cannot be written as a plain assignment.
    vars()["global"] = fields.Boolean(string="Global", compute="_compute_global", help="Holds for every user")
    perm_read = fields.Boolean(string="Read", default=True)
    perm_write = fields.Boolean(string="Write", default=True)
    perm_create = fields.Boolean(string="Create", default=True)
    perm_unlink = fields.Boolean(string="Delete", default=True)

    _some_operation = models.Constraint(
        "CHECK (perm_read OR perm_write OR perm_create OR perm_unlink)", "A rule must apply to some operation."
    )

    @api.depends("groups")
    def _compute_global(self) -> None:
        for record in self:
            record["global"] = not record.groups

    @api.constrains("domain_force", "model_id")
    def _check_domain(self) -> None:
        names = rule_names(self.env)
        for record in self:
            model = record.model_id.model
            try:
                domain = Domain(evaluate(record.domain_force or "[]", names))
                if model in self.env.registry.models:
                    self.env[model].sudo().search_count(domain, limit=1)
            except Exception as error:
                raise ValidationError(
                    _("The domain of the rule “%(rule)s” is not valid: %(error)s", rule=record.name, error=error),
                    fields=["domain_force"],
                    code="base.rule_domain",
                    data={"rule": record.name},
                ) from error
