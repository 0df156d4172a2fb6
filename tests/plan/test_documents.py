"""Keys, numbers, bytes and fingerprints of documents."""

from datetime import date

import msgspec
import pytest

from sync.documents import (
    JournalEntry,
    JournalLine,
    Place,
    Void,
    account_key,
    customer_key,
    decode,
    doc_number,
    encode,
    fingerprint,
    item_key,
    vendor_key,
)
from tests.plan.till import Till
from tests.plan.words import cash, goods

CASH = Place("1000", "cash", "till-3")
BANK = Place("1050", "bank", "main")
MOVE = JournalEntry(
    key="rest:M-1",
    day=date(2026, 3, 14),
    currency="CAD",
    lines=(JournalLine(BANK, 6000), JournalLine(CASH, -6000)),
)


def test_masters_have_keys_that_follow_from_what_they_stand_for() -> None:
    assert account_key(CASH) == "account:1000:till-3"
    assert account_key(Place("4000", "sales")) == "account:4000"
    assert item_key("Returns - Hats") == "item:Returns - Hats"
    assert customer_key("C-1") == "customer:C-1"
    assert customer_key(None) == "customer:"
    assert vendor_key("Chapelier") == "vendor:Chapelier"


@pytest.mark.parametrize("reference", ["S-1", "S-20260314-0000000001"])
def test_a_number_is_the_reference_while_it_fits(reference: str) -> None:
    assert doc_number(reference) == reference


def test_a_long_reference_gets_a_number_of_its_own() -> None:
    number = doc_number("shop:till-3:2026-03-14:000001")
    assert number == "shop:til-" + number[-12:]
    assert len(number) == 21
    assert number != doc_number("shop:till-3:2026-03-14:000002")
    assert set(number[-12:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_what_was_encoded_is_decoded_again() -> None:
    assert decode(encode(MOVE)) == MOVE
    void = Void(
        key="void:R-1:1", day=MOVE.day, currency="CAD", target="sale:S-1", target_kind="Invoice"
    )
    assert decode(encode(void)) == void


def test_other_bytes_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"kind": "Cheque", "key": "c", "day": "2026-03-14", "currency": "CAD"}')


def test_the_fingerprint_tells_one_content_from_another() -> None:
    later = msgspec.structs.replace(MOVE, day=date(2026, 3, 15))
    assert fingerprint(MOVE) == fingerprint(decode(encode(MOVE)))
    assert fingerprint(MOVE) != fingerprint(later)
    assert len(fingerprint(MOVE)) == 16
    assert int(fingerprint(MOVE), 16) >= 0


def test_planning_again_gives_the_same_bytes() -> None:
    till = Till()
    entry = till.state(
        "sale_completed",
        "S-1",
        lines=[goods("Hats", "40.00", "2.00", "3.99")],
        tenders=[cash("45.99")],
    )
    assert [*map(encode, till.plan(entry))] == [*map(encode, till.plan(entry))]
