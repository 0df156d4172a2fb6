"""The codec: one form for ever, and every fault of what is not an event."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import codec
from ledger.errors import Invalid
from ledger.events import Event
from ledger.events.sale import SaleCompleted, Tip
from ledger.faults import struct_faults
from tests import builders
from tests.builders import DAY, a_deposit, a_refund, a_sale, cash, fact_json, goods, hat
from tests.ledger.refusals import undecodable

SALE = fact_json("sale_completed", "S-1", lines=[hat()], tenders=[cash("45.99")])


def test_an_event_comes_back_as_it_was_stated() -> None:
    body = json.dumps(SALE).encode()
    event = codec.decode(body)
    assert isinstance(event, SaleCompleted)
    assert json.loads(codec.encode(event)) == SALE
    assert codec.decode(codec.encode(event)) == event == codec.from_json(SALE)


def test_defaults_are_left_out() -> None:
    stated = SALE | {"happened_offline": False, "prices_include_tax": False, "tip": None}
    assert codec.encode(codec.from_json(stated)) == codec.encode(codec.from_json(SALE))


def test_a_counter_is_no_larger_than_json_can_say_everywhere() -> None:
    counter = {"device": "till-3", "epoch": 2**53, "seq": 2**53 - 1}
    body = {"type": "invoice_voided", "id": "V-1", "occurred_at": f"{DAY}T14:00:00-05:00"}
    stated = body | {"invoice": "I-1", "device_seq": counter}
    assert undecodable(stated) == {"/device_seq/epoch": "not-a-whole-number"}


def test_every_fault_is_told_at_once_by_pointer() -> None:
    body = {
        "type": "sale_completed",
        "id": "not an id",
        "occurred_at": f"{DAY}T14:00:00",
        "business_date": "14/03/2026",
        "currency": "cad",
        "location": "",
        "staff": 7,
        "memo": "m" * 501,
        "happened_offline": "no",
        "source": "wix",
        "device_seq": {"device": "till-3", "epoch": -1, "seq": 1.5},
        "gratuity": "5.00",
        "a/b~c": 1,
        "lines": [
            {"kind": "hat", "quantity": "1e3", "unit_price": 40, "sale_line": True},
            "hat",
            {"kind": "goods", "taxes": {"GST": "2.00"}, "net": "-1.00"},
            {"kind": "goods", "taxes": [{"tax": "GST"}], "uses": 0, "item": "x" * 65},
        ],
        "tenders": "cash",
        "tip": [{"staff": None}],
        "rounding": 0.01,
        "prices_include_tax": 1,
    }
    assert undecodable(body) == {
        "/a~1b~0c": "unknown-field",
        "/gratuity": "unknown-field",
        "/id": "bad-format",
        "/occurred_at": "not-an-instant",
        "/business_date": "not-a-date",
        "/currency": "bad-format",
        "/location": "text-too-short",
        "/staff": "not-text",
        "/memo": "text-too-long",
        "/happened_offline": "not-true-or-false",
        "/source": "not-an-object",
        "/device_seq/epoch": "not-a-whole-number",
        "/device_seq/seq": "not-a-whole-number",
        "/lines/0/kind": "not-one-of",
        "/lines/0/quantity": "not-a-quantity",
        "/lines/0/unit_price": "not-an-amount",
        "/lines/0/sale_line": "not-a-whole-number",
        "/lines/1": "not-an-object",
        "/lines/2/taxes": "not-a-list",
        "/lines/2/net": "not-an-amount",
        "/lines/3/taxes/0/amount": "required",
        "/lines/3/uses": "not-a-whole-number",
        "/lines/3/item": "text-too-long",
        "/tenders": "not-a-list",
        "/tip/0/amount": "required",
        "/rounding": "not-an-amount",
        "/prices_include_tax": "not-true-or-false",
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, {"": "not-an-object"}),
        ([], {"": "not-an-object"}),
        ("sale", {"": "not-an-object"}),
        ({}, {"/type": "required"}),
        ({"type": 7}, {"/type": "not-text"}),
        ({"type": ["sale_completed"]}, {"/type": "not-text"}),
        ({"type": "sale"}, {"/type": "unknown-type"}),
        (SALE | {"lines": []}, {"/lines": "too-few"}),
        (SALE | {"lines": [hat()] * 1001}, {"/lines": "too-many"}),
        (SALE | {"tenders": [cash("1")] * 51}, {"/tenders": "too-many"}),
        (SALE | {"memo": "m" * 500, "staff": "", "location": "x"}, {"/staff": "text-too-short"}),
        (SALE | {"lines": [hat()] * 1000, "staff": ""}, {"/staff": "text-too-short"}),
        (SALE | {"tip": "-5"}, {"/tip": "not-an-amount"}),
        (SALE | {"tip": 5}, {"/tip": "not-text"}),
        (SALE | {"tip": {"amount": "5"}}, {"/tip": "not-text"}),
        (SALE | {"lines": None}, {"/lines": "not-a-list"}),
        (SALE | {"id": None}, {"/id": "not-text"}),
        (
            fact_json("tax_defined", "T", tax="GST", name="GST", rate="five", agency="CRA"),
            {"/rate": "not-a-rate"},
        ),
    ],
)
def test_one_thing_wrong(body: Any, expected: dict[str, str]) -> None:
    assert undecodable(body) == expected
    with pytest.raises(Invalid) as refusal:
        codec.decode(json.dumps(body).encode())
    assert {fault.pointer: fault.code for fault in refusal.value.faults} == expected


def test_what_no_text_may_hold_is_told_with_everything_else() -> None:
    """A body that cannot be decoded is looked through for card numbers all the same."""
    wrong = goods("1e3", foo=1, description="bell \x07")
    body = SALE | {"memo": "4111 1111 1111 1111", "lines": [wrong], "a/b": "4111111111111111"}
    with pytest.raises(Invalid) as refusal:
        codec.from_json(body)
    assert {(fault.pointer, fault.code) for fault in refusal.value.faults} == {
        ("/a~1b", "unknown-field"),
        ("/a~1b", "card-number"),
        ("/lines/0/foo", "unknown-field"),
        ("/lines/0/unit_price", "not-an-amount"),
        ("/lines/0/description", "control-character"),
        ("/memo", "card-number"),
    }


def test_an_unknown_type_is_told_the_choices() -> None:
    with pytest.raises(Invalid) as refusal:
        codec.from_json({"type": "sale"})
    choices = refusal.value.faults[0].facts["choices"].split(", ")
    assert choices == [kind.__struct_config__.tag for kind in Event.__args__]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nul", b"\xff", b"\xef\xbb\xbf{}", b'{"type": "sale_completed", "id": 1e999}',
        b'"\\ud800"', b"NaN", b'{"a": Infinity}', b"[" * 50_000, b'{"a":' * 50_000, b"{}{}",
        b'{"type": "sale_completed", "memo": "\x00"}', "{\udcff}",
    ],
)  # fmt: skip
def test_what_is_not_json(body: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        codec.decode(body)
    assert [fault.code for fault in refusal.value.faults] == ["not-json"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["cash", "goods", "1.00", DAY, f"{DAY}T10:00:00Z", "sale_completed"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["kind", "amount", "lines", "item", "quantity", "tax", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
FIELDS = {
    kind.__struct_config__.tag: list(kind.__struct_encode_fields__) for kind in Event.__args__
}


@st.composite
def nearly_events(draw: st.DrawFn) -> Any:
    """Return JSON with an event's own fields, some of which hold anything."""
    tag = draw(st.sampled_from(sorted(FIELDS)))
    names = draw(st.lists(st.sampled_from([*FIELDS[tag], "x"]), max_size=8, unique=True))
    base = {"type": tag, "id": "E-1", "occurred_at": f"{DAY}T10:00:00Z"}
    return base | {name: draw(JSON) for name in names}


@given(JSON | nearly_events())
def test_no_json_crashes_the_codec(value: Any) -> None:
    """It is an event, or it has a fault for sure, and never the one of last resort."""
    found = faults_of(value)
    assert found is None or (found and "not-valid" not in found)


def faults_of(value: Any) -> list[str] | None:
    """Return the codes of why *value* is no event, None when it is one."""
    try:
        codec.from_json(value)
    except Invalid as refusal:
        return [fault.code for fault in refusal.faults]
    return None


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_crash_the_codec(body: bytes) -> None:
    with pytest.raises(Invalid):
        codec.decode(body)


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        (a_sale(), a_sale(), None),
        (a_sale(lines=[goods("40")]), a_sale(lines=[goods("40.00")]), None),
        (a_sale(tip="5"), a_sale(tip="5.00"), None),
        (a_sale(tip="0"), a_sale(), None),
        (a_sale(tip=[]), a_sale(), None),
        (a_sale(rounding="0.00"), a_sale(), None),
        (a_sale(lines=[hat(discount="0")]), a_sale(lines=[hat()]), None),
        (a_deposit(kind="deposit"), a_deposit(), None),
        (a_refund(restock="no", happened_offline=False), a_refund(), None),
        (a_sale(tip="5"), a_sale(tip="6"), "/tip"),
        (a_sale(), a_sale("S-2"), "/id"),
        (a_sale(), a_sale(memo="x"), "/memo"),
        (a_sale(), a_sale(source={"system": "wix"}), "/source"),
        (a_sale(lines=[hat()]), a_sale(lines=[hat(net="40.00")]), "/lines/0/net"),
        (a_sale(lines=[hat()]), a_sale(lines=[hat(), hat()]), "/lines"),
        (a_sale(), a_sale(tenders=[builders.card("45.98", None)]), "/tenders/0/amount"),
        (a_sale(), a_refund(), "/type"),
        (a_refund(amount="0"), a_refund(), "/amount"),
    ],
)
def test_the_first_field_that_differs(first: Event, second: Event, where: str | None) -> None:
    """Same content is what is equal once decoded."""
    assert codec.difference(first, second) == where
    assert (codec.difference(second, first) is None) == (where is None)


def test_an_instant_is_the_same_in_any_zone() -> None:
    noon = {"occurred_at": f"{DAY}T12:00:00-04:00"}, {"occurred_at": f"{DAY}T16:00:00Z"}
    first, second = (codec.from_json(SALE | at) for at in noon)
    assert codec.difference(first, second) is None


def test_any_struct_can_be_looked_through_for_faults() -> None:
    found = struct_faults(Tip, {"amount": 5, "to": "Ana"})
    assert {fault.pointer: fault.code for fault in found} == {
        "/to": "unknown-field",
        "/amount": "not-an-amount",
    }
    assert [fault.code for fault in struct_faults(Tip, [])] == ["not-an-object"]
