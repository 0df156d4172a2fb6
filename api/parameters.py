"""Parameters that several routes take."""

from datetime import date
from typing import Annotated

from litestar.params import QueryParameter

from api.answers import MOST
from api.problems import Refusal
from ledger.book import Book
from ledger.errors import fault
from ledger.store import instant

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
