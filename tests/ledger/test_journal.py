"""Journal entries by hand: any account, its holder named, both sums equal."""

from tests.builders import a_gift_card, a_journal, account
from tests.ledger.memory import Memory
from tests.ledger.refusals import conflict, faults
from tests.notation import booked, journal


def _dr(account_: str, amount: str, **fields: str) -> dict[str, str]:
    return {"account": account_, "debit": amount} | fields


def _cr(account_: str, amount: str, **fields: str) -> dict[str, str]:
    return {"account": account_, "credit": amount} | fields


def test_a_journal_posts_what_it_states(ledger: Memory) -> None:
    """By role or by code; the bank has a default holder."""
    entry = ledger.record(
        a_journal(
            "J-1",
            _dr("merchant_fees", "12.00"),
            _dr("1010", "3.00", holder="visa"),
            _cr("bank", "15.00"),
        )
    )
    assert booked(entry) == journal(
        "Dr merchant_fees 12.00 / Dr clearing visa 3.00 / Cr bank main 15.00"
    )
    assert {posting.account for posting in entry.postings} == {"6200", "1010", "1050"}


def test_receivables_name_their_customer_and_payables_their_vendor(ledger: Memory) -> None:
    entry = ledger.record(
        a_journal(
            "J-1",
            _dr("receivable", "10.00", holder="I-1", customer="C-1"),
            _cr("payable", "6.00", holder="B-1", vendor="V-1"),
            _cr("payable", "4.00", vendor="V-1"),
        )
    )
    assert booked(entry) == journal(
        "Dr receivable I-1 10.00 / Cr payable B-1 6.00 / Cr payable V-1 4.00"
    )
    owed = a_journal("J-2", _dr("bank", "5.00"), _cr("receivable", "5.00", customer="C-1"))
    assert "Cr receivable credit:C-1 5.00" in booked(ledger.record(owed))


def test_every_line_that_its_account_cannot_take_is_named(ledger: Memory) -> None:
    wrong = a_journal(
        "J-1",
        _dr("receivable", "1.00"),
        _dr("payable", "1.00"),
        _dr("gift_cards", "1.00", customer="C-1"),
        _cr("retained_earnings", "3.00"),
    )
    assert faults(ledger, wrong) == {
        "/lines/0/customer": "customer-missing",
        "/lines/0/holder": "holder-missing",
        "/lines/1/vendor": "vendor-missing",
        "/lines/1/holder": "holder-missing",
        "/lines/2/holder": "holder-missing",
        "/lines/3/account": "account-not-posted",
    }


def test_an_account_that_is_not_there_is_refused(ledger: Memory) -> None:
    refused = conflict(ledger, a_journal("J-1", _dr("9999", "1.00"), _cr("bank", "1.00")))
    assert refused == {"code": "account-unknown", "pointer": "/lines/0/account", "account": "9999"}
    ledger.record(account("9999", "odds", "expense"))
    ledger.record(a_journal("J-1", _dr("9999", "1.00"), _cr("bank", "1.00")))


def test_what_can_never_be_right_about_a_journal(ledger: Memory) -> None:
    both = {"account": "bank", "debit": "1.00", "credit": "1.00"}
    neither = {"account": "bank"}
    assert faults(ledger, a_journal("J-1", both, neither)) == {
        "/lines/0": "debit-or-credit",
        "/lines/1": "debit-or-credit",
    }
    assert faults(
        ledger, a_journal("J-1", _dr("bank", "1.00"), _cr("tips", "0.99", holder="Ana"))
    ) == {"/lines": "journal-unbalanced"}
    assert faults(ledger, a_journal("J-1", _dr("bank", "1.001"), _cr("bank", "1.001"))) == {
        "/lines/0/debit": "too-many-decimals",
        "/lines/1/credit": "too-many-decimals",
    }


def test_a_journal_may_not_overdraw_a_card_either(ledger: Memory) -> None:
    """The rule sits on the account, not on the kind of event."""
    ledger.record(a_gift_card("GC-1", "10.00"))
    much = a_journal("J-1", _dr("gift_cards", "10.01", holder="GC-1"), _cr("bank", "10.01"))
    refused = conflict(ledger, much)
    assert (refused["code"], refused["pointer"]) == ("overdrawn", "/lines/0")
