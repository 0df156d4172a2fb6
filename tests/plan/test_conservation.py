"""Conservation itself: what is missing or said twice is named."""

from datetime import date

import pytest
from msgspec.structs import replace

from sync.documents import JournalEntry, JournalLine, Place, Void
from sync.plan import conserved
from tests.plan.till import Till, transactions
from tests.plan.words import cash, goods


def a_sale() -> tuple[Till, list[JournalEntry]]:
    till = Till()
    till.state("sale_completed", "S-1", lines=[goods("Hats", "4.00")], tenders=[cash("4.00")])
    return till, []


def test_a_missing_document_is_noticed() -> None:
    till, nothing = a_sale()
    with pytest.raises(AssertionError, match="leave unsaid"):
        conserved(till.entries, nothing)


def test_a_document_twice_is_noticed() -> None:
    till, _ = a_sale()
    documents = transactions(till.plan(till.entries[0]))
    conserved(till.entries, documents)
    with pytest.raises(AssertionError, match="cash"):
        conserved(till.entries, documents * 2)


def test_the_holder_counts_where_holders_are_mapped_apart() -> None:
    till, _ = a_sale()
    (receipt,) = transactions(till.plan(till.entries[0]))
    elsewhere = replace(receipt, deposit_to=Place("1000", "cash", "till-9"))
    with pytest.raises(AssertionError, match="till-9"):
        conserved(till.entries, [elsewhere])


def test_what_is_voided_says_nothing() -> None:
    till, _ = a_sale()
    documents = transactions(till.plan(till.entries[0]))
    void = Void(
        key="void:X-1:1",
        day=date(2026, 3, 14),
        currency="CAD",
        target="sale:S-1",
        target_kind="SalesReceipt",
    )
    conserved([], [*documents, void])


def test_a_void_of_what_was_sent_before_says_what_it_takes_back() -> None:
    till = Till()
    lines = [goods("Hats", "4.00")]
    till.state("invoice_issued", "I-1", invoice="F-1", lines=lines, customer="C-1")
    entry = till.state("invoice_voided", "V-1", invoice="F-1")
    [void] = transactions(till.plan(entry))
    assert isinstance(void, Void)
    conserved([entry], [void])
    with pytest.raises(AssertionError, match="receivable"):
        conserved([entry], [replace(void, undoes=())])


def test_a_journal_of_nothing_changes_nothing() -> None:
    till, _ = a_sale()
    nothing = JournalEntry(
        key="rest:S-1",
        day=date(2026, 3, 14),
        currency="CAD",
        lines=(JournalLine(Place("4000", "sales"), 0),),
    )
    conserved(till.entries, [*till.plan(till.entries[0]), nothing])
