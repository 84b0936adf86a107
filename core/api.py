"""What addons use besides fields and models: ``from core import api, fields, models``."""

from core.i18n import _, format_day, ngettext
from core.orm.commands import Command
from core.orm.decorators import (
    autovacuum,
    constrains,
    depends,
    depends_context,
    model,
    model_create_multi,
    onchange,
    ondelete,
    private,
    transition,
)
from core.orm.domain import Domain
from core.orm.environment import SUPERUSER_ID, Environment
from core.orm.types import NewId
from core.plugins import hookimpl, hookspec

__all__ = [
    "SUPERUSER_ID",
    "Command",
    "Domain",
    "Environment",
    "NewId",
    "_",
    "autovacuum",
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
    "transition",
]
