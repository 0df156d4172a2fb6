"""DepositReceived and DepositRefunded: money held for a customer until the work is done (5.3)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec.structs import replace

from ledger.book import Book
from ledger.errors import Conflict, Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Reference
from ledger.events.booking_state import TiesDeposit
from ledger.events.deposit_state import ALL, deposit_left, drawn
from ledger.events.lines import LineTax, check_taxes
from ledger.events.standing import standing
from ledger.events.tenders import (
    Tender,
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
from ledger.money import Amount, spread
from ledger.postings import Caveat, Posting


class DepositReceived(TiesDeposit, frozen=True, kw_only=True, tag="deposit_received"):
    """A deposit is a liability without tax; a prepayment is taxed when it is paid."""

    amount: Amount
    tenders: Tenders = ()
    kind: Literal["deposit", "prepayment"] = "deposit"
    taxes: tuple[LineTax, ...] = ()

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of amounts, and taxes on what is no prepayment."""
        faults = [*self.misfits(("/amount", self.amount)), *check_taxes(self, self.taxes, "")]
        yield from faults
        if self.taxes and self.kind == "deposit":
            yield fault("/taxes", "deposit-untaxed")
        if sum(tax.amount for tax in self.taxes) > self.amount:
            yield fault("/taxes", "tax-exceeds-amount")
        yield from check_itself(self.deposit, self.tenders)
        given = yield from check_tenders(self, self.tenders)
        if not faults and given is not None and given != self.minor(self.amount):
            yield tenders_differ(self, self.minor(self.amount), given)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr tenders / Cr deposits, and Cr sales_tax of a prepayment."""
        yield from received(self, self.tenders, earlier, invoice=self.id)
        yield from unknown_taxes((tax.tax for tax in self.taxes), earlier)
        taxes = self.deposit_taxes()
        net = self.minor(self.amount) - sum(tax for _, tax in taxes)
        yield Posting("deposits", -net, self.deposit)
        for code, tax in taxes:
            yield Posting("sales_tax", -tax, code)

    def paid_into(self, deposit: str) -> int:
        """Return the amount received; what another deposit paid of it is drawn there."""
        if deposit == self.deposit:
            return self.minor(self.amount)
        return -sum_of(self, [tender for tender in self.tenders if tender.deposit == deposit])

    def deposit_taxes(self) -> tuple[tuple[str, int], ...]:
        """Return the taxes paid with a prepayment."""
        return tuple((tax.tax, self.minor(tax.amount)) for tax in self.taxes)

    def is_prepayment(self) -> bool:
        """Tell whether what is paid in bore its taxes, if any, when it was paid."""
        return self.kind == "prepayment"

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the deposit, what its tenders speak of, and the booking that it is for."""
        yield "deposit", self.deposit
        for tender in self.tenders:
            yield from spoken_of(tender, self.id)
        if self.booking is not None:
            yield "booking", self.booking


class DepositRefunded(BusinessEvent, frozen=True, kw_only=True, tag="deposit_refunded"):
    """A deposit given back, in full or in part."""

    deposit: Reference
    amount: Amount | None = None
    tenders: Tenders = ()

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the amount and the tenders."""
        faults = list(self.misfits(("/amount", self.amount)))
        yield from faults
        yield from check_itself(self.deposit, self.tenders)
        given = yield from check_tenders(self, self.tenders)
        if self.amount is not None and self.tenders and given is not None and not faults:
            due = self.minor(self.amount)
            if due != given:
                yield tenders_differ(self, due, given)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr deposits (and the tax of a prepayment) / Cr tenders."""
        if not (earlier.about("deposit", self.deposit) or self.happened_offline):
            raise Conflict("deposit-unknown", pointer="/deposit", deposit=self.deposit)
        left = deposit_left(self.deposit, earlier, self.currency).paid
        given = sum_of(self, self.tenders)
        amount = max(left, given) if self.amount is None else self.minor(self.amount)
        if self.tenders:
            refuse_difference(self, amount, given)
        elif not amount and self.amount is None:
            raise Conflict("deposit-empty", pointer="/deposit", deposit=self.deposit)
        yield from drawn(self, self.deposit, amount, earlier, "/deposit")
        if self.tenders:
            yield from received(self, self.tenders, earlier, invoice=self.id, back=True)
        else:
            yield from the_way_it_came(self, self.deposit, amount, earlier)

    def paid_into(self, deposit: str) -> int:
        """Return what was given back, negative; all that was left where no amount is stated."""
        if deposit != self.deposit:
            return sum_of(self, [t for t in self.tenders if t.deposit == deposit])
        return -self.minor(self.amount) if self.amount is not None else -ALL

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the deposit, and what its tenders speak of and fill."""
        yield "deposit", self.deposit
        for tender in self.tenders:
            yield from spoken_of(tender, self.id)
            yield from filled_by(tender, self.customer)


def receipts(deposit: str, event: BusinessEvent, earlier: Earlier) -> list[DepositReceived]:
    """Return what filled a deposit in an event's currency and stands, oldest first."""
    return [
        entry.event
        for entry in standing(earlier, "deposit", deposit, "deposit_received")
        if isinstance(entry.event, DepositReceived)
        and entry.event.deposit == deposit
        and entry.event.currency == event.currency
    ]


def the_way_it_came(
    event: BusinessEvent, deposit: str, amount: int, earlier: Earlier
) -> Iterator[Posting | Caveat]:
    """Yield the credits of *amount* given back by the tenders that it came by, in proportion.

    Conflict where it came by none, or out of another deposit: that takes a word about it.
    """
    came = [
        (receipt, tender)
        for receipt in receipts(deposit, event, earlier)
        for tender in receipt.tenders
    ]
    weights = [receipt.minor(tender.amount) for receipt, tender in came]
    if not any(weights) or any(tender.kind in ("deposit", "package") for _, tender in came):
        raise Conflict("tenders-needed", pointer="/tenders", deposit=deposit)
    for (receipt, tender), part in zip(came, spread(amount, weights), strict=True):
        giver = replace(
            event,
            register=event.register or receipt.register,
            session=event.session or receipt.session,
            customer=event.customer or receipt.customer,
        )
        tenders = (replace(tender, amount=giver.major(part)),)
        yield from received(giver, tenders, earlier, invoice=receipt.id, back=True)


def check_itself(deposit: str, tenders: Sequence[Tender]) -> Iterator[Fault]:
    """Yield a fault for each tender that is the deposit itself."""
    for index, tender in enumerate(tenders):
        if tender.deposit == deposit:
            yield fault(f"/tenders/{index}/deposit", "deposit-of-itself", deposit=deposit)
