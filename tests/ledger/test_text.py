"""Text that no ledger keeps: control characters, card numbers, letters in two pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import codec
from ledger.events import Event
from ledger.text import is_card_number, is_harmless, text_faults
from tests.builders import a_receipt, a_sale, fact, gift_card, goods, reversal, tender
from tests.ledger.memory import Memory
from tests.ledger.refusals import faults

VISA = "4111111111111111"


@pytest.mark.parametrize(
    "number",
    [
        VISA,
        "4000000000000000006",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "6011111111111117",
        "3530111333300000",
        "30569309025904",
        "6200000000000005",
        "6759649826438453",
    ],
)
def test_card_numbers_of_every_issuer_are_known(number: str) -> None:
    assert is_card_number(number)
    assert not is_card_number(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "number", ["4222222222222", "1111111111111117", "41111111111111113", "79927398713"]
)
def test_other_numbers_are_not(number: str) -> None:
    """Thirteen digits, no issuer's prefix, a length the issuer does not have."""
    assert not is_card_number(number)


@pytest.mark.parametrize(
    "memo",
    [
        VISA,
        "paid with 4111 1111 1111 1111 today",
        "4111-1111-1111-1111",
        "4111\u00a01111\u20111111 - 1111",
        "12 4111 1111 1111 1111 03 27",
        "x4111111111111111y",
        "4000 0000 0000 0000 006",
        "30569309025904",
    ],
)
def test_a_card_number_is_found_wherever_it_stands(ledger: Memory, memo: str) -> None:
    assert faults(ledger, a_sale(memo=memo)) == {"/memo": "card-number"}


@pytest.mark.parametrize(
    "memo",
    [
        "4111111111111112",
        "order 1234567890123456",
        "4222222222222",
        "41111111111111110000",
        "4111.1111.1111.1111",
        "0197a3c2-4b1e-7c1f-9d53-0242ac120002",
        "chapeau de fête, d'été",
        "two\nlines\tand a tab",
        "👒 €",
    ],
)
def test_other_text_is_kept(ledger: Memory, memo: str) -> None:
    event = ledger.record(a_sale(memo=memo)).event
    assert event.memo == memo


def test_no_text_reference_or_holder_may_be_a_card_number(ledger: Memory) -> None:
    """Each is named by its pointer, all at once."""
    line = goods("1.00", category=VISA, description=VISA, taxes=[{"tax": VISA, "amount": "1"}])
    sale = a_sale(
        "S-1",
        [line],
        [gift_card(VISA, "1.00"), tender("other", "1.00", method="visa", reference=VISA)],
        customer=VISA,
        register=VISA,
        source={"system": "wix", "document": VISA, "url": f"https://x/{VISA}"},
        device_seq={"device": VISA, "epoch": 0, "seq": 1},
    )
    assert faults(ledger, sale) == dict.fromkeys(
        [
            "/register",
            "/customer",
            "/source/document",
            "/source/url",
            "/device_seq/device",
            "/lines/0/category",
            "/lines/0/description",
            "/lines/0/taxes/0/tax",
            "/tenders/0/gift_card",
            "/tenders/1/reference",
        ],
        "card-number",
    )


def test_numbers_of_their_own_are_refused_only_as_a_whole(ledger: Memory) -> None:
    """Ids, orders, bookings, sessions and items may contain what looks like a card number."""
    inside = f"A-{VISA}"
    fields = {"order": inside, "booking": inside, "session": inside}
    ledger.record(a_sale(inside, [goods("1.00", item=inside)], [tender("cash", "1.00")], **fields))
    ledger.record(reversal(inside, "undo"))
    whole = {"order": VISA, "booking": VISA, "session": VISA}
    sale = a_sale(VISA, [goods("1.00", item=VISA)], [tender("cash", "1.00")], **whole)
    assert set(faults(ledger, sale)) == {"/id", "/order", "/booking", "/session", "/lines/0/item"}
    diners = "30569309025904"
    ledger.record(a_sale(diners, [goods("1.00", item=diners)], [tender("cash", "1.00")]))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bell\a", "control-character"),
        ("nul\0", "control-character"),
        ("right\u202eleft", "control-character"),
        ("zero\u200bwidth", "control-character"),
        ("e\u0301te\u0301", "not-normalised"),
    ],
)
def test_characters_that_no_ledger_keeps(ledger: Memory, text: str, code: str) -> None:
    assert faults(ledger, a_sale(memo=text)) == {"/memo": code}


def test_line_feeds_are_for_words_not_for_names(ledger: Memory) -> None:
    named = a_receipt("G-1", ("HAT\n", "1", "1.00"), vendor="La\tvoie", memo="two\nlines")
    assert faults(ledger, named) == {
        "/vendor": "control-character",
        "/lines/0/item": "control-character",
    }
    assert faults(
        ledger,
        fact("stock_adjusted", "A-1\n", lines=[{"item": "HAT", "quantity": "1"}], reason="a\nb"),
    ) == {"/id": "control-character"}


@given(
    st.text(
        st.sampled_from('0123456789 -4ab\té\u2019e\u0301\u00a0\u200b\u2011\\"\x7f\n'),
        min_size=1,
        max_size=40,
    )
)
def test_one_look_finds_nothing_only_where_there_is_nothing(text: str) -> None:
    """The quick look at an event's bytes never hides a fault."""
    event = a_sale(memo=text, customer=text)
    if is_harmless(codec.encode(event)):
        assert list(text_faults(event)) == []


@pytest.mark.parametrize("dash", ["", " ", "-", "\u2010", "\u2015", "\u00a0", " - "])
@pytest.mark.parametrize("around", ["{}", "né le {}\u2019", "x {} 03/27", "1 {} 2", "{} {}"])
def test_one_look_sees_a_card_number(dash: str, around: str) -> None:
    number = dash.join((VISA[:4], VISA[4:8], VISA[8:12], VISA[12:]))
    event = a_sale(memo=around.format(number, number))
    assert not is_harmless(codec.encode(event))


@pytest.mark.parametrize(
    "event",
    [
        a_sale(memo="paid, thanks"),
        a_sale(memo="chapeau d\u2019été à large bord, payé 2026-03-14"),
        a_sale("P1773500000123456789-00000001"),
        a_sale("0197a3c2-4b1e-7c1f-9d53-0242ac120002", order="20260314-140211-00000017"),
        a_sale(memo="1234 5678 9012 3456"),
    ],
)
def test_plain_events_are_harmless_at_one_look(event: Event) -> None:
    """In any language, and with long numbers of their own."""
    assert is_harmless(codec.encode(event))
