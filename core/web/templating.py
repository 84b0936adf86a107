"""Jinja: where templates are found, and what they may call.

A page is looked for from the special to the general: ``stock_picking/form.html``, then ``form.html``; in the folders
of the addons (one that depends on another comes before it), then here. So an addon replaces a page for one model, or
a widget for all, by a file of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound
from jinja2.bccache import Bucket
from markupsafe import Markup

from core.i18n import translate
from core.web.filters import FILTERS

OWN = Path(__file__).parent / "templates"


class CompiledTemplates(BytecodeCache):
    """Compiled templates of this process in memory: its applications compile each version of a file once.

    Jinja asks with a key (name and path) and a checksum (source), so a changed file is compiled anew.
    """

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Set the bucket's code, None where this version was not compiled yet."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code that was just compiled."""
        self._code[bucket.key, bucket.checksum] = bucket.code


#: All applications have the same Jinja options, so their templates compile to the same code.
_COMPILED = CompiledTemplates()


class Templates:
    """The templates of one application; `folders` are searched in order before core's own."""

    def __init__(self, folders: Iterable[str | Path], functions: Mapping[str, Any]) -> None:
        self.folders = [str(folder) for folder in folders]
        self.jinja = Environment(
            loader=FileSystemLoader([*self.folders, str(OWN)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=1000,
            bytecode_cache=_COMPILED,
            extensions=["jinja2.ext.do"],
        )
        self.jinja.globals.update(functions, _=_translated)
        self.jinja.filters.update(FILTERS)
        self._found: dict[tuple[str, ...], Template] = {}
        self._macros: dict[str, Any] = {}
        self._known: dict[str, bool] = {}

    def find(self, *names: str) -> Template:
        """The first of `names` that exists."""
        template = self._found.get(names)
        if template is None:
            template = self._found[names] = self.jinja.select_template(names)
        return template

    def page(self, kind: str, model: str = "") -> Template:
        """The template of a kind of page, the model's own if there is one."""
        return (
            self.find(f"{model.replace('.', '_')}/{kind}.html", f"{kind}.html") if model else self.find(f"{kind}.html")
        )

    def candidates(self, kind: str, model: str = "") -> list[str]:
        """The names that `page` looks for, the special one first: shown as a comment in the page."""
        return [f"{model.replace('.', '_')}/{kind}.html", f"{kind}.html"] if model else [f"{kind}.html"]

    def macros(self, name: str) -> Any:
        """The macros of a template without a context, ready to be called from Python."""
        module = self._macros.get(name)
        if module is None:
            module = self._macros[name] = self.jinja.get_template(name).module
        return module

    def has(self, name: str) -> bool:
        """Whether a template of this name exists; looked up once, as forms ask on every page."""
        if name not in self._known:
            try:
                self.jinja.get_template(name)
            except TemplateNotFound:
                self._known[name] = False
            else:
                self._known[name] = True
        return self._known[name]


def _translated(source: str, **arguments: Any) -> str:
    """A text of a template in the user's language. Values are escaped, the text itself is ours."""
    if not arguments:
        return Markup(translate(source, domain="core.base"))
    escaped = {name: Markup.escape(value) for name, value in arguments.items()}
    return Markup(translate(source, domain="core.base", **escaped))
