"""XML-RPC as text: what is read, what is written, what is refused."""

import xmlrpc.client
from datetime import datetime
from decimal import Decimal

import pytest

from core.exceptions import InvalidArgument
from core.rpc import xml
from core.rpc.faults import BadRequest


def loads(text):
    """An answer as Python's own client reads it."""
    return xmlrpc.client.loads(text)[0][0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, False),
        (5, 5),
        (2**40, 2**40),
        (Decimal("33.60"), 33.6),
        ("a < b & c\x00\x0b", "a < b & c"),
        ({"n": [None, True]}, {"n": [False, True]}),
    ],
)
def test_answers_can_be_read_by_a_plain_client(value, expected):
    """None is False, large numbers and odd characters do not break the answer."""
    assert loads(xml.write(value)) == expected


def test_a_request_is_read():
    """Times and binaries arrive as the text that fields take."""
    body = xmlrpc.client.dumps((1, datetime(2026, 3, 1, 14, 30), xmlrpc.client.Binary(b"\xff"), [{"a": 1}]), "execute")
    assert xml.read(body.encode()) == ((1, "2026-03-01 14:30:00", "/w==", [{"a": 1}]), "execute")


BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<methodCall><methodName>version</methodName><params><param><value>&b;</value></param></params></methodCall>"""


@pytest.mark.parametrize(
    "body", [BOMB, "", "<methodCall>", "not xml", "<methodCall/>", "<a><int>x</int></a>", xmlrpc.client.dumps((1,))]
)
def test_what_is_not_a_request_is_refused(body):
    """Malformed requests, and a document type that would expand without end."""
    with pytest.raises(BadRequest):
        xml.read(body.encode())


def request(value):
    """A request with one parameter, written as given."""
    return f"<methodCall><methodName>version</methodName><params><param>{value}</param></params></methodCall>".encode()


@pytest.mark.parametrize(
    "value",
    [
        "<value><array><data>" * 3000 + "</data></array></value>" * 3000,
        "<value><double>nan</double></value>",
        "<value><double>1e999</double></value>",
        f"<value><i8>{2**63}</i8></value>",
        f"<value><int>{'9' * 5000}</int></value>",
    ],
)
def test_values_out_of_bounds_are_refused(value):
    """The same bounds as for JSON; nothing is left to the recursion limit."""
    with pytest.raises(InvalidArgument):
        xml.read(request(value))
