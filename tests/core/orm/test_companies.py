"""Links marked `check_company` stay within a company; a record without one is for all."""

from __future__ import annotations

import pytest

from core import fields, models
from core.api import Command
from core.exceptions import ValidationError
from core.testing.queries import max_queries


class Company(models.Model):
    _name = "res.company"
    _description = "Company"
    _company_field = "id"

    name = fields.Char()


class Place(models.Model):
    _name = "c.place"
    _description = "Place"

    name = fields.Char()
    company_id = fields.Many2one("res.company")


class Document(models.Model):
    _name = "c.document"
    _description = "Document"
    _check_company_auto = True

    name = fields.Char()
    company_id = fields.Many2one("res.company")
    place_id = fields.Many2one("c.place", check_company=True)
    other_ids = fields.Many2many("c.place", check_company=True)
    usual_id = fields.Many2one("c.place", company_dependent=True, check_company=True)
    free_id = fields.Many2one("c.place", foreign_key=False)


@pytest.fixture
def shop(dialect, model_databases):
    with model_databases(dialect, [Company, Place, Document]).env() as env:
        yield env


@pytest.fixture
def companies(shop):
    return shop["res.company"].create([{"name": "A"}, {"name": "B"}])


@pytest.fixture
def places(shop, companies):
    """One of A, one of B and a shared one."""
    return shop["c.place"].create([{"name": c.name, "company_id": c.id} for c in companies] + [{"name": "shared"}])


def test_links_to_another_company_are_refused(shop, companies, places):
    of_a, of_b, shared = places
    documents = shop["c.document"].with_context(allowed_company_ids=companies.ids)
    document = documents.create({"name": "D", "company_id": companies[0].id, "place_id": of_a.id})
    document.write({"place_id": shared.id, "free_id": of_b.id})
    for values in (
        {"place_id": of_b.id},
        {"other_ids": [Command.link(of_b.id)]},
        {"usual_id": of_b.id},
        {"place_id": of_a.id, "company_id": companies[1].id},
    ):
        for attempt in (document.copy().write, lambda vals: documents.create({"company_id": companies[0].id, **vals})):
            with pytest.raises(ValidationError) as refusal:
                attempt(values)
            assert refusal.value.code == "company_mismatch"
            assert {"A", "B"} == {refusal.value.data["company"], refusal.value.data["linked_company"]}
            assert refusal.value.fields == [next(iter(values))]


def test_a_link_that_depends_on_the_company_counts_for_the_one_worked_for(shop, companies, places):
    document = shop["c.document"].create({"name": "shared"})
    in_b = document.with_context(allowed_company_ids=companies[1].ids)
    in_b.write({"usual_id": places[1].id})
    with pytest.raises(ValidationError):
        in_b.write({"usual_id": places[0].id})


def test_a_shared_record_links_shared_ones_only(shop, places):
    assert shop["c.document"].create({"place_id": places[2].id}).place_id
    with pytest.raises(ValidationError) as refusal:
        shop["c.document"].create({"place_id": places[0].id})
    assert "no company" in refusal.value.message


def test_checking_a_thousand_records_costs_what_one_costs(shop, companies, places):
    rows = [{"company_id": companies[n % 2].id, "place_id": places[n % 2].id} for n in range(1000)]
    documents = shop["c.document"].with_context(allowed_company_ids=companies.ids).create(rows)
    shop.invalidate_all()
    with max_queries(shop, 4):
        documents._check_company()
