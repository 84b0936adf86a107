"""Gettext for labels and messages: lazy strings, catalogues of addons, one active language per context.

How a text finds its translation:

    _("Nothing to do")            in addons/inventory/models/stock_picking.py
      -> LazyText(source, domain="addons.inventory")
      -> str(text)                the active language (`language("fr_FR")`, set by the request boundary)
      -> addons/inventory/i18n/fr_FR.po, else fr.po, else core/base/i18n, else the source text itself

A *domain* is the dotted name of the addon's package. It is found from the module that calls `_`, and so is the
`i18n` folder beside its `__manifest__.py`: nothing has to be registered. Catalogues are files of the program, not
of a database, so they are read once per process whatever the number of databases.

`babel.cfg` at the top of the tree (and `core/i18n_extract.py`) tell Babel how to collect the texts:
`pybabel extract -F babel.cfg -o addons/inventory/i18n/inventory.pot addons/inventory`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = [
    "LazyText",
    "_",
    "active_language",
    "available_languages",
    "domain_of",
    "format_day",
    "language",
    "language_name",
    "ngettext",
    "register",
    "translate",
]

#: The language that texts are written in.
SOURCE_LANGUAGE = "en_US"

#: Looked up when an addon's own catalogue has no answer: "Save", "Name" and the like are translated once.
FALLBACK_DOMAIN = "core.base"

_PLACE = re.compile(r"%%|%\((\w+)\)([-+ #0-9.]*[sdifgrx])")
_active: ContextVar[str | None] = ContextVar("stillage_language", default=None)
_folders: dict[str, Path] = {}


class LazyText(str):
    """A translatable text that picks its language when it is shown, not when it is written.

    It *is* a string (the source text with its arguments filled in), so it may be compared, stored and serialised
    like any other; `str(text)`, `format(text)` and "%s" give the translation in the active language.
    """

    __slots__ = ("arguments", "domain", "plural", "source")

    source: str
    plural: tuple[str, int] | None
    domain: str | None
    arguments: Mapping[str, Any]

    def __new__(
        cls,
        source: str,
        domain: str | None = None,
        plural: tuple[str, int] | None = None,
        arguments: Mapping[str, Any] | None = None,
    ) -> LazyText:
        """Make the text; `plural` is (plural source, number) where the wording depends on a number."""
        shown = source if plural is None or plural[1] == 1 else plural[0]
        text = super().__new__(cls, _fill(shown, arguments or {}))
        text.source, text.domain, text.plural, text.arguments = source, domain, plural, arguments or {}
        return text

    def translate(self, lang: str | None = None) -> str:  # type: ignore[override]
        """Return the text in `lang` (None: the active language), or in the source language where untranslated."""
        lang = lang or _active.get()
        return _fill(_lookup(self.source, lang, self.domain, self.plural), self.arguments)

    def __str__(self) -> str:
        return self.translate()

    def __format__(self, spec: str) -> str:
        return format(self.translate(), spec)

    def __reduce__(self) -> tuple[Any, ...]:
        return LazyText, (self.source, self.domain, self.plural, dict(self.arguments))


class FilledText(str):
    """A text in one language with its places filled, and the values in them: errors hand these to programs."""

    __slots__ = ("arguments",)

    arguments: Mapping[str, Any]

    def __new__(cls, text: str, arguments: Mapping[str, Any]) -> FilledText:
        """Make the text, which is filled already."""
        filled = super().__new__(cls, text)
        filled.arguments = arguments
        return filled

    def __reduce__(self) -> tuple[Any, ...]:
        return FilledText, (str(self), dict(self.arguments))


def _(source: str, **arguments: Any) -> LazyText:
    """Mark `source` for translation; `%(name)s` places are filled from `arguments` after translating.

    A list is shown with commas.
    """
    return LazyText(source, domain_of(sys._getframe(1).f_globals.get("__name__", "")), None, arguments)


def ngettext(singular: str, plural: str, number: int, **arguments: Any) -> LazyText:
    """Like `_` where the wording depends on `number`, which is also available as `%(number)s`."""
    domain = domain_of(sys._getframe(1).f_globals.get("__name__", ""))
    return LazyText(singular, domain, (plural, number), {"number": number, **arguments})


def translate(source: str, lang: str | None = None, domain: str | None = None, **arguments: Any) -> str:
    """Translate `source` into `lang`; an unknown text comes back as it is.

    Args:
        source: the text as written in the program; a `LazyText` keeps its own domain and arguments.
        lang: locale such as "fr_FR"; None means the active language.
        domain: dotted package of the addon to look in first; None searches every catalogue known.
        arguments: values for the `%(name)s` places.
    """
    if isinstance(source, LazyText):
        text, values = source.translate(lang), {**source.arguments, **arguments}
    else:
        text, values = _lookup(source, lang or _active.get(), domain, None), arguments
    return FilledText(_fill(text, arguments), values) if values else text


@contextmanager
def language(lang: str | None) -> Iterator[None]:
    """Show lazy texts in `lang` inside the block (per thread and per async task)."""
    token = _active.set(lang or None)
    try:
        yield
    finally:
        _active.reset(token)


def active_language() -> str | None:
    """Return the language of the enclosing `language(...)` block, or None."""
    return _active.get()


def register(domain: str, folder: Path) -> None:
    """Say where the `.po` files of `domain` are, for addons whose modules are not importable packages."""
    if _folders.get(domain) != folder:
        _folders[domain] = folder
        _catalogue.cache_clear()


def available_languages() -> list[str]:
    """Return the source language and every language some known addon has a catalogue for, sorted."""
    found = {path.stem for folder in _folders.values() if folder.is_dir() for path in folder.glob("*.po")}
    return [SOURCE_LANGUAGE, *sorted(found - {SOURCE_LANGUAGE})]


def language_name(lang: str) -> str:
    """Return the name of a locale in its own language, e.g. "Deutsch (Deutschland)"."""
    try:
        return (Locale.parse(lang).display_name or lang).capitalize()
    except (UnknownLocaleError, ValueError):
        return lang


def format_day(day: date, lang: str | None = None) -> str:
    """A day within a sentence, short and in the language: ``Nov 27``; with its year unless that is the current one."""
    skeleton = "MMMd" if day.year == date.today().year else "yMMMd"
    try:
        return str(format_skeleton(skeleton, day, locale=lang or SOURCE_LANGUAGE))
    except (UnknownLocaleError, ValueError):
        return str(format_skeleton(skeleton, day, locale=SOURCE_LANGUAGE))


@cache
def domain_of(module_name: str) -> str | None:
    """Return the package of the addon that `module_name` belongs to, or None outside any addon.

    The addon is the nearest enclosing package with a `__manifest__.py` beside its `__init__.py`. Core's own modules
    belong to the built-in addon.
    """
    parts = module_name.split(".")
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        location = getattr(sys.modules.get(name), "__file__", None)
        if location is None:
            continue
        folder = Path(location).parent
        if (folder / "__manifest__.py").is_file():
            package = name if Path(location).name == "__init__.py" else name.rpartition(".")[0]
            register(package or name, folder / "i18n")
            return package or name
    if parts[0] == "core":
        register(FALLBACK_DOMAIN, Path(__file__).parent / "base" / "i18n")
        return FALLBACK_DOMAIN
    return None


def _fill(text: str, arguments: Mapping[str, Any]) -> str:
    """Fill the places of `text` that `arguments` has values for; a percent sign elsewhere stands for itself."""

    def fill(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match[1] not in arguments:
            return match[0]
        value = arguments[match[1]]
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        try:
            return f"%{match[2]}" % (value,)
        except (TypeError, ValueError):
            return str(value)

    return _PLACE.sub(fill, text) if arguments else text


def _lookup(source: str, lang: str | None, domain: str | None, plural: tuple[str, int] | None) -> str:
    """Return the first translation found, or the source form for the number at hand."""
    default = source if plural is None or plural[1] == 1 else plural[0]
    if not source or not lang or lang == SOURCE_LANGUAGE:
        return default
    domains = [domain] if domain else list(_folders)
    for name in dict.fromkeys([*domains, FALLBACK_DOMAIN]):
        for locale in dict.fromkeys([lang, lang.partition("_")[0]]):
            found = _translation(_catalogue(name, locale), source, plural)
            if found:
                return found
    return default


def _translation(catalogue: GNUTranslations | None, source: str, plural: tuple[str, int] | None) -> str | None:
    if catalogue is None:
        return None
    return catalogue.gettext(source) if plural is None else catalogue.ngettext(source, *plural)


@cache
def _catalogue(domain: str, locale: str) -> GNUTranslations | None:
    """Read the catalogue of one addon in one language; None where there is none. Unsure (fuzzy) texts are left out."""
    folder = _folders.get(domain)
    path = folder / f"{locale}.po" if folder else None
    if path is None or not path.is_file():
        return None
    compiled = BytesIO()
    with path.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=locale, ignore_obsolete=True))
    compiled.seek(0)
    catalogue = GNUTranslations(compiled)
    catalogue.add_fallback(_Untranslated())
    return catalogue


class _Untranslated(NullTranslations):
    """Tells that a catalogue has no answer, where gettext by itself would give the source text."""

    def gettext(self, message: str) -> str:
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return ""
