"""Recording one fact: what a till gets."""

import asyncio

import pytest
from httpx import ASGITransport, AsyncClient

from ledger.database import Engine, transaction
from ledger.recorder import now_us
from sync.intake.step import Terms, take_in
from tests.api.conftest import Office
from tests.api.facts import a_card_sold, a_sale


def test_a_sale_is_answered_with_its_entry(office: Office) -> None:
    answer = office.record(a_sale())
    assert answer.status_code == 201
    told = answer.json()
    assert (told["id"], told["seq"], told["business_date"]) == ("S-1", 1, "2026-03-14")
    assert told["hash"] == office.head()["hash"]
    lines = [
        (line["role"], line["holder"], line["debit"], line["credit"]) for line in told["entry"]
    ]
    assert sorted(lines) == [
        ("clearing", "card", "41.39", "0.00"),
        ("discounts", "goods", "4.00", "0.00"),
        ("sales", "goods", "0.00", "40.00"),
        ("sales_tax", "GST", "0.00", "1.80"),
        ("sales_tax", "QST", "0.00", "3.59"),
    ]
    assert {line["currency"] for line in told["entry"]} == {"CAD"}


def test_the_same_fact_twice_gets_the_first_answer(office: Office) -> None:
    first = office.record(a_sale())
    again = office.record(a_sale(tenders=[{"kind": "card", "amount": "41.390"}]))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert office.head()["seq"] == 1


def test_an_id_stands_for_one_fact_for_ever(office: Office) -> None:
    office.record(a_sale())
    before = office.head()
    refused = office.record(a_sale(memo="another hat"))
    assert (refused.status_code, refused.json()["code"]) == (409, "id-reused")
    assert refused.json()["facts"] == {"id": "S-1", "field": "/memo"}
    assert office.head() == before


def test_a_refused_fact_leaves_its_id_free(office: Office) -> None:
    assert office.record(a_sale(tenders=[])).status_code == 422
    assert office.record(a_sale()).status_code == 201


def test_one_till_never_sees_anothers_sequence(office: Office, next_door: Office) -> None:
    assert office.record(a_sale()).json()["seq"] == 1
    assert next_door.record(a_sale()).json()["seq"] == 1


def test_what_a_person_has_to_look_at_is_said_in_the_answer(office: Office) -> None:
    answer = office.record(
        a_sale(tenders=[{"kind": "other", "method": "TWINT", "amount": "41.39"}]),
        headers={"Accept-Language": "fr-CA"},
    )
    assert answer.status_code == 201
    (exception,) = answer.json()["exceptions"]
    assert (exception["id"], exception["cause"]) == ("S-1:0", "unknown-method")
    assert exception["amount"] == "41.39"
    assert "TWINT" in exception["detail"]
    assert "41,39" in exception["detail"]


def test_preview_tells_the_entry_and_the_documents_and_stores_nothing(office: Office) -> None:
    before = office.head()
    told = office.call("POST", "/v1/events/preview", json=a_sale()).json()
    assert office.head() == before
    assert (told["booked_with"]["kind"], told["booked_with"]["name"]) == ("entry", "S-1")
    entry = {(line["role"], line["holder"]): line["debit"] for line in told["entry"]}
    assert entry["clearing", "card"] == "41.39"
    (receipt,) = told["documents"]
    assert (receipt["kind"], receipt["key"]) == ("SalesReceipt", "sale:S-1")
    assert {(e["role"], e["debit"], e["credit"]) for e in receipt["effects"]} >= {
        ("clearing", "41.39", "0.00"),
        ("sales_tax", "0.00", "3.59"),
    }
    assert office.record(a_sale()).json()["entry"] == told["entry"]


def test_preview_of_what_is_refused_is_the_refusal(office: Office) -> None:
    refused = office.call("POST", "/v1/events/preview", json=a_sale(tenders=[]))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


def test_preview_of_a_reversal_shows_what_takes_the_sale_back(office: Office) -> None:
    office.record(a_sale())
    told = office.call(
        "POST",
        "/v1/events/preview",
        "bookkeeper",
        json={
            "type": "event_reversed",
            "id": "R-1",
            "occurred_at": "2026-03-14T15:00:00-04:00",
            "reverses": "S-1",
            "reason": "rung up twice",
        },
    ).json()
    assert told["documents"] != []
    debits = {line["role"]: line["credit"] for line in told["entry"] if line["debit"] == "0.00"}
    assert debits["clearing"] == "41.39"


def test_a_gift_card_is_drawn_down(office: Office) -> None:
    assert office.record(a_card_sold("GC-1", "50.00")).status_code == 201
    drawn = office.record(
        a_sale(tenders=[{"kind": "gift_card", "gift_card": "GC-1", "amount": "41.39"}])
    )
    assert drawn.status_code == 201
    (card,) = office.read("/v1/accounts/gift_cards/holders", "pos")["data"]
    assert (card["holder"], card["balance"]) == ("GC-1", "-8.61")


@pytest.mark.anyio
async def test_many_tills_at_once_make_one_gapless_log(office: Office) -> None:
    transport = ASGITransport(office.client.app)
    bearer = {"Authorization": f"Bearer {office.tokens['pos']}"}
    async with AsyncClient(transport=transport, base_url="http://shop") as tills:
        answers = await asyncio.gather(
            *(
                tills.post("/v1/events", json=a_sale(id=f"S-{number % 40}"), headers=bearer)
                for number in range(80)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200] * 40 + [201] * 40
    assert {answer.json()["seq"] for answer in answers} == set(range(1, 41))
    assert office.head()["seq"] == 40


def test_a_fact_comes_with_the_documents_that_were_planned_for_it(
    database: Engine, office: Office
) -> None:
    office.record(a_sale())
    with transaction(database) as connection:
        take_in(connection, office.book, Terms(now_us=now_us()))
    (document,) = office.read("/v1/events/S-1")["documents"]
    assert (document["key"], document["kind"]) == ("sale:S-1", "SalesReceipt")
    assert document["state"] in ("waiting", "queued")
