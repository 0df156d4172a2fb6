"""Packages: unused uses given back, what expires, and what is taken back (5.5)."""

from typing import Any

from ledger.events.package_story import package_left
from ledger.postings import Caveat
from tests.builders import (
    a_refund,
    a_sale,
    card,
    cash,
    reversal,
    taxes,
)
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.ledger.visit_cards import (
    a_package,
    a_visit,
    by_package,
    expired,
    holds,
    sold_line,
    ten_visits,
    unused_back,
)
from tests.notation import booked, journal


def test_what_was_used_too_often_offline_can_be_refunded_whole(ledger: Memory) -> None:
    ledger.record(a_package(uses=2, net="100.00"))
    ledger.record(a_visit(uses=3, happened_offline=True))
    back = ledger.record(a_refund("R-1", "V-1", [cash("150.00")]))
    assert booked(back) == journal("Dr sales_returns Massage 150.00 / Cr cash unassigned 150.00")


def test_four_unused_visits_come_back_with_their_taxes(ledger: Memory) -> None:
    """200.00, 10.00 and 19.95 of ten visits, six of them used: 229.95."""
    ledger.record(ten_visits())
    for number in range(6):
        ledger.record(a_visit(f"V-{number}"))
    assert package_left("P-1", ledger).taxes("CAD") == {"GST": 1000, "QST": 1995}
    assert booked(ledger.record(unused_back(uses=4, tenders=[card("229.95", None)]))) == journal(
        """
        Dr packages P-1 200.00 x 4 / Dr sales_tax GST 10.00 / Dr sales_tax QST 19.95
        Cr clearing card 229.95
        """
    )
    assert holds(ledger) == (0, 0)


def test_four_of_ten_come_back_before_any_was_used(ledger: Memory) -> None:
    """At the same value; the six that stay are used or come back at theirs."""
    ledger.record(ten_visits())
    ledger.record(unused_back(uses=4, tenders=[card("229.95", None)]))
    ledger.record(a_visit())
    rest = ledger.record(a_refund("R-2", "sold-P-1", [card("287.44", None)]))
    assert booked(rest) == journal(
        """
        Dr packages P-1 250.00 x 5 / Dr sales_tax GST 12.50 / Dr sales_tax QST 24.94
        Cr clearing card 287.44
        """
    )
    assert conflict(ledger, a_visit("V-2"))["left"] == "0"


def test_all_unused_uses_come_back_where_none_are_stated(ledger: Memory) -> None:
    ledger.record(a_package(uses=3, net="100.00"))
    ledger.record(a_visit())
    assert booked(ledger.record(unused_back(tenders=[cash("66.67")]))) == journal(
        "Dr packages P-1 66.67 x 2 / Cr cash unassigned 66.67"
    )


def test_unused_uses_come_back_at_the_value_of_a_use(ledger: Memory) -> None:
    """After 33.33 was used, one is 33.33 again, and the last is 33.34."""
    ledger.record(a_package(uses=3, net="100.00"))
    ledger.record(a_visit())
    ledger.record(unused_back("R-1", 1, tenders=[cash("33.33")]))
    assert "Dr packages P-1 33.34 x 1" in booked(ledger.record(a_visit("V-2")))


def test_more_than_is_unused_does_not_come_back(ledger: Memory) -> None:
    ledger.record(a_package(uses=3, net="100.00"))
    ledger.record(a_visit())
    refused = conflict(ledger, unused_back(uses=3, tenders=[cash("100.00")]))
    assert (refused["code"], refused["left"]) == ("refund-exceeds", "66.67")
    entry = ledger.record(unused_back(uses=3, tenders=[cash("100.00")], happened_offline=True))
    assert booked(entry) == journal(
        """
        Dr packages P-1 66.67 x 2 / Dr suspense refund:sold-P-1 33.33
        Cr cash unassigned 100.00
        """
    )


def test_what_a_refund_of_uses_must_say(ledger: Memory) -> None:
    """Uses, not a quantity; the ledger's value, or none; and its sale."""
    ledger.record(a_package())
    half = a_refund("R-1", "sold-P-1", [cash("1.00")], lines=[{"sale_line": 0, "quantity": "1"}])
    assert faults(ledger, half) == {"/lines/0/uses": "required"}
    stated: list[Any] = [{"sale_line": 0, "uses": 4, "net": "199.00"}]
    other = a_refund("R-1", "sold-P-1", [cash("199.00")], lines=stated)
    assert conflict(ledger, other)["code"] == "package-value-differs"
    blind = a_refund("R-1", None, [cash("1.00")], lines=[sold_line(uses=1, net="1.00")])
    assert faults(ledger, blind) == {"/lines/0/kind": "sale-missing"}
    right = a_refund(
        "R-1", "sold-P-1", [cash("200.00")], lines=[{"sale_line": 0, "uses": 4, "net": "200.00"}]
    )
    assert "Dr packages P-1 200.00 x 4" in booked(ledger.record(right))


def test_a_line_is_found_by_its_package(ledger: Memory) -> None:
    lines = [sold_line("P-1", 2, "20.00"), sold_line("P-2", 2, "40.00")]
    ledger.record(a_sale("S-1", lines, [cash("60.00")]))
    named = [{"kind": "package", "package": "P-2", "uses": 1}]
    back = ledger.record(a_refund("R-1", "S-1", [cash("20.00")], lines=named))
    assert booked(back) == journal("Dr packages P-2 20.00 x 1 / Cr cash unassigned 20.00")


def test_a_price_adjustment_makes_each_use_cheaper(ledger: Memory) -> None:
    """50.00 off ten visits, by amount: no use comes back, each is worth 45.00."""
    ledger.record(a_package())
    off = ledger.record(a_refund("R-1", "sold-P-1", [cash("50.00")], amount="50.00"))
    assert booked(off) == journal("Dr packages P-1 50.00 / Cr cash unassigned 50.00")
    assert "Dr packages P-1 45.00 x 1" in booked(ledger.record(a_visit()))
    assert holds(ledger) == (9, 40500)
    lines = [{"sale_line": 0, "net": "5.00"}]
    ledger.record(a_refund("R-2", "sold-P-1", [cash("5.00")], lines=lines))
    ledger.record(reversal("R-1"))
    assert holds(ledger) == (9, 45000)


def test_a_used_visit_goes_back_onto_its_package(ledger: Memory) -> None:
    """At what it took, also the last one; the tax was paid with the package."""
    ledger.record(a_package(uses=3, net="100.00"))
    ledger.record(a_visit("V-1", uses=3))
    one = a_refund("R-1", "V-1", [by_package()], amount="33.33")
    assert booked(ledger.record(one)) == journal(
        "Dr sales_returns Massage 33.33 / Cr packages P-1 33.33 x 1"
    )
    rest = a_refund("R-2", "V-1", [by_package(uses=2)])
    assert "Cr packages P-1 66.67 x 2" in booked(ledger.record(rest))
    assert holds(ledger) == (3, 10000)
    more = a_refund("R-3", "V-1", [by_package()], amount="0")
    assert conflict(ledger, more)["code"] == "uses-overdrawn"
    ledger.record(reversal("R-2"))
    ledger.record(a_refund("R-4", "V-1", [by_package(), by_package()]))
    assert holds(ledger) == (3, 10000)
    ledger.record(a_visit("V-2", uses=3))
    all_ = a_refund("R-5", "V-2", [by_package(uses=3)])
    assert "Cr packages P-1 100.00 x 3" in booked(ledger.record(all_))


def test_offline_uses_may_come_back_that_were_never_taken(ledger: Memory) -> None:
    ledger.record(a_sale())
    back = a_refund("R-1", "S-1", [by_package(amount="45.99")], happened_offline=True)
    entry = ledger.record(back)
    assert "Cr suspense packages:P-1 45.99" in booked(entry)
    assert entry.caveats == (Caveat("overdrawn-offline", "packages:P-1", -4599),)


def test_offline_uses_of_a_sale_that_is_not_there_are_taken_from_none(ledger: Memory) -> None:
    lines = [{"kind": "package", "package": "P-1", "uses": 2, "net": "50.00"}]
    offline = {"lines": lines, "happened_offline": True}
    back = ledger.record(a_refund("R-1", "S-9", [cash("50.00")], **offline))
    assert booked(back) == journal("Dr suspense refund:S-9 50.00 / Cr cash unassigned 50.00")


def test_offline_an_unknown_package_that_expires_is_an_exception(london: Memory) -> None:
    entry = london.record(expired("P-9", happened_offline=True))
    assert entry.postings == ()
    assert entry.caveats == (Caveat("overdrawn-offline", "packages:P-9"),)


def test_a_package_does_not_expire_in_quebec(ledger: Memory) -> None:
    """Unless a bookkeeper says why: at the location of sale."""
    ledger.record(ten_visits(location="laurier"))
    ledger.record(a_visit())
    assert conflict(ledger, expired()) == {
        "code": "expiry-forbidden",
        "pointer": "",
        "role": "packages",
        "holder": "P-1",
        "region": "CA-QC",
    }
    assert forbidden(ledger, expired(), TILL)["code"] == "bookkeepers-only"
    lapsed = ledger.record(expired(override="the estate waived it", location="rosemont"))
    assert booked(lapsed) == journal("Dr packages P-1 450.00 x 9 / Cr package_breakage 450.00")
    places = {posting.role: posting.location for posting in lapsed.postings}
    assert places["package_breakage"] == "laurier"
    assert holds(ledger) == (0, 0)
    assert conflict(ledger, expired(id_="again", override="x"))["code"] == "package-empty"


def test_a_package_may_expire_in_london(london: Memory) -> None:
    """A lot at the place where it was sold."""
    london.record(a_package(id_="S-1", location="hoxton"))
    london.record(a_package(uses=2, net="60.00", id_="S-2"))
    lapsed = london.record(expired())
    assert booked(lapsed) == [
        "Cr package_breakage 500.00",
        "Cr package_breakage 60.00",
        "Dr packages P-1 560.00 x 12",
    ]
    london.record(reversal("expired-P-1"))
    assert london.balance("packages", "P-1") == -56000
    assert "Dr packages P-1 50.00 x 1" in booked(london.record(a_visit()))


def test_a_reversed_visit_is_there_again(ledger: Memory) -> None:
    """Also when all that was left came back in between."""
    ledger.record(a_package(uses=3, net="100.00"))
    ledger.record(a_visit())
    ledger.record(unused_back(tenders=[cash("66.67")]))
    ledger.record(reversal("V-1"))
    assert holds(ledger) == (1, 3333)
    assert "Dr packages P-1 33.33 x 1" in booked(ledger.record(a_visit("V-2")))


def test_a_package_that_was_used_keeps_its_sale(ledger: Memory) -> None:
    ledger.record(a_package())
    ledger.record(a_visit())
    refused = conflict(ledger, reversal("sold-P-1"))
    assert (refused["code"], refused["event"]) == ("already-used", "V-1")
    ledger.record(reversal("V-1"))
    ledger.record(reversal("sold-P-1"))
    assert holds(ledger) == (0, 0)
    assert conflict(ledger, a_visit("V-2"))["left"] == "0"


def test_a_sale_taken_back_offline_takes_what_is_there(ledger: Memory) -> None:
    """Of two lots the other one gives what the first no longer has, as the account does."""
    ledger.record(a_package(id_="S-1"))
    ledger.record(a_visit("V-1", uses=4))
    ledger.record(a_package(uses=5, net="250.00", id_="S-2"))
    ledger.record(reversal("S-1", happened_offline=True))
    assert holds(ledger) == (1, 5000)
    ledger.record(reversal("S-2", happened_offline=True))
    assert holds(ledger) == (0, 0)
    assert ledger.balance("suspense", "packages:P-1") == 20000
    ledger.record(reversal("V-1"))
    assert holds(ledger) == (4, 20000)


def test_what_one_lot_lacks_the_youngest_gives(ledger: Memory) -> None:
    ledger.record(a_package(uses=2, net="20.00", id_="S-1"))
    ledger.record(a_visit("V-1"))
    ledger.record(a_package(uses=2, net="20.00", id_="S-2"))
    ledger.record(a_package(uses=2, net="20.00", id_="S-3"))
    ledger.record(reversal("S-1", happened_offline=True))
    assert [lot.uses for lot in package_left("P-1", ledger).lots] == [0, 2, 1]


def test_what_came_back_earlier_stays_what_it_was(ledger: Memory) -> None:
    """Nine uses came back; then the tenth was never used after all."""
    ledger.record(ten_visits())
    ledger.record(a_visit())
    ledger.record(unused_back(tenders=[card("517.39", None)]))
    ledger.record(reversal("V-1"))
    assert booked(ledger.record(unused_back("R-2", tenders=[card("57.49", None)]))) == journal(
        """
        Dr packages P-1 50.00 x 1 / Dr sales_tax GST 2.50 / Dr sales_tax QST 4.99
        Cr clearing card 57.49
        """
    )


def test_uses_that_came_back_are_counted_at_their_time(ledger: Memory) -> None:
    """Four came back of ten, five were used: the last comes back with the last of the tax."""
    ledger.record(ten_visits())
    ledger.record(unused_back(uses=4, tenders=[card("229.95", None)]))
    ledger.record(a_visit(uses=5))
    assert booked(ledger.record(unused_back("R-2", 1, tenders=[card("57.49", None)]))) == journal(
        """
        Dr packages P-1 50.00 x 1 / Dr sales_tax GST 2.50 / Dr sales_tax QST 4.99
        Cr clearing card 57.49
        """
    )


def test_a_refund_of_uses_may_state_its_taxes(ledger: Memory) -> None:
    ledger.record(ten_visits())
    lines = [{"sale_line": 0, "uses": 4, "taxes": taxes(GST="9.00")}]
    back = ledger.record(a_refund("R-1", "sold-P-1", [cash("209.00")], lines=lines))
    assert booked(back) == journal(
        "Dr packages P-1 200.00 x 4 / Dr sales_tax GST 9.00 / Cr cash unassigned 209.00"
    )


def test_offline_uses_come_back_at_what_the_till_gave(ledger: Memory) -> None:
    ledger.record(a_package())
    lines = [{"sale_line": 0, "uses": 4, "net": "199.00"}]
    given = a_refund("R-1", "sold-P-1", [cash("199.00")], lines=lines, happened_offline=True)
    assert booked(ledger.record(given)) == journal(
        "Dr packages P-1 199.00 x 4 / Cr cash unassigned 199.00"
    )
    assert holds(ledger) == (6, 30100)


def test_value_without_uses_comes_back_or_expires(london: Memory) -> None:
    """A price adjustment that is taken back once all is used leaves what no use takes."""
    london.record(a_package(uses=1, net="50.00"))
    london.record(a_refund("R-1", "sold-P-1", [cash("10.00")], amount="10.00"))
    assert "Dr packages P-1 40.00 x 1" in booked(london.record(a_visit()))
    london.record(reversal("R-1"))
    assert booked(london.preview(a_refund("R-2", "sold-P-1", [cash("10.00")]))) == journal(
        "Dr packages P-1 10.00 / Cr cash unassigned 10.00"
    )
    assert booked(london.record(expired())) == journal(
        "Dr packages P-1 10.00 / Cr package_breakage 10.00"
    )


def test_what_a_reversal_takes_back_of_a_refund_is_there_again(ledger: Memory) -> None:
    ledger.record(ten_visits())
    ledger.record(unused_back(uses=4, tenders=[card("229.95", None)]))
    ledger.record(reversal("R-1"))
    assert holds(ledger) == (10, 50000)
    assert booked(ledger.record(a_refund("R-2", "sold-P-1", [card("574.88", None)]))) == journal(
        """
        Dr packages P-1 500.00 x 10 / Dr sales_tax GST 25.00 / Dr sales_tax QST 49.88
        Cr clearing card 574.88
        """
    )
