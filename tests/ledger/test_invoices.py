"""Invoices: issued, revised and voided, with what is paid and what is in stock (5.6)."""

from datetime import date

from ledger.events.invoice_state import InvoiceState, invoice_state, invoices_of_booking
from ledger.postings import Caveat
from tests.builders import (
    Json,
    a_receipt,
    a_refund,
    a_sale,
    adjusted,
    card_sold,
    fact_json,
    gift_card,
    goods,
    hat,
    item,
    reversal,
    taxes,
    tender,
)
from tests.ledger.memory import TILL, Memory
from tests.ledger.owing import (
    an_invoice,
    bounced,
    cheque,
    hats,
    on_account,
    paid,
    revised,
    voided,
    work,
    written_off,
)
from tests.ledger.refusals import conflict, faults, undecodable
from tests.notation import booked, journal


def state(ledger: Memory, invoice: str = "INV-1") -> InvoiceState:
    """Return how an invoice stands."""
    found = invoice_state(invoice, ledger)
    assert found is not None
    return found


def test_an_invoice_is_owed_with_its_taxes(ledger: Memory) -> None:
    """129.99, GST 6.50 and QST 12.97; a till may issue it."""
    assert booked(ledger.record(an_invoice(), TILL)) == journal(
        """
        Dr receivable INV-1 149.46
        Cr sales service 129.99 / Cr sales_tax GST 6.50 / Cr sales_tax QST 12.97
        """
    )


def test_an_invoice_takes_goods_out_of_stock(ledger: Memory) -> None:
    """As a sale does: discount apart, cost at the average."""
    ledger.record(item(stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "2", "18.25")))
    lines = [hats(discount="4.00"), {"kind": "shipping", "net": "9.00"}]
    assert booked(ledger.record(an_invoice(lines=lines))) == journal(
        """
        Dr receivable INV-1 45.00 / Dr discounts Hats 4.00
        Cr sales Hats 40.00 / Cr shipping_income 9.00
        Dr cost_of_goods Hats 18.25 / Cr inventory HAT 18.25 x 1
        """
    )


def test_taxes_may_be_in_the_prices(ledger: Memory) -> None:
    line = goods("45.99", taxes=taxes(GST="2.00", QST="3.99"))
    entry = ledger.record(an_invoice(lines=[line], prices_include_tax=True))
    assert booked(entry) == journal(
        """
        Dr receivable INV-1 45.99
        Cr sales Hats 40.00 / Cr sales_tax GST 2.00 / Cr sales_tax QST 3.99
        """
    )


def test_what_is_wrong_with_the_lines_is_refused(ledger: Memory) -> None:
    wrong = [{"kind": "service"}, goods("1.00", discount="2.00"), hat(sale_line=0)]
    expected = {
        "/lines/0/unit_price": "price-missing",
        "/lines/1/discount": "discount-exceeds-price",
        "/lines/2/sale_line": "only-on-refunds",
    }
    assert faults(ledger, an_invoice(lines=wrong)) == expected
    assert faults(ledger, revised(*wrong)) == expected


def test_a_customers_credit_is_no_invoice() -> None:
    """An invoice of that name would pay itself out of what a customer is owed."""
    named = {"type": "invoice_voided", "id": "V", "occurred_at": "2026-03-14T14:00:00-05:00"}
    assert undecodable(named | {"invoice": "credit:C-1"}) == {"/invoice": "bad-format"}


def test_a_customers_credit_is_not_charged_on_account(ledger: Memory) -> None:
    tenders = [tender("on_account", "20.00", invoice="credit:C-1")]
    sale = fact_json("sale_completed", "S-1", lines=[goods("20.00")], tenders=tenders)
    assert undecodable(sale) == {"/tenders/0/invoice": "bad-format"}
    by_its_id = a_sale("credit:C-1", [goods("20.00")], [tender("on_account", "20.00")])
    assert faults(ledger, by_its_id) == {"/tenders/0/invoice": "required"}


def test_a_number_is_used_once(ledger: Memory) -> None:
    """Also that of a voided invoice and of a sale on account; not that of a reversed one."""
    ledger.record(an_invoice())
    again = conflict(ledger, an_invoice("I-2"))
    assert (again["code"], again["invoice"], again["event"]) == ("invoice-exists", "INV-1", "I-1")
    ledger.record(voided())
    assert conflict(ledger, an_invoice("I-2"))["code"] == "invoice-exists"
    ledger.record(reversal("I-1-void"))
    ledger.record(reversal("I-1"))
    assert ledger.balances() == {}
    ledger.record(an_invoice("I-2"))
    ledger.record(a_sale("S-1", [hat()], [on_account("45.99")]))
    assert conflict(ledger, an_invoice("I-3", "S-1"))["code"] == "invoice-exists"


def test_what_the_book_does_not_know_is_an_exception(ledger: Memory) -> None:
    line = {"kind": "goods", "item": "FEZ", "category": "Fezzes", "net": "5.00"}
    entry = ledger.record(an_invoice(lines=[line | {"taxes": taxes(LUX="1.00")}]))
    assert entry.caveats == (
        Caveat("unknown-item", "FEZ"),
        Caveat("unknown-category", "Fezzes"),
        Caveat("unknown-tax", "LUX"),
    )
    more = ledger.record(revised(goods("5.00", "Kepis")))
    assert more.caveats == (Caveat("unknown-category", "Kepis"),)


def test_a_revision_books_the_difference(ledger: Memory) -> None:
    """Up to 200.00 with 10.00 and 19.95, then down to 100.00 with 5.00 and 9.98."""
    ledger.record(an_invoice())
    up = ledger.record(revised(work("200.00", "10.00", "19.95"), id_="up"))
    assert booked(up) == journal(
        """
        Dr receivable INV-1 80.49
        Cr sales service 70.01 / Cr sales_tax GST 3.50 / Cr sales_tax QST 6.98
        """
    )
    down = ledger.record(revised(work("100.00", "5.00", "9.98"), id_="down"))
    assert booked(down) == journal(
        """
        Cr receivable INV-1 114.97
        Dr sales service 100.00 / Dr sales_tax GST 5.00 / Dr sales_tax QST 9.97
        """
    )
    assert ledger.balance("receivable", "INV-1") == state(ledger).billed == 11498


def test_a_revision_to_the_same_books_nothing(ledger: Memory) -> None:
    ledger.record(item(stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "2", "18.25")))
    ledger.record(an_invoice(lines=[hats()]))
    assert booked(ledger.record(revised(hats(), due_date="2026-04-30"))) == []
    assert state(ledger).due_date == date(2026, 4, 30)


def test_a_revision_may_move_to_another_category(ledger: Memory) -> None:
    """Only what differs is booked: the cost goes with its sale."""
    ledger.record(item(stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "2", "18.25")))
    ledger.record(an_invoice(lines=[hats(), work()]))
    assert booked(ledger.record(revised(hats(category="Gifts"), work()))) == journal(
        """
        Dr sales Hats 40.00 / Cr sales Gifts 40.00
        Dr cost_of_goods Gifts 18.25 / Cr cost_of_goods Hats 18.25
        """
    )


def test_what_is_paid_beyond_a_revision_is_the_customers(ledger: Memory) -> None:
    """149.46, of which 120.00 are paid, becomes 114.98: 5.02 are owed to C-1."""
    ledger.record(an_invoice())
    ledger.record(paid("120.00"))
    assert booked(ledger.record(revised(work("100.00", "5.00", "9.98")))) == journal(
        """
        Dr sales service 29.99 / Dr sales_tax GST 1.50 / Dr sales_tax QST 2.99
        Cr receivable INV-1 29.46 / Cr receivable credit:C-1 5.02
        """
    )
    now = state(ledger)
    assert (now.billed, now.paid, now.open, now.status) == (11498, 11498, 0, "paid")


def test_a_revision_up_after_a_payment_is_open_again(ledger: Memory) -> None:
    ledger.record(an_invoice())
    ledger.record(paid("149.46"))
    assert state(ledger).status == "paid"
    ledger.record(revised(work("200.00", "10.00", "19.95")))
    now = state(ledger)
    assert (now.billed, now.paid, now.open, now.status) == (22995, 14946, 8049, "partly_paid")


def test_a_revision_down_to_nothing_of_a_paid_invoice(ledger: Memory) -> None:
    """All that was paid is the customer's."""
    ledger.record(an_invoice())
    ledger.record(paid("149.46"))
    ledger.record(revised(work("0.00", "0.00", "0.00")))
    assert ledger.balances() == {
        ("clearing", "cheque"): 14946,
        ("receivable", "credit:C-1"): -14946,
    }


def test_goods_come_back_at_what_they_left_for(ledger: Memory) -> None:
    """Three leave at 10.01 together; one comes back at its third, the last takes the rest."""
    ledger.record(item(stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "3", "3.335")))
    ledger.record(an_invoice(lines=[hats("3")]))
    ledger.record(a_receipt("G-2", ("HAT", "1", "20.00")))
    assert booked(ledger.record(revised(hats("2"), id_="two"))) == journal(
        """
        Dr sales Hats 40.00 / Cr receivable INV-1 40.00
        Dr inventory HAT 3.34 x 1 / Cr cost_of_goods Hats 3.34
        """
    )
    assert booked(ledger.record(revised(work(), id_="none"))) == journal(
        """
        Dr receivable INV-1 69.46 / Dr sales Hats 80.00
        Cr sales service 129.99 / Cr sales_tax GST 6.50 / Cr sales_tax QST 12.97
        Dr inventory HAT 6.67 x 2 / Cr cost_of_goods Hats 6.67
        """
    )
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (4_000_000, 3001)


def test_more_goods_leave_at_the_average(ledger: Memory) -> None:
    ledger.record(item(stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00")))
    ledger.record(an_invoice(lines=[hats()]))
    ledger.record(a_receipt("G-2", ("HAT", "4", "12.00")))
    assert booked(ledger.record(revised(hats(price="45.00"), hats("2", "45.00")))) == journal(
        """
        Dr receivable INV-1 95.00 / Cr sales Hats 95.00
        Dr cost_of_goods Hats 24.00 / Cr inventory HAT 24.00 x 2
        """
    )


def test_goods_may_come_from_another_place(ledger: Memory) -> None:
    """They come back where they left, and leave there."""
    ledger.record(item(stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "2", "10.00"), location="laurier"))
    ledger.record(an_invoice(lines=[hats()], location="laurier"))
    entry = ledger.record(revised(hats(), location="rachel"))
    assert [(p.location, p.quantity) for p in entry.postings] == [
        ("laurier", 1_000_000),
        ("rachel", -1_000_000),
    ]
    assert (ledger.stock_at("HAT", "laurier"), ledger.stock_at("HAT", "rachel")) == (
        2_000_000,
        -1_000_000,
    )


def test_what_was_no_stock_when_invoiced_does_not_come_back(ledger: Memory) -> None:
    """Nor does what stays on the invoice leave stock a second time."""
    ledger.record(an_invoice(lines=[hats("3")]))
    ledger.record(a_receipt("G-1", ("HAT", "5", "10.00")))
    same = ledger.record(revised(hats("3", "41.00"), id_="same"))
    assert booked(same) == journal("Dr receivable INV-1 3.00 / Cr sales Hats 3.00")
    less = ledger.record(revised(hats("2", "41.00"), id_="less"))
    assert booked(less) == journal("Cr receivable INV-1 41.00 / Dr sales Hats 41.00")
    more = ledger.record(revised(hats("3", "41.00"), id_="more"))
    assert booked(more) == journal(
        """
        Dr receivable INV-1 41.00 / Cr sales Hats 41.00
        Dr cost_of_goods Hats 10.00 / Cr inventory HAT 10.00 x 1
        """
    )


def test_goods_that_come_back_true_up_what_left_below_zero(ledger: Memory) -> None:
    """Invoiced at 10.00, sold at 12.00 below zero: 2.00 too much was charged to cost."""
    ledger.record(a_receipt("G-1", ("HAT", "1", "10.00")))
    ledger.record(an_invoice(lines=[hats()]))
    ledger.record(a_receipt("G-2", ("HAT", "1", "12.00")))
    ledger.record(a_sale("S-1", [hats("2")], [cheque("80.00")]))
    assert ledger.stock("HAT").value == -1200
    assert booked(ledger.record(revised(hats("0"), id_="none"))) == journal(
        """
        Dr sales Hats 40.00 / Cr receivable INV-1 40.00
        Dr inventory HAT 12.00 x 1 / Cr cost_of_goods Hats 12.00
        """
    )
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (0, 0)
    assert booked(ledger.record(revised(work("5.00", "0.00", "0.00"), id_="work"))) == journal(
        "Dr receivable INV-1 5.00 / Cr sales service 5.00"
    )
    ledger.record(voided())
    assert ledger.balance("cost_of_goods", "Hats") == 2200
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (0, 0)


def test_goods_that_left_for_nothing_come_back_under_what_left_at_a_cost(ledger: Memory) -> None:
    """Two are missing, one of them at 5.00: half of that is charged too much."""
    ledger.record(item("HAT", stocked=True))
    ledger.record(an_invoice(lines=[hats()]))
    ledger.record(adjusted("A-1", {"item": "HAT", "quantity": "-1", "unit_cost": "5.00"}))
    assert booked(ledger.record(voided())) == journal(
        """
        Dr sales Hats 40.00 / Cr receivable INV-1 40.00
        Dr inventory HAT 2.50 x 1 / Cr cost_of_goods Hats 2.50
        """
    )
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (-1_000_000, -250)


def test_a_gift_card_on_an_invoice_cannot_be_taken_off_once_used(ledger: Memory) -> None:
    ledger.record(an_invoice(lines=[card_sold("GC-1", "50.00"), work()]))
    ledger.record(a_sale("S-1", [goods("20.00")], [gift_card("GC-1", "20.00")]))
    refused = conflict(ledger, revised(work()))
    assert (refused["code"], refused["holder"], refused["available"]) == (
        "overdrawn",
        "GC-1",
        "30.00",
    )
    entry = ledger.record(revised(card_sold("GC-1", "20.00"), work()))
    assert booked(entry) == journal("Dr gift_cards GC-1 30.00 / Cr receivable INV-1 30.00")


def test_a_package_on_an_invoice_stays_as_it_was_sold(ledger: Memory) -> None:
    """What else is on the invoice may change; the issue may be reversed while it is unused."""
    package = {"kind": "package", "package": "PK-1", "uses": 3, "net": "100.00"}
    ledger.record(an_invoice(lines=[package, work()]))
    ledger.record(revised(package))
    for event in (voided(), revised(work()), revised(package | {"uses": 4})):
        refused = conflict(ledger, event)
        assert (refused["code"], refused["package"]) == ("invoice-sells-package", "PK-1")
    use = {"kind": "service", "quantity": "1", "category": "Massages"}
    by_package = {"kind": "package", "package": "PK-1"}
    entry = ledger.record(a_sale("S-1", [use], [by_package]))
    assert booked(entry) == journal("Dr packages PK-1 33.33 x 1 / Cr sales Massages 33.33")
    ledger.record(reversal("S-1"))
    ledger.record(reversal("I-1-b"))
    ledger.record(reversal("I-1"))
    assert ledger.balances() == {}


def test_voiding_is_the_opposite_of_all_that_it_posted(ledger: Memory) -> None:
    ledger.record(item(stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "3", "3.335")))
    before = ledger.balances()
    ledger.record(an_invoice(lines=[hats("3")]))
    ledger.record(revised(hats("2", discount="1.00"), work()))
    assert booked(ledger.record(voided(reason="twice"), TILL)) == journal(
        """
        Dr sales Hats 80.00 / Dr sales service 129.99 / Cr discounts Hats 1.00
        Dr sales_tax GST 6.50 / Dr sales_tax QST 12.97 / Cr receivable INV-1 228.46
        Dr inventory HAT 6.67 x 2 / Cr cost_of_goods Hats 6.67
        """
    )
    assert ledger.balances() == before
    assert (state(ledger).status, state(ledger).billed) == ("voided", 0)


def test_the_payments_of_a_voided_invoice_are_the_customers(ledger: Memory) -> None:
    ledger.record(an_invoice())
    ledger.record(paid("30.00"))
    assert booked(ledger.record(voided())) == journal(
        """
        Dr sales service 129.99 / Dr sales_tax GST 6.50 / Dr sales_tax QST 12.97
        Cr receivable INV-1 119.46 / Cr receivable credit:C-1 30.00
        """
    )
    assert (state(ledger).paid, state(ledger).open) == (0, 0)


def test_voiding_keeps_a_credit_that_a_revision_made(ledger: Memory) -> None:
    """149.46 paid, revised to 114.98, voided: C-1 is owed all that was paid."""
    ledger.record(an_invoice())
    ledger.record(paid("149.46"))
    ledger.record(revised(work("100.00", "5.00", "9.98")))
    assert booked(ledger.record(voided())) == journal(
        """
        Dr sales service 100.00 / Dr sales_tax GST 5.00 / Dr sales_tax QST 9.98
        Cr receivable credit:C-1 114.98
        """
    )
    assert ledger.balance("receivable", "credit:C-1") == -14946


def test_a_credit_needs_a_customer(ledger: Memory) -> None:
    """The one that is named with it, else the invoice's; offline it is left to a person."""
    ledger.record(an_invoice(customer=None))
    ledger.record(paid("30.00"))
    assert faults(ledger, voided()) == {"/customer": "required"}
    assert faults(ledger, revised(goods("10.00"))) == {"/customer": "required"}
    entry = ledger.preview(voided(customer="C-2"))
    assert "Cr receivable credit:C-2 30.00" in booked(entry)
    offline = ledger.record(voided(happened_offline=True))
    assert "Cr suspense receivable:INV-1 30.00" in booked(offline)
    assert offline.caveats == (Caveat("receivable-offline", "receivable:INV-1", -3000),)


def test_voiding_twice_is_refused(ledger: Memory) -> None:
    """And so is whatever else would change a voided invoice, offline or not."""
    ledger.record(an_invoice())
    ledger.record(voided())
    again = conflict(ledger, voided("again", happened_offline=True))
    assert (again["code"], again["pointer"], again["invoice"]) == (
        "invoice-voided",
        "/invoice",
        "INV-1",
    )
    assert conflict(ledger, revised(work()))["code"] == "invoice-voided"
    assert conflict(ledger, written_off("1.00"))["code"] == "invoice-voided"
    refused = conflict(ledger, paid("1.00"))
    assert (refused["code"], refused["pointer"]) == ("invoice-voided", "/applied/0/invoice")


def test_what_is_not_there_cannot_be_changed(ledger: Memory) -> None:
    assert conflict(ledger, voided())["code"] == "invoice-unknown"
    assert conflict(ledger, revised(work()))["code"] == "invoice-unknown"


def test_offline_an_unknown_invoice_is_left_to_a_person(ledger: Memory) -> None:
    """Revised, it stands as the till revised it; voided, there is nothing to take back."""
    entry = ledger.record(voided(happened_offline=True))
    assert (booked(entry), entry.caveats) == (
        [],
        (Caveat("receivable-offline", "receivable:INV-1"),),
    )
    entry = ledger.record(revised(work(), invoice="INV-2", happened_offline=True))
    assert booked(entry) == journal(
        """
        Dr receivable INV-2 149.46
        Cr sales service 129.99 / Cr sales_tax GST 6.50 / Cr sales_tax QST 12.97
        """
    )
    assert entry.caveats == (Caveat("receivable-offline", "receivable:INV-2"),)
    ledger.record(an_invoice())
    assert state(ledger).status == "open"


def test_what_a_sale_charged_is_refunded_not_revised(ledger: Memory) -> None:
    ledger.record(a_sale("S-1", [hat()], [on_account("45.99")]))
    for event in (voided(invoice="S-1"), revised(work(), invoice="S-1")):
        refused = conflict(ledger, event)
        assert (refused["code"], refused["event"]) == ("invoice-of-sale", "S-1")


def test_a_written_off_invoice_stays_as_it_is(ledger: Memory) -> None:
    ledger.record(an_invoice())
    ledger.record(written_off("9.46"))
    assert conflict(ledger, voided())["code"] == "invoice-written-off"
    assert conflict(ledger, revised(work()))["code"] == "invoice-written-off"
    ledger.record(reversal("W-1"))
    ledger.record(voided())
    assert ledger.balances() == {}


def test_a_credit_note_counts_as_given_back(ledger: Memory) -> None:
    """A blind refund on account of INV-1."""
    ledger.record(an_invoice())
    back = a_refund("R-1", None, [on_account("20.00", invoice="INV-1")], amount="20.00")
    ledger.record(back)
    now = state(ledger)
    assert (now.billed, now.credited, now.open, now.status) == (14946, 2000, 12946, "partly_paid")


def test_an_issue_with_a_payment_is_not_reversed(ledger: Memory) -> None:
    """Until the payment is."""
    ledger.record(an_invoice())
    ledger.record(paid())
    refused = conflict(ledger, reversal("I-1"))
    assert (refused["code"], refused["event"]) == ("has-dependents", "P-1-in")
    ledger.record(reversal("P-1-in"))
    ledger.record(reversal("I-1"))
    assert ledger.balances() == {}
    assert invoice_state("INV-1", ledger) is None


def test_reversals_go_back_one_by_one(ledger: Memory) -> None:
    """A revision or a void on top comes off first; then the invoice is as it was."""
    ledger.record(item(stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "3", "10.00")))
    ledger.record(an_invoice(lines=[hats("1")], terms="Net 30", due_date="2026-04-13"))
    ledger.record(revised(hats("3"), id_="r-1"))
    ledger.record(revised(hats("2"), id_="r-2"))
    ledger.record(voided())
    for event, later in (("I-1", "r-1"), ("r-1", "r-2"), ("r-2", "I-1-void")):
        refused = conflict(ledger, reversal(event))
        assert (refused["code"], refused["event"]) == ("has-dependents", later)
    for event, billed, left in (("I-1-void", 8000, 1), ("r-2", 12000, 0), ("r-1", 4000, 2)):
        ledger.record(reversal(event))
        assert (state(ledger).billed, state(ledger).open) == (billed, billed)
        assert ledger.stock("HAT").quantity == left * 1_000_000
    assert booked(ledger.record(revised(hats("3"), id_="r-3"))) == journal(
        """
        Dr receivable INV-1 80.00 / Cr sales Hats 80.00
        Dr cost_of_goods Hats 20.00 / Cr inventory HAT 20.00 x 2
        """
    )


def test_a_revision_may_be_reversed_under_a_payment(ledger: Memory) -> None:
    """While what is paid still fits the invoice as it was."""
    ledger.record(an_invoice())
    ledger.record(revised(work("200.00", "10.00", "19.95")))
    ledger.record(paid("149.46"))
    ledger.record(reversal("I-1-b"))
    assert state(ledger).status == "paid"
    ledger.record(revised(work("200.00", "10.00", "19.95"), id_="again"))
    ledger.record(paid("80.49", "P-2"))
    assert conflict(ledger, reversal("again"))["code"] == "overdrawn"


def test_a_state_says_what_an_invoice_is(ledger: Memory) -> None:
    """What a revision leaves out stays; what it states holds."""
    stated: Json = {"due_date": "2026-04-13", "terms": "Net 30", "send": "email", "booking": "B-1"}
    ledger.record(an_invoice(**stated))
    ledger.record(revised(work(), on="2026-03-20", customer="C-2"))
    now = state(ledger)
    assert (now.customer, now.booking, now.terms, now.send) == ("C-2", "B-1", "Net 30", "no")
    assert (now.issued_on, now.due) == (date(2026, 3, 14), date(2026, 4, 13))
    assert now.document.event.id == "I-1-b"
    assert dict(now.taxes) == {"GST": 650, "QST": 1297}
    ledger.record(reversal("I-1-b"))
    assert state(ledger).customer == "C-1"


def test_an_invoice_may_go_by_the_id_of_what_issued_it(ledger: Memory) -> None:
    """And is charged once all the same."""
    ledger.record(an_invoice("INV-1"))
    assert (state(ledger).billed, dict(state(ledger).taxes)["GST"]) == (14946, 650)


def test_an_invoice_without_a_due_date_is_due_at_once(ledger: Memory) -> None:
    ledger.record(an_invoice())
    assert state(ledger).due == date(2026, 3, 14)
    tenders = [on_account("45.99", due_date="2026-04-01")]
    ledger.record(a_sale("S-1", [hat()], tenders, customer="C-3"))
    of_sale = state(ledger, "S-1")
    assert (of_sale.customer, of_sale.due, of_sale.status) == ("C-3", date(2026, 4, 1), "open")


def test_a_sale_may_charge_what_was_voided(ledger: Memory) -> None:
    """Its tender names the number: that much is owed under it, and can be paid."""
    ledger.record(an_invoice())
    ledger.record(voided())
    ledger.record(a_sale("S-1", [hat()], [on_account("45.99", invoice="INV-1")]))
    now = state(ledger)
    assert (now.billed, now.open, now.voided) == (4599, 4599, False)
    ledger.record(paid("45.99"))


def test_the_invoices_of_a_booking(ledger: Memory) -> None:
    """Those that stand, oldest first."""
    for number in ("1", "2", "3"):
        ledger.record(an_invoice(f"I-{number}", f"INV-{number}", booking="B-1"))
    ledger.record(an_invoice("I-4", "INV-4", booking="B-2"))
    ledger.record(voided(invoice="INV-2"))
    assert [found.invoice for found in invoices_of_booking("B-1", ledger)] == ["INV-1", "INV-3"]


US = {"currency": "USD", "rate": "1.30"}


def test_a_foreign_invoice_paid_at_another_rate_gains(ledger: Memory) -> None:
    """100.00 USD at 1.30, paid when one is worth 1.35: 5.00 gained."""
    issued = ledger.record(an_invoice(lines=[goods("100.00")], **US))
    assert booked(issued) == journal(
        "Dr receivable INV-1 100.00 USD = 130.00 / Cr sales Hats 100.00 USD = 130.00"
    )
    entry = ledger.record(paid("100.00", currency="USD", rate="1.35"))
    assert booked(entry) == journal(
        """
        Dr clearing cheque 100.00 USD = 135.00 / Cr receivable INV-1 100.00 USD = 130.00
        Cr exchange_gain_loss 0.00 USD = 5.00
        """
    )
    assert ledger.carried("receivable", "INV-1", "USD") == 0
    ledger.record(bounced(currency="USD", rate="1.40"))
    assert ledger.carried("receivable", "INV-1", "USD") == 13000


def test_an_invoice_is_paid_in_its_currency(ledger: Memory) -> None:
    ledger.record(an_invoice(lines=[goods("100.00")], **US))
    for event in (paid("100.00"), voided(), revised(work()), written_off("1.00")):
        refused = conflict(ledger, event)
        assert (refused["code"], refused["pointer"]) == ("other-currency", "/currency")
        assert (refused["currency"], refused["stated"]) == ("USD", "CAD")


def test_a_voided_foreign_invoice_takes_back_what_its_sales_were_booked_at(ledger: Memory) -> None:
    """Half is paid at 1.35, and owed to the customer at 1.40 when it is voided."""
    ledger.record(an_invoice(lines=[goods("100.00", taxes=taxes(GST="5.00"))], **US))
    ledger.record(paid("50.00", currency="USD", rate="1.35"))
    assert booked(ledger.record(voided(currency="USD", rate="1.40"))) == journal(
        """
        Dr sales Hats 100.00 USD = 130.00 / Dr sales_tax GST 5.00 USD = 6.50
        Cr receivable INV-1 55.00 USD = 71.50 / Cr receivable credit:C-1 50.00 USD = 70.00
        Dr exchange_gain_loss 0.00 USD = 5.00
        """
    )
    assert ledger.carried("receivable", "INV-1", "USD") == 0
    ledger.record(reversal("I-1-void"))
    assert ledger.carried("receivable", "INV-1", "USD") == 7150


def test_a_foreign_revision_is_at_its_own_rate(ledger: Memory) -> None:
    """What is added comes at 1.40, stock at its cost in home money."""
    ledger.record(item(stocked=True))
    ledger.record(a_receipt("G-1", ("HAT", "3", "10.00")))
    ledger.record(an_invoice(lines=[hats("1", "100.00")], **US))
    entry = ledger.record(revised(hats("2", "100.00"), currency="USD", rate="1.40"))
    assert booked(entry) == journal(
        """
        Dr receivable INV-1 100.00 USD = 140.00 / Cr sales Hats 100.00 USD = 140.00
        Dr cost_of_goods Hats 10.00 / Cr inventory HAT 10.00 x 1
        """
    )
    ledger.record(voided(currency="USD", rate="1.45"))
    assert {key for key in ledger.balances() if key[0] in ("sales", "receivable")} == set()
    assert ledger.stock("HAT").value == 3000
