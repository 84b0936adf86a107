"""Typed text to values and back: numbers, dates, errors at the field, rows to commands."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from core.web import hotkeys
from core.web.field_rules import Choice, FieldRules
from core.web.forms import dates
from core.web.forms.binding import Binding, Typed
from core.web.forms.formats import Unreadable, formats_for
from core.web.forms.lines import LineTable
from core.web.views.arch import Node, parse

EN, DE, CH = formats_for("en_US", "UTC"), formats_for("de_DE", "Europe/Berlin"), formats_for("de_CH", "Europe/Zurich")


@pytest.mark.parametrize(
    ("formats", "text", "value"),
    [
        (EN, "55", "55"), (EN, " 1,234.50 ", "1234.5"), (EN, "-0.28", "-0.28"), (EN, ".5", "0.5"),
        (EN, "1 000", "1000"), (EN, "\u22123", "-3"), (EN, "+7", "7"), (EN, "1_000", "1000"), (EN, "100", "100"),
        (DE, "1.234,5", "1234.5"), (DE, "0,28", "0.28"), (CH, "1'234.5", "1234.5"), (CH, "1’234.5", "1234.5"),
    ],
)  # fmt: skip
def test_numbers_are_read_in_the_users_language(formats, text, value):
    assert formats.read_number(text, 6) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "ten",
        "1e5",
        "NaN",
        "Infinity",
        "1,5",
        "1,2,3",
        "1.2.3",
        "--1",
        "",
        ".",
        "٣",
        "9" * 40,
        "0x10",
        "1.1234567",
        "5%",
    ],
)
def test_what_is_not_a_number_is_refused(text):
    with pytest.raises(Unreadable):
        EN.read_number(text, 6)


def test_a_number_that_can_be_read_in_two_ways_says_how_to_write_it():
    with pytest.raises(Unreadable, match=r"Write 1\.5"):
        EN.read_number("1,5", 6)
    with pytest.raises(Unreadable, match="Write 1,5"):
        DE.read_number("1.5", 6)
    with pytest.raises(Unreadable, match="whole numbers"):
        EN.read_number("1.5", 0)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6), st.sampled_from([EN, DE, CH]))
def test_what_is_shown_can_be_typed_back(number, formats):
    assert formats.read_number(formats.number(number), 6) == number
    assert formats.read_number(formats.typed_number(number), 6) == number


def test_numbers_and_dates_as_shown():
    assert EN.number(Decimal("1234.500")) == "1,234.5"
    assert EN.number(Decimal("1234.5"), 2) == "1,234.50"
    assert EN.number(Decimal("-0.00")) == "0"
    assert EN.number(0.1) == "0.1"
    assert DE.number(Decimal("1234.5")) == "1.234,5"
    assert EN.day(date(2026, 3, 31)) == "Mar 31, 2026"
    assert DE.moment(datetime(2026, 7, 1, 22, 30)) == "02.07.2026, 00:30"
    assert DE.local_day(datetime(2026, 7, 1, 22, 30)) == "02.07.2026", "the day where the user is"
    assert DE.read_moment("2026-07-02T00:30") == datetime(2026, 7, 1, 22, 30)
    assert DE.typed_moment(datetime(2026, 7, 1, 22, 30)) == "02.07.2026, 00:30"
    for wrong in ("31/31/2026", "2026-02-30", "soon", "27", "1/2/3/4", "Nov", "27 Nov Dec", "", "+", "99999-01-01"):
        with pytest.raises(Unreadable, match="Dec 31, 2026"):
            EN.read_day(wrong)
    with pytest.raises(Unreadable, match=r"Dec 31, 2026, 14:30"):
        EN.read_moment("25:00")
    assert formats_for("xx_YY", "Nowhere/Land").decimal == "."


SATURDAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("locale", "text", "day"),
    [
        ("en_US", "11/27", "2026-11-27"), ("en_US", "11/27/26", "2026-11-27"), ("en_US", "5/6/2027", "2027-05-06"),
        ("en_US", "27/11", "2026-11-27"), ("en_US", "27.11.2026", "2026-11-27"), ("en_US", "2026-11-27", "2026-11-27"),
        ("en_US", "Nov 27, 2026", "2026-11-27"), ("en_US", "27 november", "2026-11-27"),
        ("en_US", "Nov 27 '27", "2027-11-27"), ("en_US", "tomorrow", "2026-11-29"), ("en_US", "+3d", "2026-12-01"),
        ("en_US", "-2w", "2026-11-14"), ("en_US", "+3m", "2027-02-28"), ("en_US", "+1y", "2027-11-28"),
        ("en_GB", "5/6/2027", "2027-06-05"), ("de_DE", "5.6.", "2026-06-05"), ("de_DE", "27. Dez. 2026", "2026-12-27"),
        ("de_DE", "27 dezember", "2026-12-27"), ("fr_FR", "1 févr.", "2026-02-01"),
        ("ja_JP", "2026/11/27", "2026-11-27"),
    ],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(locale, text, day):
    assert dates.read_day(text, Locale.parse(locale), SATURDAY).isoformat() == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Nov 27, 2026, 20:18", "2026-11-27 20:18"), ("2026-11-27T20:18", "2026-11-27 20:18"),
        ("27/11 8:18 pm", "2026-11-27 20:18"), ("tomorrow 8am", "2026-11-29 08:00"), ("7:05", "2026-11-28 07:05"),
        ("27/11", "2026-11-27 12:00"), ("12 am", "2026-11-28 00:00"), ("2026-11-27 20:18:33", "2026-11-27 20:18"),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text, moment):
    now = datetime(2026, 11, 28, 15, 42, 10)
    assert dates.read_moment(text, Locale.parse("en_US"), now) == datetime.fromisoformat(moment)


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)),
    st.sampled_from(["en_US", "en_GB", "de_CH", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE", "tr_TR",
                     "cs_CZ", "ja_JP", "zh_CN"]),
)  # fmt: skip
def test_dates_as_shown_can_be_typed_back(moment, lang):
    formats = formats_for(lang, "UTC")
    exact = moment.replace(second=0, microsecond=0)
    assert formats.read_day(formats.typed_day(exact.date())) == exact.date()
    assert formats.read_moment(formats.typed_moment(exact)) == exact


RULES = {
    "name": FieldRules("name", "char", "Name", required=True, size=10),
    "qty": FieldRules("qty", "quantity", "Quantity", scale=6),
    "note": FieldRules("note", "text", "Note"),
    "state": FieldRules("state", "selection", "Status", selection=(("draft", "Draft"), ("done", "Done"))),
    "active": FieldRules("active", "boolean", "Active"),
    "partner_id": FieldRules("partner_id", "many2one", "Customer", comodel="res.partner"),
    "tag_ids": FieldRules("tag_ids", "many2many", "Tags", comodel="tag"),
    "total": FieldRules("total", "monetary", "Total", readonly=True, scale=2),
    "line_ids": FieldRules("line_ids", "one2many", "Lines", comodel="line", inverse="doc_id"),
}
VIEW = parse(
    """<form><field name="name"/><field name="qty" readonly="state == 'done'" invisible="not name"/>
    <field name="note"/><field name="state"/><field name="active"/>
    <field name="partner_id" required="state == 'done'"/><field name="tag_ids"/><field name="total"/>
    <field name="line_ids"><list editable="bottom"><field name="name"/><field name="qty"/>
    <field name="total" column_invisible="parent.state == 'draft'"/></list></field></form>""",
    model="doc",
    name="doc.form",
)
PARTNERS = {"Azure": Choice(7, "Azure"), "Gemini": Choice(8, "Gemini")}


def resolve(rules, text, domain, *, create=None):
    if text not in PARTNERS:
        raise Unreadable(f"There is no {rules.label} called “{text}”.")
    return PARTNERS[text]


def binding(**values) -> Binding:
    start = {
        "name": "Chair", "qty": Decimal("1.5"), "note": False, "state": "draft", "active": True,
        "partner_id": PARTNERS["Azure"], "tag_ids": (Choice(1, "Red"), Choice(2, "Blue")), "total": Decimal(3),
        "line_ids": (),
    }  # fmt: skip
    return Binding(VIEW.field_nodes, RULES, {**start, **values}, EN)


def page_of(form: Binding, *, drop=(), **typed) -> Typed:
    """What a browser sends back from `form` after `typed` was entered."""
    base = dict(form.base())
    data = MultiDict({"_base": json.dumps(base), "_end": "1"})
    for node in form.nodes.values():
        if node.name in base and node.name not in drop:
            field = form.bound(node)
            data.setlist(
                node.name, [str(item.id) for item in field.value] if field.rules.type == "many2many" else [field.text]
            )
    if not form.values["active"]:
        data.poplist("active")
    for name, text in typed.items():
        data.setlist(name, text if isinstance(text, list) else [text])
    return Typed(data)


def test_an_untouched_page_changes_nothing():
    form = binding(note="two\nlines")
    page = page_of(form)
    page.form["note"] = "two\r\nlines"  # as browsers send it
    fresh = binding(note="two\nlines")
    fresh.read(page, resolve)
    assert (fresh.changed, fresh.errors) == (set(), {})


def test_only_what_was_typed_is_written():
    form = binding()
    form.read(page_of(binding(), qty="2,000.25", partner_id="Gemini", tag_ids=["2"]), resolve)
    assert form.errors == {}
    assert form.changes() == {"qty": Decimal("2000.25"), "partner_id": 8, "tag_ids": [(6, 0, [2])]}


def test_what_someone_else_changed_meanwhile_is_left_alone():
    page = page_of(binding(), name="Stool")
    form = binding(qty=Decimal(9), note="theirs")
    form.read(page, resolve)
    assert form.changes() == {"name": "Stool"}


def test_an_unticked_box_is_a_change_and_a_box_that_was_not_there_is_not():
    form = binding()
    form.read(page_of(binding(), drop=["active"]), resolve)
    assert form.changes() == {"active": False}
    elsewhere = Typed(MultiDict({"_base": "{}", "_end": "1"}))
    form = binding()
    form.read(elsewhere, resolve)
    assert form.changes() == {}


def test_errors_stand_at_the_field_and_keep_what_was_typed():
    form = binding()
    form.read(page_of(binding(), qty="ten", partner_id="Nobody", name="A much too long name", state="weird"), resolve)
    assert set(form.errors) == {"qty", "partner_id", "name", "state"}
    assert form.bound(VIEW.field_nodes["qty"]).text == "ten"
    assert form.bound(VIEW.field_nodes["partner_id"]).text == "Nobody"
    assert "called “Nobody”" in form.bound(VIEW.field_nodes["partner_id"]).error


def test_required_follows_the_view_and_the_model():
    form = binding()
    form.read(page_of(binding(), name="", partner_id="", state="done"), resolve)
    form.check_required()
    assert set(form.errors) == {"name", "partner_id"}


def test_a_field_the_view_closes_cannot_be_smuggled_in():
    form = binding(state="done", qty=Decimal(1))
    data = MultiDict(
        {"_base": json.dumps({"qty": "00000000", "total": "00000000"}), "_end": "1", "qty": "99", "total": "99"}
    )
    form.read(Typed(data), resolve)
    assert set(form.drop_closed()) == {"qty", "total"}
    assert form.changes() == {}
    form.set("state", "draft", changed=False)
    form.reopen(["qty", "total"])
    assert form.changes() == {"qty": 99}


def test_a_picked_choice_needs_no_search():
    form = binding()
    form.read(page_of(binding(), **{"partner_id": "Two of a name", "partner_id.id": "12|Two of a name"}), resolve)
    assert form.values["partner_id"] == Choice(12, "Two of a name")
    form = binding()
    form.read(page_of(binding(), **{"partner_id": "Gemini", "partner_id.id": "7|Azure"}), resolve)
    assert form.values["partner_id"] == PARTNERS["Gemini"]


def table(form: Binding | None = None, rows=((11, "Leg", "4"), (12, "Seat", "1"))) -> LineTable:
    form = form or binding()
    node = VIEW.field_nodes["line_ids"]
    rules = {name: RULES[name] for name in ("name", "qty", "total")}
    lines = LineTable(RULES["line_ids"], node, node.views["list"], rules, EN, form, names={}, editable=True)
    for id_, name, qty in rows:
        lines.add(str(id_), id_, {"name": name, "qty": Decimal(qty), "total": Decimal(0)})
    return lines


def lines_page(lines: LineTable, gone=(), more=(), **typed) -> Typed:
    base = dict(lines.base())
    data = MultiDict({"_base": json.dumps(base), "_end": "1"})
    data.setlist("line_ids", [row.key for row in lines.rows if row.id not in gone] + list(more))
    data.setlist("line_ids.gone", [str(id_) for id_ in gone])
    for row in lines.rows:
        for name in ("name", "qty"):
            data[f"line_ids.{row.key}.{name}"] = row.cell(lines.nodes[name]).text
    for name, text in typed.items():
        data[f"line_ids.{name.replace('__', '.')}"] = text
    return Typed(data)


def test_lines_become_commands():
    page = lines_page(
        table(), gone=[12], more=["new1", "new2"], **{"11__qty": "5", "new1__name": "Back", "new1__qty": "2"}
    )
    lines = table()
    lines.read(page, resolve, {"name": False, "qty": Decimal(0)})
    assert not lines.failed
    assert lines.commands() == [
        (2, 12, 0),
        (1, 11, {"qty": Decimal(5)}),
        (0, 0, {"name": "Back", "qty": Decimal(2)}),
    ]


def test_a_faulty_cell_names_table_line_and_column():
    lines = table()
    lines.read(lines_page(table(), **{"12__qty": "many"}), resolve, {})
    assert lines.describe_errors() == ["Lines, line 2, Quantity: “many” is not a number."]
    assert lines.row("12").cell(lines.nodes["qty"]).text == "many"


def test_a_column_can_depend_on_the_form():
    assert [node.name for node in table().columns()] == ["name", "qty"]
    assert [node.name for node in table(binding(state="done")).columns()] == ["name", "qty", "total"]


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=8))
def test_any_page_that_comes_back_is_survived(data):
    form, lines = binding(), table()
    page = Typed(MultiDict({**data, "_base": json.dumps(data), "_end": "1"}))
    form.read(page, resolve)
    lines.read(page, resolve, {})


def test_no_button_takes_a_key_that_goes_through_the_records():
    labels = ["Next", "Print", "Propose", "Plan"]
    keys = hotkeys.assign([Node("button", label, {"string": label}) for label in labels])
    assert len(set(keys.values())) == len(labels)
    assert not {"n", "p"} & set(keys.values())
