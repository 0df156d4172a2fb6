"""NoShowRecorded and BookingCancelled: a booking ends without the work being done (5.3).

Its unpaid invoice is voided, its deposits go as told, and there is never an invoice for work that
was not done. A fee is a sale of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from msgspec import Struct

from ledger.book import Book
from ledger.errors import Fault, Invalid, fault
from ledger.events.base import Earlier
from ledger.events.booking_state import Disposal, EndsBooking, deposits_of
from ledger.events.deposit import check_itself, receipts, the_way_it_came
from ledger.events.deposit_state import DepositLeft, beyond, deposit_left, given_up
from ledger.events.forfeit import kept
from ledger.events.invoice_state import invoices_of_booking
from ledger.events.lines import LineTax, check_taxes
from ledger.events.tenders import (
    Tenders,
    check_tenders,
    filled_by,
    received,
    refuse_difference,
    spoken_of,
    sum_of,
    tenders_differ,
)
from ledger.events.unknown import unknown_taxes
from ledger.events.voiding import void_postings
from ledger.money import Amount
from ledger.postings import Caveat, Posting

CATEGORY = "fee"
"""What a fee is a sale of, as the line of a sale of that kind is."""


class Fee(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the customer owes for not coming: an amount, and its taxes beside it."""

    amount: Amount
    taxes: tuple[LineTax, ...] = ()


class _Ending(EndsBooking, frozen=True, kw_only=True):
    """What both kinds of ending have in common."""

    fee: Fee | None = None
    tenders: Tenders = ()

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the fee and its tenders, and of where deposits go."""
        if self.disposal == "move" and self.to_booking is None:
            yield fault("/to_booking", "required")
        if self.disposal != "move" and self.to_booking is not None:
            yield fault("/to_booking", "only-with-move")
        given = yield from check_tenders(self, self.tenders)
        if self.fee is None:
            if self.tenders and self.disposal != "refund":
                yield fault("/tenders", "tenders-for-nothing")
            return
        faults = list(self.misfits(("/fee/amount", self.fee.amount)))
        faults += check_taxes(self, self.fee.taxes, "/fee")
        yield from faults
        if self.tenders and given is not None and not faults and given != self._owed():
            yield tenders_differ(self, self._owed(), given)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield invoices voided, the fee, and the deposits as they go."""
        for invoice in invoices_of_booking(self.booking, earlier):
            unpaid = invoice.open > 0 and not invoice.written_off
            if unpaid and invoice.currency == self.currency:
                yield from void_postings(self, invoice.invoice, earlier, "/booking")
        yield from self._charged(earlier)
        if self.disposal == "move":
            return
        deposits = deposits_of(self.booking, earlier)
        if self.fee is None:
            self._refuse_itself(deposits)
        open_ = list(self._open(deposits, earlier))
        if self.fee is None and self.tenders:
            yield from self._refunded_as_told(open_, earlier)
            return
        for deposit, left in open_:
            yield from self._disposed(deposit, left, earlier)

    def _owed(self) -> int:
        """Return what the fee and its taxes come to."""
        if self.fee is None:
            return 0
        return self.minor(self.fee.amount) + sum(self.minor(tax.amount) for tax in self.fee.taxes)

    def _charged(self, earlier: Earlier) -> Iterator[Posting | Caveat]:
        """Yield the sale of the fee: paid by the tenders, else on account under the event's id."""
        if self.fee is None:
            return
        if self.tenders:
            yield from received(self, self.tenders, earlier, invoice=self.id)
        else:
            yield Posting("receivable", self._owed(), self.id)
        yield Posting("sales", -self.minor(self.fee.amount), CATEGORY)
        for tax in self.fee.taxes:
            yield Posting("sales_tax", -self.minor(tax.amount), tax.tax)
        yield from unknown_taxes((tax.tax for tax in self.fee.taxes), earlier)

    def _refuse_itself(self, deposits: Sequence[str]) -> None:
        """Raise Invalid where what is given back goes into one of the booking's own deposits."""
        found = [wrong for deposit in deposits for wrong in check_itself(deposit, self.tenders)]
        if found:
            raise Invalid(found)

    def _open(self, deposits: Sequence[str], earlier: Earlier) -> Iterator[tuple[str, DepositLeft]]:
        """Yield the booking's deposits that hold something, less what the fee draws from them."""
        for deposit in deposits:
            left = deposit_left(deposit, earlier, self.currency)
            fee = -self.paid_into(deposit)
            left = left.plus(left.part(min(fee, left.paid)), -1)
            if left.paid > 0:
                yield deposit, left

    def _disposed(
        self, deposit: str, left: DepositLeft, earlier: Earlier
    ) -> Iterator[Posting | Caveat]:
        """Yield what becomes of what a deposit still holds."""
        if self.disposal == "keep":
            yield from kept(self, deposit, left, 0, earlier)
            return
        yield from given_up(left, deposit)
        if self.disposal == "refund":
            yield from the_way_it_came(self, deposit, left.paid, earlier)
        else:
            yield Posting("store_credit", -left.paid, self._whose(deposit, earlier))

    def _whose(self, deposit: str, earlier: Earlier) -> str:
        """Return who has a deposit's value as store credit; Invalid when nobody is named."""
        named = [receipt.customer for receipt in receipts(deposit, self, earlier)]
        customer = self.customer or next(filter(None, reversed(named)), None)
        if customer is None:
            raise Invalid([fault("/customer", "required")])
        return customer

    def _refunded_as_told(
        self, open_: list[tuple[str, DepositLeft]], earlier: Earlier
    ) -> Iterator[Posting | Caveat]:
        """Yield all deposits given back by the tenders; what offline went beyond is suspended."""
        due, given = sum(left.paid for _, left in open_), sum_of(self, self.tenders)
        more = max(0, given - due) if self.happened_offline else 0
        refuse_difference(self, due + more, given)
        for deposit, left in open_:
            yield from given_up(left, deposit)
        yield from beyond(self.booking, more)
        yield from received(self, self.tenders, earlier, invoice=self.id, back=True)

    def paid_into(self, deposit: str) -> int:
        """Return what the fee draws from a deposit, negative; a refund may fill another."""
        amount = sum_of(self, [tender for tender in self.tenders if tender.deposit == deposit])
        return amount if self.fee is None else -amount

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the bookings, the fee's invoice, and what tenders speak of and fill."""
        yield "booking", self.booking
        if self.to_booking is not None and self.to_booking != self.booking:
            yield "booking", self.to_booking
        if self.fee is not None and not self.tenders:
            yield "invoice", self.id
        for tender in self.tenders:
            yield from spoken_of(tender, self.id)
            yield from filled_by(tender, self.customer) if self.fee is None else ()
        if self.disposal == "store_credit" and self.customer is not None:
            yield "store_credit", self.customer


class NoShowRecorded(_Ending, frozen=True, kw_only=True, tag="no_show_recorded"):
    """The customer did not come: what was deposited is kept, unless told otherwise."""

    usual: ClassVar[Disposal] = "keep"


class BookingCancelled(_Ending, frozen=True, kw_only=True, tag="booking_cancelled"):
    """The booking was called off: what was deposited is given back, unless told otherwise."""

    usual: ClassVar[Disposal] = "refund"
