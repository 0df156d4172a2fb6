"""Packages: visit cards and memberships, sold and used (5.5)."""

from typing import Any

import pytest

from ledger.events.package_story import moves, package_left
from ledger.postings import Caveat
from tests.builders import (
    a_deposit,
    a_journal,
    a_refund,
    a_sale,
    card,
    cash,
    fact,
    goods,
    reversal,
    taxes,
    tender,
)
from tests.ledger.memory import Memory
from tests.ledger.refusals import conflict, faults
from tests.ledger.visit_cards import (
    a_package,
    a_visit,
    by_package,
    expired,
    holds,
    service,
    sold_line,
    ten_visits,
    unused_back,
)
from tests.notation import booked, journal


def test_ten_visits_are_sold_taxed_and_deferred(ledger: Memory) -> None:
    """Cr packages at net; the tax is due at once."""
    assert booked(ledger.record(ten_visits())) == journal(
        """
        Dr clearing card 574.88
        Cr packages P-1 500.00 x 10 / Cr sales_tax GST 25.00 / Cr sales_tax QST 49.88
        """
    )
    assert holds(ledger) == (10, 50000)
    assert package_left("P-1", ledger).taxes("CAD") == {"GST": 2500, "QST": 4988}


def test_each_visit_is_a_sale_of_the_services_category(ledger: Memory) -> None:
    """50.00 of what was deferred becomes income; no tax, and nobody pays."""
    ledger.record(ten_visits(location="laurier"))
    visit = ledger.record(a_visit(location="rosemont", staff="Ana"))
    assert booked(visit) == journal("Dr packages P-1 50.00 x 1 / Cr sales Massage 50.00")
    assert visit.event.location == "rosemont"
    assert holds(ledger) == (9, 45000)


def test_the_last_use_takes_the_rest(ledger: Memory) -> None:
    """100.00 for three: 33.33, 33.33, 33.34."""
    ledger.record(a_package(uses=3, net="100.00"))
    for number, value in enumerate(["33.33", "33.33", "33.34"]):
        visit = ledger.record(a_visit(f"V-{number}"))
        assert booked(visit) == journal(f"Dr packages P-1 {value} x 1 / Cr sales Massage {value}")
    assert holds(ledger) == (0, 0)


def test_several_uses_at_once_are_worth_as_much_as_one_by_one(ledger: Memory) -> None:
    ledger.record(a_package(uses=3, net="100.00"))
    two = ledger.record(a_visit("V-1", uses=2))
    assert booked(two) == journal("Dr packages P-1 66.66 x 2 / Cr sales Massage 66.66")
    one = [by_package(), by_package("P-2"), by_package("P-2", 2)]
    ledger.record(a_package("P-2", 3, "100.00"))
    rest = ledger.record(a_sale("V-2", [service()], one))
    assert booked(rest) == journal(
        "Dr packages P-1 33.34 x 1 / Dr packages P-2 100.00 x 3 / Cr sales Massage 133.34"
    )


def test_a_use_is_never_worth_more_than_is_left(ledger: Memory) -> None:
    """0.05 for ten: half a cent each, rounded up, until nothing is left."""
    ledger.record(a_package(uses=10, net="0.05"))
    assert "Dr packages P-1 0.05 x 6" in booked(ledger.record(a_visit("V-1", uses=6)))
    assert booked(ledger.record(a_visit("V-2", uses=4))) == journal("Dr packages P-1 0.00 x 4")
    assert holds(ledger) == (0, 0)


def test_lines_without_a_price_share_a_use_by_quantity(ledger: Memory) -> None:
    """50.00 over a massage and two towels; the odd cent to the last."""
    ledger.record(a_package())
    lines = [service(), goods(None, "Towels", quantity="2")]
    assert booked(ledger.record(a_visit(lines=lines))) == journal(
        "Dr packages P-1 50.00 x 1 / Cr sales Massage 16.67 / Cr sales Towels 33.33"
    )


def test_what_has_a_price_is_paid_beside_it(ledger: Memory) -> None:
    """A visit by package, and goods with their taxes by card, in one basket."""
    ledger.record(a_package())
    hat = goods("40.00", taxes=taxes(GST="2.00", QST="3.99"))
    basket = a_sale("V-1", [service(), hat], [by_package(), card("45.99", None)], tip="0")
    assert booked(ledger.record(basket)) == journal(
        """
        Dr packages P-1 50.00 x 1 / Dr clearing card 45.99
        Cr sales Massage 50.00 / Cr sales Hats 40.00
        Cr sales_tax GST 2.00 / Cr sales_tax QST 3.99
        """
    )


def test_lines_may_state_prices_that_come_to_what_a_use_is_worth(ledger: Memory) -> None:
    ledger.record(a_package())
    stated = a_visit(lines=[service(net="50.00")], amount="50.00")
    assert booked(ledger.record(stated)) == journal(
        "Dr packages P-1 50.00 x 1 / Cr sales Massage 50.00"
    )
    differs = a_visit("V-2", lines=[service(net="49.99")])
    assert faults(ledger, differs) == {"/tenders": "tenders-differ"}


def test_another_value_than_the_ledgers_is_refused(ledger: Memory) -> None:
    ledger.record(a_package())
    assert conflict(ledger, a_visit(amount="49.99")) == {
        "code": "package-value-differs",
        "pointer": "/tenders/0/amount",
        "package": "P-1",
        "worth": "50.00",
        "stated": "49.99",
        "currency": "CAD",
    }


def test_more_uses_than_are_left_are_refused(ledger: Memory) -> None:
    ledger.record(a_package(uses=2))
    ledger.record(a_visit())
    assert conflict(ledger, a_visit("V-2", uses=2)) == {
        "code": "uses-overdrawn",
        "pointer": "/tenders/0/uses",
        "package": "P-1",
        "left": "1",
        "asked": "2",
    }
    both = a_sale("V-2", [service()], [by_package(), by_package()])
    assert conflict(ledger, both)["pointer"] == "/tenders/1/uses"
    assert conflict(ledger, a_visit("V-2", "P-9"))["left"] == "0"


def test_what_was_taken_by_hand_is_not_there_to_be_used(ledger: Memory) -> None:
    """A journal knows no uses: the account's own rule holds."""
    ledger.record(a_package(uses=1))
    taken = {"account": "packages", "holder": "P-1", "debit": "1.00"}
    ledger.record(a_journal("J-1", taken, {"account": "package_breakage", "credit": "1.00"}))
    assert conflict(ledger, a_visit())["code"] == "overdrawn"


def test_offline_the_rest_stands_in_suspense(ledger: Memory) -> None:
    """A use too many is worth what one of the package was."""
    ledger.record(a_package(uses=2, net="100.00"))
    entry = ledger.record(a_visit(uses=3, happened_offline=True))
    assert booked(entry) == journal(
        """
        Dr packages P-1 100.00 x 2 / Dr suspense packages:P-1 50.00
        Cr sales Massage 150.00
        """
    )
    assert Caveat("overdrawn-offline", "packages:P-1", 5000) in entry.caveats
    assert holds(ledger) == (0, 0)


def test_offline_an_unknown_package_is_worth_what_the_till_says(ledger: Memory) -> None:
    entry = ledger.record(a_visit(amount="45.00", happened_offline=True))
    assert booked(entry) == journal("Dr suspense packages:P-1 45.00 / Cr sales Massage 45.00")
    nothing = ledger.record(a_visit("V-2", happened_offline=True))
    assert nothing.postings == ()
    assert nothing.caveats == (Caveat("overdrawn-offline", "packages:P-1"),)


def test_not_even_offline_a_use_too_many_is_worth_more_than_an_amount_may_be(
    ledger: Memory,
) -> None:
    ledger.record(a_package(uses=1, net="99999999999.99"))
    twice = a_visit(uses=2, happened_offline=True)
    assert faults(ledger, twice) == {"/tenders/0/uses": "too-large"}


def test_offline_another_value_leaves_the_difference_in_suspense(ledger: Memory) -> None:
    """Either way; the sale stands as the till made it."""
    ledger.record(a_package())
    less = ledger.record(a_visit("V-1", amount="49.00", happened_offline=True))
    assert booked(less) == journal(
        """
        Dr packages P-1 50.00 x 1 / Cr suspense packages:P-1 1.00 / Cr sales Massage 49.00
        """
    )
    more = ledger.record(a_visit("V-2", amount="52.00", happened_offline=True))
    assert booked(more) == journal(
        """
        Dr packages P-1 50.00 x 1 / Dr suspense packages:P-1 2.00 / Cr sales Massage 52.00
        """
    )


def test_a_package_may_be_sold_and_used_in_one_sale(ledger: Memory) -> None:
    """The first visit on the day the card is bought."""
    first = a_sale("S-1", [sold_line(), service()], [cash("500.00"), by_package()])
    assert booked(ledger.record(first)) == journal(
        """
        Dr cash unassigned 500.00 / Dr packages P-1 50.00 x 1
        Cr packages P-1 500.00 x 10 / Cr sales Massage 50.00
        """
    )
    assert holds(ledger) == (9, 45000)
    back = ledger.record(a_refund("R-1", "S-1", [cash("450.00"), by_package()]))
    assert booked(back) == journal(
        """
        Dr packages P-1 450.00 x 9 / Dr sales_returns Massage 50.00
        Cr cash unassigned 450.00 / Cr packages P-1 50.00 x 1
        """
    )


def test_a_discount_is_part_of_what_is_deferred(ledger: Memory) -> None:
    """Sold for 450.00 instead of 500.00: a visit is 45.00."""
    line = {"kind": "package", "package": "P-1", "uses": 10}
    line |= {"unit_price": "500.00", "discount": "50.00"}
    assert booked(ledger.record(a_sale("S-1", [line], [cash("450.00")]))) == journal(
        "Dr cash unassigned 450.00 / Cr packages P-1 450.00 x 10"
    )
    assert "Cr sales Massage 45.00" in booked(ledger.record(a_visit()))


def test_a_free_package_counts_its_uses(ledger: Memory) -> None:
    ledger.record(a_sale("S-1", [sold_line(uses=1, net="0")], []))
    assert booked(ledger.record(a_visit())) == journal("Dr packages P-1 0.00 x 1")
    assert conflict(ledger, a_visit("V-2"))["code"] == "uses-overdrawn"
    assert conflict(ledger, reversal("S-1"))["code"] == "already-used"


def test_several_services_are_a_package_each(ledger: Memory) -> None:
    """Five massages and five facials, priced by what each costs alone; a line names its package."""
    lines = [sold_line("P-1:massage", 5, "300.00"), sold_line("P-1:facial", 5, "200.00")]
    ledger.record(a_sale("S-1", lines, [cash("500.00")]))
    services = [service("Massage", package="P-1:massage"), service("Facial", package="P-1:facial")]
    tenders = [by_package("P-1:facial"), by_package("P-1:massage")]
    assert booked(ledger.record(a_sale("V-1", services, tenders))) == journal(
        """
        Dr packages P-1:massage 60.00 x 1 / Dr packages P-1:facial 40.00 x 1
        Cr sales Massage 60.00 / Cr sales Facial 40.00
        """
    )
    back = ledger.record(a_refund("R-1", "S-1", [cash("400.00")]))
    assert "Dr packages P-1:facial 160.00 x 4" in booked(back)


def test_a_membership_is_released_month_by_month(ledger: Memory) -> None:
    """A year for 365.00 and GST is twelve uses: each month 30.42, the last 30.38."""
    year = sold_line("M-1", 12, "365.00", taxes=taxes(GST="18.25"))
    ledger.record(a_sale("S-1", [year], [card("383.25", None)]))
    for month in range(1, 13):
        earned = a_visit(
            f"M-1-{month}", "M-1", lines=[service("Memberships")], on=f"2026-{month:02}-28"
        )
        value = "30.42" if month < 12 else "30.38"
        assert booked(ledger.record(earned)) == journal(
            f"Dr packages M-1 {value} x 1 / Cr sales Memberships {value}"
        )
    assert holds(ledger, "M-1") == (0, 0)


def test_each_recurring_charge_is_a_sale(ledger: Memory) -> None:
    """It tops the package up; the oldest uses go first, at their own price."""
    ledger.record(a_package("M-1", 2, "60.00", "jan"))
    ledger.record(a_package("M-1", 2, "70.00", "feb"))
    three = ledger.record(a_visit("V-1", "M-1", 3))
    assert booked(three) == journal("Dr packages M-1 95.00 x 3 / Cr sales Massage 95.00")
    assert booked(ledger.record(unused_back(sale="feb", tenders=[card("35.00", None)]))) == journal(
        "Dr packages M-1 35.00 x 1 / Cr clearing card 35.00"
    )
    back = ledger.record(a_refund("R-2", "V-1", [by_package("M-1", 2)], amount="65.00"))
    assert "Cr packages M-1 65.00 x 2" in booked(back)
    assert [lot.uses for lot in package_left("M-1", ledger).lots] == [1, 1]


def test_a_package_may_be_sold_by_invoice(ledger: Memory) -> None:
    """It can be used before it is paid; what the invoice says of it is not revised."""
    stated: dict[str, Any] = {"invoice": "I-1", "customer": "C-1"}
    issued = fact("invoice_issued", "I-1-a", lines=[sold_line(), service(net="9.00")], **stated)
    assert booked(ledger.record(issued)) == journal(
        "Dr receivable I-1 509.00 / Cr packages P-1 500.00 x 10 / Cr sales Massage 9.00"
    )
    ledger.record(a_visit())
    ledger.record(fact("invoice_revised", "I-1-b", lines=[sold_line()], **stated))
    assert holds(ledger) == (9, 45000)
    fewer = fact("invoice_revised", "I-1-c", lines=[service(net="9.00")], **stated)
    assert conflict(ledger, fewer)["package"] == "P-1"


def test_a_package_sold_in_dollars_is_used_in_dollars(ledger: Memory) -> None:
    """It leaves at what it was carried at; another currency finds no uses."""
    dollars: dict[str, Any] = {"currency": "USD", "rate": "1.40"}
    ledger.record(a_package(uses=2, net="100.00", **dollars))
    assert conflict(ledger, a_visit())["left"] == "0"
    visit = ledger.record(a_visit(currency="USD", rate="1.30"))
    assert booked(visit) == journal(
        """
        Dr packages P-1 50.00 USD = 70.00 x 1 / Cr sales Massage 50.00 USD = 65.00
        Cr exchange_gain_loss 0.00 USD = 5.00
        """
    )
    assert holds(ledger, "P-1", "USD") == (1, 5000)
    assert conflict(ledger, expired(override="x"))["code"] == "package-empty"


def test_what_a_package_line_must_say(ledger: Memory) -> None:
    nothing = {"kind": "package", "net": "1.00"}
    assert faults(ledger, a_sale("S-1", [nothing], [cash("1.00")])) == {
        "/lines/0/package": "required",
        "/lines/0/uses": "required",
    }
    twice = a_sale("S-1", [sold_line(), sold_line()], [cash("1000.00")])
    assert faults(ledger, twice) == {"/lines/1/package": "package-twice"}
    unpriced = {"kind": "package", "package": "P-1", "uses": 2}
    assert faults(ledger, a_sale("S-1", [unpriced], [by_package("P-2")])) == {
        "/lines/0/unit_price": "price-missing"
    }


def test_a_line_without_a_price_needs_a_package_that_pays(ledger: Memory) -> None:
    ledger.record(a_package())
    for lines, paid in (
        ([service()], [cash("50.00")]),
        ([service(package="P-2")], [by_package()]),
        ([service(), service(package="P-1")], [by_package()]),
    ):
        assert "/lines/0/unit_price" in faults(ledger, a_sale("V-1", lines, paid))


def test_packages_pay_for_sales_alone(ledger: Memory) -> None:
    ledger.record(a_package())
    paid = a_deposit(amount="50.00", tenders=[by_package(amount="50.00")])
    assert faults(ledger, paid) == {"/tenders/0/kind": "packages-pay-sales"}
    nameless = a_sale("V-1", [service()], [{"kind": "package"}])
    assert faults(ledger, nameless)["/tenders/0/package"] == "required"


def test_a_packages_story_is_told_in_order(ledger: Memory) -> None:
    """With the refunds of its sale, and with what was taken back where it was taken back."""
    ledger.record(a_package())
    ledger.record(a_visit())
    ledger.record(unused_back(uses=1, tenders=[card("50.00", None)]))
    ledger.record(reversal("V-1"))
    told = [(seq, entry.event.id, undone) for seq, entry, undone in moves("P-1", ledger)]
    assert told == [
        (1, "sold-P-1", False),
        (2, "V-1", False),
        (3, "R-1", False),
        (4, "V-1", True),
    ]
    assert package_left("P-1", ledger, before=4).uses("CAD") == 8


def test_a_use_may_pay_a_part(ledger: Memory) -> None:
    """A dearer service: the rest, and the tax on the rest, by card."""
    ledger.record(a_package())
    line = service(net="60.00", taxes=taxes(GST="0.50", QST="1.00"))
    dearer = a_sale("V-1", [line], [by_package(), card("11.50", None)])
    assert booked(ledger.record(dearer)) == journal(
        """
        Dr packages P-1 50.00 x 1 / Dr clearing card 11.50
        Cr sales Massage 60.00 / Cr sales_tax GST 0.50 / Cr sales_tax QST 1.00
        """
    )


def test_unpriced_lines_of_no_quantity_share_alike(ledger: Memory) -> None:
    ledger.record(a_package())
    lines = [service(quantity="0"), service("Facial", quantity="0")]
    assert booked(ledger.record(a_visit(lines=lines))) == journal(
        "Dr packages P-1 50.00 x 1 / Cr sales Massage 25.00 / Cr sales Facial 25.00"
    )


@pytest.mark.parametrize("tip", [None, "5.00"])
def test_a_tip_is_paid_beside_the_package(ledger: Memory, tip: str | None) -> None:
    ledger.record(a_package())
    paid = [by_package(), *([tender("cash", tip)] if tip else [])]
    entry = ledger.record(a_sale("V-1", [service()], paid, tip=tip))
    assert ("Cr tips unassigned 5.00" in booked(entry)) is (tip is not None)
