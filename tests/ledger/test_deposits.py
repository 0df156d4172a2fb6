"""Deposits and prepayments: received, applied, given back (5.3)."""

from ledger.postings import Caveat
from tests.builders import (
    a_deposit,
    a_gift_card,
    a_refund,
    a_sale,
    card,
    cash,
    deposit_back,
    gift_card,
    goods,
    reversal,
    taxes,
    tender,
)
from tests.ledger.memory import Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal


def test_a_deposit_is_received_and_applied(ledger: Memory) -> None:
    """46.67 and its taxes, of which 16.10 were there already."""
    entry = ledger.record(a_deposit(booking="B-1"))
    assert booked(entry) == journal("Dr clearing card 16.10 / Cr deposits D-7 16.10")
    service = {"kind": "service", "net": "46.67", "taxes": taxes(GST="2.33", QST="4.66")}
    paid = [tender("deposit", "16.10", deposit="D-7"), card("37.56", None)]
    assert booked(ledger.record(a_sale(lines=[service], tenders=paid))) == journal(
        """
        Dr deposits D-7 16.10 / Dr clearing card 37.56
        Cr sales service 46.67 / Cr sales_tax GST 2.33 / Cr sales_tax QST 4.66
        """
    )


def test_more_than_a_deposit_holds_is_refused(ledger: Memory) -> None:
    ledger.record(a_deposit())
    paid = [tender("deposit", "10.00", deposit="D-7"), tender("deposit", "6.11", deposit="D-7")]
    refused = conflict(ledger, a_sale(lines=[goods("16.11")], tenders=paid))
    assert (refused["code"], refused["holder"], refused["available"]) == (
        "overdrawn",
        "D-7",
        "16.10",
    )


def _prepaid(ledger: Memory) -> None:
    """Receive 115.00 of which 5.00 and 9.98 are taxes."""
    paid = {"kind": "prepayment", "taxes": taxes(GST="5.00", QST="9.98")}
    entry = ledger.record(a_deposit("P-in", "P-1", "115.00", **paid))
    assert booked(entry) == journal(
        """
        Dr clearing card 115.00
        Cr deposits P-1 100.02 / Cr sales_tax GST 5.00 / Cr sales_tax QST 9.98
        """
    )


def test_a_prepayment_takes_back_its_net_and_its_tax(ledger: Memory) -> None:
    """Pro rata for a part, the rest for the rest."""
    _prepaid(ledger)
    part = [tender("deposit", "38.33", deposit="P-1")]
    assert booked(ledger.record(a_sale("S-1", [goods("38.33")], part))) == journal(
        """
        Dr deposits P-1 33.33 / Dr sales_tax GST 1.67 / Dr sales_tax QST 3.33
        Cr sales Hats 38.33
        """
    )
    rest = [tender("deposit", "70.00", deposit="P-1"), tender("deposit", "6.67", deposit="P-1")]
    assert booked(ledger.record(a_sale("S-2", [goods("76.67")], rest))) == journal(
        """
        Dr deposits P-1 66.69 / Dr sales_tax GST 3.33 / Dr sales_tax QST 6.65
        Cr sales Hats 76.67
        """
    )
    assert ledger.balance("deposits", "P-1") == 0


def test_a_prepayment_given_back_gives_back_its_tax(ledger: Memory) -> None:
    _prepaid(ledger)
    assert booked(ledger.record(deposit_back("P-out", "P-1"))) == journal(
        """
        Dr deposits P-1 100.02 / Dr sales_tax GST 5.00 / Dr sales_tax QST 9.98
        Cr clearing card 115.00
        """
    )


def test_a_deposit_goes_back_the_way_it_came(ledger: Memory) -> None:
    """To the same card, the same gift card, the drawer; in proportion, where only a part goes."""
    ledger.record(a_gift_card("GC-1", "6.00"))
    came = [cash("10.00"), gift_card("GC-1", "6.00")]
    ledger.record(a_deposit(amount="16.00", tenders=came, register="till-3"))
    part = ledger.record(deposit_back("out-1", amount="4.00", register="till-1"))
    assert booked(part) == journal(
        "Dr deposits D-7 4.00 / Cr cash till-1 2.50 / Cr gift_cards GC-1 1.50"
    )
    rest = ledger.record(deposit_back("out-2"))
    assert booked(rest) == journal(
        "Dr deposits D-7 12.00 / Cr cash till-3 7.50 / Cr gift_cards GC-1 4.50"
    )
    assert conflict(ledger, deposit_back("out-3"))["code"] == "deposit-empty"


def test_a_deposit_may_go_back_another_way(ledger: Memory) -> None:
    ledger.record(a_deposit())
    back = deposit_back(tenders=[cash("16.10")])
    assert booked(ledger.record(back)) == journal(
        "Dr deposits D-7 16.10 / Cr cash unassigned 16.10"
    )


def test_a_part_may_go_back_as_stated(ledger: Memory) -> None:
    ledger.record(a_deposit())
    back = deposit_back(amount="6.10", tenders=[cash("4.00"), card("2.10", None)])
    assert booked(ledger.record(back)) == journal(
        "Dr deposits D-7 6.10 / Cr cash unassigned 4.00 / Cr clearing card 2.10"
    )


def test_what_does_not_add_up_is_refused(ledger: Memory) -> None:
    assert faults(ledger, a_deposit(tenders=[cash("16.00")])) == {"/tenders": "tenders-differ"}
    ledger.record(a_deposit())
    stated = deposit_back(amount="10.00", tenders=[cash("9.00")])
    assert faults(ledger, stated) == {"/tenders": "tenders-differ"}
    assert faults(ledger, deposit_back(tenders=[cash("9.00")])) == {"/tenders": "tenders-differ"}
    assert faults(ledger, deposit_back(amount="1.001")) == {"/amount": "too-many-decimals"}
    assert conflict(ledger, deposit_back(amount="16.11"))["code"] == "overdrawn"
    fine = deposit_back(amount="1.001", tenders=[cash("1.00")])
    assert faults(ledger, fine) == {"/amount": "too-many-decimals"}
    much = conflict(ledger, deposit_back(tenders=[cash("16.11")]))
    assert (much["code"], much["available"]) == ("overdrawn", "16.10")
    assert conflict(ledger, deposit_back(deposit="D-8"))["code"] == "deposit-unknown"


def test_a_deposit_does_not_pay_for_itself(ledger: Memory) -> None:
    itself = [tender("deposit", "16.10", deposit="D-7")]
    expected = {"/tenders/0/deposit": "deposit-of-itself"}
    assert faults(ledger, a_deposit(tenders=itself)) == expected
    ledger.record(a_deposit())
    assert faults(ledger, deposit_back(tenders=itself)) == expected


def test_a_filling_taken_back_offline_leaves_nothing_to_draw(ledger: Memory) -> None:
    """What had been drawn stands in suspense, and is not owed twice."""
    ledger.record(a_deposit())
    part = [tender("deposit", "6.10", deposit="D-7")]
    ledger.record(a_sale("S-1", [goods("6.10")], part))
    ledger.record(reversal("D-7-in", happened_offline=True))
    assert ledger.balance("suspense", "deposits:D-7") == 610
    ledger.record(a_deposit("again"))
    entry = ledger.record(deposit_back())
    assert booked(entry) == journal("Dr deposits D-7 16.10 / Cr clearing card 16.10")
    assert ledger.balance("deposits", "D-7") == 0


def test_taxes_are_a_prepayments_alone(ledger: Memory) -> None:
    taxed = a_deposit(taxes=taxes(GST="0.77"))
    assert faults(ledger, taxed) == {"/taxes": "deposit-untaxed"}
    much = a_deposit(kind="prepayment", taxes=taxes(GST="16.11"))
    assert faults(ledger, much) == {"/taxes": "tax-exceeds-amount"}
    fine = a_deposit(kind="prepayment", taxes=taxes(GST="0.001"))
    assert faults(ledger, fine) == {"/taxes/0/amount": "too-many-decimals"}


def test_an_unknown_tax_of_a_prepayment_is_an_exception(ledger: Memory) -> None:
    entry = ledger.record(a_deposit(kind="prepayment", taxes=taxes(LUX="1.00")))
    assert entry.caveats == (Caveat("unknown-tax", "LUX"),)


def test_a_deposit_filled_by_a_refund_needs_to_be_told_how_it_goes_back(ledger: Memory) -> None:
    ledger.record(a_sale())
    ledger.record(a_refund(tenders=[tender("deposit", "45.99", deposit="D-9")]))
    assert conflict(ledger, deposit_back(deposit="D-9"))["code"] == "tenders-needed"
    ledger.record(deposit_back(deposit="D-9", tenders=[cash("45.99")]))
    assert ledger.balance("deposits", "D-9") == 0


def test_a_reversed_draw_is_there_again(ledger: Memory) -> None:
    """Also when all that was left was given back in between."""
    _prepaid(ledger)
    part = [tender("deposit", "38.33", deposit="P-1")]
    ledger.record(a_sale("S-1", [goods("38.33")], part))
    ledger.record(deposit_back("P-out", "P-1"))
    ledger.record(reversal("S-1"))
    again = ledger.record(a_sale("S-2", [goods("38.33")], part))
    assert booked(again) == journal(
        """
        Dr deposits P-1 33.33 / Dr sales_tax GST 1.67 / Dr sales_tax QST 3.33
        Cr sales Hats 38.33
        """
    )


def test_one_deposit_may_pay_for_another(ledger: Memory) -> None:
    ledger.record(a_deposit())
    moved = a_deposit("D-8-in", "D-8", "16.10", tenders=[tender("deposit", "16.10", deposit="D-7")])
    assert booked(ledger.record(moved)) == journal("Dr deposits D-7 16.10 / Cr deposits D-8 16.10")
    assert conflict(ledger, deposit_back())["code"] == "deposit-empty"
    assert conflict(ledger, deposit_back("x", "D-8"))["code"] == "tenders-needed"
    back = deposit_back("D-8-out", "D-8", tenders=[tender("deposit", "16.10", deposit="D-7")])
    ledger.record(back)
    assert ledger.balance("deposits", "D-7") == -1610
    ledger.record(deposit_back())
