"""What addons use besides fields and models: ``from core import api, fields, models``."""

from msgspec import Meta

from core.i18n import _, format_day, ngettext
from core.orm.argument_types import (
    Answers,
    Count,
    DomainLike,
    FieldNames,
    Id,
    Ids,
    Name,
    Operation,
    Text,
    Values,
)
from core.orm.commands import Command
from core.orm.decorators import (
    autovacuum,
    check_identity,
    constrains,
    depends,
    depends_context,
    model,
    model_create_multi,
    onchange,
    ondelete,
    private,
    public,
    readonly,
    seam,
    transition,
)
from core.orm.domain import Domain
from core.orm.environment import SUPERUSER_ID, Environment
from core.orm.types import NewId
from core.plugins import hookimpl, hookspec

__all__ = [
    "SUPERUSER_ID",
    "Answers",
    "Command",
    "Count",
    "Domain",
    "DomainLike",
    "Environment",
    "FieldNames",
    "Id",
    "Ids",
    "Meta",
    "Name",
    "NewId",
    "Operation",
    "Text",
    "Values",
    "_",
    "autovacuum",
    "check_identity",
    "constrains",
    "depends",
    "depends_context",
    "format_day",
    "hookimpl",
    "hookspec",
    "model",
    "model_create_multi",
    "ngettext",
    "onchange",
    "ondelete",
    "private",
    "public",
    "readonly",
    "seam",
    "transition",
]
