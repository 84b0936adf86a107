"""Invoices and credit notes by hand: amounts, numbers, what is closed, who may post."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

import pytest

from addons.invoicing.exceptions import InvoiceClosed, NotPostable
from addons.invoicing.services import consistency
from core.exceptions import AccessError, UserError, ValidationError
from core.testing.queries import max_queries
from tests.messages import Refused

ADDONS = ("invoicing",)
DAY = datetime.date(2026, 3, 5)


def make_tax(env: Any, rate: Any, **values: Any) -> Any:
    """A tax on sales."""
    return env["account.tax"].create({"name": f"VAT {rate}%", "amount": rate, **values})


def make_invoice(env: Any, *lines: Any, **values: Any) -> Any:
    """A draft over (quantity, unit price, taxes) or (quantity, unit price, taxes, discount)."""
    rows = [
        (
            0,
            0,
            {
                "name": f"Line {number}",
                "quantity": quantity,
                "price_unit": price,
                "tax_ids": [(6, 0, taxes.ids if taxes else [])],
                "discount": more[0] if more else 0,
            },
        )
        for number, (quantity, price, taxes, *more) in enumerate(lines)
    ]
    partner = env["res.partner"].create({"name": "Ready Mat"})
    return env["account.move"].create(
        {"partner_id": partner.id, "invoice_line_ids": rows, "invoice_date": DAY, **values}
    )


def credit(invoice: Any, reason: str = "Damaged") -> Any:
    """The draft credit note over an invoice."""
    return invoice.action_reverse().create({"move_ids": [(6, 0, invoice.ids)], "reason": reason}).reverse_moves()


def clerk(env: Any, login: str, *groups: str) -> Any:
    """A user in these groups."""
    ids = [env.ref(group).id for group in groups]
    return env["res.users"].create({"name": login, "login": login, "group_ids": [(6, 0, ids)]})


# ---------------------------------------------------------------------------- amounts


def test_amounts_are_rounded_per_line_and_per_tax(env: Any) -> None:
    full, city = make_tax(env, 19), make_tax(env, "1.5")
    invoice = make_invoice(env, ("3", "0.335", full), ("1", "10", full | city, "12.5"), ("2", "4", None))
    first, second, third = invoice.invoice_line_ids
    assert (first.price_subtotal, first.price_total) == (Decimal("1.01"), Decimal("1.20"))
    # 8.75 with 1.66 (1.6625) and 0.13 (0.13125): each tax is rounded by itself
    assert (second.price_subtotal, second.price_total) == (Decimal("8.75"), Decimal("10.54"))
    assert third.price_total == 8
    assert (invoice.amount_untaxed, invoice.amount_tax, invoice.amount_total) == (
        Decimal("17.76"),
        Decimal("1.98"),
        Decimal("19.74"),
    )
    assert [(row.name, row.base, row.amount) for row in invoice._tax_totals()] == [
        ("VAT 1.5%", Decimal("8.75"), Decimal("0.13")),
        ("VAT 19%", Decimal("9.76"), Decimal("1.85")),
    ]


def test_totals_are_sums_and_credit_notes_mirror_them(env: Any, chance: random.Random) -> None:
    taxes = [make_tax(env, rate) for rate in ("5.5", "7", "19", "20.6")]
    for _round in range(25):
        lines = [
            (
                Decimal(chance.randrange(1, 10**6)) / 10**3,
                Decimal(chance.randrange(0, 10**7)) / 10**4,
                env["account.tax"].union(*chance.sample(taxes, chance.randrange(0, 3))),
                chance.choice((0, 0, Decimal("33.33"), 10)),
            )
            for _line in range(chance.randrange(1, 6))
        ]
        invoice = make_invoice(env, *lines)
        rows = invoice.invoice_line_ids
        cents = Decimal("0.01")
        assert all(line.price_subtotal % cents == 0 and line.price_total % cents == 0 for line in rows)
        assert invoice.amount_untaxed == sum(rows.mapped("price_subtotal"))
        assert invoice.amount_total == sum(rows.mapped("price_total")) == invoice.amount_untaxed + invoice.amount_tax
        assert invoice.amount_tax == sum(total.amount for total in invoice._tax_totals())
        invoice.action_post()
        back = credit(invoice)
        assert (back.amount_untaxed, back.amount_tax, back.amount_total) == (
            invoice.amount_untaxed,
            invoice.amount_tax,
            invoice.amount_total,
        )
        assert back._tax_totals() == invoice._tax_totals()
        assert back.amount_total_signed + invoice.amount_total_signed == 0


def test_products_bring_price_unit_and_taxes(env: Any) -> None:
    tax = make_tax(env, 19)
    env.company.account_sale_tax_id = tax
    product = env["product.product"].create({"name": "Chair", "list_price": 50})
    assert (product.taxes_id, product.invoice_policy) == (tax, "order")
    invoice = make_invoice(env)
    invoice.invoice_line_ids = [(0, 0, {"product_id": product.id, "quantity": 2})]
    line = invoice.invoice_line_ids
    assert (line.name, line.price_unit, line.product_uom_id, line.tax_ids) == ("Chair", 50, product.uom_id, tax)
    assert invoice.amount_total == 119


def test_taxes_of_another_company_are_left_out(env: Any) -> None:
    other = env["res.company"].create({"name": "Branch", "currency_id": env.company.currency_id.id})
    own, foreign = make_tax(env, 19), make_tax(env, 8, company_id=other.id)
    product = env["product.product"].create({"name": "Chair", "taxes_id": [(6, 0, (own | foreign).ids)]})
    assert product._sale_taxes(env.company) == own
    assert product._sale_taxes(other) == foreign


def test_the_rate_of_a_used_tax_stays(env: Any, refused: Refused) -> None:
    tax, unused = make_tax(env, 19), make_tax(env, 7)
    make_invoice(env, (1, 100, tax)).action_post()
    unused.amount = 8
    tax.write({"amount": 19, "sequence": 3})
    with refused(UserError, code="invoicing.tax_in_use"):
        tax.amount = 20
    with refused(UserError, code="invoicing.tax_in_use"):
        tax.unlink()


# ---------------------------------------------------------------------------- numbers


@pytest.mark.both_dialects("scenario")
def test_numbers_have_no_gaps_and_follow_the_year(env: Any) -> None:
    late, early = (make_invoice(env, (1, 10, None), invoice_date=day) for day in ("2026-03-09", "2026-03-05"))
    last_year = make_invoice(env, (1, 10, None), invoice_date="2025-12-31")
    assert late.display_name == f"Draft Invoice ({late.id})"
    (late | early | last_year).action_post()
    assert (early.name, late.name, last_year.name) == ("INV/2026/00001", "INV/2026/00002", "INV/2025/00001")
    assert early.invoice_date_due == early.invoice_date == DAY
    note = credit(late)
    note.invoice_date = "2026-04-01"
    note.action_post()
    assert (note.name, note.reversed_entry_id, note.state) == ("RINV/2026/00001", late, "posted")


def test_each_company_has_numbers_of_its_own(env: Any) -> None:
    other = env["res.company"].create({"name": "Branch", "currency_id": env.company.currency_id.id})
    here, there = (make_invoice(env, (1, 10, None), company_id=company.id) for company in (env.company, other))
    (here | there).action_post()
    assert here.name == there.name == "INV/2026/00001"


@pytest.mark.both_dialects("locking")
def test_a_refused_post_takes_no_number(env: Any) -> None:
    first, empty, second = make_invoice(env, (1, 10, None)), make_invoice(env), make_invoice(env, (1, 10, None))
    first.action_post()
    with pytest.raises(NotPostable), env.savepoint():
        (second | empty).action_post()
    second.action_post()
    assert int(second.name[-5:]) == int(first.name[-5:]) + 1


def test_the_number_stays_when_an_invoice_is_reset(env: Any, refused: Refused) -> None:
    invoice = make_invoice(env, (1, 10, None))
    invoice.action_post()
    invoice.button_draft()
    invoice.invoice_line_ids.price_unit = 12
    assert invoice.name == "INV/2026/00001"
    with refused(UserError, code="invoicing.number_year"):
        invoice.invoice_date = "2025-03-05"
    with refused(InvoiceClosed):
        invoice.move_type = "out_refund"
    with refused(InvoiceClosed):
        invoice.unlink()
    invoice.action_post()
    assert (invoice.name, invoice.amount_total) == ("INV/2026/00001", 12)
    invoice.button_draft()
    invoice.button_cancel()
    assert (invoice.name, invoice.state) == ("INV/2026/00001", "cancel")


def test_numbers_and_states_are_given_by_actions_only(env: Any, refused: Refused) -> None:
    invoice = make_invoice(env, (1, 10, None))
    for values in ({"name": "INV/2026/00009"}, {"state": "posted"}):
        with refused(UserError, code="settled_field", name=next(iter(values))):
            invoice.write(values)
        with refused(UserError, code="settled_field", name=next(iter(values))):
            make_invoice(env, **values)
        defaults = {f"default_{name}": value for name, value in values.items()}
        with refused(UserError, code="settled_field", name=next(iter(values))):
            make_invoice(env(context={**env.context, **defaults}))
    copy = invoice.copy()
    assert (copy.name, copy.state, copy.amount_total) == ("/", "draft", 10)


# ---------------------------------------------------------------------------- what is closed


def test_posted_invoices_are_closed(env: Any, refused: Refused) -> None:
    invoice = make_invoice(env, (1, 10, None))
    line = invoice.invoice_line_ids
    invoice.action_post()
    stranger = env["res.partner"].create({"name": "Other"})
    for values in ({"partner_id": stranger.id}, {"invoice_line_ids": [(1, line.id, {"quantity": 2})]}):
        with refused(InvoiceClosed, name="closed"):
            invoice.write(values)
    with refused(InvoiceClosed, name="closed"):
        line.quantity = 2
    with refused(InvoiceClosed, name="closed"):
        line.create({"move_id": invoice.id, "name": "More", "price_unit": 1})
    with refused(InvoiceClosed, name="closed"):
        line.unlink()
    with refused(InvoiceClosed, name="closed"):
        invoice.unlink()
    invoice.write({"ref": "PO 17", "partner_id": invoice.partner_id.id})  # a note, and what it says anyway
    assert invoice.ref == "PO 17"


def test_lines_are_not_moved_into_a_posted_invoice(env: Any) -> None:
    posted, draft = make_invoice(env, (1, 10, None)), make_invoice(env, (1, 20, None))
    posted.action_post()
    with pytest.raises(InvoiceClosed):
        draft.invoice_line_ids.move_id = posted


def test_drafts_can_be_deleted_and_cancelled_drafts_too(env: Any) -> None:
    draft, cancelled = make_invoice(env, (1, 10, None)), make_invoice(env, (1, 20, None))
    cancelled.button_cancel()
    lines = (draft | cancelled).invoice_line_ids
    (draft | cancelled).unlink()
    assert not lines.exists()


def test_what_cannot_be_posted_is_named(env: Any, refused: Refused) -> None:
    empty, negative = make_invoice(env), make_invoice(env, (-1, 10, None))
    replace = {empty.display_name: "<empty>", negative.display_name: "<negative>"}
    with refused(NotPostable, replace=replace) as refusal:
        (empty | negative).action_post()
    assert [problem["reason"] for problem in refusal.value.data["problems"]] == ["no_lines", "negative_total"]
    negative.move_type = "out_refund"
    negative.invoice_line_ids.quantity = 1
    negative.action_post()
    assert negative.amount_total_signed == -10


def test_only_posted_invoices_are_credited(env: Any, refused: Refused) -> None:
    invoice = make_invoice(env, (1, 10, None))
    with refused(UserError, code="invoicing.nothing_to_credit", replace={invoice.display_name: "<draft>"}):
        invoice.action_reverse()
    invoice.action_post()
    note = credit(invoice)
    assert (note.ref, invoice.reversal_count) == (f"Reversal of: {invoice.name}, Damaged", 1)
    with refused(InvoiceClosed):
        invoice.button_draft()
    note.button_cancel()
    invoice.button_draft()
    assert invoice.state == "draft"


def test_rounding_differences_are_small(env: Any, refused: Refused) -> None:
    invoice = make_invoice(env, (1, 10, None))
    invoice.invoice_line_ids.price_rounding = "0.02"
    assert invoice.amount_total == Decimal("10.02")
    invoice.invoice_line_ids.quantity = 2
    assert invoice.amount_total == 20
    with refused(ValidationError, code="invoicing.rounding"):
        invoice.invoice_line_ids.price_rounding = 1


# ---------------------------------------------------------------------------- people


def test_posting_is_for_the_invoicing_group(env: Any, refused: Refused) -> None:
    invoice = make_invoice(env, (1, 10, None))
    employee = clerk(env, "employee", "base.group_user")
    accountant = clerk(env, "accountant", "invoicing.group_account_invoice")
    with pytest.raises(AccessError):
        invoice.with_user(employee).read(["name"])
    env["ir.model.access"].create(
        {
            "name": "invoices for all",
            "model_id": env["ir.model"]._get("account.move").id,
            "group_id": env.ref("base.group_user").id,
            "perm_read": True,
            "perm_write": True,
        }
    )
    for action in ("action_post", "button_cancel"):
        with refused(AccessError, code="invoicing.group_required", name="group"):
            getattr(invoice.with_user(employee), action)()
    invoice.with_user(accountant).action_post()
    assert invoice.state == "posted"
    with pytest.raises(AccessError):
        env["account.tax"].with_user(accountant).create({"name": "VAT", "amount": 19})


def test_people_see_the_invoices_of_their_companies(env: Any) -> None:
    other = env["res.company"].create({"name": "Branch", "currency_id": env.company.currency_id.id})
    accountant = clerk(env, "accountant", "invoicing.group_account_invoice")
    foreign = make_invoice(env, (1, 10, None), company_id=other.id)
    own = make_invoice(env, (1, 10, None))
    found = env["account.move"].with_user(accountant).search([])
    assert own in found and foreign not in found


# ---------------------------------------------------------------------------- many at once


@pytest.mark.both_dialects("statements")
def test_posting_many_costs_what_posting_few_does(env: Any) -> None:
    tax = make_tax(env, 19)
    few, many = (
        env["account.move"].union(*(make_invoice(env, (1, 10, tax), (2, 5, None)) for _each in range(count)))
        for count in (2, 60)
    )
    with max_queries(env, 1000) as of_few:
        few.action_post()
    with max_queries(env, len(of_few)):
        many.action_post()


# ---------------------------------------------------------------------------- checks


def test_the_checks_find_wrong_totals_and_gaps(env: Any) -> None:
    invoices = make_invoice(env, (1, 10, make_tax(env, 19))) | make_invoice(env, (2, 10, None))
    invoices |= make_invoice(env, (3, 10, None), invoice_date="2025-03-01")
    invoices.action_post()
    assert list(consistency.problems(env)) == []
    env.flush_all()
    first, second = invoices.filtered(lambda move: move.invoice_date == DAY).sorted("name")
    env.cr.execute("UPDATE account_move SET amount_total = amount_total + 1 WHERE id = :id", {"id": first.id})
    env.cr.execute("UPDATE account_move_line SET move_id = :to WHERE move_id = :id", {"to": first.id, "id": second.id})
    env.cr.execute("DELETE FROM account_move WHERE id = :id", {"id": second.id})
    env.invalidate_all()
    assert [(problem.id, problem.subject) for problem in consistency.problems(env)] == [
        ("invoicing.E001", first.name),
        ("invoicing.E002", "INV/2026"),
    ]
