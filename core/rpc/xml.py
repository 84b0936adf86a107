"""XML-RPC: ``/xmlrpc/2/common``, ``/xmlrpc/2/object`` and ``/xmlrpc/2/db``.

The standard library writes and reads the format. What differs here: a document type is refused (it can make a small
request expand without end), None travels as False because most clients cannot read nil, whole numbers beyond 32 bits
as i8, and characters that XML cannot carry are left out.
"""

from __future__ import annotations

import re
import xmlrpc.client
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final
from xml.parsers import expat

from werkzeug.wrappers import Request, Response

from core import bounds
from core.i18n import _
from core.rpc import services, unit, wire
from core.rpc.faults import BadRequest, fault_of

_UNSENDABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def handle(request: Request, caller: unit.Caller, service: str) -> Response:
    """Answer one XML-RPC request. Errors are XML-RPC faults, with status 200 as the protocol wants."""
    headers: dict[str, str] = {}
    try:
        args, method = read(request.get_data())
        body = write(services.call(caller, service, method, args))
    except Exception as error:  # the one place where errors of this protocol become answers
        fault = fault_of(error, debug=caller.database.settings.debug)
        body, headers = _fault(fault.xml_code, fault.message), fault.headers
    return Response(body, mimetype="text/xml", headers=headers)


def read(body: bytes) -> tuple[tuple[Any, ...], str]:
    """The arguments and the name of the method of an XML-RPC request. Raises BadRequest."""
    unmarshaller = xmlrpc.client.Unmarshaller()
    unmarshaller.xml("", None)  # no encoding: the parser hands over decoded text
    parser = expat.ParserCreate()
    parser.StartElementHandler = unmarshaller.start
    parser.EndElementHandler = unmarshaller.end
    parser.CharacterDataHandler = unmarshaller.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body, True)
        args, method = unmarshaller.close(), unmarshaller.getmethodname()
    except (expat.ExpatError, xmlrpc.client.Error, ValueError, TypeError, IndexError, KeyError) as error:
        raise BadRequest(_("This is not an XML-RPC request: %(problem)s", problem=str(error))) from None
    if not method:
        raise BadRequest(_("This is not an XML-RPC request: it names no method."))
    bounds.check_value(args, "params")
    return tuple(_native(value) for value in args), method


def write(value: Any) -> str:
    """The XML-RPC answer that carries a plain value."""
    content = _Marshaller(encoding="utf-8", allow_none=True).dumps((value,))
    return f"<?xml version='1.0' encoding='utf-8'?>\n<methodResponse>\n{content}</methodResponse>\n"


def _fault(code: int, message: str) -> str:
    return xmlrpc.client.dumps(xmlrpc.client.Fault(code, _UNSENDABLE.sub("", message)), methodresponse=True)


def _refuse_doctype(*_details: Any) -> None:
    raise ValueError("a document type is not allowed")


def _native(value: Any) -> Any:
    """XML-RPC's own time and binary types as the text that fields take."""
    if isinstance(value, xmlrpc.client.DateTime):
        text = value.value
        return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[9:17]}" if len(text) >= 17 else text
    if isinstance(value, xmlrpc.client.Binary):
        return wire.plain(value.data)
    if isinstance(value, list | tuple):
        return [_native(item) for item in value]
    if isinstance(value, dict):
        return {key: _native(item) for key, item in value.items()}
    return value


class _Marshaller(xmlrpc.client.Marshaller):
    """Writes plain values the way XML-RPC clients can read them."""

    dispatch: Any = dict(xmlrpc.client.Marshaller.dispatch)

    def dump_none(self, _value: None, out: Callable[[str], Any]) -> None:
        out("<value><boolean>0</boolean></value>")

    def dump_int(self, value: int, out: Callable[[str], Any]) -> None:
        kind = "int" if xmlrpc.client.MININT <= value <= xmlrpc.client.MAXINT else "i8"
        out(f"<value><{kind}>{value}</{kind}></value>")

    def dump_decimal(self, value: Decimal, out: Callable[[str], Any]) -> None:
        out(f"<value><double>{wire.decimal_text(value)}</double></value>")

    def dump_text(self, value: str, out: Callable[[str], Any]) -> None:
        out(f"<value><string>{xmlrpc.client.escape(_UNSENDABLE.sub('', value))}</string></value>")

    dispatch[type(None)] = dump_none
    dispatch[int] = dump_int
    dispatch[Decimal] = dump_decimal
    dispatch[str] = dump_text
