"""Extensions of views: every position, and what is said when an anchor is missing."""

from __future__ import annotations

import pytest
from lxml import etree

from core.web.views.inheritance import Extension, combine

BASE = """
<form>
  <header><button name="action_confirm" string="Confirm"/></header>
  <sheet>
    <group name="main"><field name="partner_id" invisible="state == 'done'"/><field name="date"/></group>
    <div class="oe_title big"><h1><field name="name"/></h1></div>
    <notebook><page name="lines"><field name="line_ids"/></page></notebook>
  </sheet>
</form>"""


def extended(*archs: str, addons: tuple[str, ...] = ("alpha", "beta", "gamma")):
    return combine(
        "base.form", BASE, [Extension(f"{addon}.view", addon, arch) for addon, arch in zip(addons, archs, strict=False)]
    )


def names(combined, path=".//field") -> list[str]:
    return [element.get("name") for element in combined.root.iterfind(path)]


@pytest.mark.parametrize(
    ("arch", "expected"),
    [
        (
            '<field name="partner_id" position="after"><field name="x"/><field name="y"/></field>',
            "partner_id x y date name line_ids",
        ),
        ('<field name="partner_id" position="before"><field name="x"/></field>', "x partner_id date name line_ids"),
        ('<group name="main" position="inside"><field name="x"/></group>', "partner_id date x name line_ids"),
        ('<xpath expr="//field[@name=\'date\']" position="replace"/>', "partner_id name line_ids"),
        ('<xpath expr="//group/field[1]" position="replace"><field name="x"/></xpath>', "x date name line_ids"),
        (
            '<data><field name="date" position="before"><field name="line_ids" position="move"/></field></data>',
            "partner_id line_ids date name",
        ),
        (
            '<xpath expr="//div[hasclass(\'oe_title\')]" position="before"><field name="x"/></xpath>',
            "partner_id date x name line_ids",
        ),
        ('<group name="main" position="replace" mode="inner"><field name="x"/></group>', "x name line_ids"),
        ('<field name="date" position="replace"><div class="box">$0</div></field>', "partner_id date name line_ids"),
    ],
)
def test_positions(arch, expected):
    combined = extended(arch)
    assert not combined.problems
    assert names(combined) == expected.split()


def test_attributes_are_set_removed_and_extended():
    combined = extended(
        """<data>
        <field name="partner_id" position="attributes">
          <attribute name="readonly">1</attribute>
          <attribute name="invisible" add="not date" separator="or"/>
        </field>
        <button name="action_confirm" position="attributes"><attribute name="string"/></button>
        <xpath expr="//div" position="attributes">
          <attribute name="class" add="wide" remove="big" separator=" "/>
        </xpath>
        </data>"""
    )
    partner = combined.root.find(".//field[@name='partner_id']")
    assert partner.get("readonly") == "1"
    assert partner.get("invisible") == "(state == 'done') or (not date)"
    assert combined.root.find(".//button").get("string") is None
    assert combined.root.find(".//div").get("class") == "oe_title wide"


def test_a_missing_anchor_names_addon_view_and_anchor_and_leaves_the_rest():
    combined = extended(
        """<data><field name="nope" position="after"><field name="x"/></field>
        <field name="date" position="after"><field name="y"/></field></data>"""
    )
    assert "y" in names(combined) and "x" not in names(combined)
    [problem] = combined.problems
    assert str(problem) == "alpha: view alpha.view extends base.form: its anchor field[@name='nope'] is not there"


def test_an_anchor_that_another_addon_took_away_is_blamed_on_it():
    combined = extended(
        '<field name="date" position="replace"/>', '<field name="date" position="after"><field name="x"/></field>'
    )
    [problem] = combined.problems
    assert problem.addon == "beta"
    assert "was removed by alpha (alpha.view)" in problem.message


@pytest.mark.parametrize(
    "arch",
    [
        "<data><xpath position='after'/></data>",
        "<data><xpath expr='//[' position='after'/></data>",
        "<data><field name='date' position='sideways'/></data>",
        "<data><form position='after'/></data>",
        "<broken",
    ],
)
def test_a_broken_instruction_is_a_problem_not_an_exception(arch):
    combined = extended(arch)
    assert len(combined.problems) == 1
    assert names(combined) == ["partner_id", "date", "name", "line_ids"]


def test_conflicts_list_the_parts_that_two_addons_replaced():
    combined = extended(
        '<field name="date" position="replace"><field name="date" widget="a"/></field>',
        '<field name="date" position="replace"><field name="date" widget="b"/></field>',
        '<field name="partner_id" position="attributes"><attribute name="readonly">1</attribute></field>',
    )
    assert [part.part for part in combined.replaced_parts()] == ["field[@name='date']"] * 2 + [
        "field[@name='partner_id']"
    ]
    [conflict] = combined.conflicts()
    assert [change.addon for change in conflict] == ["alpha", "beta"]
    assert etree.tostring(combined.root).count(b'widget="b"') == 1


def test_external_entities_are_refused():
    arch = '<!DOCTYPE form [<!ENTITY x SYSTEM "file:///etc/passwd">]><form><sheet><p>&x;</p></sheet></form>'
    with pytest.raises(etree.XMLSyntaxError, match="document type"):
        combine("base.form", arch, [])
