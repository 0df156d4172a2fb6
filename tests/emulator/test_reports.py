"""Reports come from a general ledger that balances, over fiscal years too."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.books import Books, Json, Office, number


def sell(books: Books, day: str, amount: str, **more: Any) -> Json:
    body = {"TxnDate": day, "Line": [books.line(amount, "NON")], **more}
    return books.post("SalesReceipt", body)


def journal(books: Books, day: str, debit: str, credit: str, amount: str) -> None:
    lines = [books.leg("Debit", debit, amount), books.leg("Credit", credit, amount)]
    books.post("JournalEntry", {"TxnDate": day, "Line": lines})


def test_a_trial_balance_has_the_layout_of_the_reports(states: Books) -> None:
    sell(states, "2026-01-05", "100")
    report = states.report("TrialBalance", start_date="2026-01-01", end_date="2026-01-31")
    header = report["Header"]
    assert header["ReportName"] == "TrialBalance"
    assert (header["StartPeriod"], header["EndPeriod"]) == ("2026-01-01", "2026-01-31")
    assert (header["ReportBasis"], header["Currency"]) == ("Accrual", "USD")
    assert header["Option"] == [{"Name": "NoReportData", "Value": "false"}]
    titles = [(each["ColTitle"], each["ColType"]) for each in report["Columns"]["Column"]]
    assert titles == [("", "Account"), ("Debit", "Money"), ("Credit", "Money")]
    rows = report["Rows"]["Row"]
    funds = {"value": "Undeposited Funds", "id": states.find("Account", "Undeposited Funds")}
    assert rows[0] == {"ColData": [funds, {"value": "100.00"}, {"value": ""}]}
    assert rows[-1] == {
        "Summary": {"ColData": [{"value": "TOTAL"}, {"value": "100.00"}, {"value": "100.00"}]},
        "type": "Section",
        "group": "GrandTotal",
    }


def test_a_report_over_nothing_says_so(states: Books) -> None:
    for name in ("TrialBalance", "GeneralLedger", "ProfitAndLoss", "BalanceSheet"):
        report = states.report(name, start_date="2020-01-01", end_date="2020-12-31")
        assert report["Header"]["Option"] == [{"Name": "NoReportData", "Value": "true"}]


def test_earlier_years_lie_in_retained_earnings(office: Office) -> None:
    books = office.company(country="US", fiscal_month=4)
    sell(books, "2025-03-31", "100")
    sell(books, "2025-04-01", "30")
    journal(books, "2026-03-31", "Purchases", "Checking", "12")
    sell(books, "2026-04-01", "5")
    assert books.trial_balance("2026-03-31") == {
        "Checking": "-12.00",
        "Undeposited Funds": "130.00",
        "Retained Earnings": "-100.00",
        "Sales": "-30.00",
        "Purchases": "12.00",
    }
    assert books.trial_balance("2026-04-01") == {
        "Checking": "-12.00",
        "Undeposited Funds": "135.00",
        "Retained Earnings": "-118.00",
        "Sales": "-5.00",
    }


def test_the_general_ledger_lists_each_posting_with_a_running_balance(states: Books) -> None:
    customer = states.customer("Amy's Bird Sanctuary")
    sell(states, "2026-01-05", "976")
    receipt = sell(
        states, "2026-02-02", "24", CustomerRef={"value": customer}, PrivateNote="marker"
    )
    report = states.report("GeneralLedger", start_date="2026-02-01", end_date="2026-02-28")
    kinds = [each["ColType"] for each in report["Columns"]["Column"]]
    assert kinds == [
        "tx_date",
        "txn_type",
        "doc_num",
        "name",
        "memo",
        "split_acc",
        "subt_nat_amount",
        "rbal_nat_amount",
    ]
    sections = {each["Header"]["ColData"][0]["value"]: each for each in report["Rows"]["Row"]}
    assert set(sections) == {"Undeposited Funds", "Sales"}
    funds = sections["Undeposited Funds"]
    assert funds["Header"]["ColData"][0]["id"] == states.find("Account", "Undeposited Funds")
    first, second = funds["Rows"]["Row"]
    assert first["ColData"][0] == {"value": "Beginning Balance"}
    assert first["ColData"][-1] == {"value": "976.00"}
    assert second == {
        "ColData": [
            {"value": "2026-02-02"},
            {"value": "Sales Receipt", "id": receipt["Id"]},
            {"value": receipt["DocNumber"]},
            {"value": "Amy's Bird Sanctuary", "id": customer},
            {"value": "marker"},
            {"value": "Sales", "id": states.find("Account", "Sales")},
            {"value": "24.00"},
            {"value": "1000.00"},
        ],
        "type": "Data",
    }
    assert funds["Summary"]["ColData"][0] == {"value": "Total for Undeposited Funds"}
    assert funds["Summary"]["ColData"][6] == {"value": "24.00"}
    assert sections["Sales"]["Rows"]["Row"][1]["ColData"][6] == {"value": "24.00"}


def test_subaccounts_stand_within_their_parents(states: Books) -> None:
    parent = states.find("Account", "Checking")
    body = {"Name": "Till 1", "AccountType": "Bank", "ParentRef": {"value": parent}}
    till = states.post("Account", body)
    assert till["FullyQualifiedName"] == "Checking:Till 1"
    journal(states, "2026-01-05", "Till 1", "Sales", "7")
    report = states.report("GeneralLedger", start_date="2026-01-01", end_date="2026-01-31")
    outer = report["Rows"]["Row"][0]
    assert outer["Header"]["ColData"][0]["value"] == "Checking"
    assert outer["Rows"]["Row"][1]["Header"]["ColData"][0]["value"] == "Till 1"
    assert states.trial_balance("2026-01-31")["Checking:Till 1"] == "7.00"


def test_profit_and_loss_and_balance_sheet_agree(states: Books) -> None:
    sell(states, "2026-01-05", "100")
    journal(states, "2026-01-06", "Cost of Goods Sold", "Inventory Asset", "40")
    journal(states, "2026-01-07", "Bank Charges", "Checking", "5")
    dates = {"start_date": "2026-01-01", "end_date": "2026-01-31"}
    profit = states.report("ProfitAndLoss", **dates)["Rows"]["Row"]
    totals = {each["group"]: each["Summary"]["ColData"][1]["value"] for each in profit}
    assert totals == {
        "Income": "100.00",
        "COGS": "40.00",
        "GrossProfit": "60.00",
        "Expenses": "5.00",
        "NetOperatingIncome": "55.00",
        "NetIncome": "55.00",
    }
    sheet = states.report("BalanceSheet", **dates)["Rows"]["Row"]
    totals = {each["group"]: each["Summary"]["ColData"][1]["value"] for each in sheet}
    assert totals == {"TotalAssets": "55.00", "TotalLiabilitiesAndEquity": "55.00"}


def test_an_account_shows_its_balance_as_its_kind_is_read(states: Books) -> None:
    journal(states, "2026-01-05", "Checking", "Sales Tax Agency Payable", "9")
    checking = states.read("Account", states.find("Account", "Checking"))
    payable = states.read("Account", states.find("Account", "Sales Tax Agency Payable"))
    assert checking["CurrentBalance"] == payable["CurrentBalance"] == 9


def test_reports_that_are_not_served(states: Books) -> None:
    answer = states.send("GET", "reports/Astrology")
    assert answer.json()["Fault"]["Error"][0]["code"] == "500"
    answer = states.send("GET", "reports/TrialBalance", end_date="soon")
    assert answer.json()["Fault"]["Error"][0]["code"] == "2080"


AMOUNTS = st.decimals("-50", "500", places=2)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.tuples(AMOUNTS, st.booleans()), min_size=1, max_size=5), max_size=6))
def test_whatever_is_sold_the_books_balance(receipts: list[list[tuple[Any, bool]]]) -> None:
    office = Office()
    try:
        books = office.company(country="CA")
        codes = {True: "GST/QST QC - 9.975", False: "Exempt"}
        for lines in receipts:
            body = {
                "TxnDate": "2026-01-05",
                "GlobalTaxCalculation": "TaxExcluded",
                "Line": [books.line(str(amount), codes[taxed]) for amount, taxed in lines],
            }
            answer = books.send("POST", "salesreceipt", body)
            assert answer.status_code == 200 or "0 or greater" in answer.text
        balances = books.trial_balance("2026-01-31").values()
        assert sum(number(each) * 100 for each in balances) == 0
    finally:
        office.close()
