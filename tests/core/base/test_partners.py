"""Contacts, companies, currencies, countries."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.api import Command
from core.exceptions import UserError, ValidationError


@pytest.fixture
def company(env):
    return env["res.partner"].create({"name": "Deco Addict", "is_company": True, "vat": "AT123", "email": "d@x.com"})


@pytest.fixture
def buyer(env, company):
    return env["res.partner"].create({"name": "Addison", "parent_id": company.id, "email": "addison@x.com"})


def test_a_contact_is_shown_with_its_company(env, company, buyer):
    assert buyer.display_name == "Deco Addict, Addison"
    company.name = "Deco Ltd"
    assert buyer.display_name == "Deco Ltd, Addison"
    address = env["res.partner"].create({"parent_id": company.id, "type": "delivery"})
    assert address.display_name == "Deco Ltd, Delivery Address"


def test_the_commercial_entity_is_the_nearest_company(env, company, buyer):
    below = env["res.partner"].create({"name": "Assistant", "parent_id": buyer.id})
    assert below.commercial_partner_id == company
    assert company.commercial_partner_id == company
    alone = env["res.partner"].create({"name": "Alone"})
    assert alone.commercial_partner_id == alone
    buyer.is_company = True
    assert below.commercial_partner_id == buyer


def test_commercial_data_reach_the_contacts(company, buyer):
    assert buyer.vat == "AT123"
    company.vat = "AT999"
    assert buyer.vat == "AT999"


def test_partners_are_found_by_name_address_and_reference(env, company, buyer):
    buyer.ref = "CUST-77"
    search = env["res.partner"].name_search
    assert (buyer.id, buyer.display_name) in search("addis")
    assert search("CUST-77") == [(buyer.id, buyer.display_name)]
    assert {found[0] for found in search("x.com")} == {company.id, buyer.id}
    assert {found[0] for found in search("Deco Addict")} == {company.id, buyer.id}


def test_a_partner_is_made_from_one_line(env):
    create = env["res.partner"].name_create
    browse = env["res.partner"].browse
    partner = browse(create("Wood Corner <info@wood.example>")[0])
    assert (partner.name, partner.email) == ("Wood Corner", "info@wood.example")
    assert browse(create("solo@x.example")[0]).name == "solo@x.example"


def test_the_address_is_written_as_its_country_does(env, company):
    company.write({"street": "1 Main St", "city": "Tracy", "zip": "95304", "country_id": env.ref("base.us").id})
    company.state_id = env.ref("base.state_us_ca")
    assert company.contact_address == "1 Main St\nTracy, CA 95304\nUnited States"
    company.write({"country_id": env.ref("base.at").id, "state_id": False})
    assert company.contact_address == "1 Main St\n95304 Tracy\nAustria"


def test_addresses_are_chosen_by_purpose(env, company, buyer):
    delivery = env["res.partner"].create({"name": "Dock", "parent_id": company.id, "type": "delivery"})
    found = buyer.address_get(["delivery", "invoice"])
    assert found == {"delivery": delivery.id, "invoice": buyer.id, "contact": buyer.id}


def test_a_contact_cannot_contain_itself(company, buyer, refused):
    with refused(ValidationError, code="base.contact_of_itself", data={"name": company.name}):
        company.parent_id = buyer


def test_a_contact_needs_a_name(env, refused):
    with refused(ValidationError):
        env["res.partner"].create({"email": "x@y.z"})
        env.flush_all()


def test_a_new_contact_takes_over_the_companys_address(env, company):
    company.write({"street": "1 Main St", "city": "Tracy"})
    form = env["res.partner"].new({"name": "New", "type": "contact", "parent_id": company.id})
    form._onchange_parent_id()
    assert (form.street, form.city) == ("1 Main St", "Tracy")


def test_a_copy_says_so(company):
    assert company.copy().name == "Deco Addict (copy)"


# ---------------------------------------------------------------- companies


def test_a_company_makes_its_partner_and_shares_its_data(env):
    company = env["res.company"].create({"name": "Second", "city": "Graz", "currency_id": env.ref("base.USD").id})
    assert company.partner_id.name == "Second"
    assert company.partner_id.is_company
    assert company.partner_id.city == "Graz"
    company.name = "Third"
    assert company.partner_id.name == "Third"
    assert company.currency_id.name == "USD"


def test_a_new_company_uses_the_currency_at_hand_and_lets_its_maker_in(env):
    admin = env.ref("base.user_admin")
    company = env(uid=admin.id, su=False)["res.company"].create({"name": "Second"})
    assert company.sudo().currency_id == env.ref("base.EUR")
    assert company in admin.company_ids


def test_a_company_in_use_cannot_be_archived(env, refused):
    with refused(ValidationError, code="base.company_in_use", data={"company": "My Company"}):
        env.ref("base.main_company").active = False


def test_company_names_are_unique(env, refused):
    with refused(ValidationError, code="not_unique"):
        env["res.company"].create({"name": "My Company"})
        env.flush_all()


# --------------------------------------------------------------- currencies


def test_currencies_round_exactly(env):
    euro, yen, dinar = (env.ref(f"base.{code}") for code in ("EUR", "JPY", "KWD"))
    assert euro.round(Decimal("2.675")) == Decimal("2.68")
    assert yen.round(Decimal("2.5")) == Decimal("3")
    assert dinar.round(Decimal("1.00049")) == Decimal("1")
    assert (euro.decimal_places, yen.decimal_places, dinar.decimal_places) == (2, 0, 3)
    assert euro.is_zero(Decimal("0.004"))
    assert euro.compare_amounts(Decimal("1.001"), Decimal("1.004")) == 0
    assert euro.format(Decimal("1234.5")) == "1,234.50 €"
    assert env.ref("base.USD").format(Decimal("1234.5")) == "$1,234.50"


def test_a_currency_in_use_cannot_be_deleted(env, refused):
    with refused(UserError, code="base.currency_in_use", data={"company": "My Company"}):
        env.ref("base.EUR").unlink()


def test_country_codes_are_capitals_and_unique(env, refused):
    country = env["res.country"].create({"name": "Utopia", "code": "xu"})
    assert country.code == "XU"
    with refused(ValidationError, code="not_unique"):
        env["res.country"].create({"name": "Other", "code": "Xu"})
        env.flush_all()


def test_tags_form_a_tree(env):
    tags = env["res.partner.category"]
    top = tags.create({"name": "Customers"})
    below = tags.create({"name": "Gold", "parent_id": top.id})
    assert below.display_name == "Customers / Gold"
    tags.create({"name": "Gold", "parent_id": tags.create({"name": "Vendors"}).id})
    for typed in ("Customers / Gold", "customers / go", "Gold"):
        assert tags.name_search(typed)[0] == (below.id, "Customers / Gold")
    assert len(tags.name_search("Customers / Gold")) == 1, "typed as it is shown, it means one"
    assert tags.name_search(" / ".join(["Gold"] * 500)) == [], "a long name is only looked up"
    partner = env["res.partner"].create({"name": "Anna", "category_id": [Command.link(below.id)]})
    assert partner in env["res.partner"].search([("category_id", "child_of", top.id)])
