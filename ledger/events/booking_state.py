"""What a booking has: the deposits that are tied to it, and the events that ended it (5.3)."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from ledger.events.base import BusinessEvent, Earlier, Entry, Reference
from ledger.events.standing import in_order

Disposal = Literal["keep", "refund", "store_credit", "move"]
"""What becomes of the deposits of a booking that ends."""


class TiesDeposit(BusinessEvent, frozen=True, kw_only=True):
    """An event that says for which booking a deposit is held.

    Where it was last moved is where it is; else where it was last received for.
    """

    moves: ClassVar[bool] = False

    deposit: Reference

    def for_booking(self) -> str | None:
        """Return the booking that it ties the deposit to, if any."""
        return self.booking

    def is_prepayment(self) -> bool:
        """Tell whether what it pays in bore its taxes when it was paid."""
        return False


class EndsBooking(BusinessEvent, frozen=True, kw_only=True):
    """An event after which a booking has nothing open: its deposits go as told."""

    usual: ClassVar[Disposal]

    booking: Reference
    deposit: Disposal | None = None
    to_booking: Reference | None = None

    @property
    def disposal(self) -> Disposal:
        """Return what becomes of the deposits."""
        return self.deposit or self.usual


class Place:
    """Where a deposit is, while its story is told in order."""

    def __init__(self) -> None:
        self._tied: dict[int, str] = {}
        self._moved: dict[int, str] = {}

    @property
    def booking(self) -> str | None:
        """Return the booking that the deposit is for now."""
        where = self._moved or self._tied
        return where[max(where)] if where else None

    def note(self, entry: Entry, deposit: str) -> None:
        """Take in what an entry says of it."""
        event = entry.event
        if isinstance(event, TiesDeposit) and event.deposit == deposit:
            booking = event.for_booking()
            if booking is not None:
                (self._moved if event.moves else self._tied)[entry.seq] = booking
        elif isinstance(event, EndsBooking) and event.disposal == "move" and self.ended(event):
            self._moved[entry.seq] = event.to_booking or event.booking

    def ended(self, event: EndsBooking) -> bool:
        """Tell whether an ending is that of the booking that it is for."""
        return event.booking == self.booking

    def forget(self, entry: Entry) -> None:
        """Leave out what an entry that is taken back said."""
        self._tied.pop(entry.seq, None)
        self._moved.pop(entry.seq, None)


def story(deposit: str, earlier: Earlier) -> list[tuple[Entry, bool]]:
    """Return the entries that may touch a deposit, in order, each again when it is taken back.

    Beside those that name it, the endings of every booking that it may have been for.
    """
    found = {entry.seq: entry for entry in earlier.about("deposit", deposit)}
    bookings = dict.fromkeys(
        booking
        for entry in found.values()
        if isinstance(entry.event, TiesDeposit) and entry.event.deposit == deposit
        for booking in [entry.event.for_booking()]
        if booking is not None
    )
    for booking in _followed(bookings, earlier):
        found |= {entry.seq: entry for entry in _endings(booking, earlier)}
    return in_order(found.values(), earlier)


def _endings(booking: str, earlier: Earlier) -> list[Entry]:
    """Return the entries that ended a booking, those taken back included."""
    return [
        entry
        for entry in earlier.about("booking", booking)
        if isinstance(entry.event, EndsBooking) and entry.event.booking == booking
    ]


def _followed(bookings: Iterable[str], earlier: Earlier) -> list[str]:
    """Return bookings, and every booking that their endings moved deposits to."""
    reached = list(dict.fromkeys(bookings))
    for booking in reached:
        for entry in _endings(booking, earlier):
            assert isinstance(entry.event, EndsBooking)
            then = entry.event.to_booking
            if then is not None and then not in reached:
                reached.append(then)
    return reached


def booking_of(deposit: str, earlier: Earlier) -> str | None:
    """Return the booking that a deposit is for now."""
    place = Place()
    for entry, undone in story(deposit, earlier):
        if undone:
            place.forget(entry)
        else:
            place.note(entry, deposit)
    return place.booking


def deposits_of(booking: str, earlier: Earlier) -> list[str]:
    """Return the deposits that are for a booking now, spent ones included, oldest first."""
    named = dict[str, None]()
    for source in _sources(booking, earlier):
        for entry in earlier.about("booking", source):
            if isinstance(entry.event, TiesDeposit):
                named[entry.event.deposit] = None
    return [deposit for deposit in named if booking_of(deposit, earlier) == booking]


def _sources(booking: str, earlier: Earlier) -> list[str]:
    """Return a booking, and every booking whose ending moved deposits to it, however far back."""
    reached = [booking]
    for target in reached:
        for entry in earlier.about("booking", target):
            event = entry.event
            moved_here = isinstance(event, EndsBooking) and event.to_booking == target
            if moved_here and event.booking not in reached:
                reached.append(event.booking or "")
    return reached
