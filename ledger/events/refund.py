"""RefundIssued: the mirror of what was sold, at most what is left of it (`accounting.md` 5.2)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from ledger.book import Book
from ledger.errors import Fault, fault
from ledger.events.base import Earlier, Entry, Text
from ledger.events.costs import restocked
from ledger.events.lines import SOLD, Line, Priced, check_lines, price
from ledger.events.package_use import NOT_USED, pays, uses_back
from ledger.events.sale import SaleCompleted, check_rounding
from ledger.events.sale_left import (
    Taken,
    TakesBack,
    beyond_everything,
    excess,
    remaining,
    sale_of,
    taken_back,
)
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
from ledger.events.unknown import unknown_references
from ledger.money import SignedAmount, share
from ledger.postings import SUSPENSE, Caveat, Posting
from ledger.stock import Stock


class RefundIssued(TakesBack, frozen=True, kw_only=True, tag="refund_issued"):
    """A refund of a sale, or (the bookkeeper's) a blind one. It may exceed the day's takings."""

    tenders: Tenders = ()
    rounding: SignedAmount | None = None
    restock: Literal["yes", "no", "damaged"] = "no"
    reason: Text | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield every fault of lines and tenders, and both sums when they differ for sure."""
        loose = list(self.misfits(("/amount", self.amount), ("/rounding", self.rounding)))
        yield from loose
        yield from check_rounding(self.rounding, self.tenders)
        if self.lines is not None and self.amount is not None:
            yield fault("/amount", "lines-or-amount")
        if self.sale is None:
            yield from self._check_blind()
        lines = yield from check_lines(self, self.lines or (), refund=True)
        given = yield from check_tenders(self, self.tenders, packages=True)
        if loose or lines is None or given is None or not self._states_total():
            return
        due = (lines if self.lines else self.minor(self.amount)) + self.minor(self.rounding)
        if due != given:
            yield tenders_differ(self, due, given)

    def _check_blind(self) -> Iterator[Fault]:
        if self.lines is None and self.amount is None:
            yield fault("/lines", "required")
        for index, line in enumerate(self.lines or ()):
            if line.sale_line is not None:
                yield fault(f"/lines/{index}/sale_line", "sale-missing")
            if line.kind == "package":
                yield fault(f"/lines/{index}/kind", "sale-missing")
            elif not line.states_price:
                yield fault(f"/lines/{index}/unit_price", "price-missing")

    def _states_total(self) -> bool:
        """Tell whether what is due is stated, whatever the sale has left."""
        if self.lines is None:
            return self.amount is not None
        return all(line.states_price for line in self.lines)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield returns and taxes back, the tenders given, and the stock that comes back."""
        sale = sale_of(self, earlier) if self.sale is not None else None
        left = remaining(sale, earlier) if sale is not None else []
        taken = self._taken(sale, left, earlier)
        priced = [part.line for part in taken]
        rounding = self.minor(self.rounding)
        used = uses_back(self, self.sale or "", earlier) if pays(self.tenders) else NOT_USED
        due = sum(line.total for line in priced) + rounding
        given = sum_of(self, self.tenders) + sum(used.worth.values())
        beyond = self._beyond(taken, given - due)
        refuse_difference(self, due + beyond, given)
        for line in priced:
            yield from _given_back(line)
        yield Posting("cash_rounding", rounding)
        yield from received(self, self.tenders, earlier, invoice=self._invoice(sale), back=True)
        yield from used.postings
        if beyond:
            yield Posting(SUSPENSE, beyond, f"refund:{self.sale}")
            yield Caveat("refund-offline", f"refund:{self.sale}", beyond)
        if self.restock != "no":
            cost_of = _cost_at_which_it_left(sale, left)
            damaged = self.restock == "damaged"
            yield from restocked(self, priced, earlier, cost_of, damaged=damaged)
        yield from unknown_references(self.lines or (), earlier)
        if self.sale is None and not self._accepted(earlier):
            yield Caveat("blind-refund", self.id, given)

    def _beyond(self, taken: Sequence[Taken], more: int) -> int:
        """Return how much goes beyond what is left; *more* is what the tenders give beyond it.

        Of all that is left, and of units without a price, only the tenders say how much was meant.
        """
        everything = self.lines is None and self.amount is None
        if everything and more > 0 and not self.happened_offline:
            raise excess(self, "/tenders", sum(part.line.total for part in taken))
        beyond = sum(part.beyond for part in taken)
        if everything or any(part.unpriced for part in taken):
            return max(beyond, more)
        return beyond

    def _taken(self, sale: Entry | None, left: Sequence[Priced], earlier: Earlier) -> list[Taken]:
        """Return what is refunded, line by line."""
        if self.sale is None:
            lines = self.lines or (Line(kind="goods", net=self.amount),)
            return [Taken(None, price(self, line, earlier.settings)) for line in lines]
        if sale is None:
            return beyond_everything(self, earlier.settings)
        return taken_back(self, left, earlier.settings)

    def _invoice(self, sale: Entry | None) -> str:
        """Return the open item of an on-account tender that names none: the sale's."""
        tenders: Tenders = getattr(sale.event, "tenders", ()) if sale is not None else ()
        named = (tender.invoice for tender in tenders if tender.kind == "on_account")
        return next(named, None) or self.sale or self.id

    def _accepted(self, earlier: Earlier) -> bool:
        policy = earlier.settings.policy("blind_refunds", self.day(), self.channel)
        return policy == "accept"

    def paid_into(self, deposit: str) -> int:
        """Return what the refund puts back into a deposit."""
        return sum_of(self, [tender for tender in self.tenders if tender.deposit == deposit])

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the sale, and what its tenders fill."""
        if self.sale is not None:
            yield "event", self.sale
        found = dict[tuple[str, str], None]()
        for tender in self.tenders:
            found |= dict.fromkeys(spoken_of(tender, self.sale or self.id))
            found |= dict.fromkeys(filled_by(tender, self.customer))
        yield from found


def _given_back(line: Priced) -> Iterator[Posting]:
    """Yield the debits of a line that comes back, at what was paid for it.

    A gift card gives back all that it was filled with, and the discount that it was sold at; a
    package its uses.
    """
    if line.kind in SOLD or line.kind == "shipping":
        yield Posting("sales_returns", line.net, line.category)
    elif line.kind == "package":
        yield Posting("packages", line.net, line.holder or "", quantity=line.quantity)
    else:
        yield Posting("gift_cards", line.gross, line.holder or "")
        yield Posting("discounts", -line.discount, line.category)
    for code, amount in line.taxes:
        yield Posting("sales_tax", amount, code)


def _cost_at_which_it_left(
    sale: Entry | None, left: Sequence[Priced]
) -> Callable[[Priced, Stock], int]:
    """Return how to find a line's cost: its share of what the sale's goods cost, the last the rest.

    Without a sale, or where that had no cost, goods come back at the current average.
    """
    sold, back = dict[str, tuple[int, int]](), dict[str, int]()
    if sale is not None:
        assert isinstance(sale.event, SaleCompleted)
        for posting in sale.postings:
            if posting.role == "inventory":
                quantity, cost = sold.get(posting.holder, (0, 0))
                sold[posting.holder] = (quantity - posting.quantity, cost - posting.amount)
        for item, (quantity, _) in sold.items():
            still = sum(line.quantity for line in left if line.item == item)
            back[item] = max(0, quantity - still)

    def cost_of(line: Priced, stock: Stock) -> int:
        item = line.item or ""
        quantity, cost = sold.get(item, (0, 0))
        before = back.get(item, 0)
        if before + line.quantity > quantity:
            return stock.at_average(line.quantity)
        back[item] = before + line.quantity
        return share(cost, back[item], quantity) - share(cost, before, quantity)

    return cost_of
