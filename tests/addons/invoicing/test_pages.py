"""Invoices on pages: the form, the page to print, the menus."""

from __future__ import annotations

from typing import Any

import pytest

from core.testing.client import document, words
from tests.addons.invoicing.test_invoices import DAY, credit, make_invoice, make_tax

ADDONS = ("invoicing",)


@pytest.fixture
def posted(db: Any) -> tuple[int, int]:
    """Ids of a posted invoice and of the posted credit note over it."""
    with db.transaction() as env:
        env.company.partner_id.write({"street": "Wharf 1", "city": "Bremen", "vat": "DE123"})
        invoice = make_invoice(env, ("1234.5", "2", make_tax(env, 19), 10), (1, "0.3355", None), narration="Thanks.")
        invoice.partner_id.street = "Market Street 2"
        invoice.action_post()
        note = credit(invoice)
        note.invoice_date = DAY
        note.action_post()
        return invoice.id, note.id


def test_the_page_to_print_shows_what_was_said_before(client: Any, db: Any, posted: tuple[int, int]) -> None:
    page = client.get(f"/app/account.move/{posted[0]}")
    sent = dict(document(page).get_element_by_id("record").form_values())
    assert client.post(f"/app/account.move/{posted[0]}", data=sent | {"ref": "K-7", "_do": "save"}).status_code == 303
    printed = client.get(f"/app/account.move/{posted[0]}/print")
    assert document(printed).xpath("string(//*[@id='messages'])").strip() == "Saved."
    assert not document(client.get(f"/app/account.move/{posted[0]}/print")).xpath("//*[@id='messages']")


def test_the_page_to_print_says_all_that_an_invoice_must(client: Any, posted: tuple[int, int]) -> None:
    page = client.get(f"/app/account.move/{posted[0]}/print")
    text = words(page)
    for part in (
        "Invoice INV/2026/00001",
        "Mar 5, 2026",
        "Wharf 1",
        "Ready Mat Market Street 2",
        "1,234.5",
        "10 %",
        "2,222.10 €",
        "0.3355 €",
        "VAT 19% on 2,222.10 €",
        "422.20 €",
        "2,644.64 €",
        "Thanks.",
        "DE123",
    ):
        assert part in text, f"{part} is missing in: {text}"
    assert "Draft" not in text
    assert "Credit Note RINV/2026/00001" in words(client.get(f"/app/account.move/{posted[1]}/print"))


def test_a_draft_is_marked_as_one(client: Any, db: Any) -> None:
    with db.transaction() as env:
        invoice = make_invoice(env, (1, 10, None))
    assert "Draft Invoice" in words(client.get(f"/app/account.move/{invoice.id}/print"))


def test_the_form_prints_and_credits(client: Any, db: Any, posted: tuple[int, int]) -> None:
    page = client.get(f"/app/account.move/{posted[0]}")
    assert document(page).xpath(f"//a[starts-with(@href, '/app/account.move/{posted[0]}/print')]")
    dialog = client.submit(page, button="Credit Note")
    note = client.submit(dialog, {"reason": "Broken"}, button="Create Credit Note")
    assert "Draft Credit Note" in words(note) and "Broken" in document(note).xpath("//input[@name='ref']/@value")[0]


def test_new_credit_notes_are_credit_notes(client: Any, db: Any) -> None:
    with db.transaction() as env:
        action = env.ref("invoicing.action_move_out_refund_type").id
    page = client.get(f"/app/account.move/new?action={action}")
    chosen = document(page).xpath("//select[@name='move_type']/option[@selected]/@value")
    assert chosen == ["out_refund"]
