"""Is anything missing: the numbers of tills, and a day's certificate."""

from typing import Any

from ledger.database import Engine, transaction
from sync.connections.store import resume
from sync.intake.step import Terms, take_in
from sync.tables import DOCUMENT
from tests.api.conftest import Office
from tests.api.facts import a_sale
from tests.api.test_exceptions import an_odd_sale


def numbered(number: int, day: str = "2026-03-14", **changes: Any) -> dict[str, Any]:
    """Return a sale with a number of till-3."""
    stated = {"device": "till-3", "epoch": 1, "seq": number}
    return a_sale(
        id=f"S-{number}",
        device_seq=stated,
        occurred_at=f"{day}T10:00:00-04:00",
        **changes,
    )


def sent(office: Office, *facts: dict[str, Any]) -> None:
    """Record facts of a till."""
    for one in facts:
        answer = office.record(one)
        assert answer.status_code == 201, answer.text


def test_a_tills_holes_until_they_are_filled(office: Office) -> None:
    sent(office, *(numbered(number) for number in (1, 2, 5, 6, 9)))
    (listed,) = office.read("/v1/devices", "operator")["data"]
    assert listed == {
        "device": "till-3",
        "epoch": 1,
        "first": 1,
        "highest": 9,
        "received": 5,
        "missing": 4,
    }
    shown = office.read("/v1/devices/till-3", "auditor")
    assert [(h["first"], h["last"]) for h in shown["holes"]["data"]] == [(3, 4), (7, 8)]
    sent(office, numbered(4), numbered(3), numbered(7), numbered(8))
    shown = office.read("/v1/devices/till-3")
    assert (shown["epochs"][0]["missing"], shown["holes"]["data"]) == (0, [])


def test_holes_and_devices_are_read_page_by_page(office: Office) -> None:
    sent(office, *(numbered(number) for number in (1, 3, 5, 7)))
    other = {"device": "till-4", "epoch": 0, "seq": 0}
    sent(office, a_sale(id="T-0", device_seq=other))
    sent(office, a_sale(id="T-1", device_seq=other | {"epoch": 2, "seq": 8}))
    first = office.read("/v1/devices/till-3", limit=2)["holes"]
    rest = office.read("/v1/devices/till-3", limit=2, after=first["next"])["holes"]
    assert [hole["first"] for hole in first["data"] + rest["data"]] == [2, 4, 6]
    assert rest["next"] is None
    first = office.read("/v1/devices", limit=2)
    rest = office.read("/v1/devices", limit=2, after=first["next"])
    assert [(d["device"], d["epoch"]) for d in first["data"] + rest["data"]] == [
        ("till-3", 1),
        ("till-4", 0),
        ("till-4", 2),
    ]


def test_a_device_that_there_is_not(office: Office) -> None:
    answer = office.call("GET", "/v1/devices/till-9", "auditor")
    assert (answer.status_code, answer.json()["code"]) == (404, "device-not-found")
    answer = office.call("GET", "/v1/devices", "auditor", params={"after": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "parameters-not-valid")


def certificate(office: Office, day: str) -> dict[str, Any]:
    """Return a day's certificate."""
    told: dict[str, Any] = office.read(f"/v1/days/{day}/certificate", "auditor")
    return told


def in_quickbooks(database: Engine, office: Office) -> None:
    """Plan what is recorded, one by one, and let all of it have arrived."""
    with transaction(database) as connection:
        resume(connection, office.book.id)
        take_in(connection, office.book, Terms(now_us=1))
        own = DOCUMENT.c.book_id == office.book.id
        connection.execute(DOCUMENT.update().where(own).values(state="synced", remote_id="7"))


def test_a_day_on_its_way_to_quickbooks(database: Engine, office: Office) -> None:
    sent(office, numbered(1), numbered(2))
    told = certificate(office, "2026-03-14")
    both = {"count": 2, "sums": [{"currency": "CAD", "amount": "90.78"}]}
    none = {"count": 0, "sums": []}
    assert (told["received"], told["booked"], told["planned"]) == (both, both, none)
    assert (told["complete"], told["lacking"]) == (False, ["planned", "confirmed"])
    in_quickbooks(database, office)
    told = certificate(office, "2026-03-14")
    assert (told["planned"], told["confirmed"]) == (both, both)
    assert (told["complete"], told["lacking"]) == (True, [])
    assert told["head"] == office.head()
    with transaction(database) as connection:
        one = (DOCUMENT.c.book_id == office.book.id, DOCUMENT.c.scope == "entry:S-2")
        connection.execute(DOCUMENT.update().where(*one).values(state="retrying"))
    told = certificate(office, "2026-03-14")
    assert (told["confirmed"]["count"], told["lacking"]) == (1, ["confirmed"])


def test_a_silent_day_whose_numbers_are_missing_is_not_complete(
    database: Engine, office: Office
) -> None:
    sent(office, numbered(1), numbered(5, "2026-03-16"), numbered(6, "2026-03-17"))
    in_quickbooks(database, office)
    hole = {
        "device": "till-3",
        "epoch": 1,
        "first": 2,
        "last": 4,
        "since": "2026-03-14",
        "until": "2026-03-16",
    }
    for day in ("2026-03-14", "2026-03-15", "2026-03-16"):
        told = certificate(office, day)
        assert (told["complete"], told["lacking"], told["holes"]) == (False, ["holes"], [hole]), day
        assert told["missing_numbers"] == 3
    assert certificate(office, "2026-03-17")["complete"] is True
    assert certificate(office, "2026-03-13")["complete"] is True


def test_a_day_that_is_not_over_is_not_complete(office: Office) -> None:
    told = certificate(office, "2190-01-01")
    assert (told["complete"], told["lacking"]) == (False, ["day-not-over"])


def test_a_certificate_tells_of_open_exceptions(office: Office) -> None:
    sent(office, an_odd_sale("S-1"))
    assert certificate(office, "2026-03-14")["open_exceptions"] == 1
    assert certificate(office, "2026-03-15")["open_exceptions"] == 0


def test_a_day_that_there_is_not(office: Office) -> None:
    for day in ("2026-02-30", "20260314", "today"):
        answer = office.call("GET", f"/v1/days/{day}/certificate", "auditor")
        assert (answer.status_code, answer.json()["code"]) == (400, "parameters-not-valid"), day
