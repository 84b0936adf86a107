"""XML of addons and administrators, parsed without what makes XML dangerous: entities, document types, the network."""

from __future__ import annotations

from typing import Any, cast

from lxml import etree


def parse_xml(source: str | bytes) -> etree._Element:
    """The outermost element of `source`, without its comments.

    Raises:
        lxml.etree.XMLSyntaxError: it is not well-formed, or brings a document type, by which it could name entities and
            files.
    """
    parser = etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(source.encode() if isinstance(source, str) else source, parser)
    tree, refused = cast(Any, root.getroottree()), cast(Any, etree.XMLSyntaxError)
    if tree.docinfo.doctype:
        raise refused("a document type (<!DOCTYPE ...>) is not allowed here", 0, 1, 1)
    return root
