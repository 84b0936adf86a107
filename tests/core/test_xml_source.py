"""XML of views is parsed without entities, document types and files."""

from __future__ import annotations

import pytest
from lxml import etree

from core.base.services.architecture import problems
from core.xml_source import parse_xml

BILLION = "<!DOCTYPE form [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><form>&b;</form>"
FILE = '<!DOCTYPE form [<!ENTITY file SYSTEM "file:///etc/passwd">]><form>&file;</form>'
REMOTE = '<!DOCTYPE form SYSTEM "http://127.0.0.1:9/form.dtd"><form/>'


@pytest.mark.parametrize("text", [BILLION, FILE, REMOTE, "<!DOCTYPE form><form/>"])
def test_document_types_are_refused(text):
    with pytest.raises(etree.XMLSyntaxError, match="document type"):
        parse_xml(text)


def test_elements_come_without_comments():
    root = parse_xml(b"<form><!-- note --><group/></form>")
    assert [child.tag for child in root] == ["group"]


def test_a_view_with_a_document_type_is_not_stored(env):
    assert "document type" in problems(env, FILE, "res.partner", "form", False)[0]
