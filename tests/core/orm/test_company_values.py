"""Fields of which each company has a value of its own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from core import api, fields, models
from core.exceptions import AddonError
from core.orm.registry import Registry

pytestmark = pytest.mark.both_dialects("sql")


class Company(models.Model):
    _name = "res.company"
    _description = "Company"

    name = fields.Char()


class User(models.Model):
    _name = "res.users"
    _description = "User"

    company_id = fields.Many2one("res.company")
    company_ids = fields.Many2many("res.company")


class Shelf(models.Model):
    _name = "c.shelf"
    _description = "Shelf"

    name = fields.Char()


class Article(models.Model):
    _name = "c.article"
    _description = "Article"

    note = fields.Char(company_dependent=True)
    from_day = fields.Date(company_dependent=True)
    counted_at = fields.Datetime(company_dependent=True)
    minimum = fields.Quantity(company_dependent=True)
    sold = fields.Boolean(company_dependent=True)
    rank = fields.Integer(company_dependent=True)
    shelf_id = fields.Many2one("c.shelf", company_dependent=True)
    shelf_name = fields.Char(related="shelf_id.name", string="Shelf Name")
    place = fields.Char(compute="_compute_place")
    sign = fields.Char(compute="_compute_sign")

    @api.depends("shelf_name")
    def _compute_place(self):
        for article in self:
            article.place = f"on {article.shelf_name}"

    @api.depends("place")
    def _compute_sign(self):
        for article in self:
            article.sign = f"{article.place}!"


DEFINITIONS = [Company, User, Shelf, Article]

ALL = {
    "note": "fragile",
    "from_day": date(2026, 1, 2),
    "counted_at": datetime(2026, 1, 2, 3, 4, 5),
    "minimum": Decimal("1.25"),
    "sold": True,
    "rank": 4,
}


@pytest.fixture
def env(dialect, model_databases):
    with model_databases(dialect, DEFINITIONS).env() as found:
        first, second = found["res.company"].create([{"name": "North"}, {"name": "South"}])
        companies = {"company_id": first.id, "company_ids": [api.Command.set([first.id, second.id])]}
        user = found["res.users"].create(companies)
        found.flush_all()
        yield found(uid=user.id, su=True)


@pytest.fixture
def companies(env):
    return env["res.company"].search([], order="id")


def test_a_value_of_each_type_belongs_to_the_company_that_gave_it(env, companies):
    north, south = companies
    article = env["c.article"].create(ALL)
    env.invalidate_all()
    assert {name: article.with_company(north)[name] for name in ALL} == ALL
    assert not any(article.with_company(south)[name] for name in ALL)


@pytest.mark.parametrize("name", list(ALL))
def test_a_value_of_each_type_is_found_by_its_company_only(env, companies, name):
    north, south = companies
    article = env["c.article"].create(ALL)
    env.flush_all()
    articles = env["c.article"]
    assert articles.with_company(north).search([(name, "=", ALL[name])]) == article
    assert not articles.with_company(south).search([(name, "=", ALL[name])])
    assert articles.with_company(south).search([(name, "=", False)]) == article
    if name not in ("note", "sold"):
        assert articles.with_company(north).search([(name, ">=", ALL[name])]) == article
        assert not articles.with_company(north).search([(name, ">", ALL[name])])


def test_two_companies_write_before_either_is_saved(env, companies):
    north, south = companies
    article = env["c.article"].create({})
    article.with_company(north).note = "cold"
    article.with_company(south).note = "dry"
    env.invalidate_all()
    article.with_company(north).note = "warm"
    env.invalidate_all()
    assert (article.with_company(north).note, article.with_company(south).note) == ("warm", "dry")


def test_what_is_computed_from_such_a_value_differs_by_company_as_well(env, companies):
    north, south = companies
    top, low = env["c.shelf"].create([{"name": "top"}, {"name": "low"}])
    article = env["c.article"].create({"shelf_id": top.id})
    article.with_company(south).shelf_id = low
    assert article.with_company(north).sign == "on top!"
    assert article.with_company(south).sign == "on low!"
    low.name = "lowest"
    assert article.with_company(south).sign == "on lowest!"
    assert env["c.article"].with_company(south).search([("shelf_id.name", "=", "lowest")]) == article
    assert not env["c.article"].with_company(north).search([("shelf_id.name", "=", "lowest")])


def test_a_link_to_what_was_deleted_is_unset_in_every_company(env, companies):
    north, south = companies
    shelf = env["c.shelf"].create({"name": "top"})
    article = env["c.article"].create({"shelf_id": shelf.id})
    article.with_company(south).shelf_id = shelf
    env.flush_all()
    shelf.unlink()
    for company in (north, south):
        assert not article.with_company(company).shelf_id
    env.invalidate_all()
    for company in (north, south):
        assert article.with_company(company).read(["shelf_id", "sign"])[0]["shelf_id"] is False


@pytest.mark.parametrize(
    "field",
    [fields.Binary(company_dependent=True), fields.Many2many("c.shelf", company_dependent=True)],
    ids=["binary", "many2many"],
)
def test_a_type_that_no_company_can_have_for_itself_is_refused(field):
    class Crate(models.Model):
        _name = "c.crate"
        _description = "Crate"

        content = field

    registry = Registry()
    registry.load("test", [Shelf, Crate])
    with pytest.raises(AddonError, match=r"c.crate.content.*company_dependent"):
        registry.setup()
