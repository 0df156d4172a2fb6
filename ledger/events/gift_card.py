"""Gift cards that are given away, that expire, or whose rest is paid out (5.4)."""

from collections.abc import Iterable, Iterator

from ledger.book import Book
from ledger.errors import Conflict, Fault
from ledger.events.base import BusinessEvent, Earlier, Reference
from ledger.events.expiry import filled_on, refuse_expiry
from ledger.events.tenders import (
    Tender,
    Tenders,
    check_tenders,
    filled_by,
    received,
    spoken_of,
    sum_of,
    tenders_differ,
)
from ledger.money import Amount, to_minor, to_text
from ledger.postings import Caveat, Posting, credit, debit


class OfGiftCard(BusinessEvent, frozen=True, kw_only=True):
    """A fact about one gift card and an amount of it."""

    gift_card: Reference
    amount: Amount

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield a fault when the amount is finer or larger than it may be."""
        yield from self.misfits(("/amount", self.amount))

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the card."""
        yield "gift_card", self.gift_card


class GiftCardIssuedFree(OfGiftCard, frozen=True, kw_only=True, tag="gift_card_issued_free"):
    """A card given for nothing, as a promotion."""

    def postings(self, earlier: Earlier) -> Iterable[Posting]:
        """Yield Dr promotion_expense / Cr gift_cards."""
        amount = self.minor(self.amount)
        yield debit("promotion_expense", amount)
        yield credit("gift_cards", amount, self.gift_card)


class GiftCardExpired(OfGiftCard, frozen=True, kw_only=True, tag="gift_card_expired"):
    """What is on a card lapses, where the law lets it."""

    tills_may_record = False

    def postings(self, earlier: Earlier) -> Iterable[Posting]:
        """Yield Dr gift_cards / Cr gift_card_breakage; Conflict where expiry is forbidden."""
        filled = filled_on("gift_card", "gift_cards", self.gift_card, earlier)
        refuse_expiry(self, "gift_cards", self.gift_card, filled, earlier)
        amount = self.minor(self.amount)
        yield debit("gift_cards", amount, self.gift_card)
        yield credit("gift_card_breakage", amount)


class GiftCardCashedOut(OfGiftCard, frozen=True, kw_only=True, tag="gift_card_cashed_out"):
    """The rest of a card paid out; by default as cash of the register.

    Where the law sets a balance up to which a holder may ask for it, more than that is paid out
    on a bookkeeper's word alone (`override`): a till that pays out any card is a way to steal.
    """

    tenders: Tenders = ()

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the amount and the tenders, and both sums when they differ."""
        loose = list(super().checks(book))
        yield from loose
        given = yield from check_tenders(self, self.tenders)
        if self.tenders and given is not None and not loose and given != self.minor(self.amount):
            yield tenders_differ(self, self.minor(self.amount), given)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr gift_cards / Cr the tenders; Conflict above the region's limit."""
        self._refuse_beyond(earlier)
        tenders = self.tenders or (Tender(kind="cash", amount=self.amount),)
        yield debit("gift_cards", sum_of(self, tenders), self.gift_card)
        yield from received(self, tenders, earlier, invoice=self.id, back=True)

    def _refuse_beyond(self, earlier: Earlier) -> None:
        """Raise a Conflict when more is on the card than the law lets its holder ask for.

        Offline a till knows only what it pays out.
        """
        home = earlier.book.currency
        limit = earlier.settings.region.cash_out_limit(self.day())
        if limit is None or self.override is not None:
            return
        on_card = 0 if self.happened_offline else -self.held(earlier, "gift_cards", self.gift_card)
        asked = self.at_home(max(on_card, self.minor(self.amount)), earlier)
        if asked > to_minor(limit, home):
            raise Conflict(
                "cash-out-limit",
                pointer="/amount",
                holder=self.gift_card,
                limit=to_text(to_minor(limit, home), home),
                asked=to_text(asked, home),
                currency=home,
            )

    def paid_into(self, deposit: str) -> int:
        """Return what of the card was put into a deposit."""
        return sum_of(self, [tender for tender in self.tenders if tender.deposit == deposit])

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the card, and what it is paid out to."""
        yield from super().subjects()
        for tender in self.tenders:
            yield from spoken_of(tender, self.id)
            yield from filled_by(tender, self.customer)
