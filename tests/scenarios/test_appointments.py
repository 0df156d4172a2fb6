"""Appointments and classes: booked, kept, paid, with something bought on the way out."""

from datetime import date

from tests.builders import a_deposit, a_sale, card, fact, goods, policy, taxes, tender
from tests.conftest import Shop
from tests.notation import booked, journal
from tests.plan.till import Till, told
from tests.scenarios.shop import BOOKING, CUT, all_told, balances, kinds, planned
from tests.sync.test_in_step import Rehearsal, rehearse


def test_an_attended_appointment_is_an_invoice_and_its_payment() -> None:
    """The client pays at the desk: one fact, and nobody opens QuickBooks."""
    shop = Till()
    shop.record(policy("paid_sales", "invoice"))
    sale = shop.record(a_sale("S-1", [CUT], [card("53.66", None)], **BOOKING))
    assert booked(sale) == journal(
        "Dr clearing card 53.66 / Cr sales Hair 46.67"
        " / Cr sales_tax GST 2.33 / Cr sales_tax QST 4.66"
    )
    assert told(shop.plan(sale)) == [
        "Invoice sale:S-1 C-1 5366 | Hair 4667 GST+QST | GST 233/4667 | QST 466/4667",
        "Payment payment:S-1:1 C-1 clearing:card 5366 | Invoice sale:S-1 5366",
    ]


def test_a_receipt_or_an_invoice_post_the_same() -> None:
    by_receipt, by_invoice = Till(), Till()
    by_invoice.record(policy("paid_sales", "invoice"))
    for shop in (by_receipt, by_invoice):
        shop.record(a_sale("S-1", [CUT], [card("53.66", None)], **BOOKING))
    assert kinds(planned(by_receipt)) == ["SalesReceipt"]
    assert kinds(planned(by_invoice)) == ["Invoice", "Payment"]
    assert balances(by_receipt) == balances(by_invoice)
    all_told(by_receipt)
    all_told(by_invoice)


def test_goods_bought_with_the_appointment_are_in_the_same_sale() -> None:
    """A shampoo joins the haircut: one payment, one document, its own line, item and tax."""
    shop = Till()
    shampoo = goods("20.00", "Care", item="SHAMPOO", taxes=taxes(GST="1.00", QST="2.00"))
    sale = shop.record(a_sale("S-1", [CUT, shampoo], [card("76.66", None)], **BOOKING))
    assert booked(sale) == journal(
        "Dr clearing card 76.66 / Cr sales Hair 46.67 / Cr sales Care 20.00"
        " / Cr sales_tax GST 3.33 / Cr sales_tax QST 6.66"
    )
    (receipt,) = told(shop.plan(sale))
    assert "Hair 4667 GST+QST | Care 2000 GST+QST" in receipt


def test_a_booking_earns_when_it_is_kept_not_when_it_is_made() -> None:
    """What was paid ahead is owed until the day; a booking alone is no fact of the books."""
    shop = Till()
    shop.record(a_deposit(on="2026-03-01", **BOOKING))
    assert balances(shop) == {"clearing card": "16.10", "deposits D-7": "-16.10"}
    paid = [tender("deposit", "16.10", deposit="D-7"), card("37.56", None)]
    shop.record(a_sale("S-1", [CUT], paid, on="2026-03-14", **BOOKING))
    assert balances(shop, "deposits", "sales") == {"sales Hair": "-46.67"}


def test_each_participant_of_a_class_is_a_booking() -> None:
    """Three book a class: one pays, one uses a deposit, one does not come."""
    shop = Till()
    yoga = {"kind": "service", "category": "Yoga", "net": "20.00"}
    shop.record(a_deposit("D-B-in", "D-B", "20.00", booking="B-B"))
    shop.record(a_deposit("D-C-in", "D-C", "5.00", booking="B-C"))
    shop.record(a_sale("S-A", [yoga], [card("20.00", None)], booking="B-A"))
    shop.record(a_sale("S-B", [yoga], [tender("deposit", "20.00", deposit="D-B")], booking="B-B"))
    shop.record(fact("no_show_recorded", "N-C", booking="B-C"))
    assert balances(shop, "deposits", "sales", "receivable") == {"sales Yoga": "-40.00"}
    assert balances(shop, "forfeited_deposits") != {}


def test_what_is_paid_is_paid_at_once(shop: Shop) -> None:
    """Paid in the ledger when the till is answered; how far QuickBooks is, is told apart."""
    shop.record(a_sale("S-1", [CUT], [card("53.66", None)], **BOOKING))

    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.fault(kind="down", count=6)
        assert [booked(entry)[0] for entry in shop.entries()] == [
            "Cr sales Hair 46.67",
        ]
        await rehearsal.drain()
        await rehearsal.assert_in_step(date(2026, 3, 14), date(2026, 3, 14))

    rehearse(shop, scenario)
