"""PaymentReceived and PaymentBounced: what customers pay of what they owe (5.6)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from ledger.book import Book
from ledger.errors import Conflict, Fault
from ledger.events.base import BusinessEvent, Earlier, Entry, Reference, Text
from ledger.events.invoice_state import invoice_state
from ledger.events.invoice_story import later_about, standing_about
from ledger.events.naming import DEFAULT_BANK
from ledger.events.netting import net
from ledger.events.paying import check_paid_with, known_or_refused
from ledger.events.receivable import CREDIT, InvoiceName, owed_to, refuse_other_currency
from ledger.events.sale import check_rounding
from ledger.events.standing import standing, tag
from ledger.events.tenders import Tender, check_tenders, received, sum_of, tenders_differ
from ledger.events.voiding import at_the_rate, refuse_voided
from ledger.money import Amount, SignedAmount, share
from ledger.postings import Caveat, Posting, opposite

_MONEY: Final = ("clearing", "bank", "cash")
"""Where a payment's money stands, the likeliest to be taken back by a bank first."""


class Applied(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What of a payment is for one invoice."""

    invoice: InvoiceName
    amount: Amount


class PaymentReceived(BusinessEvent, frozen=True, kw_only=True, tag="payment_received"):
    """A payment of invoices, in part or of several; the rest becomes the customer's credit."""

    payment: Reference
    tenders: Annotated[tuple[Tender, ...], Meta(min_length=1, max_length=50)]
    applied: Annotated[tuple[Applied, ...], Meta(max_length=1000)] = ()
    rounding: SignedAmount | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield every fault of tenders and amounts, and both sums when too much is applied."""
        amounts = [(f"/applied/{at}/amount", part.amount) for at, part in enumerate(self.applied)]
        loose = list(self.misfits(("/rounding", self.rounding), *amounts))
        yield from loose
        yield from check_rounding(self.rounding, self.tenders)
        yield from check_paid_with(self.tenders)
        given = yield from check_tenders(self, self.tenders)
        if not loose and given is not None and given < self._due():
            yield tenders_differ(self, self._due(), given)

    def _due(self) -> int:
        """Return what the tenders must come to, at least."""
        return sum(self.minor(part.amount) for part in self.applied) + self.minor(self.rounding)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr tenders / Cr the receivable of each invoice, and of the customer's credit."""
        for entry in standing(earlier, "payment", self.payment, "payment_received"):
            facts = {"payment": self.payment, "event": entry.event.id}
            raise Conflict("payment-exists", pointer="/payment", **facts)
        yield from received(self, self.tenders, earlier, invoice=self.payment)
        yield Posting("cash_rounding", -self.minor(self.rounding))
        for at, part in enumerate(self.applied):
            yield from self._apply(part, f"/applied/{at}/invoice", earlier)
        rest = sum_of(self, self.tenders) - self._due()
        yield from owed_to(self, self._payer(earlier), rest, self.payment)

    def _apply(self, part: Applied, pointer: str, earlier: Earlier) -> Iterator[Posting | Caveat]:
        state = invoice_state(part.invoice, earlier)
        if state is not None and not self.happened_offline:
            refuse_voided(state, pointer)
        if state is not None:
            refuse_other_currency(self, state.currency)
        amount = -self.minor(part.amount)
        yield from known_or_refused(self, state, part.invoice, amount, pointer, earlier)

    def _payer(self, earlier: Earlier) -> str | None:
        """Return the customer who pays: the one named, else the one who owes the invoices."""
        states = [invoice_state(part.invoice, earlier) for part in self.applied]
        owing = {state.customer for state in states if state is not None}
        return self.customer or (owing.pop() if len(owing) == 1 else None)

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Return its bounce, and what made a credit of what it paid."""
        bounces = standing(earlier, "payment", self.payment, "payment_bounced")
        yield from (bounce for bounce in bounces if bounce.seq > entry.seq)
        for part in self.applied:
            yield from filter(_credits, later_about(part.invoice, entry, earlier))

    def paid_into(self, deposit: str) -> int:
        """Return what the payment draws from a deposit, negative."""
        return -sum_of(self, [tender for tender in self.tenders if tender.deposit == deposit])

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the payment, its invoices, and the deposits that pay."""
        yield "payment", self.payment
        yield from {("invoice", part.invoice): None for part in self.applied}
        yield from {("deposit", tender.deposit): None for tender in self.tenders if tender.deposit}


class PaymentBounced(BusinessEvent, frozen=True, kw_only=True, tag="payment_bounced"):
    """A payment that came to nothing: its invoices are open again; the bank may take a fee."""

    payment: Reference
    fee: Amount | None = None
    reason: Text | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the fee."""
        yield from self.misfits(("/fee", self.fee))

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield the opposite of the payment, and Dr merchant_fees of the fee."""
        paid = standing(earlier, "payment", self.payment, "payment_received")
        since = paid[-1].seq if paid else 0
        for entry in standing(earlier, "payment", self.payment, "payment_bounced"):
            if entry.seq > since:
                facts = {"payment": self.payment, "event": entry.event.id}
                raise Conflict("payment-bounced", pointer="/payment", **facts)
        if not paid and not self.happened_offline:
            raise Conflict("payment-unknown", pointer="/payment", payment=self.payment)
        if not paid:
            yield Caveat("receivable-offline", f"payment:{self.payment}", 0)
        for entry in paid:
            refuse_other_currency(self, entry.event.currency)
            self._refuse_deposits(entry)
            yield from self._taken_back(entry, earlier)
        fee = self.minor(self.fee)
        postings = [posting for entry in paid for posting in _placed(entry, earlier)]
        place = replace(_place_of_money(postings), amount=-fee, home=None)
        yield at_the_rate(self, earlier, Posting("merchant_fees", fee))
        yield self._fee_taken(place, postings, earlier)

    def _fee_taken(self, fee: Posting, paid: Iterable[Posting], earlier: Earlier) -> Posting:
        """Return the credit of the fee; foreign money leaves at what the rest of it is carried at.

        That is what stands there once the payment is taken back, and beyond it the event's rate.
        """
        if self.currency == earlier.book.currency:
            return fee
        place = (fee.role, fee.holder)
        there = [posting for posting in paid if (posting.role, posting.holder) == place]
        held = self.held(earlier, *place) - sum(posting.amount for posting in there)
        worth = earlier.carried(*place, self.currency or "") - sum(p.at_home for p in there)
        drawn = min(-fee.amount, max(0, held))
        home = share(worth, drawn, held) if drawn else 0
        return replace(fee, home=-home - self.at_home(-fee.amount - drawn, earlier))

    def _refuse_deposits(self, paid: Entry) -> None:
        """Raise a Conflict when a deposit paid a part: that is not a bank's to take back."""
        for posting in paid.postings:
            if posting.role == "deposits":
                facts = {"payment": self.payment, "deposit": posting.holder}
                raise Conflict("payment-by-deposit", pointer="/payment", **facts)

    def _taken_back(self, paid: Entry, earlier: Earlier) -> Iterator[Posting]:
        """Yield a payment's postings turned round.

        What an invoice no longer takes was made the customer's credit meanwhile, and leaves that;
        what the credit no longer holds is owed again under this event's id.
        """
        back = [opposite(posting) for posting in _placed(paid, earlier)]
        owed = {p.holder: p.amount for p in back if _is_owed_again(p)}
        again = self._owed_again(owed, paid, earlier)
        if again == owed:
            yield from back
            return
        for posting in back:
            if not _is_owed_again(posting) and posting.role != "exchange_gain_loss":
                yield replace(posting, home=None)
        for holder, amount in again.items():
            yield Posting("receivable", amount, holder)

    def _owed_again(self, owed: dict[str, int], paid: Entry, earlier: Earlier) -> dict[str, int]:
        """Return what is owed again of a payment, by holder of the receivable."""
        again: dict[str, int] = {}
        for holder, amount in owed.items():
            state = None if holder.startswith(CREDIT) else invoice_state(holder, earlier)
            part = amount if state is None else min(amount, max(0, state.paid))
            _add(again, holder, part)
            _add(again, _credit_made_of(holder, earlier) or self.id, amount - part)
        for holder in [holder for holder in again if holder.startswith(CREDIT)]:
            given = sum(p.amount for p in paid.postings if p.holder == holder and p.amount > 0)
            left = max(0, given - self.held(earlier, "receivable", holder))
            _add(again, self.id, max(0, again[holder] - left))
            again[holder] = min(again[holder], left)
        return {holder: amount for holder, amount in again.items() if amount}

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the payment, and what is owed again under this event's id."""
        yield "payment", self.payment
        yield "invoice", self.id


def _placed(paid: Entry, earlier: Earlier) -> Sequence[Posting]:
    """Return what a payment posted, and where what it left in suspense was put since."""
    cleared = standing(earlier, "event", paid.event.id, "exception_cleared")
    if not cleared:
        return paid.postings
    postings = net(posting for entry in (paid, *cleared) for posting in entry.postings)
    return [posting for posting in postings if posting.amount or posting.home]


def _is_owed_again(posting: Posting) -> bool:
    """Tell whether a payment's posting, turned round, opens an invoice or draws on a credit."""
    return posting.role == "receivable" and posting.amount > 0


def _add(sums: dict[str, int], holder: str, amount: int) -> None:
    sums[holder] = sums.get(holder, 0) + amount


def _credits(entry: Entry) -> bool:
    """Tell whether an entry made a customer's credit of what an invoice had been paid."""
    made = any(_is_credit(posting) for posting in entry.postings)
    return made and tag(entry) not in ("payment_received", "payment_bounced")


def _is_credit(posting: Posting) -> bool:
    """Tell whether a posting adds to what a customer is owed."""
    return posting.amount < 0 and posting.holder.startswith(CREDIT)


def _credit_made_of(invoice: str, earlier: Earlier) -> str | None:
    """Return the credit that what was paid on an invoice became."""
    for entry in reversed(standing_about(invoice, earlier)):
        if _credits(entry):
            return next(posting.holder for posting in entry.postings if _is_credit(posting))
    return None


def _place_of_money(postings: Iterable[Posting]) -> Posting:
    """Return where a bank takes its fee from: where the payment's money went, else the bank."""
    money = [posting for posting in postings if posting.role in _MONEY and posting.amount > 0]
    money.sort(key=lambda posting: _MONEY.index(posting.role))
    return money[0] if money else Posting("bank", 0, DEFAULT_BANK)
