"""Register sessions: floats, cash moved, counts, late facts (5.7)."""

from typing import Any

from ledger.events import Event
from ledger.postings import Caveat
from tests.builders import (
    a_deposit,
    a_sale,
    account,
    card,
    cash,
    closed,
    deposit_back,
    fact,
    goods,
    method,
    moved,
    opened,
    reversal,
    tender,
)
from tests.ledger.memory import Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal

IN_SESSION: dict[str, Any] = {"session": "Z-1", "register": "till-3"}


def _sale(id_: str, *tenders: dict[str, str], **fields: str) -> Event:
    total = sum(float(given["amount"]) for given in tenders)
    return a_sale(id_, [goods(f"{total:.2f}")], list(tenders), **(IN_SESSION | fields))


def test_a_float_is_the_difference_to_what_the_drawer_holds(ledger: Memory) -> None:
    assert booked(ledger.record(opened())) == journal("Dr cash till-3 200.00 / Cr bank main 200.00")
    again = opened("Z-2", "150.00", float_from="cash_in_transit")
    assert booked(ledger.record(again)) == journal(
        "Cr cash till-3 50.00 / Dr cash_in_transit 50.00"
    )
    assert booked(ledger.record(opened("Z-3", "150.00"))) == []


def test_a_session_is_opened_once(ledger: Memory) -> None:
    ledger.record(opened())
    assert conflict(ledger, opened(id_="again"))["code"] == "session-opened"
    ledger.record(reversal("open-Z-1"))
    ledger.record(opened(id_="again"))


def test_what_an_opening_must_say(ledger: Memory) -> None:
    opening = fact("register_opened", "O-1", float="1.001")
    assert faults(ledger, opening) == {
        "/session": "required",
        "/register": "required",
        "/float": "too-many-decimals",
    }
    assert conflict(ledger, opened(float_from="vault"))["code"] == "account-unknown"
    assert faults(ledger, opened(float_from="retained_earnings")) == {
        "/float_from": "account-not-posted"
    }


def test_cash_moves_in_and_out_of_the_drawer(ledger: Memory) -> None:
    ledger.record(account("6500", "petty_cash", "expense"))
    for event, lines in (
        (
            moved("paid_in", "20.00", "M-1", account="bank"),
            "Dr cash unassigned 20.00 / Cr bank main 20.00",
        ),
        (
            moved("paid_out", "5.00", "M-2", account="6500", register="till-3"),
            "Dr petty_cash 5.00 / Cr cash till-3 5.00",
        ),
        (moved("drop", "50.00", "M-3"), "Dr cash_in_transit 50.00 / Cr cash unassigned 50.00"),
        (moved("bank", "50.00", "M-4"), "Dr bank main 50.00 / Cr cash unassigned 50.00"),
        (
            moved("bank", "1.00", "M-5", bank="desjardins"),
            "Dr bank desjardins 1.00 / Cr cash unassigned 1.00",
        ),
        (
            moved("paid_out", "2.00", "M-6", account="tips", holder="Ana"),
            "Dr tips Ana 2.00 / Cr cash unassigned 2.00",
        ),
    ):
        assert booked(ledger.record(event)) == journal(lines)


def test_what_cash_moved_must_say(ledger: Memory) -> None:
    assert faults(ledger, moved("paid_out", "1.00")) == {"/account": "required"}
    assert faults(ledger, moved("drop", "1.001")) == {"/amount": "too-many-decimals"}
    assert conflict(ledger, moved("paid_in", "1.00", account="9999"))["account"] == "9999"
    held = moved("paid_out", "1.00", account="tips")
    assert faults(ledger, held) == {"/holder": "holder-missing"}


def test_counts_are_the_truth(ledger: Memory) -> None:
    """Cash against the drawer, cards against the session; the difference to till_over_short."""
    ledger.record(method("visa"))
    ledger.record(opened())
    ledger.record(_sale("S-1", cash("30.00"), card("70.00")))
    ledger.record(_sale("S-0", card("5.00"), session="Z-0"))
    entry = ledger.record(closed(cash="233.00", visa="69.00"))
    assert booked(entry) == journal(
        """
        Dr cash till-3 3.00 / Cr till_over_short till-3 3.00
        Cr clearing visa 1.00 / Dr till_over_short till-3 1.00
        """
    )


def test_what_is_not_counted_is_not_compared(ledger: Memory) -> None:
    ledger.record(opened())
    ledger.record(_sale("S-1", cash("30.00"), card("70.00", None)))
    assert booked(ledger.record(closed(cash="230.00"))) == []


def test_a_session_knows_its_drawer(ledger: Memory) -> None:
    """A fact of a session that names no register is of the session's register."""
    ledger.record(opened())
    sale = a_sale("S-1", [goods("30.00")], [cash("30.00")], session="Z-1")
    assert "Dr cash till-3 30.00" in booked(ledger.record(sale))
    assert booked(ledger.record(closed("Z-1", None, cash="229.00"))) == journal(
        "Cr cash till-3 1.00 / Dr till_over_short till-3 1.00"
    )


def test_the_tills_own_expectation_is_compared(ledger: Memory) -> None:
    ledger.record(opened())
    close = fact(
        "register_closed",
        "C-1",
        **IN_SESSION,
        counted=[{"method": "cash", "amount": "200.00"}],
        expected=[{"method": "cash", "amount": "195.00"}],
    )
    assert ledger.record(close).caveats == (Caveat("expected-differs", "cash", -500),)


def test_cards_that_customers_hold_are_not_counted(ledger: Memory) -> None:
    entry = ledger.record(closed(gift_card="36.40"))
    assert booked(entry) == []
    assert entry.caveats == (Caveat("not-counted", "gift_card", 3640),)


def test_an_unknown_method_is_counted_where_it_stands(ledger: Memory) -> None:
    ledger.record(_sale("S-1", tender("other", "10.00", method="moonpay")))
    entry = ledger.record(closed(moonpay="12.00"))
    assert booked(entry) == journal(
        "Dr suspense method:moonpay 2.00 / Cr till_over_short till-3 2.00"
    )
    assert entry.caveats == (Caveat("unknown-method", "moonpay", 200),)


def test_closing_twice_is_refused(ledger: Memory) -> None:
    ledger.record(closed(cash="0.00"))
    again = fact("register_closed", "C-2", **IN_SESSION, counted=[])
    assert conflict(ledger, again)["code"] == "session-closed"
    ledger.record(reversal("close-Z-1"))
    ledger.record(again)


def test_what_a_closing_must_say(ledger: Memory) -> None:
    close = fact(
        "register_closed",
        "C-1",
        counted=[{"method": "cash", "amount": "1.001"}, {"method": "cash", "amount": "1.00"}],
        expected=[{"method": "visa", "amount": "-1.00"}, {"method": "visa", "amount": "-1.00"}],
    )
    assert faults(ledger, close) == {
        "/session": "required",
        "/counted/0/amount": "too-many-decimals",
        "/counted/1/method": "counted-twice",
        "/expected/1/method": "counted-twice",
    }


def test_a_late_sale_leaves_the_drawer_at_its_count(ledger: Memory) -> None:
    """The money was in the drawer when it was counted: it was not over after all."""
    ledger.record(opened())
    ledger.record(closed(cash="230.00"))
    entry = ledger.record(_sale("S-1", cash("30.00"), card("70.00", None)))
    assert booked(entry) == journal(
        """
        Dr cash till-3 30.00 / Dr clearing card 70.00 / Cr sales Hats 100.00
        Cr cash till-3 30.00 / Dr till_over_short till-3 30.00
        """
    )
    assert ledger.balance("cash", "till-3") == 23000
    assert ledger.balance("till_over_short", "till-3") == 0


def test_a_reversal_after_the_count_corrects_what_was_short(ledger: Memory) -> None:
    """A sale typed twice: the drawer was short by it, and is not once it is taken back."""
    ledger.record(opened())
    ledger.record(_sale("S-1", cash("30.00")))
    ledger.record(_sale("S-2", cash("30.00")))
    ledger.record(closed(cash="230.00"))
    assert ledger.balance("till_over_short", "till-3") == 3000
    ledger.record(reversal("S-2"))
    assert ledger.balance("cash", "till-3") == 23000
    assert ledger.balance("till_over_short", "till-3") == 0


def test_a_reversal_in_another_session_takes_the_money_out_of_its_drawer(ledger: Memory) -> None:
    ledger.record(opened())
    ledger.record(_sale("S-1", cash("30.00")))
    ledger.record(closed(cash="230.00"))
    ledger.record(opened("Z-2", "230.00"))
    ledger.record(reversal("S-1", session="Z-2"))
    assert ledger.balance("cash", "till-3") == 20000
    assert ledger.balance("till_over_short", "till-3") == 0


def test_a_closing_taken_back_is_as_if_it_had_not_been(ledger: Memory) -> None:
    ledger.record(opened())
    before = ledger.balances()
    ledger.record(closed(cash="230.00", card="1.00"))
    ledger.record(reversal("close-Z-1"))
    assert ledger.balances() == before
    ledger.record(
        fact("register_closed", "C-2", **IN_SESSION, counted=[{"method": "card", "amount": "0"}])
    )
    assert ledger.balances() == before


def test_a_late_deposit_goes_back_the_way_it_came(ledger: Memory) -> None:
    """What its lateness posted to till_over_short is no way that money came."""
    ledger.record(closed(cash="0.00"))
    ledger.record(a_deposit(amount="10.00", tenders=[cash("10.00")], **IN_SESSION))
    back = ledger.record(deposit_back(register="till-3"))
    assert booked(back) == journal("Dr deposits D-7 10.00 / Cr cash till-3 10.00")


def test_methods_of_cash_share_their_drawer(ledger: Memory) -> None:
    """Notes and coins counted apart make one drawer; so does what comes late."""
    ledger.record(method("coins", "cash"))
    ledger.record(opened(float_="100.00"))
    ledger.record(closed(cash="80.00", coins="19.00"))
    assert ledger.balance("cash", "till-3") == 9900
    assert ledger.balance("till_over_short", "till-3") == 100
    ledger.record(a_sale(tenders=[cash("45.99")], session="Z-1", register="till-3"))
    assert ledger.balance("cash", "till-3") == 9900


def test_a_vendor_is_paid_out_of_the_drawer(ledger: Memory) -> None:
    """What is owed without a bill is held by the vendor, as in a journal by hand."""
    paid = moved("paid_out", "20.00", account="payable", vendor="Lavoie", register="till-3")
    assert booked(ledger.record(paid)) == journal("Dr payable Lavoie 20.00 / Cr cash till-3 20.00")
    kept = moved("paid_out", "5.00", "M-2", account="bad_debt", vendor="Lavoie", register="till-3")
    assert booked(ledger.record(kept)) == journal("Dr bad_debt 5.00 / Cr cash till-3 5.00")


def test_an_opening_stands_while_its_closing_does(ledger: Memory) -> None:
    """The closing counted the drawer that the session was opened on."""
    ledger.record(opened())
    ledger.record(closed("Z-1", None, cash="200.00"))
    refused = conflict(ledger, reversal("open-Z-1", "X-1"))
    assert (refused["code"], refused["event"]) == ("has-dependents", "close-Z-1")
    ledger.record(reversal("close-Z-1", "X-2"))
    ledger.record(reversal("open-Z-1", "X-1"))


def test_an_opening_that_comes_after_its_sales_leaves_their_cash_to_them(ledger: Memory) -> None:
    ledger.record(a_sale("S-1", [goods("10.00")], [cash("10.00")], **IN_SESSION))
    assert booked(ledger.record(opened())) == journal("Dr cash till-3 200.00 / Cr bank main 200.00")
    assert ledger.balance("cash", "till-3") == 21000


def test_an_opening_that_comes_after_its_closing_clears_what_seemed_over(ledger: Memory) -> None:
    ledger.record(a_sale("S-1", [goods("10.00")], [cash("10.00")], **IN_SESSION))
    ledger.record(closed(cash="210.00"))
    assert ledger.balance("till_over_short", "till-3") == -20000
    ledger.record(opened())
    assert ledger.balance("till_over_short", "till-3") == 0
    assert ledger.balance("cash", "till-3") == 21000
