"""The file's rows, read strictly: either every row is sound, or each broken one is named."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

COLUMNS: Final = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
ZONE: Final = ZoneInfo("Europe/London")

_GZIP: Final = b"\x1f\x8b"
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)
_INVOICE: Final = re.compile(r"[A-Za-z0-9]{1,40}", re.ASCII)
_WHEN: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", re.ASCII)


class Row(Struct, frozen=True, gc=False):
    """One line of the file. `number` counts from 1 for the heading, as a spreadsheet does."""

    number: int
    invoice: str
    code: str
    description: str
    quantity: Decimal
    at: datetime
    price: Decimal
    customer: str
    country: str

    @property
    def value(self) -> Decimal:
        """Return quantity times price in pounds, exact; negative on cancellations."""
        return self.quantity * self.price


class RowFault(Struct, frozen=True):
    """Why a row cannot be read."""

    row: int
    reason: str


class BrokenFile(Exception):
    """The file is not what it should be: every fault, by row. Nothing of it was sent."""

    def __init__(self, faults: Iterable[RowFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"row {f.row}: {f.reason}" for f in self.faults[:3]))


def read(content: bytes) -> list[Row]:
    """Return the rows of a CSV file, compressed with gzip or not; BrokenFile with every fault."""
    lines = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    rows: list[Row] = []
    faults: list[RowFault] = []
    try:
        _heading(next(lines, []))
        for fields in lines:
            found = _row(lines.line_num, fields)
            if isinstance(found, Row):
                rows.append(found)
            else:
                faults += found
    except csv.Error as broken:
        faults.append(RowFault(lines.line_num, f"not readable as CSV: {broken}"))
    if faults:
        raise BrokenFile(faults)
    return rows


def _text(content: bytes) -> str:
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as broken:
            raise BrokenFile([RowFault(0, f"the gzip file is damaged: {broken}")]) from broken
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        row = content[: broken.start].count(b"\n") + 1
        raise BrokenFile([RowFault(row, "the text is not UTF-8")]) from broken


def _heading(fields: list[str]) -> None:
    if tuple(fields) != COLUMNS:
        expected = ",".join(COLUMNS)
        raise BrokenFile([RowFault(1, f"the heading must be {expected}")])


def _row(number: int, fields: list[str]) -> Row | list[RowFault]:
    if len(fields) != len(COLUMNS):
        reason = f"{len(fields)} columns where {len(COLUMNS)} belong"
        return [RowFault(number, reason)]
    faults = [RowFault(number, reason) for reason in _faults(fields)]
    if faults:
        return faults
    invoice, code, description, quantity, at, price, customer, country = fields
    return Row(
        number,
        invoice,
        code.strip(),
        description.strip(),
        Decimal(quantity),
        datetime.fromisoformat(at).replace(tzinfo=ZONE),
        Decimal(price),
        customer.strip(),
        country.strip(),
    )


def _faults(fields: list[str]) -> Iterator[str]:
    invoice, code, description, quantity, at, price, customer, country = fields
    if not _INVOICE.fullmatch(invoice):
        yield f"InvoiceNo {_quoted(invoice)} is not made of letters and digits"
    if not 1 <= len(code.strip()) <= 64:
        yield f"StockCode {_quoted(code)} is empty or longer than 64 characters"
    if len(description) > 500:
        yield "Description is longer than 500 characters"
    for name, number in (("Quantity", quantity), ("UnitPrice", price)):
        if not _NUMBER.fullmatch(number):
            yield f"{name} {_quoted(number)} is not a plain decimal number"
    if not _is_instant(at):
        yield f"InvoiceDate {_quoted(at)} is not a time such as 2010-12-01 08:26"
    for name, text in (("CustomerID", customer), ("Country", country)):
        if len(text.strip()) > 64:
            yield f"{name} is longer than 64 characters"


def _is_instant(text: str) -> bool:
    if not _WHEN.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")
