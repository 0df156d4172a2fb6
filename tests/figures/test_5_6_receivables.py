"""Receivables: on account, paid, over-paid, written off and recovered (5.6)."""

from typing import Any

from tests.builders import a_journal, a_sale, card, fact, goods, taxes, tender
from tests.ledger.memory import Memory
from tests.notation import booked, journal


def owed_149_46() -> Memory:
    """Return a book with the invoice S-1: 129.99, GST 6.50 and QST 12.97."""
    ledger = Memory()
    line = goods("129.99", taxes=taxes(GST="6.50", QST="12.97"))
    ledger.record(a_sale("S-1", [line], [tender("on_account", "149.46")], customer="C-1"))
    return ledger


def paid(id_: str, amount: str, *applied: tuple[str, str], **fields: Any) -> Any:
    """Return a payment by card, applied to invoices."""
    parts = [{"invoice": invoice, "amount": part} for invoice, part in applied]
    stated = {"payment": id_, "tenders": [card(amount, None)], "customer": "C-1"} | fields
    return fact("payment_received", id_, applied=parts, **stated)


def test_a_sale_of_114_98_on_account_is_owed() -> None:
    line = goods("100.00", taxes=taxes(GST="5.00", QST="9.98"))
    sale = a_sale("S-1", [line], [tender("on_account", "114.98")], customer="C-1")
    assert booked(Memory().record(sale)) == journal(
        "Dr receivable S-1 114.98 / Cr sales Hats 100.00"
        " / Cr sales_tax GST 5.00 / Cr sales_tax QST 9.98"
    )


def test_30_00_on_account_are_paid_to_the_bank() -> None:
    ledger = Memory()
    ledger.record(a_sale("S-8", [goods("30.00")], [tender("on_account", "30.00")], customer="C-1"))
    lines = [
        {"account": "bank", "debit": "30.00"},
        {"account": "receivable", "holder": "S-8", "customer": "C-1", "credit": "30.00"},
    ]
    assert booked(ledger.record(a_journal("J-1", *lines))) == journal(
        "Dr bank main 30.00 / Cr receivable S-8 30.00"
    )


def test_30_00_paid_of_149_46_leave_119_46() -> None:
    ledger = owed_149_46()
    assert booked(ledger.record(paid("P-1", "30.00", ("S-1", "30.00")))) == journal(
        "Dr clearing card 30.00 / Cr receivable S-1 30.00"
    )
    assert ledger.balance("receivable", "S-1", "CAD") == 11946


def test_what_is_paid_beyond_the_invoice_is_the_customers_credit() -> None:
    ledger = owed_149_46()
    assert booked(ledger.record(paid("P-1", "150.00", ("S-1", "149.46")))) == journal(
        "Dr clearing card 150.00 / Cr receivable S-1 149.46 / Cr receivable credit:C-1 0.54"
    )


def written_off() -> Memory:
    """Return the book after 30.00 were paid and the rest was given up."""
    ledger = owed_149_46()
    ledger.record(paid("P-1", "30.00", ("S-1", "30.00")))
    ledger.record(fact("invoice_written_off", "W-1", invoice="S-1"))
    return ledger


def test_119_46_written_off_take_back_5_20_and_10_37_of_tax() -> None:
    """Revenu Québec's own example."""
    assert booked(written_off().entries[-1]) == journal(
        "Dr bad_debt 103.89 / Dr sales_tax GST 5.20 / Dr sales_tax QST 10.37"
        " / Cr receivable S-1 119.46"
    )


def test_60_00_recovered_owe_2_61_and_5_21_of_tax_again() -> None:
    back = fact(
        "bad_debt_recovered", "Y-1", invoice="S-1", amount="60.00", tenders=[card("60.00", None)]
    )
    assert booked(written_off().record(back)) == journal(
        "Dr clearing card 60.00 / Cr bad_debt_recovery 52.18"
        " / Cr sales_tax GST 2.61 / Cr sales_tax QST 5.21"
    )
