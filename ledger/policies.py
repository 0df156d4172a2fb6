"""Policies: what a book may want done differently, and the words it says so with."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

_DURATION: Final = re.compile(r"([0-9]{1,3})([mhd])")
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def duration(text: str) -> timedelta:
    """Return what "90m", "2h" or "1d" says; ValueError for anything else."""
    stated = _DURATION.fullmatch(text)
    if stated is None:
        raise ValueError(text)
    return int(stated[1]) * _UNITS[stated[2]]


def day(text: str) -> date:
    """Return what "2026-03-14" says; ValueError for anything else."""
    if len(text) != len("2026-03-14"):
        raise ValueError(text)
    return date.fromisoformat(text)


class Policy(Struct, frozen=True):
    """One policy: its `words` where they are few, else how to `read` its value."""

    default: object
    words: tuple[str, ...] = ()
    read: Callable[[str], object] = str
    code: str = "not-one-of"


def _choice(*words: str) -> Policy:
    return Policy(words[0], words)


POLICIES: Final[dict[str, Policy]] = {
    # how a channel's facts are sent: one by one, a session's together, or a day's
    "posting": _choice("per_transaction", "per_closure", "per_day"),
    # refunds without their sale: each an exception, or accepted in one step
    "blind_refunds": _choice("list", "accept"),
    # freight, duty and discount of goods: part of their cost, or accounts of their own
    "landed_cost": _choice("inventory", "expense"),
    # a sale of nothing but free lines: a document like any other, or none
    "free_sales": _choice("document", "none"),
    # in summaries, sales to known customers: singly, or with the rest
    "known_customers": _choice("singly", "summarised"),
    # a sale paid with one tender: a sales receipt, or an invoice and its payment
    "paid_sales": _choice("receipt", "invoice"),
    # whether only customers are sent, and no documents
    "customers_only": _choice("no", "yes"),
    # how long after its end a day waits for late facts before it is planned
    "day_grace": Policy(timedelta(hours=2), read=duration, code="not-a-duration"),
    # the business date from which facts are sent; None: all of them
    "history_from": Policy(None, read=day, code="not-a-date"),
}
"""Each policy; of the words the default stands first."""


def meaning(policy: str, text: str) -> object:
    """Return the value that *text* states for a policy: a word, a `timedelta` or a `date`.

    ValueError when it states none; KeyError when there is no such policy.
    """
    known = POLICIES[policy]
    if known.words and text not in known.words:
        raise ValueError(text)
    return known.read(text)
