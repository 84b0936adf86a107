"""Rich text from the database made harmless before it goes into a page: few elements, no attributes that act."""

from __future__ import annotations

from lxml import etree, html
from markupsafe import Markup

_ELEMENTS = frozenset(
    (
        "a b strong i em u s small sub sup p br hr div span ul ol li h1 h2 h3 h4 h5 h6 blockquote pre code"
        " table thead tbody tfoot tr th td dl dt dd"
    ).split()
)
# Of these not even the text is wanted.
_DROPPED = frozenset(
    {
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "template",
        "noscript",
        "svg",
        "math",
        "form",
        "textarea",
        "select",
    }
)
_ATTRIBUTES = {"a": ("href", "title"), "td": ("colspan", "rowspan"), "th": ("colspan", "rowspan")}
_SCHEMES = ("http://", "https://", "mailto:", "tel:", "/", "#")


def clean_html(text: object) -> Markup:
    """`text` as HTML that can do nothing but be read; plain text is kept as it is, line by line."""
    source = str(text or "").strip()
    if not source:
        return Markup("")
    if "<" not in source:
        return Markup("<br>").join(source.splitlines())
    try:
        root = html.fragment_fromstring(source, create_parent="div")
    except (etree.ParserError, ValueError):
        return Markup.escape(source)
    for element in list(root.iterdescendants()):
        _clean(element)
    body = etree.tostring(root, encoding="unicode", method="html")
    return Markup(body[len("<div>") : -len("</div>")])


def _clean(element: html.HtmlElement) -> None:
    if not isinstance(element.tag, str) or element.tag in _DROPPED:
        element.drop_tree()
        return
    if element.tag not in _ELEMENTS:
        element.drop_tag()
        return
    allowed = _ATTRIBUTES.get(element.tag, ())
    for name in list(element.attrib):
        if name not in allowed:
            del element.attrib[name]
    address = element.get("href")
    if address is not None and not address.strip().lower().startswith(_SCHEMES):
        del element.attrib["href"]
