"""Deposits that are kept, by each region's rule, and deposits that are moved (5.3)."""

from decimal import Decimal
from typing import Any

import pytest

from ledger.book import Book
from ledger.events import Event
from ledger.events.booking_state import booking_of, deposits_of
from ledger.events.forfeit import taxes_inside
from ledger.postings import Caveat
from tests.builders import (
    a_deposit,
    a_refund,
    a_sale,
    cash,
    deposit_back,
    fact,
    goods,
    reversal,
    tax,
    taxes,
    tender,
)
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal

OFFLINE: dict[str, Any] = {"happened_offline": True}


def forfeited(id_: str = "F-1", deposit: str = "D-7", **fields: Any) -> Event:
    """Return a deposit kept; by default all of it, with the region's taxes."""
    return fact("deposit_forfeited", id_, deposit=deposit, **fields)


def moved_to(booking: str, id_: str = "M-1", deposit: str = "D-7", **fields: Any) -> Event:
    """Return a deposit moved to another booking."""
    return fact("deposit_moved", id_, deposit=deposit, to_booking=booking, **fields)


def book_of(country: str, region: str | None = None, currency: str = "CAD") -> Memory:
    """Return the empty book of a shop somewhere."""
    return Memory(Book(9, "Elsewhere", country, region, currency, "UTC"))


def prepaid(ledger: Memory, **fields: Any) -> None:
    """Receive 115.00 of which 5.00 and 9.98 are taxes."""
    stated = {"kind": "prepayment", "taxes": taxes(GST="5.00", QST="9.98")} | fields
    ledger.record(a_deposit("P-in", "P-1", "115.00", **stated))


@pytest.mark.parametrize(
    ("amount", "entry"),
    [
        (
            "16.10",
            """
            Dr deposits D-7 16.10
            Cr sales_tax GST 0.77 / Cr sales_tax QST 1.46 / Cr forfeited_deposits 13.87
            """,
        ),
        (
            "50.00",
            """
            Dr deposits D-7 50.00
            Cr sales_tax GST 2.38 / Cr sales_tax QST 4.54 / Cr forfeited_deposits 43.08
            """,
        ),
    ],
)
def test_in_quebec_each_tax_is_taken_on_the_whole_deposit(
    ledger: Memory, amount: str, entry: str
) -> None:
    """Never 14.975 % together: that would be 2.17 and 4.34 of 50.00."""
    ledger.record(a_deposit(amount=amount))
    assert booked(ledger.record(forfeited(), TILL)) == journal(entry)
    assert ledger.balance("deposits", "D-7") == 0


@pytest.mark.parametrize(
    ("country", "region", "currency", "entry"),
    [
        ("CA", "ON", "CAD", "Cr sales_tax HST 11.50 / Cr forfeited_deposits 88.50"),
        ("CA", "NB", "CAD", "Cr sales_tax HST 13.04 / Cr forfeited_deposits 86.96"),
        ("CA", "BC", "CAD", "Cr sales_tax GST 4.76 / Cr forfeited_deposits 95.24"),
        ("CA", None, "CAD", "Cr sales_tax GST 4.76 / Cr forfeited_deposits 95.24"),
        ("GB", None, "GBP", "Cr sales_tax VAT 16.67 / Cr forfeited_deposits 83.33"),
        ("US", "NY", "USD", "Cr forfeited_deposits 100.00"),
        ("CH", None, "CHF", "Cr forfeited_deposits 100.00"),
        ("FR", None, "EUR", "Cr forfeited_deposits 100.00"),
        ("AU", None, "AUD", "Cr forfeited_deposits 100.00"),
    ],
)
def test_each_region_has_its_rule(
    country: str, region: str | None, currency: str, entry: str
) -> None:
    """13/113 in Ontario, 15/115 in New Brunswick, 20/120 in the United Kingdom."""
    ledger = book_of(country, region, currency)
    ledger.record(a_deposit(amount="100.00"))
    assert booked(ledger.record(forfeited())) == journal(f"Dr deposits D-7 100.00 / {entry}")


def test_yen_have_no_decimals() -> None:
    ledger = book_of("JP", None, "JPY")
    ledger.record(a_deposit(amount="1500"))
    taxed = ledger.record(forfeited(taxes=["CT"]))
    assert booked(taxed) == journal(
        "Dr deposits D-7 1500 / Cr sales_tax CT 136 / Cr forfeited_deposits 1364"
    )


def test_an_exempt_service_bears_no_tax(ledger: Memory) -> None:
    ledger.record(a_deposit())
    assert booked(ledger.record(forfeited(taxes=[]))) == journal(
        "Dr deposits D-7 16.10 / Cr forfeited_deposits 16.10"
    )


def test_codes_may_be_stated(ledger: Memory) -> None:
    ledger.record(a_deposit())
    assert booked(ledger.record(forfeited(taxes=["GST"]))) == journal(
        "Dr deposits D-7 16.10 / Cr sales_tax GST 0.77 / Cr forfeited_deposits 15.33"
    )


def test_in_london_a_service_may_be_of_the_reduced_rate(london: Memory) -> None:
    london.record(a_deposit(amount="105.00"))
    assert booked(london.record(forfeited(taxes=["VAT-REDUCED"]))) == journal(
        "Dr deposits D-7 105.00 / Cr sales_tax VAT-REDUCED 5.00 / Cr forfeited_deposits 100.00"
    )


def test_who_states_codes_where_no_tax_is_due_has_them_inside() -> None:
    """In New York, with a rate set: both are in the amount together."""
    ledger = book_of("US", "NY", "USD")
    ledger.record(tax("SALES", "4"))
    ledger.record(tax("CITY", "4.5"))
    ledger.record(a_deposit(amount="108.50"))
    assert booked(ledger.record(forfeited(taxes=["SALES", "CITY"]))) == journal(
        """
        Dr deposits D-7 108.50
        Cr sales_tax SALES 4.00 / Cr sales_tax CITY 4.50 / Cr forfeited_deposits 100.00
        """
    )


def test_taxes_are_rounded_half_up() -> None:
    """Of three pence 20/120 is half a penny."""
    assert taxes_inside(3, [("VAT", Decimal(20))], "inside") == [("VAT", 1)]
    assert taxes_inside(2, [("VAT", Decimal(20))], "inside") == [("VAT", 0)]
    assert taxes_inside(9, [("VAT", Decimal(20))], "inside") == [("VAT", 2)]


def test_the_rate_of_the_day_counts(ledger: Memory) -> None:
    ledger.record(tax("GST", "7", from_="2026-03-01"))
    ledger.record(a_deposit())
    early = ledger.preview(forfeited(on="2026-02-28"))
    assert "Cr sales_tax GST 0.77" in booked(early)
    assert "Cr sales_tax GST 1.05" in booked(ledger.record(forfeited()))


def test_a_part_is_kept_and_the_rest_goes_back(ledger: Memory) -> None:
    ledger.record(a_deposit())
    assert booked(ledger.record(forfeited(amount="10.00"))) == journal(
        """
        Dr deposits D-7 10.00
        Cr sales_tax GST 0.48 / Cr sales_tax QST 0.91 / Cr forfeited_deposits 8.61
        """
    )
    assert booked(ledger.record(deposit_back())) == journal(
        "Dr deposits D-7 6.10 / Cr clearing card 6.10"
    )
    assert conflict(ledger, forfeited("F-2"))["code"] == "deposit-empty"


def test_a_prepayments_net_is_income_and_its_tax_stays(ledger: Memory) -> None:
    prepaid(ledger)
    part = ledger.record(forfeited("F-1", "P-1", amount="38.33"))
    assert booked(part) == journal("Dr deposits P-1 33.33 / Cr forfeited_deposits 33.33")
    rest = ledger.record(forfeited("F-2", "P-1"))
    assert booked(rest) == journal("Dr deposits P-1 66.69 / Cr forfeited_deposits 66.69")
    assert ledger.balance("sales_tax", "GST") == -500
    assert ledger.balance("sales_tax", "QST") == -998


def test_a_prepayment_of_exempt_work_bears_no_tax_when_it_is_kept(ledger: Memory) -> None:
    prepaid(ledger, taxes=[])
    assert booked(ledger.record(forfeited("F-1", "P-1"))) == journal(
        "Dr deposits P-1 115.00 / Cr forfeited_deposits 115.00"
    )


def test_what_was_added_to_a_prepayment_as_a_deposit_is_taxed_when_it_is_kept(
    ledger: Memory,
) -> None:
    prepaid(ledger)
    ledger.record(a_deposit("P-more", "P-1", "16.10"))
    assert booked(ledger.record(forfeited("F-1", "P-1"))) == journal(
        """
        Dr deposits P-1 116.12
        Cr sales_tax GST 0.77 / Cr sales_tax QST 1.46 / Cr forfeited_deposits 113.89
        """
    )
    assert ledger.balance("deposits", "P-1") == 0


def test_what_a_refund_put_into_a_deposit_is_taxed_when_it_is_kept(ledger: Memory) -> None:
    ledger.record(a_sale())
    ledger.record(a_refund(tenders=[tender("deposit", "45.99", deposit="D-9")]))
    assert booked(ledger.record(forfeited(deposit="D-9"))) == journal(
        """
        Dr deposits D-9 45.99
        Cr sales_tax GST 2.19 / Cr sales_tax QST 4.17 / Cr forfeited_deposits 39.63
        """
    )


def test_what_cannot_be_kept_is_refused(ledger: Memory) -> None:
    assert conflict(ledger, forfeited())["code"] == "deposit-unknown"
    ledger.record(a_deposit())
    much = conflict(ledger, forfeited(amount="16.11"))
    assert (much["code"], much["pointer"], much["available"]) == ("overdrawn", "/amount", "16.10")
    assert faults(ledger, forfeited(amount="1.001")) == {"/amount": "too-many-decimals"}
    assert faults(ledger, forfeited(taxes=["GST", "GST"])) == {"/taxes/1": "tax-twice"}
    ledger.record(forfeited())
    assert conflict(ledger, forfeited("F-2"))["code"] == "deposit-empty"


def test_an_unknown_code_is_an_exception_of_rate_zero(ledger: Memory) -> None:
    ledger.record(a_deposit())
    entry = ledger.record(forfeited(taxes=["LUX"]))
    assert booked(entry) == journal("Dr deposits D-7 16.10 / Cr forfeited_deposits 16.10")
    assert entry.caveats == (Caveat("unknown-tax", "LUX"),)


def test_offline_what_was_not_there_stands_in_suspense(ledger: Memory) -> None:
    ledger.record(a_deposit(amount="10.00"))
    entry = ledger.record(forfeited(amount="16.10", **OFFLINE))
    assert booked(entry) == journal(
        """
        Dr deposits D-7 10.00 / Dr suspense deposits:D-7 6.10
        Cr sales_tax GST 0.77 / Cr sales_tax QST 1.46 / Cr forfeited_deposits 13.87
        """
    )
    assert entry.caveats == (Caveat("overdrawn-offline", "deposits:D-7", 610),)
    nobody = ledger.record(forfeited("F-2", "D-8", **OFFLINE))
    assert (booked(nobody), nobody.caveats) == ([], (Caveat("unknown-deposit", "D-8"),))


def test_a_forfeit_taken_back_is_held_again(ledger: Memory) -> None:
    prepaid(ledger)
    ledger.record(forfeited("F-1", "P-1"))
    assert conflict(ledger, reversal("P-in"))["event"] == "F-1"
    ledger.record(reversal("F-1"))
    assert booked(ledger.record(deposit_back("P-out", "P-1"))) == journal(
        """
        Dr deposits P-1 100.02 / Dr sales_tax GST 5.00 / Dr sales_tax QST 9.98
        Cr clearing card 115.00
        """
    )


def test_a_deposit_is_for_the_booking_it_was_last_moved_to(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    ledger.record(a_deposit("D-8-in", "D-8", booking="B-1"))
    assert deposits_of("B-1", ledger) == ["D-7", "D-8"]
    entry = ledger.record(moved_to("B-2"), TILL)
    assert (booked(entry), entry.caveats) == ([], ())
    assert (deposits_of("B-1", ledger), deposits_of("B-2", ledger)) == (["D-8"], ["D-7"])
    ledger.record(a_deposit("more", amount="5.00", booking="B-1"))
    assert booking_of("D-7", ledger) == "B-2"
    ledger.record(moved_to("B-3", "M-2"))
    ledger.record(reversal("M-2"))
    assert booking_of("D-7", ledger) == "B-2"
    ledger.record(reversal("M-1"))
    assert booking_of("D-7", ledger) == "B-1"


def test_a_deposit_without_a_booking_may_get_one(ledger: Memory) -> None:
    ledger.record(a_deposit())
    assert booking_of("D-7", ledger) is None
    ledger.record(moved_to("B-2"))
    assert deposits_of("B-2", ledger) == ["D-7"]


def test_only_what_is_held_can_be_moved(ledger: Memory) -> None:
    assert conflict(ledger, moved_to("B-2"))["code"] == "deposit-unknown"
    entry = ledger.record(moved_to("B-2", **OFFLINE))
    assert entry.caveats == (Caveat("unknown-deposit", "D-7"),)
    ledger.record(a_deposit(booking="B-1"))
    assert booking_of("D-7", ledger) == "B-2", "what was told late does not undo the move"
    ledger.record(deposit_back())
    assert conflict(ledger, moved_to("B-3", "M-2"))["code"] == "deposit-empty"


def test_a_moved_deposit_pays_as_before(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    ledger.record(moved_to("B-2"))
    paid = [tender("deposit", "16.10", deposit="D-7"), cash("3.90")]
    entry = ledger.record(a_sale(lines=[goods("20.00")], tenders=paid, booking="B-2"))
    assert "Dr deposits D-7 16.10" in booked(entry)


def test_a_deposit_in_another_currency_is_kept_in_it(ledger: Memory) -> None:
    """Its tax, too; what the same deposit holds in home money stays."""
    abroad = {"currency": "USD", "rate": "1.40"}
    ledger.record(a_deposit("in-1", amount="105.00", **abroad))
    ledger.record(a_deposit("in-2", amount="16.10"))
    entry = ledger.record(forfeited(taxes=["GST"], **abroad))
    held = {(p.role, p.currency, p.amount) for p in entry.postings if p.currency == "USD"}
    assert held == {
        ("deposits", "USD", 10500),
        ("sales_tax", "USD", -500),
        ("forfeited_deposits", "USD", -10000),
    }
    assert "Cr sales_tax GST 0.77" in booked(ledger.record(forfeited("F-2")))
