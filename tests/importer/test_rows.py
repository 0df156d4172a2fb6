"""A file is read whole, or each of its broken rows is named."""

import gzip
from datetime import timedelta
from decimal import Decimal

import pytest

from api.online_retail.rows import COLUMNS, BrokenFile, read

HEADING = ",".join(COLUMNS)
SOUND = "700001,30001,OAK LAMP,6,2023-12-21 09:05,2.55,20011,United Kingdom"


def a_file(*rows: str) -> bytes:
    return "\n".join((HEADING, *rows, "")).encode()


def reasons(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(BrokenFile) as broken:
        read(content)
    return [(fault.row, fault.reason) for fault in broken.value.faults]


def test_a_row_is_read_with_its_number_and_local_time() -> None:
    (row,) = read(a_file(SOUND))
    assert (row.number, row.invoice, row.code, row.customer) == (2, "700001", "30001", "20011")
    assert row.value == Decimal("15.30")
    assert row.at.utcoffset() == timedelta(0)
    (summer,) = read(a_file(SOUND.replace("12-21", "07-21")))
    assert summer.at.utcoffset() == timedelta(hours=1)


def test_a_compressed_file_is_the_same_file() -> None:
    assert read(gzip.compress(a_file(SOUND))) == read(a_file(SOUND))


def test_a_quoted_description_may_hold_commas_and_quotes() -> None:
    (row,) = read(a_file(SOUND.replace("OAK LAMP", '"LAMP, ""OAK"" £"')))
    assert row.description == 'LAMP, "OAK" £'


@pytest.mark.parametrize(
    ("sound", "broken", "reason"),
    [
        ("700001", "", "InvoiceNo '' is not made of letters and digits"),
        ("700001", "70/001", "InvoiceNo '70/001' is not made of letters and digits"),
        ("30001", " ", "StockCode ' ' is empty or longer than 64 characters"),
        (",6,", ",six,", "Quantity 'six' is not a plain decimal number"),
        (",6,", ",1e3,", "Quantity '1e3' is not a plain decimal number"),
        (",6,", ",٦,", "Quantity '٦' is not a plain decimal number"),
        ("2.55", "NaN", "UnitPrice 'NaN' is not a plain decimal number"),
        ("2.55", "2_5", "UnitPrice '2_5' is not a plain decimal number"),
        ("2.55", "0.0000001", "UnitPrice '0.0000001' is not a plain decimal number"),
        (
            "2023-12-21 09:05",
            "21/12/2023 09:05",
            "InvoiceDate '21/12/2023 09:05' is not a time such as 2010-12-01 08:26",
        ),
        (
            "2023-12-21 09:05",
            "2023-02-30 09:05",
            "InvoiceDate '2023-02-30 09:05' is not a time such as 2010-12-01 08:26",
        ),
        ("20011", "2" * 65, "CustomerID is longer than 64 characters"),
        ("OAK LAMP", "O" * 501, "Description is longer than 500 characters"),
        (",United Kingdom", "", "7 columns where 8 belong"),
        (",United Kingdom", ",United Kingdom,more", "9 columns where 8 belong"),
    ],
)
def test_a_broken_row_is_named_with_the_reason(sound: str, broken: str, reason: str) -> None:
    assert reasons(a_file(SOUND, SOUND.replace(sound, broken), SOUND)) == [(3, reason)]


def test_every_broken_row_is_named_at_once() -> None:
    broken = SOUND.replace("2.55", "x").replace(",6,", ",y,")
    assert [row for row, _ in reasons(a_file(broken, SOUND, broken))] == [2, 2, 4, 4]


def test_another_heading_is_refused() -> None:
    ((row, reason),) = reasons(a_file(SOUND).replace(b"UnitPrice", b"Price"))
    assert row == 1
    assert reason == f"the heading must be {HEADING}"


def test_an_empty_file_has_no_heading() -> None:
    assert reasons(b"")[0][0] == 1


def test_text_that_is_not_utf8_is_named_by_its_row() -> None:
    content = a_file(SOUND, SOUND).replace(b"OAK", b"\xa3AK", 1)
    assert reasons(content) == [(2, "the text is not UTF-8")]


def test_an_open_quote_is_not_csv() -> None:
    ((row, reason),) = reasons(a_file(SOUND, SOUND.replace("OAK", '"OAK')))
    assert row >= 3
    assert reason.startswith("not readable as CSV")


def test_a_cut_gzip_file_is_damaged() -> None:
    ((_, reason),) = reasons(gzip.compress(a_file(SOUND))[:-12])
    assert reason.startswith("the gzip file is damaged")
