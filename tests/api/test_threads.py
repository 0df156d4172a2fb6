"""Everything of one booking or one order: events, entries and documents."""

from typing import Any

from ledger.database import Engine, transaction
from sync.connections.store import resume
from sync.intake.step import Terms, take_in
from sync.tables import DOCUMENT
from tests.api.conftest import Office
from tests.api.facts import a_sale
from tests.api.test_holders import cash, fact, recorded


def a_booking(office: Office) -> None:
    """Record a deposit for a booking, the work, a refund of it, and a stranger's sale."""
    work = {"kind": "service", "quantity": "1", "unit_price": "50.00"}
    recorded(
        office,
        fact(
            "deposit_received",
            "DR-1",
            deposit="D-1",
            amount="10.00",
            tenders=cash("10.00"),
            booking="B-1",
        ),
        a_sale(
            booking="B-1",
            order="O-1",
            lines=[work],
            tenders=[{"kind": "deposit", "deposit": "D-1", "amount": "10.00"}, *cash("40.00")],
        ),
        a_sale(id="S-2"),
        fact(
            "refund_issued",
            "R-1",
            sale="S-1",
            lines=[{"kind": "service", "sale_line": 0, "quantity": "1"}],
            tenders=cash("50.00"),
        ),
        fact("event_reversed", "X-1", reverses="R-1", reason="wrong customer"),
    )


def ids(shown: dict[str, Any]) -> list[str]:
    """Return the ids of the events shown."""
    return [event["id"] for event in shown["events"]]


def test_a_booking_from_its_deposit_to_the_last_word(office: Office) -> None:
    a_booking(office)
    shown = office.read("/v1/bookings/B-1", "auditor")
    assert ids(shown) == ["DR-1", "S-1", "R-1", "X-1"]
    assert shown["next"] is None
    assert shown["events"][0]["entry"][1]["holder"] == "D-1"


def test_an_order(office: Office) -> None:
    a_booking(office)
    shown = office.read("/v1/orders/O-1", limit=2)
    rest = office.read("/v1/orders/O-1", limit=2, after=shown["next"])
    assert ids(shown) + ids(rest) == ["DR-1", "S-1", "R-1", "X-1"], "its sale drew on the deposit"
    answer = office.call("GET", "/v1/orders/O-404", "bookkeeper")
    assert (answer.status_code, answer.json()["code"]) == (404, "holder-not-found")


def test_a_deposit_that_came_from_another_booking(office: Office) -> None:
    a_booking(office)
    recorded(
        office,
        fact(
            "deposit_received",
            "DR-2",
            deposit="D-2",
            amount="10.00",
            tenders=cash("10.00"),
            booking="B-2",
        ),
        fact("deposit_moved", "DM-1", deposit="D-2", to_booking="B-3"),
    )
    assert ids(office.read("/v1/bookings/B-2")) == ["DR-2", "DM-1"]
    assert ids(office.read("/v1/bookings/B-3")) == ["DR-2", "DM-1"]


def test_documents_with_their_state_and_where_they_are(database: Engine, office: Office) -> None:
    a_booking(office)
    with transaction(database) as connection:
        resume(connection, office.book.id)
        take_in(connection, office.book, Terms(now_us=1))
        there = (DOCUMENT.c.book_id == office.book.id, DOCUMENT.c.scope == "entry:S-1")
        connection.execute(DOCUMENT.update().where(*there).values(state="synced", remote_id="77"))
    shown = office.read("/v1/bookings/B-1")
    sale = [document for document in shown["documents"] if "S-1" in document["key"]]
    assert sale
    assert {(d["state"], d["remote_id"]) for d in sale} == {("synced", "77")}
    assert all(d["remote_url"].endswith("?txnId=77") for d in sale if d["kind"] == "Invoice")
    own = office.read("/v1/events/S-1", "auditor")["documents"]
    assert {document["key"] for document in own} == {document["key"] for document in sale}
    followed = office.read("/v1/changes")["data"][1]
    assert followed["documents"] == own
