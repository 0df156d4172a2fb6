"""Invoices: issued by anyone, numbered once, revised, voided, mailed as they say."""

from typing import Any

import pytest

from sync.documents import Invoice
from tests.builders import a_sale, card, fact, hat, tender
from tests.ledger.refusals import conflict
from tests.plan.till import Till, told
from tests.scenarios.shop import CUT, all_told, balances, kinds, planned


def issued(id_: str = "I-1", number: str = "F-1", **fields: Any) -> Any:
    """Return an invoice for a haircut."""
    stated = {"invoice": number, "lines": [CUT], "customer": "C-1"} | fields
    return fact("invoice_issued", id_, **stated)


def test_an_invoice_needs_no_appointment() -> None:
    shop = Till()
    shop.record(issued())
    assert balances(shop) == {
        "receivable F-1": "53.66",
        "sales Hair": "-46.67",
        "sales_tax GST": "-2.33",
        "sales_tax QST": "-4.66",
    }
    all_told(shop)


def test_all_invoices_share_one_numbering() -> None:
    """An invoice and a sale on account are in one subsidiary ledger; no number is given twice."""
    shop = Till()
    shop.record(a_sale("F-1", [hat()], [tender("on_account", "45.99")], customer="C-1"))
    shop.record(issued("I-2", "F-2"))
    assert balances(shop, "receivable") == {"receivable F-1": "45.99", "receivable F-2": "53.66"}
    assert conflict(shop, issued("I-3", "F-2"))["pointer"] == "/invoice"


def test_a_rescheduled_appointment_revises_its_invoice() -> None:
    """The longer cut costs 60.00 more: the invoice stands as revised, the change is dated."""
    shop = Till()
    shop.record(issued())
    longer = {"kind": "service", "category": "Hair", "net": "106.67"} | {"taxes": CUT["taxes"]}
    shop.record(fact("invoice_revised", "I-1b", invoice="F-1", lines=[longer], on="2026-03-16"))
    assert balances(shop, "receivable", "sales") == {
        "receivable F-1": "113.66",
        "sales Hair": "-106.67",
    }
    all_told(shop)


def test_a_cancelled_appointment_voids_its_invoice() -> None:
    shop = Till()
    shop.record(issued())
    shop.record(fact("invoice_voided", "I-1x", invoice="F-1", reason="cancelled"))
    assert balances(shop) == {}
    assert kinds(planned(shop)) == ["Invoice", "Void"]
    assert conflict(shop, fact("invoice_voided", "I-1y", invoice="F-1"))["code"]


def test_an_order_of_several_appointments_is_one_invoice_or_one_each() -> None:
    """Five classes booked together: as the shop states it, one fact with five lines, or five."""
    together, apart = Till(), Till()
    together.record(issued(lines=[CUT] * 5, order="O-1"))
    for number in range(5):
        apart.record(issued(f"I-{number}", f"F-{number}", order="O-1"))
    assert kinds(planned(together)).count("Invoice") <= 1
    assert balances(together, "sales") == balances(apart, "sales") == {"sales Hair": "-233.35"}


def test_lines_keep_their_words() -> None:
    shop = Till()
    line = CUT | {"description": "Cut and colour, ticket 17"}
    sale = shop.record(a_sale("S-1", [line], [card("53.66", None)], customer="C-1"))
    words = [text.description for d in shop.plan(sale) for text in getattr(d, "lines", ())]
    assert words == ["Cut and colour, ticket 17"]


def test_a_due_date_and_a_customer_stand_on_the_invoice() -> None:
    shop = Till()
    owed = tender("on_account", "53.66", due_date="2026-04-13")
    sale = shop.record(a_sale("S-1", [CUT], [owed], customer="C-1"))
    (invoice,) = [d for d in shop.plan(sale) if isinstance(d, Invoice)]
    assert (invoice.customer, str(invoice.due), invoice.number) == ("C-1", "2026-04-13", "S-1")


@pytest.mark.parametrize(
    ("send", "mailed"),
    [("no", []), ("draft", []), ("email", ["Email email:I-1 sale:I-1 to C-1"])],
)
def test_an_invoice_says_whether_it_is_mailed(send: str, mailed: list[str]) -> None:
    """The word is the shop's, on each invoice; mailing is a document, so it is done once."""
    shop = Till()
    invoice, *rest = told(shop.plan(shop.record(issued(send=send))))
    assert invoice.startswith("Invoice sale:I-1 no F-1 C-1 5366")
    assert rest == mailed
    assert balances(shop, "receivable") == {"receivable F-1": "53.66"}


def test_a_revised_invoice_is_changed_there_and_mailed_no_second_time() -> None:
    shop = Till()
    shop.record(issued(send="email"))
    revised = fact("invoice_revised", "I-1b", invoice="F-1", lines=[CUT, CUT], on="2026-03-16")
    assert "Email" not in kinds(shop.plan(shop.record(revised)))
    all_told(shop)
