"""DepositReceived and DepositRefunded: money held for a customer until the work is done (5.3)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec.structs import replace

from ledger.book import Book
from ledger.errors import Conflict, Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Reference
from ledger.events.deposit_state import ALL, deposit_left, drawn
from ledger.events.lines import LineTax, check_taxes
from ledger.events.standing import standing
from ledger.events.tenders import (
    Tender,
    Tenders,
    check_tenders,
    received,
    refuse_difference,
    sum_of,
    tenders_differ,
)
from ledger.events.unknown import unknown_taxes
from ledger.money import Amount, spread
from ledger.postings import Caveat, Posting


class DepositReceived(BusinessEvent, frozen=True, kw_only=True, tag="deposit_received"):
    """A deposit is a liability without tax; a prepayment is taxed when it is paid."""

    deposit: Reference
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
        yield from _check_itself(self.deposit, self.tenders)
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

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the deposit, and deposits it was paid from."""
        named = [self.deposit, *(t.deposit for t in self.tenders if t.deposit)]
        return {("deposit", deposit): None for deposit in named}


class DepositRefunded(BusinessEvent, frozen=True, kw_only=True, tag="deposit_refunded"):
    """A deposit given back: by default all of it, the way it came."""

    deposit: Reference
    amount: Amount | None = None
    tenders: Tenders = ()

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the amount and the tenders."""
        faults = list(self.misfits(("/amount", self.amount)))
        yield from faults
        yield from _check_itself(self.deposit, self.tenders)
        given = yield from check_tenders(self, self.tenders)
        if self.amount is not None and self.tenders and given is not None and not faults:
            due = self.minor(self.amount)
            if due != given:
                yield tenders_differ(self, due, given)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr deposits (and the tax of a prepayment) / Cr tenders."""
        if not (earlier.about("deposit", self.deposit) or self.happened_offline):
            raise Conflict("deposit-unknown", pointer="/deposit", deposit=self.deposit)
        left, given = deposit_left(self.deposit, earlier).paid, sum_of(self, self.tenders)
        amount = max(left, given) if self.amount is None else self.minor(self.amount)
        if self.tenders:
            refuse_difference(self, amount, given)
        elif not amount and self.amount is None:
            raise Conflict("deposit-empty", pointer="/deposit", deposit=self.deposit)
        yield from drawn(self, self.deposit, amount, earlier, "/deposit")
        if self.tenders:
            yield from received(self, self.tenders, earlier, invoice=self.id, back=True)
        else:
            yield from self._the_way_it_came(amount, earlier)

    def _the_way_it_came(self, amount: int, earlier: Earlier) -> Iterator[Posting | Caveat]:
        """Give *amount* back by the tenders that it came by, in proportion.

        Conflict where it came by none, or out of another deposit: that takes a word about it.
        """
        came = [
            (entry.event, tender)
            for entry in standing(earlier, "deposit", self.deposit, "deposit_received")
            if isinstance(entry.event, DepositReceived) and entry.event.deposit == self.deposit
            for tender in entry.event.tenders
        ]
        weights = [event.minor(tender.amount) for event, tender in came]
        if not any(weights) or any(tender.kind == "deposit" for _, tender in came):
            raise Conflict("tenders-needed", pointer="/tenders", deposit=self.deposit)
        for (event, tender), part in zip(came, spread(amount, weights), strict=True):
            giver = replace(
                self,
                register=self.register or event.register,
                session=self.session or event.session,
                customer=self.customer or event.customer,
            )
            tenders = (replace(tender, amount=giver.major(part)),)
            yield from received(giver, tenders, earlier, invoice=event.id, back=True)

    def paid_into(self, deposit: str) -> int:
        """Return what was given back, negative; all that was left where no amount is stated."""
        if deposit != self.deposit:
            return sum_of(self, [t for t in self.tenders if t.deposit == deposit])
        return -self.minor(self.amount) if self.amount is not None else -ALL

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the deposit, and deposits that it goes to."""
        named = [self.deposit, *(t.deposit for t in self.tenders if t.deposit)]
        return {("deposit", deposit): None for deposit in named}


def _check_itself(deposit: str, tenders: Sequence[Tender]) -> Iterator[Fault]:
    """Yield a fault for each tender that is the deposit itself."""
    for index, tender in enumerate(tenders):
        if tender.deposit == deposit:
            yield fault(f"/tenders/{index}/deposit", "deposit-of-itself", deposit=deposit)
