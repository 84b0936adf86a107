"""Every field type: ``name = fields.Char(required=True)``."""

from core.orm.commands import Command
from core.orm.computed_search import SearchByValue
from core.orm.fields import (
    Binary,
    Boolean,
    Char,
    Date,
    Datetime,
    Field,
    Float,
    Html,
    Id,
    Integer,
    Json,
    Many2many,
    Many2one,
    Monetary,
    One2many,
    Quantity,
    Reference,
    Selection,
    Text,
)

__all__ = [
    "Binary",
    "Boolean",
    "Char",
    "Command",
    "Date",
    "Datetime",
    "Field",
    "Float",
    "Html",
    "Id",
    "Integer",
    "Json",
    "Many2many",
    "Many2one",
    "Monetary",
    "One2many",
    "Quantity",
    "Reference",
    "SearchByValue",
    "Selection",
    "Text",
]
