"""Parameters that several routes take."""

from datetime import date, datetime
from typing import Annotated, Final

from litestar.params import QueryParameter

from api.answers import MOST
from api.problems import Refusal
from ledger.book import Book
from ledger.errors import fault
from ledger.store import instant

_INSTANT: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+\-][0-9]{2}:[0-9]{2})"
)
Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many to answer at the most.")]
AfterNumber = Annotated[
    str | None,
    QueryParameter(pattern=r"^[0-9]{1,18}$", description="`next` of the page before."),
]
Since = Annotated[date | None, QueryParameter(name="from", description="First business date.")]
Through = Annotated[date | None, QueryParameter(name="to", description="Last business date.")]
AsOf = Annotated[
    date | None,
    QueryParameter(description="End of this business date; default: everything recorded."),
]
KNOWN_PATTERN: Final = rf"^(?:[0-9]{{1,18}}|{_INSTANT})$"
KnownAt = Annotated[
    str | None,
    QueryParameter(
        pattern=KNOWN_PATTERN,
        description="As it was known then: a sequence number, that fact included, or an instant "
        "(RFC 3339); default: now.",
    ),
]


def known_at_of(stated: str | None, name: str = "known_at") -> int | datetime | None:
    """Return the sequence number or the instant that `known_at` states; a Refusal for neither."""
    if stated is None or stated.isdecimal():
        return None if stated is None else int(stated)
    try:
        return datetime.fromisoformat(stated)
    except ValueError:
        raise bad_parameter(name) from None


def unescaped(key: str) -> str:
    """Return what a part of a path names: `~1` stands for a slash, `~0` for a tilde."""
    return key.replace("~1", "/").replace("~0", "~")


def today(book: Book, now_us: int) -> date:
    """Return the shop's day now."""
    return book.business_date(instant(now_us))


def bad_parameter(name: str) -> Refusal:
    """Return the refusal of a parameter that cannot be read."""
    return Refusal(
        "parameters-not-valid", 400, faults=[fault(f"?{name}", "parameter-not-valid", name=name)]
    )
