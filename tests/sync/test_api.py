"""The sync as the API tells it and lets people mend it."""

from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from litestar.testing import TestClient
from msgspec.structs import replace

from api.app import create_app
from ledger.database import Engine, transaction
from ledger.events.base import Role
from ledger.recorder import Recorder
from sync.connections import store as connections
from sync.quickbooks.emulator.app import create_app as create_emulator
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.quickbooks.emulator.transport import EmulatorTransport
from sync.settings import BRISK
from tests.api.conftest import ROLES, SETTINGS, Office, keys_of
from tests.builders import DAY, a_sale
from tests.conftest import Shop
from tests.sync.outside import Company, Outside
from tests.sync.scene import CASH, SALES, Scene, takings
from tests.sync.test_delivery import once
from tests.sync.test_in_step import application
from tests.sync.virtual import MIDNIGHT_US

EMULATOR = EmulatorSettings(per_second=100_000, per_minute=100_000)


@pytest.fixture
def office(database: Engine, shop: Shop) -> Iterator[Office]:
    """Return the office of the shop's book, with an emulator for a QuickBooks."""
    emulator = create_emulator(EMULATOR)
    made = {"country": "CA", "currency": "CAD", "realm": str(shop.book.id)}
    settings = replace(SETTINGS, qbo=application(EMULATOR), worker=BRISK)
    app = create_app(settings, database, Recorder(database), lambda: MIDNIGHT_US)
    app.state["quickbooks_transport"] = EmulatorTransport(emulator)
    anyio.run(_post, EmulatorTransport(emulator), "/_emulator/companies", made)
    with TestClient(app) as client:
        yield Office(client, shop.book, keys_of(database, shop.book))


async def _post(transport: EmulatorTransport, path: str, body: dict[str, str]) -> None:
    async with httpx.AsyncClient(transport=transport, base_url=EMULATOR.public_url) as theirs:
        (await theirs.post(path, json=body)).raise_for_status()


@pytest.fixture
def scene(database: Engine, shop: Shop) -> Scene:
    return Scene(database, shop.book)


def fresh(office: Office, **changes: Any) -> dict[str, Any]:
    """Return what GET /v1/sync tells, the moving figures left out."""
    told: dict[str, Any] = office.read("/v1/sync", "pos")
    return {name: told[name] for name in changes}


def connect(office: Office, reloads: int = 0) -> httpx.Response:
    """Go through the consent as a browser does; return the answer to the last request."""
    asked = office.call("GET", "/v1/sync/quickbooks/connect", "operator", follow_redirects=False)
    assert asked.status_code == 302
    assert asked.headers["location"] == asked.json()["url"]
    transport = office.client.app.state["quickbooks_transport"]

    async def consent() -> str:
        async with httpx.AsyncClient(transport=transport) as browser:
            answer = await browser.get(asked.headers["location"])
            return str(answer.headers["location"])

    back = httpx.URL(anyio.run(consent))
    first = office.client.get("/v1/sync/quickbooks/callback", params=dict(back.params))
    for _ in range(reloads):
        again = office.client.get("/v1/sync/quickbooks/callback", params=dict(back.params))
        assert (again.status_code, again.json()) == (first.status_code, first.json())
    return first


def test_a_book_without_a_connection_says_so(office: Office) -> None:
    told = office.read("/v1/sync", "pos")
    assert told["connection"] == "not_connected"
    assert told["in_step_through"] is None
    assert told["queue"] == {}
    answer = office.call("GET", "/v1/sync/quickbooks", "bookkeeper")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-connected")


def test_consent_binds_the_book_to_the_company(office: Office) -> None:
    answer = connect(office)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["state"], told["realm"]) == ("connected", str(office.book.id))
    assert told["company"]["currency"] == "CAD"
    assert office.read("/v1/sync")["connection"] == "connected"

    gone = office.call("POST", "/v1/sync/quickbooks/disconnect", "bookkeeper")
    assert gone.json()["state"] == "disconnected"
    again = office.call("POST", "/v1/sync/quickbooks/disconnect", "bookkeeper")
    assert again.json()["code"] == "not-connected"


def test_the_page_of_a_consent_can_be_loaded_again(office: Office) -> None:
    """A code that comes twice is taken for stolen over there: it must not be sent again."""
    connect(office, reloads=2)
    proposed = office.call("POST", "/v1/sync/quickbooks/mapping/suggest", "bookkeeper")
    assert proposed.status_code == 200, proposed.text


@pytest.mark.parametrize("name", ["suggest", "check"])
def test_without_a_company_there_is_no_chart_to_look_at(office: Office, name: str) -> None:
    path = f"/v1/sync/quickbooks/mapping/{name}"
    never = office.call("POST", path, "bookkeeper")
    assert (never.status_code, never.json()["code"]) == (409, "not-connected")
    connect(office)
    office.call("POST", "/v1/sync/quickbooks/disconnect", "bookkeeper")
    ended = office.call("POST", path, "bookkeeper")
    assert (ended.status_code, ended.json()["code"]) == (409, "not-connected")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"error": "access_denied", "state": "x"}, "consent-denied"),
        ({"code": "c", "realmId": "1", "state": "bogus.bogus"}, "consent-unknown"),
        ({"code": "c", "realmId": "1", "state": "é"}, "consent-unknown"),
    ],
)
def test_an_answer_that_nobody_asked_for_is_refused(
    office: Office, params: dict[str, str], code: str
) -> None:
    answer = office.client.get("/v1/sync/quickbooks/callback", params=params)
    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_documents_are_listed_page_by_page_and_shown_whole(office: Office, scene: Scene) -> None:
    scene.put(CASH, SALES, *(takings(f"S-{number}") for number in range(5)))
    first = office.read("/v1/sync/documents", limit=3)
    rest = office.read("/v1/sync/documents", limit=10, after=first["next"])
    keys = [shown["key"] for shown in first["data"] + rest["data"]]
    assert keys == [CASH.key, SALES.key, *(f"rest:S-{number}" for number in range(5))]
    assert rest["next"] is None
    waiting = office.read("/v1/sync/documents", state="waiting", kind="JournalEntry")
    assert len(waiting["data"]) == 5

    whole = office.read("/v1/sync/documents/rest:S-0", "auditor")
    assert whole["waits_for"] == [CASH.key, SALES.key]
    assert whole["document"]["kind"] == "JournalEntry"
    assert office.read("/v1/sync/documents/rest:S-0", "operator")["document"] is None
    answer = office.call("GET", "/v1/sync/documents/rest:S-99", "auditor")
    assert (answer.status_code, answer.json()["code"]) == (404, "document-not-found")
    answer = office.call("GET", "/v1/sync/documents", "auditor", params={"after": "§"})
    assert answer.status_code == 400


def test_a_cause_is_told_once_and_mended_once(office: Office, scene: Scene) -> None:
    company = Company()
    outside = Outside(company, once(SALES.key, "rejected"))
    scene.put(CASH, SALES, takings("S-1"), takings("S-2"))
    scene.drain(outside)

    (cause,) = office.read("/v1/sync", "operator")["causes"]
    assert (cause["cause"], cause["documents"], cause["waiting"]) == ("account-unmapped", 1, 2)
    assert cause["title"]
    assert cause["remedy"]
    stopped = office.read("/v1/sync/documents/account:4000")
    assert [line["outcome"] for line in stopped["trail"]] == [None, "rejected"]

    answer = office.call("POST", "/v1/sync/retry", "operator", json={"cause": "account-unmapped"})
    assert answer.json() == {"documents": 1}
    scene.drain(outside)
    assert set(scene.states().values()) == {"synced"}


def test_one_document_is_tried_again(office: Office, scene: Scene) -> None:
    scene.put(SALES)
    scene.drain(Outside(Company(), once(SALES.key, "rejected")))
    path = "/v1/sync/documents/account:4000/retry"
    assert office.call("POST", path, "bookkeeper").json()["state"] == "queued"
    again = office.call("POST", path, "bookkeeper")
    assert (again.status_code, again.json()["code"]) == (409, "document-not-retryable")
    none = office.call("POST", "/v1/sync/documents/account:9/retry", "bookkeeper")
    assert none.status_code == 404


def test_the_deliveries_can_be_stopped_for_a_while(office: Office, scene: Scene) -> None:
    scene.put(CASH)
    paused = office.call("POST", "/v1/sync/pause", "operator", json={"reason": "stock-taking"})
    assert paused.status_code == 200, paused.text
    assert paused.json()["paused"]["reason"] == "stock-taking"
    assert paused.json()["queue"] == {"paused": 1}
    assert office.read("/v1/sync/documents", state="paused")["data"][0]["key"] == CASH.key
    assert office.read("/v1/sync/documents", state="queued")["data"] == []
    resumed = office.call("POST", "/v1/sync/resume", "operator")
    assert (resumed.json()["paused"], resumed.json()["queue"]) == (None, {"queued": 1})


def test_a_mapping_is_proposed_checked_and_kept(office: Office, shop: Shop) -> None:
    shop.record(a_sale("S-1", on=DAY))
    connect(office)
    proposed = office.call("POST", "/v1/sync/quickbooks/mapping/suggest", "bookkeeper")
    assert proposed.status_code == 200, proposed.text
    assert "account:1100" in proposed.json()["accounts"]

    before = office.call("GET", "/v1/sync/quickbooks/mapping", "auditor")
    assert (before.headers["etag"], before.json()) == ('"0"', {})
    path, wrong = "/v1/sync/quickbooks/mapping", {"accounts": {"account:4000": "999999"}}
    kept = office.call("PUT", path, "bookkeeper", json=wrong, headers={"If-Match": '"0"'})
    assert (kept.status_code, kept.headers["etag"]) == (200, '"1"')
    stale = office.call("PUT", path, "bookkeeper", json={}, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "mapping-stale")
    checked = office.call("POST", f"{path}/check", "operator")
    assert checked.json() == {"faults": [{"key": "account:4000", "fault": "account-inactive"}]}
    faulty = {"acounts": {}, "items": {"item:a/b": 3}, "create_missing": "no", "vendors": []}
    unknown = office.call("PUT", path, "bookkeeper", json=faulty)
    assert unknown.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in unknown.json()["faults"]} == {
        ("/acounts", "unknown-field"),
        ("/items/item:a~1b", "not-text"),
        ("/create_missing", "not-true-or-false"),
        ("/vendors", "not-an-object"),
    }


def test_a_changed_mapping_mends_what_waited_for_it(office: Office, scene: Scene) -> None:
    outside = Outside(Company(), once(SALES.key, "rejected"))
    scene.put(CASH, SALES, takings("S-1"))
    scene.drain(outside)
    mapping = {"accounts": {CASH.key: "35", SALES.key: "79"}}
    office.call("PUT", "/v1/sync/quickbooks/mapping", "bookkeeper", json=mapping)
    assert scene.states()[SALES.key] == "queued"
    assert scene.states()[CASH.key] == "queued", "what stood for it is asked again"
    assert scene.document(CASH.key).version == 2


PERMITTED: dict[tuple[str, str], set[Role]] = {
    ("GET", "/v1/sync"): {"pos", "bookkeeper", "auditor", "operator"},
    ("GET", "/v1/sync/documents"): {"bookkeeper", "auditor", "operator"},
    ("GET", "/v1/sync/documents/x"): {"bookkeeper", "auditor", "operator"},
    ("POST", "/v1/sync/documents/x/retry"): {"bookkeeper", "operator"},
    ("POST", "/v1/sync/retry"): {"bookkeeper", "operator"},
    ("POST", "/v1/sync/pause"): {"bookkeeper", "operator"},
    ("POST", "/v1/sync/resume"): {"bookkeeper", "operator"},
    ("GET", "/v1/sync/quickbooks"): {"bookkeeper", "auditor", "operator"},
    ("GET", "/v1/sync/quickbooks/connect"): {"bookkeeper", "operator"},
    ("POST", "/v1/sync/quickbooks/disconnect"): {"bookkeeper", "operator"},
    ("GET", "/v1/sync/quickbooks/mapping"): {"bookkeeper", "auditor", "operator"},
    ("PUT", "/v1/sync/quickbooks/mapping"): {"bookkeeper"},
    ("POST", "/v1/sync/quickbooks/mapping/suggest"): {"bookkeeper"},
    ("POST", "/v1/sync/quickbooks/mapping/check"): {"bookkeeper", "operator"},
}


def test_each_role_does_what_is_its(office: Office) -> None:
    for (method, path), permitted in PERMITTED.items():
        for role in ROLES:
            answer = office.call(method, path, role, follow_redirects=False)
            assert (answer.status_code != 403) == (role in permitted), (method, path, role)


def test_a_dead_connection_is_told(office: Office, scene: Scene) -> None:
    with transaction(scene.database) as connection:
        connections.die(connection, scene.book.id, "quickbooks", MIDNIGHT_US, MIDNIGHT_US)
    assert fresh(office, connection="", realm="") == {"connection": "dead", "realm": "realm-1"}
    answer = office.call("POST", "/v1/sync/quickbooks/mapping/suggest", "bookkeeper")
    assert (answer.status_code, answer.json()["code"]) == (409, "connection-dead")
    assert "facts" not in answer.json()
    scene.put(CASH, SALES)
    (cause,) = office.read("/v1/sync", "operator")["causes"]
    assert (cause["cause"], cause["state"], cause["subject"]) == (
        "connection-dead",
        "paused",
        "realm-1",
    )
    assert "/v1/sync/quickbooks/connect" in cause["remedy"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/v1/sync/documents", {"state": "nonsense"}),
        ("/v1/sync/documents", {"kind": "K" * 99}),
        ("/v1/sync/quickbooks/callback", {"realmId": "not one!"}),
        ("/v1/sync/quickbooks/callback", {"state": "s" * 1001}),
    ],
)
def test_a_wrong_parameter_is_named_as_the_caller_wrote_it(
    office: Office, path: str, wrong: dict[str, str]
) -> None:
    answer = office.call("GET", path, "bookkeeper", params=wrong)
    assert answer.status_code == 400
    assert [fault["facts"]["name"] for fault in answer.json()["faults"]] == list(wrong)
