"""The state outlives the process; a real server drops connections when told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.emulator.books import Books, Make

SERVER = """
import sys
import uvicorn
from sync.quickbooks.emulator.app import create_app
from sync.quickbooks.emulator.settings import EmulatorSettings

settings = EmulatorSettings(state=sys.argv[2], per_second=1000, hold_seconds=2.0)
uvicorn.run(create_app(settings), port=int(sys.argv[1]), log_level="error")
"""


def receipt(books: Books, amount: str) -> dict[str, object]:
    return {"TxnDate": "2026-01-05", "Line": [books.line(amount, "NON")]}


def test_everything_is_there_again_after_a_start_from_the_file(
    make_office: Make, tmp_path: Path
) -> None:
    path = str(tmp_path / "emulator.db")
    office = make_office(state=path)
    books = office.company(country="US", name="Shop")
    customer = books.customer()
    sale = books.send("POST", "salesreceipt", receipt(books, "10"), requestid="r1")
    key = {"Id": sale.json()["SalesReceipt"]["Id"], "SyncToken": "0"}
    invoice = books.post("Invoice", {**receipt(books, "30"), "CustomerRef": {"value": customer}})
    links = [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]
    line = {"Amount": 12, "LinkedTxn": links}
    pay = {"CustomerRef": {"value": customer}, "TotalAmt": 12, "Line": [line]}
    books.post("Payment", {**pay, "TxnDate": "2026-01-06"})
    before = books.trial_balance("2026-01-31")

    books.office = make_office(state=path)
    assert books.trial_balance("2026-01-31") == before
    assert books.read("Invoice", invoice["Id"])["Balance"] == 18
    again = books.send("POST", "salesreceipt", receipt(books, "99"), requestid="r1")
    assert again.content == sale.content
    books.post("SalesReceipt", key, operation="delete")
    new = books.post("SalesReceipt", receipt(books, "5"))
    assert int(new["Id"]) > int(invoice["Id"])
    assert new["DocNumber"] == "1003"


def test_what_could_not_be_committed_did_not_happen(
    states: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(states.office.emulator.hub.store, "write", full)
        with pytest.raises(OSError, match="disk full"):
            states.send("POST", "salesreceipt", receipt(states, "10"))
    assert states.query("select * from SalesReceipt") == {}
    assert states.trial_balance("2026-01-31") == {}
    assert states.post("SalesReceipt", receipt(states, "10"))["DocNumber"] == "1001"


class Server:
    """An emulator in a process of its own."""

    def __init__(self, port: int, path: Path) -> None:
        command = [sys.executable, "-c", SERVER, str(port), str(path)]
        self.log = path.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stderr=log)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)
        for _ in range(200):
            try:
                self.client.get("/_emulator/companies")
            except httpx.ConnectError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.client.close()
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path, unused_port: int) -> Iterator[Server]:
    started = Server(unused_port, tmp_path / "emulator.db")
    yield started
    started.kill()


def test_a_killed_server_has_all_that_it_answered(tmp_path: Path, unused_port: int) -> None:
    path = tmp_path / "emulator.db"
    first = Server(unused_port, path)
    realm = first.client.post("/_emulator/companies", json={"country": "US"}).json()["realmId"]
    tokens = first.client.post(f"/_emulator/companies/{realm}/tokens").json()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    where = f"/v3/company/{realm}/customer"
    for number in range(20):
        body = {"DisplayName": f"C{number}"}
        assert first.client.post(where, json=body, headers=headers).status_code == 200
    first.kill()
    second = Server(unused_port, path)
    try:
        query = {"query": "select count(*) from Customer"}
        answer = second.client.get(f"/v3/company/{realm}/query", params=query, headers=headers)
        assert answer.json()["QueryResponse"]["totalCount"] == 20
    finally:
        second.kill()


def test_connections_are_dropped_held_and_cut(server: Server) -> None:
    client = server.client
    realm = client.post("/_emulator/companies", json={"country": "US"}).json()["realmId"]
    tokens = client.post(f"/_emulator/companies/{realm}/tokens").json()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}

    def create(name: str, timeout: float = 10) -> httpx.Response:
        body = {"DisplayName": name}
        where = f"/v3/company/{realm}/customer"
        return client.post(where, json=body, headers=headers, timeout=timeout)

    for kind, raised in (
        ("down", httpx.RemoteProtocolError),
        ("cut_body", httpx.RemoteProtocolError),
        ("timeout_before", httpx.ReadTimeout),
        ("timeout_after", httpx.ReadTimeout),
    ):
        assert client.post("/_emulator/faults", json={"kind": kind, "count": 1}).is_success
        with pytest.raises(raised):
            create(kind, timeout=0.3)
    query = {"query": "select * from Customer"}
    answer = client.get(f"/v3/company/{realm}/query", params=query, headers=headers)
    names = {each["DisplayName"] for each in answer.json()["QueryResponse"]["Customer"]}
    assert names == {"cut_body", "timeout_after"}
    assert server.log.read_text() == ""
