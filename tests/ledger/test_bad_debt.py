"""What is not paid is written off with its taxes, and may be paid after all (5.6)."""

import pytest

from ledger.events.invoice_state import InvoiceState, invoice_state
from ledger.postings import Caveat
from tests.builders import (
    Json,
    a_deposit,
    a_journal,
    a_refund,
    a_sale,
    cash,
    deposit_back,
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
    cheque,
    on_account,
    paid,
    recovered,
    voided,
    written_off,
)
from tests.ledger.refusals import conflict, faults, forbidden, undecodable
from tests.notation import booked, journal


@pytest.fixture
def owing(ledger: Memory) -> Memory:
    """Return a book in which 119.46 of INV-1 are open: 149.46, of which 30.00 are paid."""
    ledger.record(an_invoice())
    ledger.record(paid())
    return ledger


def state(ledger: Memory, invoice: str = "INV-1") -> InvoiceState:
    """Return how an invoice stands."""
    found = invoice_state(invoice, ledger)
    assert found is not None
    return found


def test_a_bad_debt_takes_its_taxes_back(owing: Memory) -> None:
    """Revenu Québec's example: of 149.46, 30.00 were paid."""
    assert booked(owing.record(written_off())) == journal(
        """
        Dr bad_debt 103.89 / Dr sales_tax GST 5.20 / Dr sales_tax QST 10.37
        Cr receivable INV-1 119.46
        """
    )
    now = state(owing)
    assert (now.paid, now.written_off, now.open, now.status) == (3000, 11946, 0, "written_off")


def test_a_recovery_owes_its_taxes_again(owing: Memory) -> None:
    """Of the same example 60.00 come in by cheque."""
    owing.record(written_off())
    assert booked(owing.record(recovered())) == journal(
        """
        Dr clearing cheque 60.00
        Cr sales_tax GST 2.61 / Cr sales_tax QST 5.21 / Cr bad_debt_recovery 52.18
        """
    )
    rest = owing.record(recovered("59.46", "V-2"))
    assert booked(rest) == journal(
        """
        Dr clearing cheque 59.46
        Cr sales_tax GST 2.59 / Cr sales_tax QST 5.16 / Cr bad_debt_recovery 51.71
        """
    )
    now = state(owing)
    assert now.recovered == now.written_off == 11946
    assert now.recovered_taxes == now.written_off_taxes == (("GST", 520), ("QST", 1037))


def test_write_offs_in_parts_come_to_the_whole(owing: Memory) -> None:
    """The last takes the rest: 5.20 and 10.37, as at once."""
    first = owing.record(written_off("40.00", "W-1"))
    assert booked(first) == journal(
        """
        Dr bad_debt 34.79 / Dr sales_tax GST 1.74 / Dr sales_tax QST 3.47
        Cr receivable INV-1 40.00
        """
    )
    assert state(owing).status == "partly_paid"
    second = owing.record(written_off("40.00", "W-2"))
    assert booked(second) == journal(
        """
        Dr bad_debt 34.79 / Dr sales_tax GST 1.74 / Dr sales_tax QST 3.47
        Cr receivable INV-1 40.00
        """
    )
    last = owing.record(written_off(id_="W-3"))
    assert booked(last) == journal(
        """
        Dr bad_debt 34.31 / Dr sales_tax GST 1.72 / Dr sales_tax QST 3.43
        Cr receivable INV-1 39.46
        """
    )


def test_more_than_is_open_is_not_written_off(owing: Memory) -> None:
    refused = conflict(owing, written_off("119.47"))
    assert (refused["code"], refused["available"]) == ("overdrawn", "119.46")
    owing.record(written_off())
    again = conflict(owing, written_off(id_="W-2"))
    assert (again["code"], again["invoice"]) == ("nothing-open", "INV-1")


def test_what_is_not_there_is_not_written_off(ledger: Memory) -> None:
    refused = conflict(ledger, written_off())
    assert (refused["code"], refused["pointer"]) == ("invoice-unknown", "/invoice")
    assert conflict(ledger, recovered())["code"] == "invoice-unknown"
    ledger.record(an_invoice())
    ledger.record(voided())
    assert conflict(ledger, written_off())["code"] == "invoice-voided"


def test_offline_an_unknown_bad_debt_is_in_suspense(ledger: Memory) -> None:
    entry = ledger.record(written_off("10.00", happened_offline=True))
    assert booked(entry) == journal("Dr bad_debt 10.00 / Cr suspense receivable:INV-1 10.00")
    assert entry.caveats == (Caveat("receivable-offline", "receivable:INV-1", -1000),)


def test_not_more_is_recovered_than_was_written_off(owing: Memory) -> None:
    """What was recovered before counts; offline the rest is in suspense."""
    owing.record(written_off("40.00"))
    owing.record(recovered("30.00"))
    refused = conflict(owing, recovered("10.01", "V-2"))
    assert (refused["code"], refused["pointer"], refused["left"]) == (
        "recovery-exceeds",
        "/amount",
        "10.00",
    )
    entry = owing.record(recovered("12.00", "V-2", happened_offline=True))
    assert booked(entry) == journal(
        """
        Dr clearing cheque 12.00 / Cr suspense receivable:INV-1 2.00
        Cr sales_tax GST 0.43 / Cr sales_tax QST 0.87 / Cr bad_debt_recovery 8.70
        """
    )
    assert entry.caveats == (Caveat("receivable-offline", "receivable:INV-1", -200),)
    assert state(owing).recovered == 4000


def test_nothing_is_recovered_of_what_was_never_written_off(owing: Memory) -> None:
    assert conflict(owing, recovered("1.00"))["left"] == "0.00"
    unknown = recovered("1.00", invoice="INV-9", happened_offline=True)
    assert booked(owing.record(unknown)) == journal(
        "Dr clearing cheque 1.00 / Cr suspense receivable:INV-9 1.00"
    )


def test_both_are_the_bookkeepers(owing: Memory) -> None:
    assert forbidden(owing, written_off(), TILL)["what"] == "invoice_written_off"
    assert forbidden(owing, recovered(), TILL)["what"] == "bad_debt_recovered"


def test_what_is_wrong_with_the_amounts_is_refused(owing: Memory) -> None:
    assert faults(owing, written_off("1.001")) == {"/amount": "too-many-decimals"}
    assert faults(owing, recovered("60.00", tenders=[cheque("59.99")])) == {
        "/tenders": "tenders-differ"
    }
    assert faults(owing, recovered("1.001", tenders=[cheque("1.00")])) == {
        "/amount": "too-many-decimals"
    }
    on_credit = recovered("1.00", tenders=[on_account("1.00")])
    assert faults(owing, on_credit) == {"/tenders/0/kind": "not-one-of"}
    stated = {"type": "bad_debt_recovered", "id": "V", "occurred_at": "2026-03-14T14:00:00-05:00"}
    missing = stated | {"invoice": "INV-1", "amount": "1.00", "tenders": []}
    assert undecodable(missing) == {"/tenders": "too-few"}


def test_a_recovery_may_come_out_of_a_deposit(owing: Memory) -> None:
    owing.record(written_off())
    owing.record(a_deposit(amount="100.00"))
    given = [tender("deposit", "60.00", deposit="D-7")]
    entry = owing.record(recovered(tenders=given))
    assert "Dr deposits D-7 60.00" in booked(entry)
    rest = owing.record(deposit_back())
    assert booked(rest) == journal("Dr deposits D-7 40.00 / Cr clearing card 40.00")


def test_a_sale_on_account_loses_the_taxes_of_that_part(ledger: Memory) -> None:
    """A hat for 45.99, of which 20.00 were paid in cash: of 25.99, 1.13 and 2.25 are taxes."""
    ledger.record(a_sale("S-1", [hat()], [cash("20.00"), on_account("25.99")]))
    assert dict(state(ledger, "S-1").taxes) == {"GST": 113, "QST": 225}
    ledger.record(paid("5.99", applied=applied(S_1="5.99")))
    assert booked(ledger.record(written_off(invoice="S-1"))) == journal(
        """
        Dr bad_debt 17.40 / Dr sales_tax GST 0.87 / Dr sales_tax QST 1.73
        Cr receivable S-1 20.00
        """
    )
    assert booked(ledger.record(recovered("20.00", invoice="S-1"))) == journal(
        """
        Dr clearing cheque 20.00
        Cr sales_tax GST 0.87 / Cr sales_tax QST 1.73 / Cr bad_debt_recovery 17.40
        """
    )


def test_what_was_given_back_on_account_bears_no_more_tax(ledger: Memory) -> None:
    """Half of the hat came back: the other half is lost, with half of its taxes."""
    ledger.record(a_sale("S-1", [hat()], [on_account("45.99")]))
    ledger.record(a_refund("R-1", "S-1", [on_account("22.99")], amount="22.99"))
    entry = ledger.record(written_off(invoice="S-1"))
    assert booked(entry) == journal(
        """
        Dr bad_debt 20.00 / Dr sales_tax GST 1.00 / Dr sales_tax QST 2.00
        Cr receivable S-1 23.00
        """
    )
    assert ledger.balance("sales_tax", "GST") == ledger.balance("sales_tax", "QST") == 0


def test_two_sales_on_one_invoice_are_one_debt(ledger: Memory) -> None:
    """One of them with a prepayment, whose tax was paid with it."""
    prepaid: Json = {"kind": "prepayment", "taxes": taxes(GST="1.00", QST="2.00")}
    ledger.record(a_deposit(amount="23.00", **prepaid))
    by = [tender("deposit", "23.00", deposit="D-7"), on_account("22.99", invoice="INV-1")]
    ledger.record(a_sale("S-1", [hat()], by))
    ledger.record(a_sale("S-2", [goods("10.00")], [on_account("10.00", invoice="INV-1")]))
    assert booked(ledger.record(written_off())) == journal(
        """
        Dr bad_debt 30.00 / Dr sales_tax GST 1.00 / Dr sales_tax QST 1.99
        Cr receivable INV-1 32.99
        """
    )


def test_an_open_item_of_a_journal_is_lost_without_taxes(ledger: Memory) -> None:
    """The book knows of none."""
    old = {"account": "receivable", "holder": "OLD-7", "customer": "C-1", "debit": "80.00"}
    ledger.record(a_journal("J-1", old, {"account": "opening_balance", "credit": "80.00"}))
    entry = ledger.record(written_off(invoice="OLD-7"))
    assert booked(entry) == journal("Dr bad_debt 80.00 / Cr receivable OLD-7 80.00")


def test_reversals_restore_what_was_lost_and_recovered(owing: Memory) -> None:
    """A write-off stays while a recovery of it stands."""
    before = owing.balances()
    owing.record(written_off())
    owing.record(recovered())
    refused = conflict(owing, reversal("W-1"))
    assert (refused["code"], refused["event"]) == ("has-dependents", "V-1")
    owing.record(reversal("V-1"))
    assert (state(owing).recovered, state(owing).recovered_taxes) == (0, ())
    owing.record(reversal("W-1"))
    assert owing.balances() == before
    now = state(owing)
    assert (now.written_off, now.written_off_taxes, now.open) == (0, (), 11946)


def test_a_part_written_off_again_takes_what_is_left_of_the_tax(owing: Memory) -> None:
    """Whatever part was reversed in between."""
    owing.record(written_off("40.01", "W-1"))
    owing.record(written_off("40.00", "W-2"))
    owing.record(reversal("W-1"))
    owing.record(written_off(id_="W-3"))
    assert state(owing).written_off_taxes == (("GST", 520), ("QST", 1037))


def test_a_foreign_debt_is_lost_at_the_days_rate(ledger: Memory) -> None:
    """The receivable leaves at what it is carried at; the rest is lost on exchange."""
    ledger.record(an_invoice(lines=[goods("100.00")], currency="USD", rate="1.30"))
    entry = ledger.record(written_off(currency="USD", rate="1.25"))
    assert booked(entry) == journal(
        """
        Dr bad_debt 100.00 USD = 125.00 / Cr receivable INV-1 100.00 USD = 130.00
        Dr exchange_gain_loss 0.00 USD = 5.00
        """
    )
    refused = conflict(ledger, recovered("1.00"))
    assert (refused["code"], refused["currency"]) == ("other-currency", "USD")
