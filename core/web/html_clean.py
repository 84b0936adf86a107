"""Rich text from the database made harmless before it goes into a page: few elements, no attributes that act."""

from __future__ import annotations

import nh3
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
_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_CLEANER = nh3.Cleaner(
    tags=set(_ELEMENTS),
    clean_content_tags=set(_DROPPED),
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel"},
)


def clean_html(text: object) -> Markup:
    """`text` as HTML that can do nothing but be read; plain text is kept as it is, line by line."""
    source = str(text or "").strip()
    if not source:
        return Markup("")
    if "<" not in source:
        return Markup("<br>").join(source.splitlines())
    return Markup(_CLEANER.clean(source))
