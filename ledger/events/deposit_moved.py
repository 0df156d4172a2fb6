"""DepositMoved: a deposit carried to another booking (5.3)."""

from collections.abc import Iterable
from typing import ClassVar

from ledger.events.base import Earlier, Reference
from ledger.events.booking_state import TiesDeposit
from ledger.events.deposit_state import refuse_empty
from ledger.postings import Caveat


class DepositMoved(TiesDeposit, frozen=True, kw_only=True, tag="deposit_moved"):
    """A deposit is for another booking from now on: the same money, so no entry."""

    moves: ClassVar[bool] = True

    to_booking: Reference

    def for_booking(self) -> str:
        """Return the booking that it is for from now on."""
        return self.to_booking

    def postings(self, earlier: Earlier) -> Iterable[Caveat]:
        """Yield nothing; of a deposit that the book does not have, offline, an exception."""
        missing = refuse_empty(self, self.deposit, earlier)
        if missing:
            yield Caveat("unknown-deposit", self.deposit)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the deposit, and the booking that it is moved to."""
        yield "deposit", self.deposit
        yield "booking", self.to_booking
