"""Architectures read into trees."""

from __future__ import annotations

import pytest

from core.exceptions import ViewError
from core.web.views.arch import parse
from core.web.views.inheritance import Extension, combine

FORM = """
<form string="Transfer" create="0">
  <header>
    <button name="button_validate" type="object" string="Validate"
            invisible="state != 'assigned'" groups="base.group_user"/>
    <field name="state" widget="statusbar" options="{'clickable': true}"/>
  </header>
  <sheet>
    <p>Some <b>bold</b> words</p>
    <field name="move_ids" readonly="state == 'done'">
      <list editable="bottom" decoration-danger="qty &lt; 0">
        <field name="product_id"/><field name="qty" column_invisible="parent.state == 'draft'"/>
      </list>
    </field>
    <chatter/>
  </sheet>
</form>"""


def test_a_form_becomes_nodes():
    view = parse(FORM, model="stock.picking", name="inventory.form")
    assert (view.type, view.model, view.problems) == ("form", "stock.picking", [])
    assert list(view.field_nodes) == ["state", "move_ids"]
    assert view.used_names == {"state"}
    assert view.groups == {"base.group_user"}
    assert not view.flag("create") and view.flag("edit")
    button = next(view.root.find("button"))
    assert button.dynamic and button.invisible.names == {"state"}
    assert view.field_nodes["state"].options == {"clickable": True}


def test_the_list_inside_a_field_is_a_view_of_its_own():
    view = parse(FORM, model="stock.picking", name="inventory.form")
    lines = view.field_nodes["move_ids"].views["list"]
    assert lines.editable
    assert [column.name for column in lines.columns] == ["product_id", "qty"]
    assert lines.parent_names == {"state"}
    assert lines.root.decorations[0][0] == "danger"


def test_text_between_elements_is_kept():
    view = parse(FORM, model="m", name="v")
    paragraph = next(view.root.find("p"))
    assert paragraph.text == "Some "
    assert paragraph.children[0].tail == " words"


def test_an_unknown_element_is_left_out_and_noted():
    view = parse("<form><blink/><field name='a'/></form>", model="m", name="v", addon="alpha")
    assert list(view.field_nodes) == ["a"]
    assert view.problems == ["alpha: view v, line 1: <blink> is not known here and was left out"]


def test_a_wrong_expression_names_the_addon_that_brought_it():
    extension = Extension(
        "beta.view", "beta", "<field name='a' position='after'><field name='b' invisible='state ='/></field>"
    )
    combined = combine("alpha.view", "<form><field name='a'/></form>", [extension])
    with pytest.raises(ViewError) as caught:
        parse(combined.root, model="m", name="alpha.view", addon="alpha")
    assert caught.value.addon == "beta"
    assert "invisible=\"state =\" of <field name='b'>" in str(caught.value)


def test_the_wrong_kind_of_root():
    with pytest.raises(ViewError, match="is not a list"):
        parse("<form/>", model="m", name="v", type="list")
    with pytest.raises(ViewError, match="options"):
        parse("<form><field name='a' options='{'/></form>", model="m", name="v")
