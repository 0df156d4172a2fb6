"""The file's own totals, from its rows alone."""

from decimal import Decimal
from pathlib import Path

from api.online_retail.documents import documents
from api.online_retail.rows import read
from api.online_retail.totals import Sum, compared, totals
from tests.importer.test_facts import rows_of

RETAIL = Path(__file__).with_name("retail.csv")


def test_the_sum_of_a_file_is_exact_and_its_rounding_is_shown() -> None:
    found = totals(documents(rows_of("1 | 30001 | 3 | 2.55", "1 | PADS | 1 | 0.001")))
    assert found.value == Sum(Decimal("7.651"), 765)
    assert found.value.rounding == Decimal("0.001")


def test_every_row_counts_to_one_account_and_once_to_clearing() -> None:
    found = totals(documents(read(RETAIL.read_bytes())))
    rows = read(RETAIL.read_bytes())
    exact = sum((row.value for row in rows), Decimal(0))
    apart = ("clearing", "clearing, received", "clearing, given back", "clearing, cancellations")
    assert found.value.exact == exact
    assert sum(part.exact for role, part in found.sums.items() if role not in apart) == exact
    assert found.rows == len(rows)
    assert sum(found.classes.values()) == found.documents
    assert [row.reason for row in found.unbooked] == ["its quantity is zero"]


def test_a_difference_is_seen_to_the_penny() -> None:
    found = totals(documents(rows_of("1 | 30001 | 1 | 2.00", "C2 | 30001 | -1 | 0.50")))
    ledger = {
        "sales": 200,
        "sales_returns": -50,
        "clearing": 150,
        "clearing, received": 200,
        "clearing, given back": -50,
        "clearing, cancellations": -50,
    }
    assert all(one.equal for one in compared(found, ledger))
    wrong = [one.what for one in compared(found, ledger | {"sales": 201, "bad_debt": 5})]
    assert wrong == [
        "Goods sold",
        "Taken back",
        "Bad debts",
        "Received from customers",
        "Given back and charged",
        "Everything together",
        "of which cancellations",
    ]
    differing = [one.what for one in compared(found, ledger | {"sales": 201}) if not one.equal]
    assert differing == ["Goods sold"]
