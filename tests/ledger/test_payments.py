"""Payments of invoices, in part, of several, beyond them, and those that bounce (5.6)."""

import pytest

from ledger.events import Event
from ledger.events.invoice_state import invoice_state
from ledger.postings import Caveat
from tests.builders import (
    Json,
    a_deposit,
    a_gift_card,
    a_journal,
    a_refund,
    a_sale,
    card,
    cash,
    fact,
    gift_card,
    goods,
    hat,
    reversal,
    taxes,
    tender,
)
from tests.ledger.memory import TILL, Memory
from tests.ledger.owing import (
    an_invoice,
    applied,
    bounced,
    cheque,
    on_account,
    paid,
    revised,
    voided,
    work,
    written_off,
)
from tests.ledger.refusals import conflict, faults, undecodable
from tests.notation import booked, journal


def test_a_payment_settles_a_part(ledger: Memory) -> None:
    """30.00 of 149.46 by cheque, taken at a till."""
    ledger.record(an_invoice())
    entry = ledger.record(paid(), TILL)
    assert booked(entry) == journal("Dr clearing cheque 30.00 / Cr receivable INV-1 30.00")
    now = invoice_state("INV-1", ledger)
    assert now is not None
    assert (now.paid, now.open, now.status) == (3000, 11946, "partly_paid")


def test_a_payment_of_several_invoices_in_several_ways(ledger: Memory) -> None:
    """Cash rounded to 0.05; what is beyond them is the customer's."""
    ledger.record(an_invoice())
    ledger.record(an_invoice("I-2", "INV-2", [goods("10.02")]))
    event = paid(
        tenders=[card("149.46", None), cash("15.00")],
        applied=applied(INV_1="149.46", INV_2="10.02"),
        rounding="-0.02",
        register="till-3",
        customer="C-1",
    )
    assert booked(ledger.record(event)) == journal(
        """
        Dr clearing card 149.46 / Dr cash till-3 15.00 / Dr cash_rounding 0.02
        Cr receivable INV-1 149.46 / Cr receivable INV-2 10.02 / Cr receivable credit:C-1 5.00
        """
    )


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (gift_card("GC-1", "10.00"), "Dr gift_cards GC-1 10.00"),
        (tender("deposit", "10.00", deposit="D-7"), "Dr deposits D-7 10.00"),
        (tender("customer_credit", "10.00"), "Dr receivable credit:C-1 10.00"),
    ],
    ids=["gift card", "deposit", "customer's credit"],
)
def test_a_payment_out_of_what_the_customer_holds(ledger: Memory, given: Json, line: str) -> None:
    ledger.record(a_gift_card("GC-1", "10.00"))
    ledger.record(a_deposit(amount="10.00"))
    ledger.record(paid("10.00", "P-0", applied=[], customer="C-1"))
    ledger.record(an_invoice())
    entry = ledger.record(paid("10.00", tenders=[given], customer="C-1"))
    assert booked(entry) == journal(f"{line} / Cr receivable INV-1 10.00")
    again = paid("10.00", "P-2", tenders=[given], customer="C-1")
    assert conflict(ledger, again)["code"] == "overdrawn"
    ledger.record(reversal("P-1-in"))
    ledger.record(again)


def test_a_prepayment_takes_back_its_tax(ledger: Memory) -> None:
    """Half of 114.98 was paid and taxed before: the invoice charges the taxes in full."""
    prepaid: Json = {"kind": "prepayment", "taxes": taxes(GST="2.50", QST="4.99")}
    ledger.record(a_deposit(amount="57.49", **prepaid))
    ledger.record(an_invoice(lines=[work("100.00", "5.00", "9.98")]))
    entry = ledger.record(paid("57.49", tenders=[tender("deposit", "57.49", deposit="D-7")]))
    assert booked(entry) == journal(
        """
        Dr deposits D-7 50.00 / Dr sales_tax GST 2.50 / Dr sales_tax QST 4.99
        Cr receivable INV-1 57.49
        """
    )
    assert ledger.balance("sales_tax", "GST") == -500


def test_a_payment_before_any_invoice_is_a_credit(ledger: Memory) -> None:
    entry = ledger.record(paid("50.00", applied=None, customer="C-1"))
    assert booked(entry) == journal("Dr clearing cheque 50.00 / Cr receivable credit:C-1 50.00")


def test_the_rest_is_of_the_invoices_customer(ledger: Memory) -> None:
    """Where the payment names none; of two customers it must say which."""
    ledger.record(an_invoice())
    ledger.record(an_invoice("I-2", "INV-2", customer="C-2"))
    one = paid(tenders=[cheque("35.00")], applied=applied(INV_1="30.00"))
    assert "Cr receivable credit:C-1 5.00" in booked(ledger.record(one))
    both: Json = {"tenders": [cheque("35.00")], "applied": applied(INV_1="10.00", INV_2="20.00")}
    assert faults(ledger, paid(payment="P-2", **both)) == {"/customer": "required"}
    assert "Cr receivable credit:C-3 5.00" in booked(
        ledger.record(paid(payment="P-2", **both, customer="C-3"))
    )


def test_the_rest_of_nobody_known_is_in_suspense_offline(ledger: Memory) -> None:
    ledger.record(an_invoice(customer=None))
    over = paid(tenders=[cheque("35.00")], applied=applied(INV_1="30.00"), happened_offline=True)
    entry = ledger.record(over)
    assert booked(entry) == journal(
        """
        Dr clearing cheque 35.00 / Cr receivable INV-1 30.00 / Cr suspense receivable:P-1 5.00
        """
    )
    assert entry.caveats == (Caveat("receivable-offline", "receivable:P-1", -500),)


def test_more_than_is_open_is_refused(ledger: Memory) -> None:
    """What is beyond it is not for that invoice: left unapplied, it is a credit."""
    ledger.record(an_invoice())
    ledger.record(paid("149.00"))
    refused = conflict(ledger, paid("0.47", "P-2"))
    assert (refused["code"], refused["holder"], refused["available"]) == (
        "overdrawn",
        "INV-1",
        "0.46",
    )
    assert refused["pointer"] == "/applied/0"
    entry = ledger.record(paid("0.47", "P-2", happened_offline=True))
    assert booked(entry) == journal(
        """
        Dr clearing cheque 0.47
        Cr receivable INV-1 0.46 / Cr suspense receivable:INV-1 0.01
        """
    )
    assert entry.caveats == (Caveat("overdrawn-offline", "receivable:INV-1", -1),)


def test_an_unknown_invoice_is_refused(ledger: Memory) -> None:
    """Offline, what was for it is in suspense."""
    refused = conflict(ledger, paid())
    assert (refused["code"], refused["pointer"], refused["invoice"]) == (
        "invoice-unknown",
        "/applied/0/invoice",
        "INV-1",
    )
    entry = ledger.record(paid(happened_offline=True))
    assert booked(entry) == journal("Dr clearing cheque 30.00 / Cr suspense receivable:INV-1 30.00")
    assert entry.caveats == (Caveat("receivable-offline", "receivable:INV-1", -3000),)


def test_a_payment_offline_of_a_voided_invoice(ledger: Memory) -> None:
    ledger.record(an_invoice())
    ledger.record(voided())
    entry = ledger.record(paid(happened_offline=True))
    assert "Cr suspense receivable:INV-1 30.00" in booked(entry)


def test_what_a_journal_opened_is_paid(ledger: Memory) -> None:
    """An open item from before the book began."""
    old = {"account": "receivable", "holder": "OLD-7", "customer": "C-1", "debit": "80.00"}
    ledger.record(a_journal("J-1", old, {"account": "opening_balance", "credit": "80.00"}))
    entry = ledger.record(paid("80.00", applied=applied(OLD_7="80.00")))
    assert booked(entry) == journal("Dr clearing cheque 80.00 / Cr receivable OLD-7 80.00")
    ledger.record(bounced())
    assert ledger.balance("receivable", "OLD-7") == 8000


def test_what_a_sale_left_on_account_is_paid(ledger: Memory) -> None:
    """Under the sale's id, or the invoice that its tender names."""
    ledger.record(a_sale("S-1", [hat()], [cash("5.99"), on_account("40.00")], customer="C-1"))
    ledger.record(a_sale("S-2", [hat()], [on_account("45.99", invoice="INV-1")]))
    both = applied(S_1="40.00", INV_1="45.99")
    assert booked(ledger.record(paid(tenders=[cheque("85.99")], applied=both))) == journal(
        """
        Dr clearing cheque 85.99 / Cr receivable S-1 40.00 / Cr receivable INV-1 45.99
        """
    )
    assert conflict(ledger, reversal("S-1"))["code"] in ("has-dependents", "overdrawn")


def test_what_a_payment_is_not_made_of(ledger: Memory) -> None:
    """No debt pays a debt; a rounding is of cash."""
    ledger.record(an_invoice())
    kinds = [on_account("10.00"), tender("package", "20.00", package="PK-1")]
    found = faults(ledger, paid(tenders=kinds))
    assert (found["/tenders/0/kind"], found["/tenders/1/kind"]) == (
        "not-one-of",
        "packages-pay-sales",
    )
    assert faults(ledger, paid(rounding="0.00", tenders=[cheque("29.99")])) == {
        "/tenders": "tenders-differ"
    }
    assert faults(ledger, paid(rounding="-0.01", tenders=[cheque("29.99")])) == {
        "/rounding": "rounding-without-cash"
    }
    fine = applied(INV_1="0.001")
    assert faults(ledger, paid(applied=fine)) == {"/applied/0/amount": "too-many-decimals"}
    stated = {"type": "payment_received", "id": "P", "occurred_at": "2026-03-14T14:00:00-05:00"}
    assert undecodable(stated | {"payment": "P-1", "tenders": []}) == {"/tenders": "too-few"}


def test_a_payments_number_is_used_once(ledger: Memory) -> None:
    """Also that of one that bounced."""
    ledger.record(an_invoice())
    ledger.record(paid())
    ledger.record(bounced())
    other = paid(id_="x")
    refused = conflict(ledger, other)
    assert (refused["code"], refused["payment"], refused["event"]) == (
        "payment-exists",
        "P-1",
        "P-1-in",
    )


def test_a_bounced_payment_opens_its_invoices_again(ledger: Memory) -> None:
    """And the bank takes 45.00 for it."""
    ledger.record(an_invoice())
    ledger.record(an_invoice("I-2", "INV-2", [goods("10.00")]))
    both = applied(INV_1="149.46", INV_2="10.00")
    ledger.record(paid(tenders=[cheque("160.00")], applied=both))
    assert booked(ledger.record(bounced(fee="45.00"), TILL)) == journal(
        """
        Dr receivable INV-1 149.46 / Dr receivable INV-2 10.00 / Dr receivable credit:C-1 0.54
        Dr merchant_fees 45.00 / Cr clearing cheque 205.00
        """
    )
    now = invoice_state("INV-1", ledger)
    assert now is not None
    assert (now.paid, now.open, now.status) == (0, 14946, "open")
    ledger.record(paid("149.46", "P-2"))


def test_the_fee_is_taken_where_the_money_went(ledger: Memory) -> None:
    """Not from a drawer where a bank held a part; without money, from the bank."""
    ledger.record(an_invoice())
    ledger.record(a_gift_card("GC-1", "10.00"))
    ledger.record(paid(tenders=[cash("10.00"), cheque("20.00")]))
    assert booked(ledger.record(bounced(fee="5.00"))) == journal(
        """
        Dr receivable INV-1 30.00 / Dr merchant_fees 5.00
        Cr cash unassigned 10.00 / Cr clearing cheque 25.00
        """
    )
    ledger.record(paid("10.00", "P-2", tenders=[gift_card("GC-1", "10.00")]))
    assert booked(ledger.record(bounced("P-2", "B-2", fee="5.00"))) == journal(
        """
        Dr receivable INV-1 10.00 / Dr merchant_fees 5.00
        Cr gift_cards GC-1 10.00 / Cr bank main 5.00
        """
    )
    assert faults(ledger, bounced("P-2", "B-3", fee="0.001")) == {"/fee": "too-many-decimals"}


def test_a_payment_bounces_once(ledger: Memory) -> None:
    """One that is not there, or is reversed, not at all."""
    refused = conflict(ledger, bounced())
    assert (refused["code"], refused["pointer"]) == ("payment-unknown", "/payment")
    ledger.record(an_invoice())
    ledger.record(paid())
    ledger.record(bounced())
    again = conflict(ledger, bounced(id_="B-2", happened_offline=True))
    assert (again["code"], again["event"]) == ("payment-bounced", "B-1")
    ledger.record(reversal("B-1"))
    ledger.record(bounced(id_="B-2"))
    ledger.record(reversal("B-2"))
    ledger.record(reversal("P-1-in"))
    assert conflict(ledger, bounced(id_="B-3"))["code"] == "payment-unknown"


def test_offline_an_unknown_payment_that_bounced_is_left_to_a_person(ledger: Memory) -> None:
    entry = ledger.record(bounced(fee="5.00", happened_offline=True))
    assert booked(entry) == journal("Dr merchant_fees 5.00 / Cr bank main 5.00")
    assert entry.caveats == (Caveat("receivable-offline", "payment:P-1"),)
    assert conflict(ledger, bounced(id_="B-2", happened_offline=True))["code"] == "payment-bounced"
    ledger.record(an_invoice())
    ledger.record(paid())
    ledger.record(bounced(id_="B-2"))
    assert ledger.balance("receivable", "INV-1") == 14946


def test_a_bounced_payment_takes_the_credit_that_a_void_made_of_it(ledger: Memory) -> None:
    ledger.record(an_invoice())
    ledger.record(paid())
    ledger.record(voided())
    assert booked(ledger.record(bounced())) == journal(
        "Dr receivable credit:C-1 30.00 / Cr clearing cheque 30.00"
    )


def test_a_bounced_payment_of_an_invoice_revised_down(ledger: Memory) -> None:
    """What the invoice still takes is open again, what had become a credit leaves it."""
    ledger.record(an_invoice())
    ledger.record(paid("149.46"))
    ledger.record(revised(work("100.00", "5.00", "9.98")))
    assert booked(ledger.record(bounced())) == journal(
        """
        Dr receivable INV-1 114.98 / Dr receivable credit:C-1 34.48
        Cr clearing cheque 149.46
        """
    )


def test_what_the_credit_no_longer_holds_is_owed_again(ledger: Memory) -> None:
    """50.00 came, 30.00 of it for the invoice; of the credit 15.00 were spent."""
    ledger.record(an_invoice())
    ledger.record(paid(tenders=[cheque("50.00")], applied=applied(INV_1="30.00")))
    spent = [tender("customer_credit", "15.00")]
    ledger.record(a_sale("S-1", [goods("15.00")], spent, customer="C-1"))
    assert booked(ledger.record(bounced())) == journal(
        """
        Dr receivable INV-1 30.00 / Dr receivable credit:C-1 5.00 / Dr receivable B-1 15.00
        Cr clearing cheque 50.00
        """
    )
    owed = invoice_state("B-1", ledger)
    assert owed is not None
    assert (owed.billed, owed.open) == (1500, 1500)
    ledger.record(paid("15.00", "P-2", applied=applied(B_1="15.00")))
    assert ledger.balance("receivable", "B-1") == 0


def test_a_bounced_payment_comes_from_where_it_was_put_since(ledger: Memory) -> None:
    """Out of suspense: money by a method, and a payment for an invoice, that were unknown."""
    ledger.record(paid(tenders=[card("30.00", "visa")], happened_offline=True))
    ledger.record(an_invoice())
    ledger.record(_cleared("P-1-in:0", {"account": "clearing", "holder": "visa", "debit": "30.00"}))
    invoice = {"account": "receivable", "holder": "INV-1", "customer": "C-1", "credit": "30.00"}
    ledger.record(_cleared("P-1-in:1", invoice))
    assert booked(ledger.record(bounced(fee="1.00"))) == journal(
        """
        Dr receivable INV-1 30.00 / Dr merchant_fees 1.00
        Cr clearing visa 31.00
        """
    )


def _cleared(exception: str, line: Json) -> Event:
    """Return an exception cleared with one line."""
    fields: Json = {"exception": exception, "lines": [line], "reason": "found"}
    return fact("exception_cleared", f"clear-{exception}", **fields)


def test_a_payment_by_deposit_does_not_bounce(ledger: Memory) -> None:
    """It is reversed; the part that did not come back is a payment of its own."""
    ledger.record(a_deposit(amount="10.00"))
    ledger.record(an_invoice())
    by = [tender("deposit", "10.00", deposit="D-7"), cheque("20.00")]
    ledger.record(paid(tenders=by))
    refused = conflict(ledger, bounced())
    assert (refused["code"], refused["deposit"]) == ("payment-by-deposit", "D-7")
    ledger.record(reversal("P-1-in"))
    ledger.record(paid("10.00", "P-2", by[:1]))


def test_a_payments_name_may_serve_again_once_it_is_reversed(ledger: Memory) -> None:
    """What then bounces has nothing to do with the first one's invoice."""
    ledger.record(an_invoice())
    ledger.record(an_invoice("I-2", "INV-2"))
    ledger.record(paid())
    ledger.record(reversal("P-1-in"))
    ledger.record(paid(id_="again", applied=applied(INV_2="30.00")))
    ledger.record(bounced())
    refused = conflict(ledger, reversal("I-2"))
    assert (refused["code"], refused["event"]) == ("has-dependents", "again")
    ledger.record(reversal("I-1"))


def test_a_payment_by_credit_that_bounces_fills_it_again(ledger: Memory) -> None:
    """Before what it had left over is taken out of it."""
    ledger.record(paid("10.00", "P-0", applied=[], customer="C-1"))
    ledger.record(an_invoice())
    by = [tender("customer_credit", "10.00"), cheque("25.00")]
    ledger.record(paid(tenders=by, applied=applied(INV_1="30.00"), customer="C-1"))
    assert ledger.balance("receivable", "credit:C-1") == -500
    ledger.record(bounced())
    assert ledger.balance("receivable", "credit:C-1") == -1000


def test_a_payment_that_became_a_credit_is_not_reversed(ledger: Memory) -> None:
    """Nor one that bounced; one whose invoice was revised without it may be."""
    ledger.record(an_invoice())
    ledger.record(paid())
    ledger.record(voided())
    refused = conflict(ledger, reversal("P-1-in"))
    assert (refused["code"], refused["event"]) == ("has-dependents", "I-1-void")
    ledger.record(reversal("I-1-void"))
    ledger.record(bounced())
    refused = conflict(ledger, reversal("P-1-in"))
    assert (refused["code"], refused["event"]) == ("has-dependents", "B-1")
    ledger.record(reversal("B-1"))
    ledger.record(revised(work("200.00", "10.00", "19.95")))
    ledger.record(reversal("P-1-in"))
    now = invoice_state("INV-1", ledger)
    assert now is not None
    assert (now.paid, now.open) == (0, 22995)


def test_a_bounce_reversed_settles_its_invoices_again(ledger: Memory) -> None:
    """Unless they were paid in another way meanwhile."""
    ledger.record(an_invoice())
    ledger.record(paid("149.46"))
    ledger.record(bounced(fee="5.00"))
    ledger.record(paid("1.00", "P-2"))
    assert conflict(ledger, reversal("B-1"))["code"] == "overdrawn"
    ledger.record(reversal("P-2-in"))
    ledger.record(reversal("B-1"))
    assert ledger.balance("receivable", "INV-1") == 0
    assert ledger.balance("merchant_fees", "") == 0


def test_a_written_off_invoice_takes_no_payment(ledger: Memory) -> None:
    """What comes in after all is a recovery."""
    ledger.record(an_invoice())
    ledger.record(written_off())
    assert conflict(ledger, paid())["code"] == "overdrawn"


def test_a_refund_on_account_opens_nothing(ledger: Memory) -> None:
    """It leaves less to pay of the sale that it is of."""
    ledger.record(a_sale("S-1", [hat()], [on_account("45.99")], customer="C-1"))
    ledger.record(a_refund("R-1", "S-1", [on_account("20.00")], amount="20.00"))
    assert conflict(ledger, paid("26.00", applied=applied(S_1="26.00")))["available"] == "25.99"
    ledger.record(paid("25.99", applied=applied(S_1="25.99")))
    now = invoice_state("S-1", ledger)
    assert now is not None
    assert (now.billed, now.credited, now.paid, now.status) == (4599, 2000, 2599, "paid")


def test_a_bounced_foreign_payment_is_as_it_was(ledger: Memory) -> None:
    """Turned round at what it was booked at; an altered one settles at the day's rate."""
    ledger.record(an_invoice(lines=[goods("100.00")], currency="USD", rate="1.30"))
    ledger.record(paid("100.00", currency="USD", rate="1.35"))
    refused = conflict(ledger, bounced())
    assert (refused["code"], refused["currency"]) == ("other-currency", "USD")
    assert booked(ledger.preview(bounced(currency="USD", rate="1.40", fee="1.00"))) == journal(
        """
        Dr receivable INV-1 100.00 USD = 130.00 / Dr exchange_gain_loss 0.00 USD = 5.00
        Dr merchant_fees 1.00 USD = 1.40 / Cr clearing cheque 101.00 USD = 136.40
        """
    )
    ledger.record(voided(currency="USD", rate="1.40"))
    entry = ledger.record(bounced(currency="USD", rate="1.45"))
    assert booked(entry) == journal(
        """
        Dr receivable credit:C-1 100.00 USD = 140.00
        Cr clearing cheque 100.00 USD = 135.00 / Cr exchange_gain_loss 0.00 USD = 5.00
        """
    )


def test_a_foreign_fee_leaves_at_what_the_money_there_is_carried_at(ledger: Memory) -> None:
    """100.00 taken in at 1.35 and 2.00 at 1.30: the fee takes half of those, at 1.30."""
    ledger.record(an_invoice(lines=[goods("100.00")], currency="USD", rate="1.30"))
    ledger.record(paid("100.00", currency="USD", rate="1.35"))
    ledger.record(a_sale("S-1", [goods("2.00")], [cheque("2.00")], currency="USD", rate="1.30"))
    assert ledger.carried("clearing", "cheque", "USD") == 13760
    entry = ledger.record(bounced(currency="USD", rate="1.40", fee="1.00"))
    assert booked(entry) == journal(
        """
        Dr receivable INV-1 100.00 USD = 130.00 / Dr exchange_gain_loss 0.00 USD = 5.00
        Dr merchant_fees 1.00 USD = 1.40 / Cr clearing cheque 101.00 USD = 136.30
        Cr exchange_gain_loss 0.00 USD = 0.10
        """
    )
    assert ledger.carried("clearing", "cheque", "USD") == 130
