"""What still stands of what was recorded: everything but what was taken back."""

from collections.abc import Sequence

from ledger.events.base import Earlier, Entry


def is_reversed(entry: Entry, earlier: Earlier) -> bool:
    """Tell whether a later event took an entry back."""
    return any(tag(about) == "event_reversed" for about in earlier.about("event", entry.event.id))


def standing(earlier: Earlier, subject: str, name: str, kind: str) -> list[Entry]:
    """Return the entries of one kind of event about a subject that stand, oldest first."""
    return [
        entry
        for entry in earlier.about(subject, name)
        if tag(entry) == kind and not is_reversed(entry, earlier)
    ]


def timeline(earlier: Earlier, subject: str, name: str) -> list[tuple[Entry, bool]]:
    """Return the entries about a subject in the order of the log, each again when it is taken back.

    The flag tells the taking back. What an entry meant when it was recorded is so undone exactly,
    whatever was recorded in between.
    """
    return in_order(earlier.about(subject, name), earlier)


def in_order(entries: Sequence[Entry], earlier: Earlier) -> list[tuple[Entry, bool]]:
    """Return entries in the order of the log, each again when it is taken back."""
    moves = [(entry.seq, entry, False) for entry in entries]
    for _, entry, _ in tuple(moves):
        backs = earlier.about("event", entry.event.id)
        moves += [(back.seq, entry, True) for back in backs if tag(back) == "event_reversed"]
    moves.sort(key=lambda move: move[0])
    return [(entry, undone) for _, entry, undone in moves]


def tag(entry: Entry) -> str:
    """Return the stored word for an entry's kind of event."""
    return str(entry.event.__struct_config__.tag)
