"""The model: what was told, what it came to, and what is refused; one number for each thing held.

Everything that the model knows is a number under a key: balances, what a deposit holds, what a
line of a sale has left. An entry is what it adds to those numbers, so a reversal takes it away.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from tests.model.arithmetic import minor

Json = dict[str, Any]
Key = tuple[Any, ...]

OWED: Final = ("gift_cards", "store_credit", "deposits", "packages")
"""What customers hold: a holder may not be drawn past zero."""

POSTED: Final = ("balance", "session", "at")
"""What is known from the postings alone."""

REGION_TAXES: Final = {"CA-QC": {"GST": 5_000, "QST": 9_975}, "GB": {"VAT": 20_000}}
"""Rates in thousandths of a per cent."""

SETTINGS: Final = frozenset(
    (
        *("account_defined", "tax_defined", "method_defined", "item_defined", "policy_set"),
        *("period_closed", "period_reopened"),
    )
)


class Refused(Exception):
    """The fact is not recorded, and changes nothing."""


class Unsure(Exception):
    """The rules leave open what becomes of the fact: the ledger's word is taken."""


class Post(NamedTuple):
    """One debit (positive) or credit, in minor units; `quantity` of stock in millionths."""

    role: str
    holder: str
    currency: str
    amount: int
    quantity: int = 0
    place: str = ""


class Entry:
    """What one fact adds, and what it speaks of."""

    def __init__(self, fact: Json, currency: str, day: date) -> None:
        self.fact, self.currency, self.day = fact, currency, day
        self.kind, self.offline = fact["type"], bool(fact.get("happened_offline"))
        self.posts: list[Post] = []
        self.marks: Counter[Key] = Counter()
        self.refers: set[Key] = set()
        self.undone = False
        self.takes_back: Entry | None = None
        self.lines: list[Any] = []
        self.stocks: set[str] = set()
        self.way = ("", "")

    def post(
        self, role: str, amount: int, holder: str = "", quantity: int = 0, place: str = ""
    ) -> None:
        """Debit (negative: credit) a holder."""
        if amount or quantity:
            where = place or self.fact.get("location", "")
            self.posts.append(Post(role, holder, self.currency, amount, quantity, where))

    def moved(self, role: str, holder: str) -> int:
        """Return what the entry adds to a holder."""
        return sum(p.amount for p in self.posts if (p.role, p.holder) == (role, holder))

    def money(self, text: str | None) -> int:
        """Return an amount of the fact in minor units."""
        return minor(text, self.currency)


Teller = Callable[["Model", Entry], None]


class Model:
    """The books of one shop."""

    def __init__(self, currency: str = "CAD", region: str = "CA-QC") -> None:
        self.currency, self.region = currency, region
        self.sums: Counter[Key] = Counter()
        self.entries: dict[str, Entry] = {}
        self.dated: dict[Key, list[tuple[date, Any]]] = {}
        self.closings: list[date] = []
        self.shelf: dict[str, tuple[int, int, int, int]] = {}
        self.stocked: set[str] = set()
        for method in ("cash", "card", "cheque", "transfer", "other", "exchange"):
            self.define(("method", method), date.min, method)

    def tell(self, fact: Json, tellers: dict[str, Teller]) -> Entry:
        """Record a fact that was not recorded before; Refused where it cannot be."""
        entry = self._dated(fact)
        tellers[fact["type"]](self, entry)
        if entry.kind not in SETTINGS:
            self._late(entry)
            self._guard(entry)
        self._apply(entry)
        return entry

    def balances(self) -> dict[tuple[str, str, str], int]:
        """Return every balance that is not zero: (role, holder, currency) to minor units."""
        return {key[1:]: n for key, n in self.sums.items() if n and key[0] == "balance"}

    def held(self, entry: Entry, role: str, holder: str) -> int:
        """Return what a holder has in the currency of an entry."""
        return self.sums["balance", role, holder, entry.currency]

    def standing(self, *refers: Key, kinds: tuple[str, ...] = ()) -> Iterator[Entry]:
        """Yield the entries about something that were not taken back, oldest first."""
        for entry in self.entries.values():
            of_kind = not kinds or entry.kind in kinds
            if of_kind and not entry.undone and entry.refers.issuperset(refers):
                yield entry

    def define(self, key: Key, since: date, value: Any) -> None:
        """Let something hold from a day on; of two from one day the later wins."""
        values = self.dated.setdefault(key, [])
        values.append((since, value))
        values.sort(key=lambda pair: pair[0])

    def known(self, key: Key, day: date) -> Any:
        """Return what holds on a day."""
        return next((v for since, v in reversed(self.dated.get(key, ())) if since <= day), None)

    def first_open(self, day: date) -> date:
        """Return the day, or the first after it that is not closed."""
        closed = max(self.closings, default=date.min)
        return day if day > closed else closed + timedelta(days=1)

    def drawer(self, fact: Json) -> str:
        """Return the drawer of a fact's cash."""
        opened = self.standing(("session", fact.get("session")), kinds=("register_opened",))
        of_session = next((entry.fact["register"] for entry in opened), None)
        return str(fact.get("register") or of_session or "unassigned")

    def place(self, method: str, drawer: str, day: date) -> tuple[str, str]:
        """Return (role, holder) of where money of a method stands."""
        kind = self.known(("method", method), day)
        if kind is None:
            return "suspense", f"method:{method}"
        return ("cash", drawer) if kind == "cash" else ("clearing", method)

    def _dated(self, fact: Json) -> Entry:
        original = self.entries.get(fact.get("reverses", ""))
        stated = date.fromisoformat(fact.get("business_date") or fact["occurred_at"][:10])
        day = stated
        if original is not None and "business_date" not in fact:
            day = self.first_open(original.day)
        elif fact["type"] not in SETTINGS and self.first_open(day) != day:
            if not fact.get("happened_offline"):
                raise Refused("closed")
            day = self.first_open(day)
        return Entry(fact, fact.get("currency", self.currency), day)

    def _late(self, entry: Entry) -> None:
        """Keep the drawer of a closed session at its count."""
        session = entry.fact.get("session")
        back = self.entries.get(entry.fact.get("reverses", ""))
        if session is None or (back is not None and back.kind == "register_closed"):
            return
        for closed in self.standing(("session", session), kinds=("register_closed",)):
            drawer = closed.way[1]
            if "register" not in closed.fact and self._opening_undone(session):
                raise Unsure("where the session's drawer was")
            counted = (count["method"] for count in closed.fact["counted"])
            places = {
                self.place(m, drawer, closed.day) for m in counted if self.is_money(m, closed.day)
            }
            for role, holder in sorted(places):
                moved = entry.moved(role, holder)
                entry.post(role, -moved, holder)
                entry.post("till_over_short", moved, drawer)

    def _opening_undone(self, session: str) -> bool:
        """Tell whether an opening of a session was taken back."""
        return any(
            entry.undone
            and entry.kind == "register_opened"
            and ("session", session) in entry.refers
            for entry in self.entries.values()
        )

    def is_money(self, method: str, day: date) -> bool:
        """Tell whether a method can be counted."""
        other = ("gift_card", "store_credit", "deposit", "package", "customer_credit", "on_account")
        return method not in other or self.known(("method", method), day) is not None

    def _guard(self, entry: Entry) -> None:
        """Refuse what goes past zero; offline, put what is beyond into suspense."""
        changes: Counter[tuple[str, str]] = Counter()
        for post in entry.posts:
            changes[post.role, post.holder] += post.amount
        for (role, holder), change in changes.items():
            sign = past_zero_sign(role, holder)
            before = sign * self.held(entry, role, holder)
            beyond = max(0, before + sign * change) - max(0, before)
            if beyond > 0:
                if not entry.offline:
                    raise Refused(f"overdrawn {role} {holder}")
                entry.posts = list(_without(entry.posts, role, holder, sign * beyond))
                entry.post("suspense", sign * beyond, f"{role}:{holder}")

    def _apply(self, entry: Entry) -> None:
        for post in entry.posts:
            key = ("balance", post.role, post.holder, post.currency)
            entry.marks[key] += post.amount
            if post.role == "inventory":
                entry.marks["at", post.holder, post.place] += post.quantity
        for key, amount in session_sums(entry).items():
            entry.marks[key] += amount
        self.sums.update(entry.marks)
        self._move_stock(entry)
        self.stocked |= entry.stocks
        for name in sorted({post.holder for post in entry.posts if post.role == "deposits"}):
            paid = self.sums["deposit", name, "paid"]
            if paid < 0:  # a filling taken back offline left its draws in suspense
                self.sums["deposit", name, "paid"] = 0
        if entry.takes_back is not None:
            entry.takes_back.undone = True
        self.entries[entry.fact["id"]] = entry

    def adopt(self, fact: Json, posts: list[Post], day: date) -> None:
        """Take the ledger's word for what a fact posts; what it names is unsure from now on."""
        entry = Entry(fact, fact.get("currency", self.currency), day)
        entry.posts = posts
        for name in ("deposit", "invoice", "receipt", "payment", "package", "dispute", "bill"):
            if name in fact:
                entry.refers.add((name, fact[name]))
        entry.refers |= {("receipt", receipt) for receipt in fact.get("receipts", ())}
        entry.refers |= {("invoice", part["invoice"]) for part in fact.get("applied", ())}
        entry.stocks |= {
            line["item"]
            for line in fact.get("lines", ())
            if entry.kind == "goods_received"
            or ("unit_cost" in line and entry.kind == "stock_adjusted")
        }
        about = fact.get("sale") or fact.get("exception", "").rpartition(":")[0]
        entry.refers |= {("event", about)} if about else set()
        back = self.entries.get(fact.get("reverses", ""))
        entry.takes_back = back
        if back is not None:
            for key, amount in back.marks.items():
                if key[0] not in POSTED:
                    entry.marks[key] -= amount
        self._apply(entry)

    def _move_stock(self, entry: Entry) -> None:
        """Keep quantity, value, and the last average that was known above zero, of each item."""
        moves: dict[str, list[int]] = {}
        for post in entry.posts:
            if post.role == "inventory":
                move = moves.setdefault(post.holder, [0, 0])
                move[0] += post.quantity
                move[1] += post.amount
        for item, (quantity, value) in moves.items():
            before = self.shelf.get(item, (0, 0, 0, 0))
            after = (before[0] + quantity, before[1] + value)
            last = after if after[0] > 0 else before[:2] if before[0] > 0 else before[2:]
            self.shelf[item] = (*after, *last)


def past_zero_sign(role: str, holder: str) -> int:
    """Return 1 where a debit balance is past zero, -1 where a credit is, 0 where neither."""
    if role in OWED or (role == "receivable" and holder.startswith("credit:")):
        return 1
    return -1 if role == "receivable" else 0


def session_sums(entry: Entry) -> Counter[Key]:
    """Return what an entry adds to the totals of its session."""
    session, sums = entry.fact.get("session"), Counter[Key]()
    for post in entry.posts if session else ():
        sums["session", session, post.role, post.holder, post.currency] += post.amount
    return sums


def _without(posts: list[Post], role: str, holder: str, beyond: int) -> Iterator[Post]:
    """Yield posts with *beyond* (signed) of a holder's left out."""
    for post in posts:
        if (post.role, post.holder) == (role, holder) and post.amount * beyond > 0:
            taken = min(post.amount, beyond, key=abs)
            beyond -= taken
            post = post._replace(amount=post.amount - taken)  # noqa: PLW2901 - what is left of it
        if post.amount or post.quantity:
            yield post
