"""The query language, with its faults."""

import pytest

from tests.emulator.books import Books, number


@pytest.fixture
def people(states: Books) -> Books:
    """Five customers, one of them inactive, one with an apostrophe."""
    for name in ("Anna", "Bea", "Carl", "Amy's Bird Sanctuary", "Zoe"):
        states.post("Customer", {"DisplayName": name, "Notes": "x"})
    found = states.query("select * from Customer where DisplayName = 'Zoe'")["Customer"][0]
    states.post("Customer", {"Id": found["Id"], "SyncToken": "0", "sparse": True, "Active": False})
    return states


def names(books: Books, rest: str) -> list[str]:
    found = books.query(f"SELECT * FROM Customer {rest}")  # noqa: S608 - not SQL
    return [each["DisplayName"] for each in found.get("Customer", [])]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", ["Anna", "Bea", "Carl", "Amy's Bird Sanctuary"]),
        ("WHERE DisplayName = 'anna'", ["Anna"]),
        (r"WHERE DisplayName = 'Amy\'s Bird Sanctuary'", ["Amy's Bird Sanctuary"]),
        ("WHERE DisplayName LIKE 'A%'", ["Anna", "Amy's Bird Sanctuary"]),
        ("WHERE DisplayName LIKE '%a'", ["Anna", "Bea"]),
        ("WHERE DisplayName LIKE '%n%a%'", ["Anna", "Amy's Bird Sanctuary"]),
        ("WHERE DisplayName IN ('Bea', 'Carl', 'Nobody')", ["Bea", "Carl"]),
        ("WHERE DisplayName > 'Bea' AND DisplayName <= 'Carl'", ["Carl"]),
        ("WHERE Active = false", ["Zoe (deleted)"]),
        (
            "WHERE Active IN (true, false) ORDERBY DisplayName DESC MAXRESULTS 2",
            ["Zoe (deleted)", "Carl"],
        ),
        ("ORDER BY DisplayName STARTPOSITION 2 MAXRESULTS 2", ["Anna", "Bea"]),
        ("MAXRESULTS 1 STARTPOSITION 3", ["Carl"]),
        ("WHERE Balance > '0.00'", []),
        ("WHERE Balance = '0'", ["Anna", "Bea", "Carl", "Amy's Bird Sanctuary"]),
        ("WHERE MetaData.LastUpdatedTime > '2026-03-02T00:00:00-08:00' MAXRESULTS 1", ["Anna"]),
        ("WHERE MetaData.CreateTime > '2026-03-02T14:00:01Z'", []),
        ("where displayname_is_wrong = ' '", None),
    ],
)
def test_what_a_query_finds(people: Books, rest: str, expected: list[str] | None) -> None:
    if expected is None:
        assert people.query_error(f"SELECT * FROM Customer {rest}")["code"] == "4001"  # noqa: S608 - not SQL
    else:
        assert names(people, rest) == expected


def test_a_page_says_where_it_starts_and_how_long_it_is(people: Books) -> None:
    found = people.query("select Id, DisplayName from Customer startposition 2 maxresults 2")
    assert (found["startPosition"], found["maxResults"]) == (2, 2)
    assert set(found) == {"Customer", "startPosition", "maxResults"}


def test_nothing_found_is_an_empty_object_and_a_count_a_number(people: Books) -> None:
    assert people.query("select * from Customer where DisplayName = 'Nobody'") == {}
    assert people.query("select * from Customer startposition 99") == {}
    assert people.query("select count(*) from Customer") == {"totalCount": 4}
    assert people.query("select count(*) from Customer where Active IN (true,false)") == {
        "totalCount": 5
    }


def test_documents_are_found_by_number_date_amount_and_customer(people: Books) -> None:
    customer = people.query("select * from Customer maxresults 1")["Customer"][0]["Id"]
    for day in ("2026-01-05", "2026-01-06"):
        people.post(
            "SalesReceipt",
            {
                "DocNumber": f"S-{day}",
                "TxnDate": day,
                "CustomerRef": {"value": customer},
                "Line": [people.line("12.5", "NON")],
            },
        )
    for where in (
        "DocNumber = 'S-2026-01-06'",
        "TxnDate >= '2026-01-06'",
        f"CustomerRef = '{customer}' AND TxnDate > '2026-01-05'",
        "TotalAmt = '12.50' and DocNumber like '%06'",
    ):
        found = people.query(f"select * from SalesReceipt where {where}")["SalesReceipt"]  # noqa: S608 - not SQL
        assert [each["DocNumber"] for each in found] == ["S-2026-01-06"]
    assert people.query("select * from SalesReceipt where PaymentRefNum = ' '")["maxResults"] == 2


def test_pages_hold_a_hundred_by_default_and_a_thousand_at_most(states: Books) -> None:
    for index in range(101):
        states.post("PaymentMethod", {"Name": f"M{index}"})
    assert states.query("select * from PaymentMethod")["maxResults"] == 100
    assert states.query("select * from PaymentMethod maxresults 5000")["maxResults"] == 105


@pytest.mark.parametrize(
    ("statement", "code", "text"),
    [
        ("SELECT * FROM Custmoer", "4001", "invalid context declaration: Custmoer"),
        ("SELECT * FROM null", "4000", 'Encountered " "null" "null "" at line 1, column 15.'),
        ("SELECT * Customer", "4000", "QueryParserError"),
        ("", "4000", "QueryParserError"),
        ("SELECT * FROM Customer WHERE Id = '1' OR Id = '2'", "4000", '"OR"'),
        ("SELECT * FROM Customer WHERE Id ~ '1'", "4000", '"~"'),
        ("SELECT * FROM Customer WHERE DisplayName = 'open", "4000", "QueryParserError"),
        ("SELECT * FROM Customer MAXRESULTS many", "4000", "many"),
        ("SELECT * FROM Customer STARTPOSITION 0", "4001", "value 0 is too small"),
        ("SELECT * FROM Customer WHERE Nonsense = '1'", "4001", "Nonsense"),
        ("SELECT * FROM SalesReceipt WHERE PrivateNote = 'x'", "4001", "not queryable"),
        ("SELECT * FROM SalesReceipt WHERE Line = 'x'", "4001", "not queryable"),
        ("SELECT * FROM Customer WHERE Id > '1'", "4001", "Id"),
        ("SELECT * FROM Customer ORDERBY Nonsense", "4001", "Nonsense"),
    ],
)
def test_what_a_query_may_not_say(people: Books, statement: str, code: str, text: str) -> None:
    error = people.query_error(statement)
    assert error["code"] == code
    assert text in error["Detail"]


def test_a_statement_may_come_as_a_body(people: Books) -> None:
    answer = people.office.send(
        "POST",
        f"/v3/company/{people.realm}/query",
        content=b"select * from Customer where DisplayName = 'Anna'",
        headers={**people.headers, "content-type": "application/text"},
    )
    assert answer.json()["QueryResponse"]["maxResults"] == 1


def test_items_and_accounts_are_found_by_name_and_type(states: Books) -> None:
    found = states.query("select * from Account where AccountType = 'Bank' orderby Name")
    assert [each["Name"] for each in found["Account"]] == ["Cash on hand", "Checking"]
    states.post("Account", {"Name": "Till 1", "AccountType": "Bank"})
    assert states.query("select * from Account where Name = 'till 1'")["maxResults"] == 1
    rate = states.query("select * from TaxRate where RateValue = '6.25'")["TaxRate"][0]
    assert rate["RateValue"] == number("6.25")
