"""Clients who do not come: nothing is invoiced for work not done, what is kept is taxed rightly."""

import pytest

from ledger.money import to_text
from sync.documents import Invoice
from tests.builders import a_deposit, fact, tender
from tests.notation import booked, journal
from tests.plan.till import Till, told
from tests.scenarios.shop import BOOKING, CUT, all_told, balances, kinds, planned


def expected(shop: Till) -> None:
    """Record the invoice of a booked haircut, not paid yet."""
    issued = fact("invoice_issued", "I-1", invoice="F-1", lines=[CUT], **BOOKING)
    shop.record(issued)


def stands(shop: Till) -> dict[str, str]:
    """Return what the documents of the whole log leave open at customers."""
    found: dict[str, int] = {}
    for document in planned(shop):
        for effect in document.effects():
            if effect.place.role == "receivable":
                found["receivable"] = found.get("receivable", 0) + effect.amount
    return {name: to_text(amount, "CAD") for name, amount in found.items() if amount}


def test_a_no_show_without_deposit_leaves_no_invoice() -> None:
    """What was expected is voided by the no-show itself, and nothing takes its place."""
    shop = Till()
    expected(shop)
    assert balances(shop, "receivable") == {"receivable F-1": "53.66"}
    missed = shop.record(fact("no_show_recorded", "N-1", **BOOKING))
    assert balances(shop) == {}
    assert kinds(shop.plan(missed)) == ["Void"]
    assert stands(shop) == {}


@pytest.mark.parametrize("kind", ["no_show_recorded", "booking_cancelled"])
def test_no_document_says_that_work_was_done_that_was_not(kind: str) -> None:
    """Whatever happened to the booking before, no invoice comes of its not being kept."""
    shop = Till()
    shop.record(a_deposit(**BOOKING))
    missed = shop.record(fact(kind, "N-1", **BOOKING))
    assert not [d for d in planned(shop, missed) if isinstance(d, Invoice)]
    assert balances(shop, "sales", "receivable") == {}


def test_a_kept_deposit_is_income_with_its_tax() -> None:
    """The default of a no-show, in one step: Québec's tax is deemed inside the whole deposit."""
    shop = Till()
    shop.record(a_deposit(**BOOKING))
    kept = shop.record(fact("no_show_recorded", "N-1", **BOOKING))
    assert booked(kept) == journal(
        "Dr deposits D-7 16.10 / Cr forfeited_deposits 13.87"
        " / Cr sales_tax GST 0.77 / Cr sales_tax QST 1.46"
    )
    (receipt,) = told(shop.plan(kept))
    lines = "Deposits -1610 | Forfeited deposits 1387 GST+QST | GST 77/1387 | QST 146/1387"
    assert receipt == f"SalesReceipt sale:N-1 | {lines}"


def test_the_invoice_is_voided_and_the_deposit_kept_in_one_step() -> None:
    """Nobody edits a price in QuickBooks, and no client gets a changed invoice."""
    shop = Till()
    expected(shop)
    shop.record(a_deposit(**BOOKING))
    shop.record(fact("no_show_recorded", "N-1", **BOOKING))
    assert balances(shop) == {
        "clearing card": "16.10",
        "forfeited_deposits": "-13.87",
        "sales_tax GST": "-0.77",
        "sales_tax QST": "-1.46",
    }
    assert stands(shop) == {}
    assert kinds(planned(shop)) == ["Invoice", "SalesReceipt", "Void", "SalesReceipt"]
    all_told(shop)


def test_a_deposit_of_14_and_taxes_holds_more_tax_than_was_added() -> None:
    """30 % of the price, so 14.00 and 2.10 of taxes: 2.23 are owed of it, not 2.10."""
    shop = Till()
    shop.record(a_deposit(amount="16.10", **BOOKING))
    shop.record(fact("no_show_recorded", "N-1", **BOOKING))
    assert balances(shop, "sales_tax") == {"sales_tax GST": "-0.77", "sales_tax QST": "-1.46"}


def test_a_cancellation_gives_the_deposit_back_unless_told_otherwise() -> None:
    shop = Till()
    shop.record(a_deposit(**BOOKING))
    shop.record(fact("booking_cancelled", "X-1", **BOOKING))
    assert balances(shop) == {}


def test_a_deposit_may_become_store_credit_or_go_to_another_booking() -> None:
    credited, moved = Till(), Till()
    for shop in (credited, moved):
        shop.record(a_deposit(**BOOKING))
    credited.record(fact("booking_cancelled", "X-1", deposit="store_credit", **BOOKING))
    assert balances(credited, "deposits", "store_credit") == {"store_credit C-1": "-16.10"}
    moved.record(fact("booking_cancelled", "X-1", deposit="move", to_booking="B-2", **BOOKING))
    moved.record(fact("no_show_recorded", "N-1", booking="B-1"))
    assert balances(moved, "deposits") == {"deposits D-7": "-16.10"}
    moved.record(fact("no_show_recorded", "N-2", booking="B-2"))
    assert balances(moved, "deposits") == {}


def test_a_cancellation_fee_is_a_taxed_sale_of_its_own() -> None:
    shop = Till()
    fee = {
        "amount": "20.00",
        "taxes": [{"tax": "GST", "amount": "1.00"}, {"tax": "QST", "amount": "2.00"}],
    }
    shop.record(
        fact(
            "booking_cancelled",
            "X-1",
            fee=fee,
            tenders=[tender("card", "23.00")],
            **BOOKING,
        )
    )
    assert balances(shop) == {
        "clearing card": "23.00",
        "sales fee": "-20.00",
        "sales_tax GST": "-1.00",
        "sales_tax QST": "-2.00",
    }
