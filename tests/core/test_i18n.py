"""Lazy texts, catalogues, extraction."""

from __future__ import annotations

import importlib
import io
import json
import pickle
import sys
from datetime import date

import pytest

from core import i18n
from core.i18n import LazyText, language, translate
from core.i18n_extract import extract_python, extract_xml

CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Nothing to do for %(name)s"
msgstr "Nichts zu tun für %(name)s"

msgid "%(number)s line"
msgid_plural "%(number)s lines"
msgstr[0] "%(number)s Zeile"
msgstr[1] "%(number)s Zeilen"

msgid "Wrong place %(name)s"
msgstr "Falsche Stelle %(nam)s"

#, fuzzy
msgid "Unsure"
msgstr "Unsicher"
"""
MODULE = """from core.i18n import _, ngettext

def greet(name):
    return _("Nothing to do for %(name)s", name=name)

def count(number):
    return ngettext("%(number)s line", "%(number)s lines", number)

def other(text):
    return _(text, name="x")
"""


@pytest.fixture
def addon(tmp_path, monkeypatch):
    """A package that looks like an addon with a German catalogue."""
    folder = tmp_path / "translated_addon"
    (folder / "i18n").mkdir(parents=True)
    (folder / "models").mkdir()
    (folder / "__manifest__.py").write_text("{}")
    for name in ("__init__.py", "models/__init__.py"):
        (folder / name).write_text("")
    (folder / "models" / "thing.py").write_text(MODULE)
    (folder / "i18n" / "de.po").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("translated_addon.models.thing")
    for name in [name for name in sys.modules if name.startswith("translated_addon")]:
        del sys.modules[name]
    i18n.domain_of.cache_clear()
    i18n._folders.pop("translated_addon", None)


def test_a_text_is_shown_in_the_language_that_is_active_when_it_is_shown(addon):
    text = addon.greet("Anna")
    assert text.domain == "translated_addon"
    assert str(text) == "Nothing to do for Anna"
    with language("de_AT"):
        assert str(text) == "Nichts zu tun für Anna"
        assert f"{text}!" == "Nichts zu tun für Anna!"
        assert "%s" % text == "Nichts zu tun für Anna"  # noqa: UP031
        with language("fr_FR"):
            assert str(text) == "Nothing to do for Anna"
    assert str(text) == "Nothing to do for Anna"


def test_a_text_can_be_translated_into_a_given_language(addon):
    assert addon.greet("Anna").translate("de") == "Nichts zu tun für Anna"
    assert translate(addon.greet("Anna"), "de") == "Nichts zu tun für Anna"
    assert translate("Nothing to do for %(name)s", "de", "translated_addon", name="B") == "Nichts zu tun für B"
    assert translate("Nothing to do for %(name)s", "de", name="B") == "Nichts zu tun für B"


def test_a_filled_text_names_the_values_in_it(addon):
    assert translate(addon.greet("Anna"), "de").arguments == {"name": "Anna"}
    text = translate("Nothing to do for %(name)s", "de", name="B")
    assert text.arguments == {"name": "B"}
    assert pickle.loads(pickle.dumps(text)) == text
    several = translate("Nothing to do for %(name)s", "de", name=["A", "B"])
    assert (several, several.arguments) == ("Nichts zu tun für A, B", {"name": ["A", "B"]})


def test_a_text_is_a_string_in_its_source_language(addon):
    text = addon.greet("Anna")
    assert isinstance(text, str)
    with language("de"):
        assert text == "Nothing to do for Anna"
        assert json.dumps(text) == '"Nothing to do for Anna"'
        again = pickle.loads(pickle.dumps(text))
        assert isinstance(again, LazyText)
        assert str(again) == "Nichts zu tun für Anna"


def test_numbers_choose_the_form(addon):
    assert [str(addon.count(number)) for number in (0, 1, 2)] == ["0 lines", "1 line", "2 lines"]
    with language("de"):
        assert [str(addon.count(number)) for number in (0, 1, 2)] == ["0 Zeilen", "1 Zeile", "2 Zeilen"]


def test_what_is_missing_unsure_or_broken_never_fails(addon):
    with language("de"):
        assert str(addon.other("Unknown")) == "Unknown"
        assert str(addon.other("Unsure")) == "Unsure"
        assert str(addon.other("Wrong place %(name)s")) == "Falsche Stelle %(nam)s"
        assert str(addon.other("100% sure")) == "100% sure"


def test_languages_are_those_with_a_catalogue(addon):
    addon.greet("x")
    assert {"en_US", "de"} <= set(i18n.available_languages())
    assert i18n.language_name("de_AT").startswith("Deutsch")
    assert i18n.language_name("xx_YY") == "xx_YY"


def test_messages_labels_and_selections_of_python_are_extracted():
    source = b"""
class Thing(models.Model):
    _name = "thing"
    _description = "A thing"
    STATES = [("draft", "Draft state"), ("done", "Done state")]
    name = fields.Char("The name", help="What it is called")
    kind = fields.Selection([("a", "Kind A")], string="Kind", default="a")
    extra = fields.Selection(selection_add=[("b", "Kind B")])
    link = fields.Many2one("res.partner", string="Partner label")
    _positive = models.Constraint("CHECK (x > 0)", "Must be positive.")
    def act(self):
        raise UserError(_("Cannot do %(x)s", x=1) + self.env._("Other"))
"""
    found = {message for _line, _function, message, _comments in extract_python(io.BytesIO(source), (), (), {})}
    assert found == {
        "A thing", "Draft state", "Done state", "The name", "What it is called", "Kind A", "Kind", "Kind B",
        "Partner label", "Must be positive.", "Cannot do %(x)s", "Other",
    }  # fmt: skip


def test_labels_of_views_menus_and_names_are_extracted():
    source = b"""<odoo>
      <record id="v" model="ir.ui.view"><field name="name">technical</field><field name="arch" type="xml">
        <form string="Form title"><p>Some help <b>bold</b> after</p>
          <button name="x" string="Push" confirm="Sure?"/><field name="a" placeholder="Type here"/>
        </form></field></record>
      <record id="a" model="ir.actions.act_window"><field name="name">Action name</field></record>
      <record id="p" model="res.partner"><field name="name">Not translated</field></record>
      <menuitem id="m" name="Menu name"/></odoo>"""
    found = {message for _line, _function, message, _comments in extract_xml(io.BytesIO(source), (), (), {})}
    assert found == {
        "Form title", "Some help", "bold", "after", "Push", "Sure?", "Type here", "Action name", "Menu name",
    }  # fmt: skip


def test_babel_extracts_base_with_the_project_configuration(tmp_path):
    frontend = importlib.import_module("babel.messages.frontend")
    target = tmp_path / "base.pot"
    frontend.CommandLineInterface().run(["pybabel", "-q", "extract", "-F", "babel.cfg", "-o", str(target), "core/base"])
    text = target.read_text(encoding="utf-8")
    for wanted in ("Wrong login or password.", "Is a Company", "Implied Groups", "Scheduled Jobs"):
        assert f'msgid "{wanted}"' in text


def test_a_day_is_short_and_has_its_year_unless_that_is_the_current_one():
    this_year = date.today().year
    assert i18n.format_day(date(this_year, 11, 27)) == "Nov 27"
    assert i18n.format_day(date(this_year + 1, 1, 3)) == f"Jan 3, {this_year + 1}"
    assert i18n.format_day(date(this_year, 11, 27), "de_CH") == "27. Nov."
    assert i18n.format_day(date(this_year, 11, 27), "xx_XX") == "Nov 27"
