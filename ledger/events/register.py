"""A register's session: opened with a float, cash moved, closed with a count (5.7)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.book import Book
from ledger.errors import Conflict, Fault, fault
from ledger.events.base import BusinessEvent, Earlier, Entry, Reference, Text
from ledger.events.drawer import drawer_of, drawer_of_session, place_of
from ledger.events.naming import posted_to
from ledger.events.standing import standing
from ledger.events.tenders import NOT_MONEY
from ledger.money import Amount, SignedAmount
from ledger.postings import Caveat, Posting


class RegisterOpened(BusinessEvent, frozen=True, kw_only=True, tag="register_opened"):
    """The float is what the drawer starts with; what it holds less or more comes from elsewhere."""

    float: Amount
    float_from: Reference = "bank"

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the session, the register and the float."""
        for name in ("session", "register"):
            if getattr(self, name) is None:
                yield fault(f"/{name}", "required")
        yield from self.misfits(("/float", self.float))

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr cash of the register / Cr where the float comes from.

        What the session took before its opening was heard of was not in the drawer when it opened.
        """
        session, drawer = self.session or "", self.register or ""
        if standing(earlier, "session", session, "register_opened"):
            raise Conflict("session-opened", pointer="/session", session=session)
        own = earlier.session_total(session, "cash", drawer, self.currency or "")
        more = self.minor(self.float) - (self.held(earlier, "cash", drawer) - own)
        yield Posting("cash", more, drawer)
        yield from posted_to(self, self.float_from, None, -more, "/float_from", earlier)

    def dependents(self, entry: Entry, earlier: Earlier) -> Iterable[Entry]:
        """Yield the closing: it counted the drawer that the session was opened on."""
        closed = standing(earlier, "session", self.session or "", "register_closed")
        return (closing for closing in closed if closing.seq > entry.seq)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the session."""
        yield "session", self.session or ""


class CashMoved(BusinessEvent, frozen=True, kw_only=True, tag="cash_moved"):
    """Cash put into or taken out of a drawer without a sale.

    What is paid to a `vendor` without naming a bill is held by the vendor.
    """

    kind: Literal["paid_in", "paid_out", "drop", "bank"]
    amount: Amount
    account: Reference | None = None
    holder: Reference | None = None
    vendor: Reference | None = None
    bank: Reference = "main"
    reason: Text | None = None

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the amount, and a missing account."""
        yield from self.misfits(("/amount", self.amount))
        if self.kind in ("paid_in", "paid_out") and self.account is None:
            yield fault("/account", "required")

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield the drawer's side and the other."""
        out = self.minor(self.amount) * (-1 if self.kind == "paid_in" else 1)
        match self.kind:
            case "drop":
                yield Posting("cash_in_transit", out)
            case "bank":
                yield Posting("bank", out, self.bank)
            case _:
                named, holder = self.account or "", self.holder
                account = earlier.settings.account(named, self.day())
                if holder is None and account is not None and account.role == "payable":
                    holder = self.vendor
                yield from posted_to(self, named, holder, out, "/account", earlier)
        yield Posting("cash", -out, drawer_of(self, earlier))


class Counted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was counted (or expected) of one method."""

    method: Reference
    amount: SignedAmount


Counts = Annotated[tuple[Counted, ...], Meta(max_length=50)]
"""What was counted or expected, by method."""


class RegisterClosed(BusinessEvent, frozen=True, kw_only=True, tag="register_closed"):
    """What was counted is the truth; the difference is the till's over or short."""

    counted: Counts
    expected: Counts = ()

    def checks(self, book: Book) -> Iterator[Fault]:
        """Yield faults of the session and of what was counted."""
        if self.session is None:
            yield fault("/session", "required")
        yield from self._check_counts("counted", self.counted)
        yield from self._check_counts("expected", self.expected)

    def _check_counts(self, name: str, counts: Sequence[Counted]) -> Iterator[Fault]:
        seen = set[str]()
        for index, count in enumerate(counts):
            at = f"/{name}/{index}"
            yield from self.misfits((f"{at}/amount", count.amount))
            if count.method in seen:
                yield fault(f"{at}/method", "counted-twice", method=count.method)
            seen.add(count.method)

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield counted - expected of each method, to till_over_short."""
        session = self.session or ""
        if standing(earlier, "session", session, "register_closed"):
            raise Conflict("session-closed", pointer="/session", session=session)
        for count in self.counted:
            if not _is_counted(count.method, self, earlier):
                yield Caveat("not-counted", count.method, self.minor(count.amount))
        drawer = drawer_of(self, earlier)
        stated = self.piles(self.expected, drawer, earlier)
        for (role, holder), (method, counted) in self.piles(self.counted, drawer, earlier).items():
            if role == "cash":
                expected = self.held(earlier, role, holder)
            else:
                expected = earlier.session_total(session, role, holder, self.currency or "")
            yield Posting(role, counted - expected, holder)
            yield Posting("till_over_short", expected - counted, drawer)
            if role == "suspense" and counted != expected:
                yield Caveat("unknown-method", method, counted - expected)
            _, till_expects = stated.get((role, holder), (method, expected))
            if till_expects != expected:
                yield Caveat("expected-differs", method, till_expects - expected)

    def piles(
        self, counts: Sequence[Counted], drawer: str, earlier: Earlier
    ) -> dict[tuple[str, str], tuple[str, int]]:
        """Return {(role, holder): (first method, minor units)} of what stands where.

        Methods of cash share the drawer: notes and coins may be counted apart.
        """
        found: dict[tuple[str, str], tuple[str, int]] = {}
        for count in counts:
            if _is_counted(count.method, self, earlier):
                place = place_of(count.method, drawer, self, earlier)
                method, before = found.get(place, (count.method, 0))
                found[place] = (method, before + self.minor(count.amount))
        return found

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the session."""
        yield "session", self.session or ""


def _is_counted(method: str, event: BusinessEvent, earlier: Earlier) -> bool:
    """Tell whether a method is money; cards and credits that customers hold are in no drawer."""
    return method not in NOT_MONEY or earlier.settings.methods.get(method, event.day()) is not None


def late(event: BusinessEvent, postings: Sequence[Posting], earlier: Earlier) -> Iterator[Posting]:
    """Yield what keeps a closed session's drawer at its count when an event of it comes late."""
    closed = standing(earlier, "session", event.session, "register_closed") if event.session else []
    if not closed:
        return
    close = closed[0].event
    assert isinstance(close, RegisterClosed)
    if close.currency != event.currency:
        return  # what was counted was other money
    drawer = close.register or drawer_of_session(close.session, earlier, closed[0].seq)
    for role, holder in close.piles(close.counted, drawer, earlier):
        moved = sum(p.amount for p in postings if (p.role, p.holder) == (role, holder))
        yield Posting(role, -moved, holder)
        yield Posting("till_over_short", moved, drawer)
