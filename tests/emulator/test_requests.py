"""Request ids, batches, changes, throttling."""

import pytest

from tests.emulator.books import Books, Json, Make, Office


def receipt(books: Books, amount: str = "1", **more: str) -> Json:
    return {"Line": [books.line(amount, "NON")], **more}


def counted(books: Books, entity: str = "SalesReceipt") -> int:
    return int(books.query(f"select count(*) from {entity}")["totalCount"])  # noqa: S608 - not SQL


def test_a_request_sent_twice_is_answered_twice_and_done_once(states: Books) -> None:
    first = states.send("POST", "salesreceipt", receipt(states), requestid="r1")
    states.office.time.now += 1800
    second = states.send("POST", "salesreceipt", receipt(states, "2"), requestid="r1")
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert counted(states) == 1


def test_request_ids_belong_to_a_company(office: Office, states: Books) -> None:
    other = office.company(country="US")
    for books in (states, other):
        books.post("SalesReceipt", receipt(books), requestid="r1")
        assert counted(books) == 1


def test_a_refusal_is_repeated_too(states: Books, make_office: Make) -> None:
    assert states.code("Customer", {"Foo": 1}, requestid="r1") == "2010"
    assert states.code("Customer", {"DisplayName": "A"}, requestid="r1") == "2010"
    lenient = make_office(replay_errors=False).company(country="US")
    assert lenient.code("Customer", {"Foo": 1}, requestid="r1") == "2010"
    lenient.post("Customer", {"DisplayName": "A"}, requestid="r1")


@pytest.mark.parametrize(
    ("mode", "seconds", "wait", "documents"),
    [
        ("atomic", 0, 5, 1),
        ("ignored", 0, 0, 2),
        ("forgotten", 10, 5, 1),
        ("forgotten", 10, 10, 2),
        ("racy", 1, 0.5, 2),
        ("racy", 1, 2, 1),
    ],
)
def test_other_ways_of_keeping_request_ids(
    make_office: Make, mode: str, seconds: float, wait: float, documents: int
) -> None:
    office = make_office(replay=mode, replay_seconds=seconds)
    books = office.company(country="US")
    for _ in range(2):
        books.post("SalesReceipt", receipt(books), requestid="r1")
        office.time.now += wait
    assert counted(books) == documents


def test_another_body_under_the_same_id_can_be_refused(office: Office, states: Books) -> None:
    office.send("PATCH", f"/_emulator/companies/{states.realm}", json={"replay": "refused"})
    states.post("SalesReceipt", receipt(states), requestid="r1")
    states.post("SalesReceipt", receipt(states), requestid="r1")
    assert states.code("SalesReceipt", receipt(states, "2"), requestid="r1") == "600"


def test_a_request_id_has_fifty_characters_at_most(states: Books) -> None:
    assert states.code("SalesReceipt", receipt(states), requestid="x" * 51) == "2050"


def test_a_batch_mixes_answers_and_faults(states: Books) -> None:
    sale = states.post("SalesReceipt", receipt(states, "400"))
    items = [
        {"bId": "bid1", "operation": "create", "Vendor": {"DisplayName": "Boraski"}},
        {"bId": "bid2", "operation": "delete", "Invoice": {"Id": "129", "SyncToken": "0"}},
        {
            "bId": "bid3",
            "operation": "update",
            "SalesReceipt": {"sparse": True, "Id": sale["Id"], "SyncToken": "7"},
        },
        {"bId": "bid4", "Query": "select * from SalesReceipt where TotalAmt > '300.00'"},
        {
            "bId": "bid5",
            "operation": "update",
            "optionsData": "void",
            "SalesReceipt": {"sparse": True, "Id": sale["Id"], "SyncToken": "0"},
        },
        {"bId": "bid6", "operation": "create", "Vendor": {"DisplayName": "Boraski"}},
    ]
    answer = states.send("POST", "batch", {"BatchItemRequest": items}, requestid="b1")
    assert answer.status_code == 200
    found = {each["bId"]: each for each in answer.json()["BatchItemResponse"]}
    assert found["bid1"]["Vendor"]["DisplayName"] == "Boraski"
    codes = {
        key: each["Fault"]["Error"][0]["code"] for key, each in found.items() if "Fault" in each
    }
    assert codes == {"bid2": "610", "bid3": "5010", "bid6": "6240"}
    assert found["bid4"]["QueryResponse"]["maxResults"] == 1
    assert found["bid5"]["SalesReceipt"]["PrivateNote"] == "Voided"
    again = states.send("POST", "batch", {"BatchItemRequest": items}, requestid="b1")
    assert again.content == answer.content


def test_a_batch_has_thirty_items_at_most(states: Books) -> None:
    items = [{"bId": str(n), "Query": "select * from Item"} for n in range(31)]
    assert states.code("batch", {"BatchItemRequest": items}) == "1040"
    assert states.code("batch", {"Items": []}) == "500"


def test_changes_tell_what_was_written_and_deleted(states: Books) -> None:
    old = states.post("SalesReceipt", receipt(states))
    states.office.time.now += 1800
    new = states.post("SalesReceipt", receipt(states))
    key = {"Id": old["Id"], "SyncToken": "0"}
    states.post("SalesReceipt", key, operation="delete")
    answer = states.send(
        "GET", "cdc", entities="salesreceipt,Invoice", changedSince="2026-03-02T06:20:00-08:00"
    ).json()
    receipts, invoices = answer["CDCResponse"][0]["QueryResponse"]
    assert invoices == {}
    assert receipts["maxResults"] == 2
    by_id = {each["Id"]: each for each in receipts["SalesReceipt"]}
    assert by_id[new["Id"]]["TotalAmt"] == 1
    assert by_id[old["Id"]]["status"] == "Deleted"
    assert set(by_id[old["Id"]]) == {"domain", "status", "Id", "MetaData"}
    late = states.send("GET", "cdc", entities="Invoice", changedSince="2026-01-01")
    assert late.status_code == 400
    rates = states.send("GET", "cdc", entities="TaxRate", changedSince="2026-03-01")
    assert rates.status_code == 400


def test_the_eleventh_call_of_a_second_is_throttled_in_xml(make_office: Make) -> None:
    office = make_office(per_second=10)
    books = office.company(country="US")
    for _ in range(10):
        assert books.send("GET", "companyinfo/1").status_code == 200
    answer = books.send("GET", "companyinfo/1")
    assert answer.status_code == 429
    assert answer.headers["content-type"].startswith("application/xml")
    assert '<Fault type="SERVICE"><Error code="3001">' in answer.text
    assert "errorCode=003001; statusCode=429" in answer.text
    office.time.now += 1
    assert books.send("GET", "companyinfo/1").status_code == 200


def test_a_batch_counts_item_by_item_within_the_minute(make_office: Make) -> None:
    office = make_office(per_minute=20)
    books = office.company(country="US")
    items = [{"bId": str(n), "Query": "select * from Term"} for n in range(15)]
    assert books.send("POST", "batch", {"BatchItemRequest": items}).status_code == 200
    assert books.send("POST", "batch", {"BatchItemRequest": items}).status_code == 429
    office.time.now += 60
    assert books.send("POST", "batch", {"BatchItemRequest": items}).status_code == 200


def test_the_summary_counts_objects_and_outcomes(office: Office, states: Books) -> None:
    states.post("SalesReceipt", receipt(states))
    states.code("SalesReceipt", {"Foo": 1})
    summary = office.send("GET", f"/_emulator/companies/{states.realm}").json()
    assert summary["entities"]["SalesReceipt"] == 1
    assert summary["calls"]["400/2010"] == 1
    assert summary["profile"]["country"] == "US"
