"""XML and CSV data files: what they can say, and how mistakes are told."""

from __future__ import annotations

import base64
from decimal import Decimal
from xml.sax.saxutils import quoteattr

import pytest

from core.exceptions import DataFileError
from core.loader.data_csv import load_csv
from core.loader.data_xml import load_xml
from core.loader.discovery import discover
from core.loader.records import RecordLoader
from core.loader.xmlids import XmlIds


@pytest.fixture
def load(env, folder):
    """Load a file with the given content as the addon ``shop`` would, and return the external ids."""

    def work(content, file="data.xml", *, update=False, files=None):
        name = folder.write("shop", {file: content, **(files or {})})
        addon = discover([folder.path], entry_points=False)[name]
        xmlids = XmlIds(env)
        loader = RecordLoader(env, name, xmlids, update=update)
        (load_csv if file.endswith(".csv") else load_xml)(loader, addon, file)
        env.flush_all()
        work.name = name
        return lambda xmlid: env.ref(xmlid if "." in xmlid else f"{name}.{xmlid}")

    return work


def partner(fields, attributes='id="x"'):
    return f'<odoo><record {attributes} model="res.partner">{fields}</record></odoo>'


# ---------------------------------------------------------------------------- values


def test_text_takes_the_type_of_its_field(load):
    ref = load(
        partner(
            '<field name="name">A name</field><field name="is_company">True</field><field name="active">0</field>'
            '<field name="company_id" ref="base.main_company"/><field name="type">delivery</field><field name="city"/>'
        )
    )
    record = ref("x")
    assert record.name == "A name" and record.is_company is True and record.active is False
    assert record.company_id == ref("base.main_company") and record.type == "delivery" and record.city is False


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'a' + 'b'", "ab"),
        ("str(Decimal('1.10'))", "1.10"),
        ("(datetime(2024, 2, 28) + timedelta(days=2)).strftime('%Y-%m-%d')", "2024-03-01"),
        ("time.strftime('%Y', time.gmtime(0))", "1970"),
        ("'; '.join(sorted(str(i) for i in range(3)))", "0; 1; 2"),
        ("obj.search_count([('id', '<', 0)]) or 'none'", "none"),
    ],
)
def test_eval_sees_what_is_documented(load, expression, value):
    assert load(partner(f'<field name="name" eval={quoteattr(expression)}/>'))("x").name == value


def test_eval_has_no_way_out(load):
    with pytest.raises(DataFileError, match="NameError"):
        load(partner('<field name="name" eval="open(\'/etc/passwd\')"/>'))


def test_eval_refers_to_records_that_wait_for_their_batch(load):
    ref = load(
        """<odoo>
        <record id="tag" model="res.partner.category"><field name="name">A</field></record>
        <record id="parent" model="res.partner"><field name="name">P</field></record>
        <record id="child" model="res.partner">
            <field name="name">C</field>
            <field name="parent_id" ref="parent"/>
            <field name="category_id" eval="[Command.set([ref('tag')])]"/>
        </record>
        </odoo>"""
    )
    assert ref("child").parent_id == ref("parent") and ref("child").category_id == ref("tag")


def test_search_finds_one_or_many(load):
    ref = load(
        partner(
            """<field name="name">X</field>
            <field name="country_id" search="[('code', '=', 'DE')]"/>
            <field name="child_ids" search="[('id', '&lt;', 0)]"/>"""
        )
    )
    assert ref("x").country_id.code == "DE" and not ref("x").child_ids


def test_a_search_that_finds_nothing_is_an_error(load):
    with pytest.raises(DataFileError, match=r"res\.country") as caught:
        load(partner("""<field name="country_id" search="[('code', '=', '??')]"/>"""))
    assert caught.value.data["field"] == "country_id"


def test_xml_keeps_markup_and_fills_in_ids(load, env):
    ref = load(
        """<odoo><record id="view" model="ir.ui.view">
        <field name="name">v</field><field name="model">res.partner</field>
        <field name="arch" type="xml"><form><field name="name" context="{'x': %(base.main_company)d}"/></form></field>
        </record></odoo>"""
    )
    assert f"{{'x': {env.ref('base.main_company').id}}}" in ref("view").arch and ref("view").type == "form"


def test_files_of_the_addon_become_values(load):
    data = """<odoo><record id="x" model="ir.attachment">
        <field name="name">logo</field><field name="datas" type="base64" file="static/logo.bin"/>
    </record></odoo>"""
    found = load(data, files={"static/logo.bin": "picture"})("x")
    content = found.datas if isinstance(found.datas, bytes) else found.datas.encode()
    assert base64.b64decode(content) == b"picture"


@pytest.mark.parametrize("path", ["/etc/passwd", "../../secret", "absent.txt"])
def test_files_outside_the_addon_are_out_of_reach(load, path):
    with pytest.raises(DataFileError, match=path) as caught:
        load(partner(f'<field name="comment" file="{path}"/>'))
    assert caught.value.data["field"] == "comment"


def test_typed_text(load):
    ref = load(
        """<odoo><record id="x" model="res.currency"><field name="name">XTS</field><field name="symbol">x</field>
        <field name="rounding" type="float">0.05</field></record></odoo>"""
    )
    assert Decimal(str(ref("x").rounding)) == Decimal("0.05")


def test_nested_records_are_lines_of_their_parent(load):
    ref = load(
        partner(
            """<field name="name">Company</field>
            <field name="child_ids">
                <record id="a" model="res.partner"><field name="name">A</field></record>
                <record id="b" model="res.partner"><field name="name">B</field></record>
            </field>"""
        )
    )
    assert ref("x").child_ids == ref("a") | ref("b")


# ---------------------------------------------------------------------------- other elements


def test_delete_by_id_and_by_search(load, env):
    env["res.partner"].create([{"name": "Obsolete 1"}, {"name": "Obsolete 2"}])
    load(
        """<odoo>
        <record id="x" model="res.partner"><field name="name">X</field></record>
        <delete model="res.partner" id="x"/>
        <delete model="res.partner" search="[('name', 'like', 'Obsolete')]"/>
        <delete model="res.partner" id="never_there"/>
        </odoo>"""
    )
    assert not env["res.partner"].search([("name", "in", ("X", "Obsolete 1", "Obsolete 2"))])


def test_function_calls_models_and_records(load, env):
    ref = load(
        """<odoo>
        <record id="x" model="res.partner"><field name="name">X</field></record>
        <function model="res.partner" name="write" eval="[[ref('x')], {'city': 'Ulm'}]"/>
        <function model="res.partner" name="create">
            <value eval="{'name': 'Made by a function'}"/>
        </function>
        <function model="res.partner" name="write">
            <value search="[('name', '=', 'Made by a function')]"/>
            <value eval="{'city': 'Bonn'}"/>
        </function>
        </odoo>"""
    )
    assert ref("x").city == "Ulm"
    assert env["res.partner"].search([("name", "=", "Made by a function")]).city == "Bonn"


def test_menus_nest_and_take_their_name_from_the_action(load):
    ref = load(
        """<odoo>
        <record id="action" model="ir.actions.act_window">
            <field name="name">People</field><field name="res_model">res.partner</field>
        </record>
        <menuitem id="root" name="Root" sequence="7">
            <menuitem id="inner" action="action" groups="base.group_user,base.group_system"/>
        </menuitem>
        <menuitem id="second" name="Second" parent="root"/>
        </odoo>"""
    )
    assert ref("root").sequence == 7 and ref("second").parent_id == ref("root")
    assert ref("inner").name == "People" and ref("inner").action == ref("action")
    assert ref("inner").group_ids == ref("base.group_user") | ref("base.group_system")


def test_a_record_may_be_completed_further_down(load):
    ref = load(
        """<odoo>
        <record id="x" model="res.partner"><field name="name">X</field></record>
        <record id="x" model="res.partner"><field name="city">Ulm</field></record>
        </odoo>"""
    )
    assert (ref("x").name, ref("x").city) == ("X", "Ulm")


def test_records_of_other_addons_may_be_changed_but_not_invented(load, refused):
    ref = load(partner('<field name="city">Ulm</field>', 'id="base.main_partner"'))
    assert ref("base.main_partner").city == "Ulm"
    with refused(DataFileError, data={"record": "base.of_my_own"}):
        load(partner('<field name="name">X</field>', 'id="base.of_my_own"'))


def test_the_context_is_used(load):
    ref = load(partner('<field name="name">X</field>', """id="x" context="{'default_city': 'Ulm'}" """))
    assert ref("x").city == "Ulm"


def test_consecutive_records_are_created_together(load, env):
    records = "".join(
        f'<record id="x{n}" model="res.partner"><field name="name">{n}</field></record>' for n in range(200)
    )
    env.flush_all()
    before = env.cr.statements
    load(f"<odoo>{records}</odoo>")
    many = env.cr.statements - before
    assert many < 60, f"{many} statements for 200 records"


# ---------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("<odoo>\n<record", 2, "the XML is broken"),
        ("<html/>", 1, "must start with <odoo>"),
        ("<odoo>\n<recrod/></odoo>", 2, "<recrod> means nothing here"),
        ("<odoo>\n<record id='x'/></odoo>", 2, "<record> lacks its model"),
        ("<odoo>\n<record id='x' model='res.partnr'/></odoo>", 2, "did you mean res.partner?"),
        ("<odoo><record id='x' model='res.partner'>\n<field name='nmae'/></record></odoo>", 2, "did you mean 'name'?"),
        ("<odoo><record id='x' model='res.partner'>\n<field/></record></odoo>", 2, "lacks its name"),
        ("<odoo><record id='x' model='res.partner'>\n<value/></record></odoo>", 2, "<value> means nothing in a record"),
        (partner("\n<field name='parent_id' ref='nobody'/>"), 2, "there is no record"),
        (
            partner("\n<field name='parent_id' ref='base.EUR'/>"),
            2,
            "base.EUR is a res.currency, and res.partner is wanted",
        ),
        (partner("\n<field name='parent_id'>Somebody</field>"), 2, "use ref, search or eval"),
        (partner("\n<field name='name' eval='1 +'/>"), 2, "SyntaxError"),
        (partner("\n<field name='color'>blue</field>"), 2, "blue"),
        (partner("\n<field name='active'>perhaps</field>"), 2, "neither True nor False"),
        (partner("\n<field name='name' type='tuple'>x</field>"), 2, "use eval"),
        ("<odoo>\n<function model='res.partner' name='no_such'/></odoo>", 2, "has no method 'no_such'"),
        ("<odoo>\n<function model='res.partner'/></odoo>", 2, "<function> lacks its name"),
        ("<odoo>\n<menuitem id='m'/></odoo>", 2, "needs a name or an action"),
        ("<odoo>\n<menuitem id='m' action='nothing'/></odoo>", 2, "there is no record"),
    ],
)
def test_mistakes_name_the_line(load, content, line, words):
    with pytest.raises(DataFileError) as caught:
        load(content)
    error = caught.value
    assert words in str(error)
    assert error.line == line and error.file.endswith("data.xml") and error.addon.startswith("shop")


def test_one_bad_record_in_a_batch_is_found(load, env):
    with pytest.raises(DataFileError) as caught:
        load(
            """<odoo>
            <record id="a" model="res.partner"><field name="name">A</field></record>
            <record id="b" model="res.partner"><field name="type" eval="'no such type'"/></record>
            <record id="c" model="res.partner"><field name="name">C</field></record>
            </odoo>"""
        )
    assert caught.value.data["record"].endswith(".b") and caught.value.line == 3
    assert not env["res.partner"].search([("name", "=", "A")])


def test_no_entity_is_read_from_a_file(load, tmp_path):
    (tmp_path / "secret").write_text("secret")
    content = f'<!DOCTYPE odoo [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>' + partner(
        '<field name="name">&e;</field>'
    )
    assert load(content)("x").name == "&e;"


# ---------------------------------------------------------------------------- CSV


def test_csv_with_relations_in_all_spellings(load, env):
    company = env.ref("base.main_company")
    content = (
        "id,name,company_id/id,parent_id:id,country_id,category_id/id,state_id/.id,is_company\n"
        "a,A,base.main_company,,Germany,,,1\n"
        'b,"B, the second",,a,,"base.x1,base.x2",,\n'
    )
    first, second = env["res.partner.category"].create([{"name": "1"}, {"name": "2"}])
    env["ir.model.data"].create(
        [
            {"module": "base", "name": name, "model": "res.partner.category", "res_id": record.id}
            for name, record in (("x1", first), ("x2", second))
        ]
    )
    ref = load(content, "res.partner.csv")
    a, b = ref("a"), ref("b")
    assert a.company_id == company and a.country_id.code == "DE" and a.is_company
    assert b.name == "B, the second" and b.parent_id == a and b.category_id == first | second and not b.is_company


def test_csv_by_database_id(load, env):
    country = env["res.country"].search([], limit=1)
    ref = load(f"id,name,country_id/.id\na,A,{country.id}\n", "res.partner.csv")
    assert ref("a").country_id == country


def test_csv_file_names_may_say_more(load):
    assert load("id,name\na,A\n", "res.partner-more.csv")("a").name == "A"


def test_csv_rights_find_models_with_and_without_prefix(load):
    ref = load(
        "id,name,model_id:id,group_id:id,perm_read\n"
        "one,one,model_res_partner,base.group_user,1\n"
        "two,two,base.model_res_partner,,0\n",
        "ir.model.access.csv",
    )
    assert ref("one").model_id.model == ref("two").model_id.model == "res.partner"
    assert ref("one").perm_read and not ref("two").perm_read


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("id,nmae\n", 1, "did you mean 'name'?"),
        ("id,name/id\n", 1, "needs a relation"),
        ("id,child_ids/name\n", 1, "is not understood"),
        ("id,name\na,A,B\n", 2, "3 cells, and there are 2 columns"),
        ("id,name,parent_id/id\na,A,\nb,B,nobody\n", 3, "there is no record"),
        ("id,name,country_id\na,A,Nowhereland\n", 2, "no res.country records are called 'Nowhereland'"),
        ("id,name,is_company\na,A,perhaps\n", 2, "neither True nor False"),
        ("id,name,parent_id/.id\na,A,x\n", 2, "ValueError"),
    ],
)
def test_csv_mistakes_name_line_record_and_field(load, content, line, words):
    with pytest.raises(DataFileError) as caught:
        load(content, "res.partner.csv")
    assert words in str(caught.value) and caught.value.line == line


def test_an_empty_csv_is_nothing(load, env):
    before = env["res.partner"].search_count([])
    load("", "res.partner.csv")
    assert env["res.partner"].search_count([]) == before
