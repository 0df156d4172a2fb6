"""Answers as tables: CSV (RFC 4180) for those who ask for it by `Accept`, safe in a spreadsheet."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, Final

from litestar import Response
from litestar.response import Stream

from api.bodies import JSON
from api.catalogue import Language, word
from api.preferences import preferences
from api.problems import Refusal

CSV: Final = "text/csv"

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_AT_ONCE: Final = 500
"""Rows that are sent together."""

Row = Mapping[str, str]
"""Cells by column; one that is missing is empty."""


def form_of(accept: str) -> str:
    """Return the media type to answer in; a Refusal (406) when it is none of ours."""
    for name in preferences(accept or "*/*"):
        if name in (CSV, "text/*"):
            return CSV
        if name in (JSON, "application/*", "*/*"):
            return JSON
    raise Refusal("not-acceptable", 406, accepted=f"{JSON}, {CSV}")


def answered(
    form: str, answer: Any, columns: Sequence[str], rows: Iterable[Row], language: Language
) -> Response[Any]:
    """Return an answer in the form that was asked for."""
    if form == CSV:
        return Response(table(columns, rows, language), media_type=CSV)
    return Response(answer)


def table(columns: Sequence[str], rows: Iterable[Row], language: Language) -> bytes:
    """Return a whole table in UTF-8: a row of headings, then the rows."""
    return b"".join(_parts(columns, rows, language))


def streamed(columns: Sequence[str], rows: Iterator[Row], language: Language) -> Stream:
    """Return a table that is sent while it is read."""
    return Stream(_parts(columns, rows, language), media_type=CSV)


def _parts(columns: Sequence[str], rows: Iterable[Row], language: Language) -> Iterator[bytes]:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading(column, language) for column in columns)
    for number, row in enumerate(rows, 1):
        writer.writerow(guarded(row.get(column, "")) for column in columns)
        if number % _AT_ONCE == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def heading(column: str, language: Language) -> str:
    """Return a column's heading: in English the field's name in JSON, in French its word."""
    if language == "en":
        return column
    text = word(column, language)
    return text[:1].lower() + text[1:]


def guarded(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula (ASVS 1.2.10); numbers stay."""
    if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
