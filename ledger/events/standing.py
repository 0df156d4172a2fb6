"""What still stands of what was recorded: everything but what was taken back."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from ledger.events.base import Entry


class Remembers(Protocol):
    """What was recorded before, as far as a story needs it; `Earlier` is one."""

    def about(self, kind: str, name: str) -> Sequence[Entry]:
        """Return the entries whose events speak of a subject, oldest first."""


def is_reversed(entry: Entry, log: Remembers) -> bool:
    """Tell whether a later event took an entry back."""
    return bool(_backs(entry, log))


def standing(log: Remembers, subject: str, name: str, kind: str) -> list[Entry]:
    """Return the entries of one kind of event about a subject that stand, oldest first."""
    return [
        entry
        for entry in log.about(subject, name)
        if tag(entry) == kind and not is_reversed(entry, log)
    ]


def timeline(log: Remembers, subject: str, name: str) -> list[tuple[Entry, bool]]:
    """Return the entries about a subject in the order of the log, each again when it is taken back.

    The flag tells the taking back. What an entry meant when it was recorded is so undone exactly,
    whatever was recorded in between.
    """
    return in_order(log.about(subject, name), log)


def in_order(entries: Iterable[Entry], log: Remembers) -> list[tuple[Entry, bool]]:
    """Return entries in the order of the log, each again when it is taken back."""
    return [(done, by is not done) for done, by in steps(entries, log)]


def steps(entries: Iterable[Entry], log: Remembers) -> list[tuple[Entry, Entry]]:
    """Return (what was done, the entry that did it or took it back), in the order of the log."""
    found = [(entry, entry) for entry in entries]
    for entry, _ in tuple(found):
        found += [(entry, back) for back in _backs(entry, log)]
    return sorted(found, key=lambda step: step[1].seq)


def _backs(entry: Entry, log: Remembers) -> list[Entry]:
    about = log.about("event", entry.event.id)
    return [back for back in about if tag(back) == "event_reversed"]


def tag(entry: Entry) -> str:
    """Return the stored word for an entry's kind of event."""
    return str(entry.event.__struct_config__.tag)
