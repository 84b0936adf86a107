"""The field types, one module per family."""

from core.orm.fields.base import Field
from core.orm.fields.many2one import Many2one, Reference
from core.orm.fields.scalar import Binary, Boolean, Char, Float, Html, Id, Integer, Json, Monetary, Quantity, Text
from core.orm.fields.selection import Selection
from core.orm.fields.temporal import Date, Datetime
from core.orm.fields.x2many import Many2many, One2many

__all__ = [
    "Binary",
    "Boolean",
    "Char",
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
    "Selection",
    "Text",
]
