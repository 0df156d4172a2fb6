"""A document is created once, known again by its mark alone, corrected, and voided."""

from typing import Any

import pytest
from msgspec.structs import replace

from sync.documents import Void
from sync.protocol import Rejected, Sent, Unavailable, Unknown
from sync.quickbooks.marker import marker
from tests.quickbooks.scripted import Answer, Wire, find, push, run, target
from tests.quickbooks.shop import AMERICA, DAY, QUEBEC, documents
from tests.quickbooks.test_outcomes import fault

RECEIPT = documents(AMERICA)["untaxed_receipt"]
TAXED = documents(QUEBEC)["sales_receipt"]
PAYMENT = documents(QUEBEC)["payment"]


def stands(note: str, **more: Any) -> dict[str, Any]:
    return {"Id": "41", "SyncToken": "0", "PrivateNote": note, "TxnDate": "2026-03-14", **more}


def rows(document: Any, *found: dict[str, Any]) -> Answer:
    return 200, {"QueryResponse": {type(document).__name__: list(found)} if found else {}}


def taxed(document: Any, gst: float, qst: float, changes: int = 0, line: float = 0) -> Answer:
    """Return an answer with such taxes, after some changes, with a rounding line in its total."""
    lines = [
        {"Amount": amount, "TaxLineDetail": {"TaxRateRef": {"value": rate}}}
        for rate, amount in (("7", gst), ("21", qst))
    ]
    nets = sum(sold.amount for sold in document.lines) / 100
    return 200, {
        "SalesReceipt": {
            "Id": "41",
            "SyncToken": str(changes),
            "PrivateNote": marker(document, 1),
            "TotalAmt": round(nets + line + gst + qst, 2),
            "TxnTaxDetail": {"TotalTax": round(gst + qst, 2), "TaxLine": lines},
        }
    }


def test_a_push_sends_the_payload_under_its_request_id_and_keeps_the_trace() -> None:
    wire = Wire((200, {"SalesReceipt": {"Id": "41", "SyncToken": "0"}}))
    assert push(wire, RECEIPT, AMERICA) == Sent("41", "0", "tid")
    asked = wire.requests[0].url.params
    assert asked["minorversion"] == "75"
    assert asked["requestid"] == target(wire).request_id(RECEIPT, 1)
    assert wire.asked == ["POST salesreceipt"]


def test_a_request_id_is_short_the_same_for_ever_and_another_for_everything_else() -> None:
    here = target(Wire())
    first = here.request_id(RECEIPT, 1)
    assert first == here.request_id(RECEIPT, 1)
    assert len(first) == 32
    others = {here.request_id(RECEIPT, 2), here.request_id(TAXED, 1), first}
    assert len(others) == 3


@pytest.mark.parametrize(
    "note",
    [
        "",
        "daybook sale:S-1 v1 0000000000000000",
        marker(replace(TAXED, memo="Other"), 1),
        marker(TAXED, 2),
        marker(replace(TAXED, key="sale:S-11"), 1),
    ],
)
def test_what_has_our_number_is_not_ours_without_our_mark_of_this_very_content(note: str) -> None:
    wire = Wire(rows(TAXED, stands(note, DocNumber="S-1")))
    assert find(wire, TAXED) is None
    assert len(wire.asked) == 1
    assert "FROM SalesReceipt WHERE DocNumber = 'S-1'" in wire.asked[0]


def test_what_bears_our_mark_is_found_among_others_of_its_number() -> None:
    wire = Wire(
        rows(
            RECEIPT,
            {**stands("by hand"), "Id": "40"},
            stands(f"Voided - {marker(RECEIPT, 1)} seen"),
        )
    )
    assert find(wire, RECEIPT, AMERICA) == Sent("41", "0")


def test_a_payment_is_looked_for_among_those_of_its_day() -> None:
    wire = Wire(rows(PAYMENT, stands(marker(PAYMENT, 1))))
    assert find(wire, PAYMENT) == Sent("41", "0")
    assert "FROM Payment WHERE TxnDate = '2026-03-14'" in wire.asked[0]


def test_a_number_that_is_taken_by_our_own_document_is_that_document() -> None:
    wire = Wire((400, fault("6140")), rows(RECEIPT, stands(marker(RECEIPT, 1))))
    assert push(wire, RECEIPT, AMERICA).remote_id == "41"


def test_a_number_that_somebody_elses_document_has_is_used_a_second_time() -> None:
    created = (200, {"SalesReceipt": {"Id": "42", "SyncToken": "0"}})
    wire = Wire((400, fault("6140")), rows(RECEIPT, stands("by hand")), created)
    assert push(wire, RECEIPT, AMERICA).remote_id == "42"
    asked = wire.requests[2].url.params
    assert asked["include"] == "allowduplicatedocnum"
    assert asked["requestid"] != wire.requests[0].url.params["requestid"]


def test_a_number_that_our_own_document_of_other_content_has_is_for_a_person() -> None:
    other = marker(replace(RECEIPT, memo="Other"), 1)
    with pytest.raises(Rejected) as refused:
        push(Wire((400, fault("6140")), rows(RECEIPT, stands(other))), RECEIPT, AMERICA)
    assert (refused.value.cause, refused.value.subject) == ("number-taken", "S-9")


def test_when_it_cannot_be_seen_who_has_the_number_the_outcome_is_unknown() -> None:
    with pytest.raises(Unknown, match="look-up-failed"):
        push(Wire((400, fault("6140")), (503, b"")), RECEIPT, AMERICA)


def test_a_request_that_is_said_to_be_a_repetition_is_looked_for() -> None:
    wire = Wire((400, fault("600")), rows(RECEIPT, stands(marker(RECEIPT, 1))))
    assert push(wire, RECEIPT, AMERICA).remote_id == "41"
    with pytest.raises(Unknown, match="request-repeated"):
        push(Wire((400, fault("600")), rows(RECEIPT)), RECEIPT, AMERICA)


def test_looking_fails_as_unavailable() -> None:
    for answer in ((503, b""), (0, b""), (200, b"{")):
        with pytest.raises(Unavailable):
            find(Wire(answer), RECEIPT, AMERICA)


def test_taxes_that_come_back_as_sent_need_no_correction() -> None:
    assert push(Wire(taxed(TAXED, 2.30, 3.59)), TAXED).tax_difference == 0


def test_taxes_that_quickbooks_changed_are_corrected_by_an_update() -> None:
    wire = Wire(taxed(TAXED, 2.30, 3.60), taxed(TAXED, 2.30, 3.59, 1))
    assert push(wire, TAXED) == Sent("41", "1", "tid", 0)
    update = wire.body(1)
    assert (update["Id"], update["SyncToken"], update["sparse"]) == ("41", "0", False)
    assert update["TxnTaxDetail"]["TotalTax"] == 5.89
    ids = {request.url.params["requestid"] for request in wire.requests}
    assert len(ids) == 2


def test_a_cent_between_two_rates_is_corrected_too() -> None:
    wire = Wire(taxed(TAXED, 2.31, 3.58), taxed(TAXED, 2.30, 3.59, 1))
    assert push(wire, TAXED) == Sent("41", "1", "tid", 0)


def test_a_correction_without_an_answer_is_finished_by_the_look_up() -> None:
    with pytest.raises(Unknown, match="tax-correction-open"):
        push(Wire(taxed(TAXED, 2.30, 3.60), (0, b"")), TAXED)
    _, answer = taxed(TAXED, 2.30, 3.60)
    wire = Wire(rows(TAXED, answer["SalesReceipt"]), taxed(TAXED, 2.30, 3.59, 1))
    assert find(wire, TAXED) == Sent("41", "1", "tid", 0)


def test_taxes_that_are_refused_at_creation_go_by_an_update() -> None:
    wire = Wire(
        (400, fault("6000", "QuickBooks encountered an error while calculating tax")),
        taxed(TAXED, 2.30, 3.60),
        taxed(TAXED, 2.30, 3.59, 1),
    )
    assert push(wire, TAXED) == Sent("41", "1", "tid", 0)
    assert "TxnTaxDetail" not in wire.body(1)
    assert len({request.url.params["requestid"] for request in wire.requests}) == 3


def test_a_creation_without_taxes_that_was_made_before_is_found() -> None:
    _, made = taxed(TAXED, 2.30, 3.60)
    wire = Wire(
        (400, fault("6000", "QuickBooks encountered an error while calculating tax")),
        (400, fault("6140")),
        rows(TAXED, made["SalesReceipt"]),
        taxed(TAXED, 2.30, 3.59, 1),
    )
    assert push(wire, TAXED) == Sent("41", "1", "tid", 0)


def _void(kind: Any) -> Void:
    return Void(key="void:V-1", day=DAY, currency="CAD", target="sale:S-1", target_kind=kind)


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("Invoice", {"operation": "void"}),
        ("Payment", {"operation": "update", "include": "void"}),
        ("SalesReceipt", {"operation": "update", "include": "void"}),
    ],
)
def test_each_kind_is_voided_in_its_own_way(kind: str, query: dict[str, str]) -> None:
    wire = Wire((200, {kind: {"Id": "41", "SyncToken": "1"}}))
    links = {"sale:S-1": Sent("41", "0")}
    sent = run(lambda: target(wire).push(_void(kind), 1, links))
    assert sent.sync_token == "1"
    asked = wire.requests[0].url.params
    assert query.items() <= dict(asked).items()
    assert wire.body(0)["Id"] == "41"


@pytest.mark.parametrize("code", ["5010", "600"])
def test_a_document_that_somebody_has_changed_is_read_again_before_it_is_voided(code: str) -> None:
    wire = Wire(
        (400, fault(code)),
        (200, {"Invoice": {"Id": "41", "SyncToken": "3", "TotalAmt": 10.5}}),
        (200, {"Invoice": {"Id": "41", "SyncToken": "4", "TotalAmt": 0}}),
    )
    links = {"sale:S-1": Sent("41", "0")}
    assert run(lambda: target(wire).push(_void("Invoice"), 1, links)).sync_token == "4"
    assert wire.body(2)["SyncToken"] == "3"
    first, again = (wire.requests[at].url.params["requestid"] for at in (0, 2))
    assert first != again


def test_a_document_that_is_void_already_is_left_alone() -> None:
    void = {"Invoice": {"Id": "41", "SyncToken": "3", "TotalAmt": 0}}
    links = {"sale:S-1": Sent("41", "0")}
    wire = Wire((400, fault("5010")), (200, void))
    assert run(lambda: target(wire).push(_void("Invoice"), 1, links)).sync_token == "3"
    found = run(lambda: target(Wire((200, void))).find(_void("Invoice"), 1, links))
    assert found == Sent("41", "3")
    standing = {"Invoice": {"Id": "41", "SyncToken": "3", "TotalAmt": 5}}
    assert run(lambda: target(Wire((200, standing))).find(_void("Invoice"), 1, links)) is None
