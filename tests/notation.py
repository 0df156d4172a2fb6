"""Journals as people write them: `Dr cash till-3 60.00 / Cr sales Hats 40.00`."""

from typing import Protocol

from ledger.money import MILLION, to_text
from ledger.postings import Posting


class Booked(Protocol):
    """An entry, or a decision that is to be one."""

    @property
    def postings(self) -> tuple[Posting, ...]:
        """Return the debits and credits."""


def journal(text: str) -> list[str]:
    """Return the lines of a journal, one a line or between slashes, in the order of `booked`.

    Each is `Dr|Cr role [holder] amount [currency = at home] [x quantity]`; spaces count once.
    """
    lines = (" ".join(line.split()) for part in text.split("\n") for line in part.split(" / "))
    return sorted(line for line in lines if line)


def booked(entry: Booked, home: str = "CAD") -> list[str]:
    """Return an entry's postings as a journal; foreign money with what it is in *home* money."""
    return sorted(_line(posting, home) for posting in entry.postings)


def _line(posting: Posting, home: str) -> str:
    positive = (posting.amount or posting.quantity or posting.at_home) > 0
    words = ["Dr" if positive else "Cr", posting.role, posting.holder]
    words.append(to_text(abs(posting.amount), posting.currency))
    if posting.home is not None:
        words += [posting.currency, "=", to_text(abs(posting.home), home)]
    if posting.quantity:
        whole, rest = divmod(abs(posting.quantity), MILLION)
        words += ["x", f"{whole}.{rest:06}".rstrip("0").rstrip(".")]
    return " ".join(filter(None, words))
