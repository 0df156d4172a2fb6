"""What a check looks at, and the first thing that it finds wrong."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct


class Finding(Struct, frozen=True, omit_defaults=True):
    """One thing that is not as it ought to be, and exactly where. Amounts are minor units."""

    what: str
    expected: str
    found: str
    seq: int | None = None
    event: str | None = None
    line: int | None = None
    account: str | None = None
    holder: str | None = None
    currency: str | None = None
    place: str | None = None

    def where(self) -> str:
        """Return the place in words."""
        return ", ".join(self._where()) or "the book"

    def _where(self) -> Iterator[str]:
        named = {"event": self.seq, "id": self.event, "line": self.line, "account": self.account}
        named |= {"holder": self.holder, "currency": self.currency}
        yield from (f"{name} {value}" for name, value in named.items() if value not in (None, ""))
        if self.place:
            yield self.place


class Check(Struct):
    """One kind of thing that was looked at: how many, and the first that is wrong."""

    name: str
    examined: int = 0
    finding: Finding | None = None
    skipped: str | None = None

    @property
    def well(self) -> bool:
        """Tell whether all was looked at and nothing was found."""
        return self.finding is None and self.skipped is None

    def find(self, what: str, expected: Any, found: Any, **where: Any) -> None:
        """Keep the first thing that is wrong."""
        if self.finding is None:
            self.finding = Finding(what, _text(expected), _text(found), **where)

    def compare(self, what: str, expected: Any, found: Any, **where: Any) -> bool:
        """Keep what was found where it is not what was expected; tell whether it is."""
        if expected != found:
            self.find(what, expected, found, **where)
        return bool(expected == found)


class Report(Struct, frozen=True):
    """What was found in a book through event number `head`."""

    book: int
    head: int
    checks: list[Check]

    @property
    def well(self) -> bool:
        """Tell whether the book is what it ought to be."""
        return all(check.well for check in self.checks)


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    return value.hex() if isinstance(value, bytes) else str(value)
