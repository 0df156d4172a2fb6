"""Erasing a person: nothing that the shop keeps holds them, and nobody brings them back."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from api.app import create_app
from api.erasing import erase_again
from api.erasures import read
from ledger.book import Book
from ledger.customers.store import CUSTOMER, Erasure, erasures
from ledger.database import Engine, migrate, open_database, snapshot, transaction
from ledger.privacy import Person
from ledger.recorder import Recorder, now_us
from ledger.store import create_book, instant
from ledger.tables import EVENT
from sync.documents import Customer, customer_key, encode
from sync.intake.store import put_documents
from sync.lane.store import hold
from sync.tables import ATTEMPT, DOCUMENT
from tests.api.conftest import SETTINGS, Office, keys_of
from tests.api.facts import a_sale, codes
from tests.conftest import quebec

NAME = "Zéphyrine Quintal-Obomsawin"
ZEPHYRINE = {"name": NAME, "email": "zephyrine@example.com", "phone": "+1 514 555 0199"}
MARKS = (b"phyrine", b"Quintal", b"Obomsawin", b"zephyrine@example.com", b"555 0199")


def test_the_log_takes_no_address_and_no_number(office: Office) -> None:
    for changes, at in (
        ({"customer": "lea@example.com"}, "/customer"),
        ({"customer": "+1 (514) 555-0199"}, "/customer"),
        ({"customer": "514 555 0199"}, "/customer"),
        ({"customer": "06 12 34 56 78"}, "/customer"),
        ({"memo": "Reçu à léa@example.com, merci"}, "/memo"),
        ({"source": {"system": "web", "url": "https://x.test/?m=lea@example.com"}}, "/source/url"),
        ({"lines": [a_sale()["lines"][0] | {"description": "for a@b.co"}]}, "/lines/0/description"),
    ):
        answer = office.record(a_sale(**changes))
        assert (answer.status_code, codes(answer.json())) == (422, {at: "personal-data"}), changes
    assert office.head()["seq"] == 0


def test_addresses_are_named_beside_every_other_fault(office: Office) -> None:
    answer = office.record(a_sale(memo="a@b.co", tip="x", customer="+15145550199"))
    assert codes(answer.json()) == {
        "/tip": "not-an-amount",
        "/memo": "personal-data",
        "/customer": "personal-data",
    }


def test_what_only_looks_like_one_is_taken(office: Office) -> None:
    for number, customer in enumerate(("17850", "6789012345678", "2026-00123", "@lea", "0-1", "é")):
        answer = office.record(a_sale(id=f"S-{number}", customer=customer, memo="2 @ 12.50"))
        assert answer.status_code == 201, (customer, answer.text)


def test_a_person_is_told_everything(office: Office) -> None:
    office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
    office.record(a_sale(customer="c-9"))
    office.record(a_sale(id="S-2", customer="c-8"))
    office.record(a_sale(id="S-3", memo=f"Called {NAME.upper()}"))
    office.record(
        {
            "type": "store_credit_issued",
            "id": "SC-1",
            "occurred_at": "2026-03-15T10:00:00-04:00",
            "customer": "c-9",
            "amount": "5.00",
            "reason": "goodwill",
        },
        "bookkeeper",
    )
    told = office.read("/v1/customers/c-9/export", "auditor")
    assert told["customer"] == {"id": "c-9"} | ZEPHYRINE
    assert [event["id"] for event in told["events"]] == ["S-1", "SC-1"]
    assert told["events"][0]["entry"][0]["debit"] == "41.39"
    assert told["mentioned_in"] == ["S-3"]
    answer = office.call("GET", "/v1/customers/c-404/export", "bookkeeper")
    assert (answer.status_code, answer.json()["code"]) == (404, "customer-not-found")


def test_whoever_erases_is_told_where_words_still_name_the_person(office: Office) -> None:
    office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
    office.record(a_sale(customer="c-9"))
    office.record(a_sale(id="S-2", memo="Mme Quintal comes back", customer="c-9"))
    office.record(a_sale(id="S-3", memo="another Quintal"))
    office.record(a_sale(id="S-4", memo="rappeler au (514) 555-0199"))
    told = office.call("DELETE", "/v1/customers/c-9", "bookkeeper").json()
    assert told == {"id": "c-9", "mentions": 2, "mentioned_in": ["S-2", "S-4"], "quickbooks": None}


def test_the_chain_stays_as_it_is(office: Office) -> None:
    office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
    office.record(a_sale(customer="c-9"))
    before = office.head()
    office.call("DELETE", "/v1/customers/c-9", "bookkeeper")
    assert office.head() == before
    assert office.read("/v1/events", customer="c-9")["data"][0]["event"]["customer"] == "c-9"


def test_nobody_brings_a_person_back_unawares(office: Office) -> None:
    office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
    office.call("DELETE", "/v1/customers/c-9", "bookkeeper")
    for role in ("pos", "bookkeeper"):
        answer = office.call("PUT", "/v1/customers/c-9", role, json=ZEPHYRINE)
        assert (answer.status_code, answer.json()["code"]) == (409, "customer-erased")
    answer = office.call("PUT", "/v1/customers/c-9?anew=true", "pos", json=ZEPHYRINE)
    assert (answer.status_code, answer.json()["code"]) == (403, "bookkeepers-only")
    answer = office.call("PUT", "/v1/customers/c-9?anew=true", "bookkeeper", json=ZEPHYRINE)
    assert answer.status_code == 201
    assert office.call("PUT", "/v1/customers/c-9", "pos", json=ZEPHYRINE).status_code == 200


def test_the_outbox_forgets_with_the_shop(database: Engine, office: Office) -> None:
    office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
    key = customer_key("c-9")
    sent_to_quickbooks(database, office.book, key)
    told = office.call("DELETE", "/v1/customers/c-9", "bookkeeper").json()
    assert told["quickbooks"] == "58"
    shown = office.read(f"/v1/sync/documents/{key}")
    assert shown["document"]["name"] == "c-9"
    assert (shown["state"], shown["remote_id"]) == ("synced", "58")
    assert "Quintal" not in json.dumps(shown)
    assert {line["body_hash"] for line in shown["trail"]} == {""}


def sent_to_quickbooks(database: Engine, book: Book, key: str) -> None:
    """Put a customer into the outbox as one that was refused once, with words, and then sent."""
    with transaction(database) as connection:
        hold(connection, book.id)
        document = Customer(
            key=key,
            day=book.business_date(instant(now_us())),
            currency="CAD",
            reference="c-9",
            name=NAME,
        )
        put_documents(connection, book.id, [document], scope="", seq=1, now_us=1)
        of_document = (DOCUMENT.c.book_id == book.id, DOCUMENT.c.key == key)
        connection.execute(
            DOCUMENT.update().where(*of_document).values(state="synced", remote_id="58")
        )
        line: dict[str, Any] = {
            column.name: 0 if column.type.python_type is int else "" for column in ATTEMPT.columns
        }
        line |= {
            "book_id": book.id,
            "key": key,
            "line": 1,
            "body_hash": "e3b0c442",
            "outcome": "refused",
            "detail": f"6240: The name {NAME} exists already",
        }
        connection.execute(ATTEMPT.insert().values(line))
    assert NAME.encode() in encode(document)


class Shop:
    """A shop on a database of its own, whose bytes can be looked at."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self.engine = open_database(f"sqlite:///{where / 'daybook.db'}")
        migrate(self.engine)
        self.book = quebec()
        with transaction(self.engine) as connection:
            create_book(connection, self.book, now_us=1)
        settings = replace(SETTINGS, erasures_file=str(where / "erased.jsonl"))
        self.app = create_app(settings, self.engine, Recorder(self.engine))

    def office(self, client: TestClient[Litestar]) -> Office:
        """Return its office."""
        return Office(client, self.book, keys_of(self.engine, self.book))

    def bytes(self) -> bytes:
        """Return everything that is on disk."""
        files = [path for path in self.where.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Return a shop on a SQLite file of its own."""
    shop = Shop(tmp_path)
    yield shop
    shop.engine.dispose()


def test_no_byte_of_a_person_is_left_on_disk(shop: Shop) -> None:
    with TestClient(shop.app) as client:
        office = shop.office(client)
        for number in range(200):
            office.call("PUT", f"/v1/customers/c-{number}", json={"name": f"Client {number}" * 9})
        office.call("PUT", "/v1/customers/c-9", json={"name": "Zéphyrine", "email": "zq@x.test"})
        office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
        sent_to_quickbooks(shop.engine, shop.book, customer_key("c-9"))
        office.record(a_sale(customer="c-9"))
        assert all(mark in shop.bytes() for mark in MARKS)
        assert office.call("DELETE", "/v1/customers/c-9", "bookkeeper").status_code == 200
        kept = shop.bytes()
    assert not [mark for mark in (*MARKS, b"zq@x.test") if mark in kept]
    assert b'"customer":"c-9"' in kept


def test_a_restored_backup_forgets_the_person_again(shop: Shop, tmp_path: Path) -> None:
    with TestClient(shop.app) as client:
        office = shop.office(client)
        office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
        backup = tmp_path / "backup.db"
        with closing(sqlite3.connect(tmp_path / "daybook.db")) as live:
            live.execute(f"VACUUM INTO '{backup}'")
        assert NAME.encode() in backup.read_bytes()
        office.call("DELETE", "/v1/customers/c-9", "bookkeeper")
    restored = open_database(f"sqlite:///{backup}")
    assert erase_again(restored, read(tmp_path / "erased.jsonl")) == 1
    assert erase_again(restored, read(tmp_path / "erased.jsonl")) == 0
    with snapshot(restored) as connection:
        assert connection.execute(CUSTOMER.select()).all() == []
        known = erasures(connection)
        assert [(e.book, e.opened_us, e.customer) for e in known] == [(shop.book.id, 1, "c-9")]
    restored.dispose()
    assert not [mark for mark in MARKS if mark in backup.read_bytes()]


def test_who_was_written_anew_after_an_erasure_stays(shop: Shop, tmp_path: Path) -> None:
    with TestClient(shop.app) as client:
        office = shop.office(client)
        office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
        office.call("DELETE", "/v1/customers/c-9", "bookkeeper")
        office.call("PUT", "/v1/customers/c-9?anew=true", "bookkeeper", json=ZEPHYRINE)
        assert erase_again(shop.engine, read(tmp_path / "erased.jsonl")) == 0
        assert office.read("/v1/customers/c-9")["name"] == NAME


def test_a_list_is_of_its_own_books_alone(shop: Shop) -> None:
    with TestClient(shop.app) as client:
        office = shop.office(client)
        office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
        stranger = Erasure(shop.book.id, 2, "c-9", now_us())
        assert erase_again(shop.engine, [stranger, Erasure(404, 1, "c-9", now_us())]) == 0
        assert office.read("/v1/customers/c-9")["name"] == NAME


def test_without_its_list_nobody_is_erased(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "erased.jsonl").mkdir()
    with TestClient(shop.app) as client:
        office = shop.office(client)
        office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
        answer = office.call("DELETE", "/v1/customers/c-9", "bookkeeper")
        assert (answer.status_code, answer.json()["code"]) == (503, "erasures-away")
        assert office.read("/v1/customers/c-9")["name"] == NAME


def test_a_list_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    path = tmp_path / "erased.jsonl"
    assert read(path) == []
    line = '{"book":1,"opened_us":3,"customer":"c-1","at_us":5}\n'
    path.write_text(line + line.replace("5", "7"))
    assert read(path) == [Erasure(1, 3, "c-1", 7)]
    path.write_text(line + '{"book":1\n')
    with pytest.raises(ValueError, match="line 2"):
        read(path)


def test_a_person_is_found_in_words() -> None:
    person = Person("Léa Tremblay", "lea@example.com", "+1 514 555-0199")
    assert person.is_in("Mme LÉA TREMBLAY est venue")
    assert person.is_in("514.555.0199")
    assert not person.is_in("15145550199000")
    assert not person.is_in("Léa est venue")
    assert person.is_hinted_in("Léa est venue")
    assert not person.is_hinted_in("Le thé")
    assert not Person("Li", None, "12").is_in("12 clients")


def test_events_hold_no_name_that_the_api_was_not_told(database: Engine, office: Office) -> None:
    office.call("PUT", "/v1/customers/c-9", json=ZEPHYRINE)
    assert office.record(a_sale(customer="c-9")).status_code == 201
    with snapshot(database) as connection:
        of_book = EVENT.select().where(EVENT.c.book_id == office.book.id)
        rows = list(connection.execute(of_book))
        assert rows
        assert not any(mark in row.body for row in rows for mark in MARKS)
