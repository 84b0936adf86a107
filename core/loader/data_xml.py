"""XML data files, in Odoo's format.

::

    <odoo>
        <data noupdate="1">
            <record id="product_chair" model="product.template">
                <field name="name">Chair</field>
                <field name="categ_id" ref="inventory.product_category_all"/>
                <field name="list_price" eval="Decimal('49.90')"/>
                <field name="seller_ids">
                    <record id="seller_chair" model="product.supplierinfo">
                        <field name="partner_id" search="[('name', '=', 'Wood Corner')]"/>
                    </record>
                </field>
            </record>
            <function model="product.template" name="action_archive" eval="[[ref('product_old')]]"/>
            <delete model="res.partner" search="[('name', '=', 'Obsolete')]"/>
            <menuitem id="menu_chairs" name="Chairs" parent="menu_root" action="action_chairs" sequence="20"/>
        </data>
    </odoo>

``eval`` sees ``ref``, ``Command``, ``datetime``, ``date``, ``timedelta``, ``time``, ``Decimal``, ``obj`` (the model)
and harmless built-ins. Data files are code of their addon and are trusted as much as that.
"""

from __future__ import annotations

import base64
import builtins
import datetime
import importlib
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from core.loader.discovery import Addon
from core.loader.records import Draft, Place, RecordLoader, told_at
from core.orm.commands import Command
from core.orm.sheets.cells import from_text

_ROOTS: Final = ("odoo", "stillage", "openerp", "data")
_REFERENCE: Final = re.compile(r"(?<!%)%\((?P<xmlid>[\w.]+)\)[ds]")
_BUILTINS: Final = {
    name: getattr(builtins, name)
    for name in (
        "abs all any bool dict enumerate filter float int len list map max min range reversed round set sorted str sum"
        " tuple zip True False None"
    ).split()
}


def _import(name: str, *rest: Any) -> Any:
    """What ``strftime`` and ``strptime`` load behind the scenes; expressions themselves cannot import."""
    if name not in ("time", "datetime", "_strptime"):
        raise ImportError(f"{name} cannot be imported here")
    return importlib.import_module(name)


class XmlFile:
    """One data file being loaded. ``path`` is the file, ``relative`` how messages call it."""

    def __init__(self, loader: RecordLoader, addon: Addon, relative: str, *, noupdate: bool = False) -> None:
        self.loader = loader
        self.addon = addon
        self.file = str(addon.file(relative))
        self.noupdate = noupdate
        self._handlers = {
            "record": self._record,
            "function": self._function,
            "delete": self._delete,
            "menuitem": self._menuitem,
        }

    def load(self) -> None:
        """Load the whole file; a DataFileError names what is wrong, and where."""
        self._walk(self._parse(), self.noupdate)
        self.loader.flush()

    def _parse(self) -> Any:
        parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)
        try:
            root = etree.parse(self.file, parser).getroot()
        except etree.XMLSyntaxError as error:
            raise self._place_at(error.lineno).error(f"the XML is broken: {error.msg}") from error
        except OSError as error:
            raise self._place_at(None).error(f"the file cannot be read: {error}") from error
        if root.tag not in _ROOTS:
            raise self._place(root).error(f"the file must start with <odoo>, not <{root.tag}>")
        return root

    def _walk(self, parent: Any, noupdate: bool) -> None:
        noupdate = _truth(parent.get("noupdate"), noupdate)
        for node in parent:
            if node.tag == "data":
                self._walk(node, noupdate)
            elif node.tag in self._handlers:
                self._handlers[node.tag](node, noupdate)
            else:
                known = ", ".join(f"<{tag}>" for tag in ("data", *self._handlers))
                raise self._place(node).error(f"<{node.tag}> means nothing here; known are {known}")

    # -- <record>

    def _record(self, node: Any, noupdate: bool) -> None:
        self.loader.add(self._draft(node, noupdate))

    def _draft(self, node: Any, noupdate: bool) -> Draft:
        model = self._required(node, "model")
        given = node.get("id")
        xmlid = self.loader.xmlids.full(given, self.addon.name) if given else None
        place = replace(self._place(node), record=xmlid or f"(a {model} without id)")
        self.loader.fields_of(model, place)
        if xmlid and "." in given and not given.startswith(f"{self.addon.name}.") and xmlid not in self._known():
            self.loader.flush()
            if xmlid not in self._known():
                raise place.error(f"the id belongs to addon {given.partition('.')[0]!r}, which has no such record")
        draft = Draft(
            place=place,
            model=model,
            xmlid=xmlid,
            values={},
            noupdate=noupdate,
            forcecreate=_truth(node.get("forcecreate"), True),
            context=self._eval(node.get("context"), place, model) if node.get("context") else {},
        )
        if not xmlid and self.loader.update:  # without a name it cannot be found again: created once only
            draft.forcecreate = False
        for child in node:
            self._field(child, draft)
        return draft

    def _known(self) -> Mapping[str, Any]:
        return self.loader.xmlids.entries

    def _field(self, node: Any, draft: Draft) -> None:
        place = replace(draft.place, line=node.sourceline)
        if node.tag != "field":
            raise place.error(f"<{node.tag}> means nothing in a record; it holds <field>s")
        name = node.get("name")
        if not name:
            raise place.error("<field> lacks its name")
        model_field = self.loader.field_of(draft.model, name, place)
        place = replace(place, field=name)
        nested = [child for child in node if child.tag == "record"]
        if nested and model_field.type == "one2many":
            for child in nested:
                draft.children.append((model_field.inverse_name, self._draft(child, draft.noupdate)))
            return
        with told_at(place):
            draft.values[name] = self._value(node, draft.model, model_field, place)

    def _value(self, node: Any, model: str, model_field: Any, place: Place) -> Any:
        kind = node.get("type") or ("xml" if len(node) else None)
        if node.get("ref") is not None:
            return self._reference(node.get("ref"), model_field)
        if node.get("search") is not None:
            return self._searched(node, model_field, place)
        if node.get("eval") is not None:
            return self._eval(node.get("eval"), place, node.get("model") or model)
        if node.get("file"):
            content = self._file(node.get("file"), place)
            return base64.b64encode(content).decode() if _binary(kind, model_field) else content.decode()
        if kind in ("xml", "html"):
            return self._inner(node)
        text = "".join(node.itertext())
        return self._typed(kind, text, place) if kind else from_text(model_field, text)

    def _reference(self, xmlid: str, model_field: Any) -> Any:
        if not xmlid:
            return False
        entry = self.loader.entry(xmlid)
        if model_field.type == "reference":
            return f"{entry.model},{entry.res_id}"
        if model_field.type in ("one2many", "many2many"):
            return [Command.link(entry.res_id)]
        if model_field.comodel_name and entry.model != model_field.comodel_name:
            raise LookupError(f"{entry.xmlid} is a {entry.model}, and {model_field.comodel_name} is wanted")
        return entry.res_id

    def _searched(self, node: Any, model_field: Any, place: Place) -> Any:
        model = node.get("model") or model_field.comodel_name
        self.loader.flush()
        found = self.loader.env[model].search(self._eval(node.get("search"), place, model))
        use = node.get("use") or "id"
        if model_field.type in ("one2many", "many2many"):
            return [Command.set(found.ids)]
        if not found:
            raise LookupError(f"the search {node.get('search')} finds no {model}")
        return found[0].id if use == "id" else found[0][use]

    def _typed(self, kind: str, text: str, place: Place) -> Any:
        if kind in ("char", "text"):
            return text
        if kind == "int":
            return int(text) if text.strip() != "None" else False
        if kind == "float":
            return Decimal(text.strip())
        if kind == "bool":
            return _truth(text, False)
        if kind == "json":
            return json.loads(text)
        if kind == "base64":
            return text.strip()
        if kind in ("list", "tuple"):
            raise place.error(f"type={kind!r} is not supported; use eval")
        raise place.error(
            f"type={kind!r} means nothing; known are char, text, xml, html, int, float, bool, json, base64"
        )

    def _inner(self, node: Any) -> str:
        """The markup inside ``node``, with ``%(addon.name)d`` replaced by record ids."""
        text = (node.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in node)
        return _REFERENCE.sub(lambda match: str(self.loader.ref(match["xmlid"])), text).strip()

    def _file(self, relative: str, place: Place) -> bytes:
        """The content of a file of the addon, given relative to it, with or without its name in front."""
        root = self.addon.path.resolve()
        for candidate in (relative, relative.partition("/")[2]):
            path = (root / candidate).resolve()
            if candidate and path.is_file() and path.is_relative_to(root):
                return path.read_bytes()
        raise place.error(f"the addon has no file {relative!r}")

    # -- <function> and <delete>

    def _function(self, node: Any, noupdate: bool) -> None:
        if noupdate and self.loader.update:
            return
        self._call(node)

    def _call(self, node: Any) -> Any:
        model, name = self._required(node, "model"), self._required(node, "name")
        place = replace(self._place(node), record=f"{model}.{name}()")
        self.loader.fields_of(model, place)
        self.loader.flush()
        arguments = list(self._eval(node.get("eval"), place, model)) if node.get("eval") else []
        for child in node:
            arguments.append(self._argument(child, model, place))
        records = self.loader.env[model]
        if node.get("context"):
            records = records.with_context(**self._eval(node.get("context"), place, model))
        method = getattr(type(records), name, None)
        if not callable(method):
            raise place.error(f"{model} has no method {name!r}")
        if getattr(method, "_api", None) != "model" and arguments and _ids(arguments[0]) is not None:
            records = records.browse(_ids(arguments.pop(0)))
        with told_at(place):
            result = getattr(records, name)(*arguments)
            self.loader.env.flush_all()
        return result

    def _argument(self, node: Any, model: str, place: Place) -> Any:
        place = replace(place, line=node.sourceline)
        if node.tag == "function":
            return self._call(node)
        if node.tag != "value":
            raise place.error(f"<{node.tag}> means nothing in <function>; it holds <value>s and <function>s")
        if node.get("eval") is not None:
            return self._eval(node.get("eval"), place, node.get("model") or model)
        if node.get("search") is not None:
            target = node.get("model") or model
            return self.loader.env[target].search(self._eval(node.get("search"), place, target)).ids
        if node.get("file"):
            return self._file(node.get("file"), place).decode()
        text = "".join(node.itertext())
        return self._typed(node.get("type"), text, place) if node.get("type") else text

    def _delete(self, node: Any, noupdate: bool) -> None:
        if noupdate and self.loader.update:
            return
        model = self._required(node, "model")
        place = replace(self._place(node), record=node.get("id"))
        self.loader.fields_of(model, place)
        self.loader.flush()
        with told_at(place):
            records = self.loader.env[model]
            if node.get("search"):
                records |= records.search(self._eval(node.get("search"), place, model))
            if node.get("id"):
                known = self.loader.xmlids.find(node.get("id"), self.addon.name)
                records |= records.browse(known.res_id if known else ()).exists()
            records.unlink()
            self.loader.deleted(model)
            self.loader.env.flush_all()

    # -- <menuitem>

    def _menuitem(self, node: Any, noupdate: bool, parent: str | None = None) -> None:
        given = self._required(node, "id")
        xmlid = self.loader.xmlids.full(given, self.addon.name)
        place = replace(self._place(node), record=xmlid)
        values = self._menu_values(node, parent or node.get("parent"), place)
        self.loader.add(Draft(place, "ir.ui.menu", xmlid, values, noupdate))
        for child in node:
            if child.tag != "menuitem":
                raise self._place(child).error(f"<{child.tag}> means nothing in <menuitem>")
            self._menuitem(child, noupdate, parent=given)

    def _menu_values(self, node: Any, parent: str | None, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        known = self.loader.fields_of("ir.ui.menu", place)
        with told_at(place):
            if node.get("name"):
                values["name"] = node.get("name")
            if parent:
                values["parent_id"] = self.loader.ref(parent)
            if node.get("action"):
                action = self.loader.entry(node.get("action"))
                values["action"] = f"{action.model},{action.res_id}"
                values.setdefault("name", self.loader.env[action.model].browse(action.res_id).display_name)
            if node.get("sequence"):
                values["sequence"] = int(node.get("sequence"))
            if node.get("active"):
                values["active"] = _truth(node.get("active"), True)
            if node.get("web_icon") and "web_icon" in known:
                values["web_icon"] = node.get("web_icon")
            if node.get("groups"):
                groups = "group_ids" if "group_ids" in known else "groups_id"
                values[groups] = list(self._group_commands(node.get("groups")))
        if not values.get("name"):
            raise place.error("a <menuitem> needs a name or an action")
        return values

    def _group_commands(self, text: str) -> Iterable[Any]:
        for name in filter(None, (part.strip() for part in text.split(","))):
            if name.startswith("-"):
                yield Command.unlink(self.loader.ref(name[1:]))
            else:
                yield Command.link(self.loader.ref(name))

    # -- small things

    def _eval(self, expression: str, place: Place, model: str | None = None) -> Any:
        scope = {
            "__builtins__": _BUILTINS | {"__import__": _import},
            "ref": self.loader.ref,
            "Command": Command,
            "Decimal": Decimal,
            "datetime": datetime.datetime,
            "DateTime": datetime.datetime,
            "date": datetime.date,
            "timedelta": datetime.timedelta,
            "time": time,
            "obj": self.loader.env[model] if model in self.loader.env else None,
        }
        try:
            return eval(compile(expression.strip(), "<data>", "eval"), scope)
        except Exception as error:
            raise place.error(f"eval={expression.strip()!r}: {type(error).__name__}: {error}") from error

    def _required(self, node: Any, attribute: str) -> str:
        value = node.get(attribute)
        if not value:
            raise self._place(node).error(f"<{node.tag}> lacks its {attribute}")
        return value

    def _place(self, node: Any) -> Place:
        return self._place_at(node.sourceline)

    def _place_at(self, line: int | None) -> Place:
        return Place(self.addon.name, self.file, line)


def load_xml(loader: RecordLoader, addon: Addon, relative: str, *, noupdate: bool = False) -> None:
    """Load one XML data file of an addon.

    Args:
        noupdate: how records are marked where the file does not say.
    """
    XmlFile(loader, addon, relative, noupdate=noupdate).load()


def _truth(text: str | None, default: bool) -> bool:
    return default if text is None else text.strip().lower() not in ("", "0", "false", "no")


def _binary(kind: str | None, model_field: Any) -> bool:
    return kind == "base64" or (kind is None and model_field.type == "binary")


def _ids(value: Any) -> list[int] | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return [value]
    if isinstance(value, list | tuple) and all(isinstance(item, int) for item in value):
        return list(value)
    return None
