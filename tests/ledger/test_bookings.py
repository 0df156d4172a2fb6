"""Bookings that end without the work being done: no-shows and cancellations (5.3)."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.booking_state import booking_of, deposits_of
from ledger.events.deposit_state import deposit_left
from ledger.postings import Caveat
from tests.builders import (
    Json,
    a_deposit,
    a_gift_card,
    a_sale,
    card,
    cash,
    deposit_back,
    fact,
    gift_card,
    goods,
    reversal,
    taxes,
    tender,
)
from tests.ledger.memory import LONDON, TILL, Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal

OFFLINE: dict[str, Any] = {"happened_offline": True}
FEE: Json = {"amount": "20.00", "taxes": taxes(GST="1.00", QST="2.00")}


def no_show(id_: str = "N-1", booking: str = "B-1", **fields: Any) -> Event:
    """Return a customer who did not come."""
    return fact("no_show_recorded", id_, booking=booking, **fields)


def cancelled(id_: str = "X-1", booking: str = "B-1", **fields: Any) -> Event:
    """Return a booking called off."""
    return fact("booking_cancelled", id_, booking=booking, **fields)


def invoiced(id_: str = "I-1", booking: str | None = "B-1", **fields: Any) -> Event:
    """Return the invoice of a booking: 46.67 and its taxes, 53.66."""
    service = {"kind": "service", "net": "46.67", "taxes": taxes(GST="2.33", QST="4.66")}
    stated = {"invoice": id_, "lines": [service], "customer": "C-1"} | fields
    return fact("invoice_issued", id_, booking=booking, **stated)


def paid(invoice: str, amount: str, *tenders: Json) -> Event:
    """Return a payment of an invoice."""
    applied = [{"invoice": invoice, "amount": amount}]
    return fact(
        "payment_received",
        f"paid-{invoice}",
        payment=f"paid-{invoice}",
        customer="C-1",
        tenders=list(tenders) or [card(amount, None)],
        applied=applied,
    )


def test_a_no_show_keeps_the_deposit(ledger: Memory) -> None:
    """Revenu Québec's fractions of 16.10; no invoice, no receivable."""
    ledger.record(a_deposit(booking="B-1"))
    entry = ledger.record(no_show(), TILL)
    assert booked(entry) == journal(
        """
        Dr deposits D-7 16.10
        Cr sales_tax GST 0.77 / Cr sales_tax QST 1.46 / Cr forfeited_deposits 13.87
        """
    )
    assert entry.caveats == ()
    assert ledger.balance("deposits", "D-7") == 0


def test_a_cancellation_gives_the_deposit_back_the_way_it_came(ledger: Memory) -> None:
    ledger.record(a_gift_card("GC-1", "6.00"))
    came = [cash("10.00"), gift_card("GC-1", "6.00")]
    ledger.record(a_deposit(amount="16.00", tenders=came, booking="B-1", register="till-3"))
    assert booked(ledger.record(cancelled(), TILL)) == journal(
        "Dr deposits D-7 16.00 / Cr cash till-3 10.00 / Cr gift_cards GC-1 6.00"
    )


def test_a_booking_without_anything_open_has_no_entry(ledger: Memory) -> None:
    """A no-show without a deposit: no invoice comes of it."""
    for event in (no_show(), cancelled(), no_show("N-2", **OFFLINE)):
        entry = ledger.record(event)
        assert (booked(entry), entry.caveats) == ([], ())
    assert ledger.balances() == {}


@pytest.mark.parametrize(
    ("how", "entry"),
    [
        (
            "keep",
            """
            Dr deposits D-7 16.10
            Cr sales_tax GST 0.77 / Cr sales_tax QST 1.46 / Cr forfeited_deposits 13.87
            """,
        ),
        ("refund", "Dr deposits D-7 16.10 / Cr clearing card 16.10"),
        ("store_credit", "Dr deposits D-7 16.10 / Cr store_credit C-1 16.10"),
        ("move", ""),
    ],
)
def test_deposits_go_as_told(ledger: Memory, how: str, entry: str) -> None:
    """Whichever way the booking ended."""
    ledger.record(a_deposit(booking="B-1", customer="C-1"))
    to: dict[str, Any] = {"to_booking": "B-2"} if how == "move" else {}
    for event in (no_show(deposit=how, **to), cancelled(deposit=how, **to)):
        assert booked(ledger.preview(event)) == journal(entry)
    ledger.record(cancelled(deposit=how, **to))
    assert booking_of("D-7", ledger) == ("B-2" if how == "move" else "B-1")


def test_all_of_a_bookings_deposits_go_and_no_others(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    ledger.record(a_deposit("in-8", "D-8", "50.00", booking="B-1", tenders=[cash("50.00")]))
    ledger.record(a_deposit("in-9", "D-9", "5.00", booking="B-2"))
    ledger.record(a_deposit("in-10", "D-10", "5.00"))
    part = [tender("deposit", "6.10", deposit="D-7")]
    ledger.record(a_sale(lines=[goods("6.10")], tenders=part))
    assert booked(ledger.record(cancelled())) == journal(
        """
        Dr deposits D-7 10.00 / Cr clearing card 10.00
        Dr deposits D-8 50.00 / Cr cash unassigned 50.00
        """
    )
    assert booked(ledger.record(cancelled("X-2"))) == []


def test_a_deposit_that_was_moved_goes_with_its_new_booking(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    ledger.record(fact("deposit_moved", "M-1", deposit="D-7", to_booking="B-2"))
    assert booked(ledger.record(no_show())) == []
    assert "Dr deposits D-7 16.10" in booked(ledger.record(no_show("N-2", "B-2")))


def test_deposits_move_on_with_each_booking_that_is_called_off(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    ledger.record(cancelled("X-1", "B-1", deposit="move", to_booking="B-2"))
    ledger.record(cancelled("X-2", "B-2", deposit="move", to_booking="B-3"))
    assert booked(ledger.record(cancelled("X-3", "B-1"))) == []
    entry = ledger.record(cancelled("X-4", "B-3"))
    assert booked(entry) == journal("Dr deposits D-7 16.10 / Cr clearing card 16.10")
    assert conflict(ledger, deposit_back())["code"] == "deposit-empty"


def test_a_move_that_is_taken_back_leaves_the_deposit_where_it_was(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    ledger.record(cancelled("X-1", deposit="move", to_booking="B-2"))
    ledger.record(reversal("X-1"))
    assert booked(ledger.record(no_show("N-2", "B-2"))) == []
    assert "Dr deposits D-7 16.10" in booked(ledger.record(no_show("N-1", "B-1")))


def test_a_prepayment_gives_back_its_tax_or_keeps_it(ledger: Memory) -> None:
    stated = {"kind": "prepayment", "taxes": taxes(GST="5.00", QST="9.98"), "booking": "B-1"}
    ledger.record(a_deposit("P-in", "P-1", "115.00", customer="C-1", **stated))
    back = """
        Dr deposits P-1 100.02 / Dr sales_tax GST 5.00 / Dr sales_tax QST 9.98
        """
    assert booked(ledger.preview(cancelled())) == journal(back + "Cr clearing card 115.00")
    credit = ledger.preview(cancelled(deposit="store_credit"))
    assert booked(credit) == journal(back + "Cr store_credit C-1 115.00")
    assert booked(ledger.record(no_show())) == journal(
        "Dr deposits P-1 100.02 / Cr forfeited_deposits 100.02"
    )
    assert deposit_left("P-1", ledger).paid == 0


def test_a_fee_is_a_taxed_sale_on_account(ledger: Memory) -> None:
    """Its invoice is the event's, and is paid like any other."""
    entry = ledger.record(no_show(fee=FEE, customer="C-1"))
    assert booked(entry) == journal(
        """
        Dr receivable N-1 23.00
        Cr sales fee 20.00 / Cr sales_tax GST 1.00 / Cr sales_tax QST 2.00
        """
    )
    ledger.record(paid("N-1", "23.00"))
    assert ledger.balance("receivable", "N-1") == 0


def test_a_fee_may_be_paid_at_once(ledger: Memory) -> None:
    entry = ledger.record(cancelled(fee=FEE, tenders=[cash("23.00")], register="till-3"))
    assert booked(entry) == journal(
        """
        Dr cash till-3 23.00
        Cr sales fee 20.00 / Cr sales_tax GST 1.00 / Cr sales_tax QST 2.00
        """
    )


def test_a_fee_may_be_untaxed_or_of_a_tax_that_nobody_knows(ledger: Memory) -> None:
    plain = ledger.preview(cancelled(fee={"amount": "20.00"}))
    assert booked(plain) == journal("Dr receivable X-1 20.00 / Cr sales fee 20.00")
    strange = ledger.record(cancelled(fee={"amount": "20.00", "taxes": taxes(LUX="1.00")}))
    assert strange.caveats == (Caveat("unknown-tax", "LUX"),)


def test_a_fee_may_come_out_of_the_deposit(ledger: Memory) -> None:
    """The rest of it goes as told."""
    ledger.record(a_deposit(amount="50.00", booking="B-1"))
    fee: dict[str, Any] = {"fee": FEE, "tenders": [tender("deposit", "23.00", deposit="D-7")]}
    given_back = """
        Dr deposits D-7 50.00
        Cr sales fee 20.00 / Cr sales_tax GST 1.00 / Cr sales_tax QST 2.00
        Cr clearing card 27.00
        """
    assert booked(ledger.record(cancelled(**fee))) == journal(given_back)
    assert deposit_left("D-7", ledger).paid == 0
    ledger.record(reversal("X-1"))
    assert booked(ledger.record(no_show(**fee))) == journal(
        """
        Dr deposits D-7 50.00
        Cr sales fee 20.00 / Cr sales_tax GST 2.29 / Cr sales_tax QST 4.45
        Cr forfeited_deposits 23.26
        """
    )


def test_a_fee_out_of_the_deposit_leaves_the_rest_for_the_next_booking(ledger: Memory) -> None:
    ledger.record(a_deposit(amount="50.00", booking="B-1"))
    fee: dict[str, Any] = {"fee": FEE, "tenders": [tender("deposit", "23.00", deposit="D-7")]}
    moved = ledger.record(cancelled(deposit="move", to_booking="B-2", **fee))
    assert "Dr deposits D-7 23.00" in booked(moved)
    assert "Dr deposits D-7 27.00" in booked(ledger.record(cancelled("X-2", "B-2")))


def test_tenders_without_a_fee_say_how_the_deposit_goes_back(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    entry = ledger.record(cancelled(tenders=[cash("16.10")]))
    assert booked(entry) == journal("Dr deposits D-7 16.10 / Cr cash unassigned 16.10")
    assert deposit_left("D-7", ledger).paid == 0


def test_an_unpaid_invoice_is_voided(ledger: Memory) -> None:
    """Nothing of what it said is income any more; the deposit is kept."""
    ledger.record(a_deposit(booking="B-1"))
    ledger.record(invoiced())
    assert booked(ledger.record(no_show())) == journal(
        """
        Dr sales service 46.67 / Dr sales_tax GST 2.33 / Dr sales_tax QST 4.66
        Cr receivable I-1 53.66
        Dr deposits D-7 16.10
        Cr sales_tax GST 0.77 / Cr sales_tax QST 1.46 / Cr forfeited_deposits 13.87
        """
    )
    voiding = fact("invoice_voided", "V-1", invoice="I-1")
    assert conflict(ledger, voiding)["code"] == "invoice-voided"
    assert booked(ledger.record(no_show("N-2"))) == []


def test_an_invoice_paid_in_part_leaves_its_customer_a_credit(ledger: Memory) -> None:
    ledger.record(invoiced())
    ledger.record(paid("I-1", "20.00"))
    assert booked(ledger.record(cancelled())) == journal(
        """
        Dr sales service 46.67 / Dr sales_tax GST 2.33 / Dr sales_tax QST 4.66
        Cr receivable I-1 33.66 / Cr receivable credit:C-1 20.00
        """
    )


def test_invoices_that_are_paid_or_of_others_stay(ledger: Memory) -> None:
    """So does a sale on account: that work was done."""
    ledger.record(invoiced())
    ledger.record(paid("I-1", "53.66"))
    ledger.record(invoiced("I-2", "B-2"))
    ledger.record(invoiced("I-3", None))
    ledger.record(a_sale(tenders=[tender("on_account", "45.99")], booking="B-1"))
    assert booked(ledger.record(cancelled())) == []


def test_an_ending_that_is_taken_back_restores_all(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    ledger.record(invoiced())
    before = ledger.balances()
    ledger.record(no_show(fee=FEE))
    ledger.record(reversal("N-1"))
    assert ledger.balances() == before
    again = ledger.record(cancelled())
    assert "Cr receivable I-1 53.66" in booked(again)
    assert "Dr deposits D-7 16.10" in booked(again)


def test_what_filled_a_deposit_cannot_be_taken_back_once_it_is_kept(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    ledger.record(no_show())
    refused = conflict(ledger, reversal("D-7-in"))
    assert (refused["code"], refused["event"]) == ("already-used", "N-1")


def test_what_can_never_be_right_is_refused(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    for event, expected in (
        (cancelled(deposit="move"), {"/to_booking": "required"}),
        (cancelled(to_booking="B-2"), {"/to_booking": "only-with-move"}),
        (no_show(tenders=[cash("1.00")]), {"/tenders": "tenders-for-nothing"}),
        (cancelled(tenders=[cash("16.00")]), {"/tenders": "tenders-differ"}),
        (cancelled(fee=FEE, tenders=[cash("20.00")]), {"/tenders": "tenders-differ"}),
        (cancelled(fee={"amount": "0.001"}), {"/fee/amount": "too-many-decimals"}),
        (
            cancelled(fee={"amount": "1.00", "taxes": [*taxes(GST="1.00"), *taxes(GST="1.00")]}),
            {"/fee/taxes/1/tax": "tax-twice"},
        ),
        (cancelled(deposit="store_credit"), {"/customer": "required"}),
    ):
        assert faults(ledger, event) == expected


def test_a_deposit_that_came_another_way_needs_a_word_about_it(ledger: Memory) -> None:
    """It was paid out of another deposit; that says not how it goes back."""
    ledger.record(a_deposit())
    out_of = [tender("deposit", "16.10", deposit="D-7")]
    ledger.record(a_deposit("D-8-in", "D-8", tenders=out_of, booking="B-1"))
    assert conflict(ledger, cancelled())["code"] == "tenders-needed"
    back = ledger.record(cancelled(tenders=out_of))
    assert booked(back) == journal("Dr deposits D-8 16.10 / Cr deposits D-7 16.10")
    assert deposit_left("D-7", ledger).paid == 1610


def test_a_bookings_deposits_do_not_go_back_into_themselves(ledger: Memory) -> None:
    """They would be given back and held at once; whether they hold anything or nothing."""
    itself = [tender("deposit", "16.10", deposit="D-7")]
    ledger.record(a_deposit(booking="B-1"))
    refused = {"/tenders/0/deposit": "deposit-of-itself"}
    assert faults(ledger, cancelled(tenders=itself)) == refused
    ledger.record(deposit_back())
    assert faults(ledger, cancelled(tenders=itself, **OFFLINE)) == refused


def test_more_than_the_deposit_holds_is_no_fee(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    fee: dict[str, Any] = {"fee": FEE, "tenders": [tender("deposit", "23.00", deposit="D-7")]}
    assert conflict(ledger, cancelled(**fee))["code"] == "overdrawn"
    entry = ledger.record(cancelled(**fee, **OFFLINE))
    assert booked(entry) == journal(
        """
        Dr deposits D-7 16.10 / Dr suspense deposits:D-7 6.90
        Cr sales fee 20.00 / Cr sales_tax GST 1.00 / Cr sales_tax QST 2.00
        """
    )


def test_offline_money_given_back_beyond_the_deposit_stands_in_suspense(ledger: Memory) -> None:
    ledger.record(a_deposit(booking="B-1"))
    entry = ledger.record(cancelled(tenders=[cash("20.00")], **OFFLINE))
    assert booked(entry) == journal(
        """
        Dr deposits D-7 16.10 / Dr suspense deposits:B-1 3.90
        Cr cash unassigned 20.00
        """
    )
    assert entry.caveats == (Caveat("overdrawn-offline", "deposits:B-1", 390),)


def test_what_arrives_late_is_still_open(ledger: Memory) -> None:
    """The deposit of a booking that ended before it was told of: the next ending has it."""
    ledger.record(no_show(**OFFLINE))
    ledger.record(a_deposit(booking="B-1"))
    assert "Dr deposits D-7 16.10" in booked(ledger.record(no_show("N-2")))


def test_in_london_a_kept_deposit_has_the_tax_inside() -> None:
    ledger = Memory(LONDON)
    ledger.record(a_deposit(amount="30.00", booking="B-1"))
    assert booked(ledger.record(no_show())) == journal(
        "Dr deposits D-7 30.00 / Cr sales_tax VAT 5.00 / Cr forfeited_deposits 25.00"
    )


def test_a_receipt_taken_back_ties_nothing(ledger: Memory) -> None:
    ledger.record(a_deposit("in-1", booking="B-1"))
    ledger.record(a_deposit("in-2", booking="B-2"))
    assert booking_of("D-7", ledger) == "B-2"
    ledger.record(reversal("in-2"))
    assert booking_of("D-7", ledger) == "B-1"


def test_each_currency_ends_by_itself(ledger: Memory) -> None:
    """What came in dollars goes back in dollars, the way the dollars came."""
    abroad = {"currency": "USD", "rate": "1.40"}
    ledger.record(a_deposit("in-1", booking="B-1", **abroad))
    ledger.record(a_deposit("in-2", amount="5.00", booking="B-1", tenders=[cash("5.00")]))
    home = ledger.record(cancelled())
    assert booked(home) == journal("Dr deposits D-7 5.00 / Cr cash unassigned 5.00")
    entry = ledger.record(cancelled("X-2", **abroad))
    assert {(p.role, p.currency, p.amount) for p in entry.postings} == {
        ("deposits", "USD", 1610),
        ("clearing", "USD", -1610),
    }
    assert ledger.balance("deposits", "D-7", "USD") == 0


_DEPOSITS, _BOOKINGS = st.sampled_from(["D-1", "D-2"]), st.sampled_from(["B-1", "B-2", "B-3"])
_STEPS = st.one_of(
    st.tuples(st.just("receive"), _DEPOSITS, _BOOKINGS, st.sampled_from(["0.00", "0.50"])),
    st.tuples(st.just("deposit_moved"), _DEPOSITS, _BOOKINGS),
    st.tuples(
        st.sampled_from(["no_show_recorded", "booking_cancelled"]),
        _BOOKINGS,
        st.sampled_from(["keep", "refund", "store_credit", "move"]),
        _BOOKINGS,
        st.sampled_from([None, "D-1"]),
    ),
    st.tuples(st.sampled_from(["deposit_refunded", "deposit_forfeited"]), _DEPOSITS),
    st.tuples(st.just("reverse"), st.integers(0, 20)),
)


def _step(number: int, step: tuple[Any, ...]) -> Event:
    """Return a step of a story as a fact."""
    id_ = f"E-{number}"
    match step:
        case ("receive", deposit, booking, tax):
            stated: dict[str, Any] = {"kind": "prepayment", "taxes": taxes(GST=tax)}
            stated = stated if tax != "0.00" else {}
            return a_deposit(id_, deposit, "10.50", booking=booking, customer="C-1", **stated)
        case ("deposit_moved", deposit, booking):
            return fact("deposit_moved", id_, deposit=deposit, to_booking=booking)
        case ("reverse", which):
            return reversal(f"E-{which}", id_)
        case (kind, deposit):
            return fact(kind, id_, deposit=deposit)
        case (kind, booking, disposal, to, fee):
            out_of = {
                "fee": {"amount": "3.33"},
                "tenders": [tender("deposit", "3.33", deposit=fee)],
            }
            more = {"to_booking": to} if disposal == "move" else {}
            more |= out_of if fee else {}
            return fact(kind, id_, booking=booking, deposit=disposal, **more)
    raise AssertionError(step)


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(_STEPS, min_size=3, max_size=14))
def test_whatever_happens_a_deposits_story_is_what_its_account_says(
    steps: list[tuple[Any, ...]],
) -> None:
    """And a deposit is for one booking at most."""
    ledger = Memory()
    for number, step in enumerate(steps):
        with suppress(LedgerError):
            ledger.record(_step(number, step))
        for deposit in ("D-1", "D-2"):
            left = deposit_left(deposit, ledger)
            assert left.net == -ledger.balance("deposits", deposit)
            assert 0 <= left.tax <= left.prepaid <= left.paid
    places = [deposits_of(booking, ledger) for booking in ("B-1", "B-2", "B-3")]
    found = [deposit for place in places for deposit in place]
    assert sorted(found) == sorted(set(found))
