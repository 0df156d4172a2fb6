"""Packages whatever happens to them: what is drawn is the price, and nothing is left of no uses."""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from ledger.errors import Invalid, LedgerError
from ledger.events import Event
from ledger.events.package_state import Package
from ledger.events.package_story import package_left
from ledger.money import to_text
from tests.builders import Json, a_refund, a_sale, cash, reversal
from tests.ledger.memory import LONDON, Memory
from tests.ledger.visit_cards import by_package, expired, service, sold_line

Step = tuple[Any, ...]
FACTS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

USES = st.integers(1, 4)
WHICH = st.integers(0, 7)
SOLD = st.tuples(st.just("sell"), st.integers(1, 9), st.integers(0, 12_345), st.integers(0, 999))
USED = st.tuples(st.just("use"), USES)
UNUSED = st.tuples(st.just("refund"), WHICH, st.none() | USES)
ONTO = st.tuples(st.just("put_back"), WHICH, USES)
UNDONE = st.tuples(st.just("undo"), st.integers(0, 20))
LAPSED = st.just(("lapse",))
OFF = st.tuples(st.just("make_cheaper"), WHICH, st.integers(1, 3_000))
ANY = SOLD | USED | USED | USED | UNUSED | ONTO | UNDONE


class Desk:
    """Somebody who sells and uses one package in London, and records what can be recorded."""

    def __init__(self, *, offline: bool = False) -> None:
        self.ledger = Memory(LONDON)
        self.told = list[str]()
        self._sold, self._used = list[str](), list[str]()
        self._offline = True if offline else None
        self._at = 0

    def take(self, step: Step) -> None:
        """Take a step; a refusal changes nothing."""
        kind, *facts = step
        self._at += 1
        try:
            getattr(self, kind)(f"E-{self._at}", *facts)
        except LedgerError as refusal:
            event(f"{kind}: {refusal.code}")

    def left(self) -> Package:
        """Return what the package holds."""
        return package_left("P-1", self.ledger)

    def balance(self) -> int:
        """Return what the account owes for it."""
        return -self.ledger.balance("packages", "P-1")

    def sell(self, id_: str, uses: int, net: int, vat: int) -> None:
        """Sell a lot."""
        taxes = [{"tax": "VAT", "amount": text(vat)}]
        line = sold_line("P-1", uses, text(net), taxes=taxes)
        self._record(a_sale(id_, [line], [cash(text(net + vat))]))
        self._sold.append(id_)

    def use(self, id_: str, uses: int) -> None:
        """Pay with uses."""
        self._record(a_sale(id_, [service()], [by_package(uses=uses)], **self._how()))
        self._used.append(id_)

    def refund(self, id_: str, which: int, uses: int | None) -> None:
        """Give unused uses of a sale back; all of them where none are stated."""
        line: Json = {"sale_line": 0} | ({} if uses is None else {"uses": uses})
        self._give_back(id_, self._sold[which:], lines=[line])

    def make_cheaper(self, id_: str, which: int, minor: int) -> None:
        """Take something off the price of a sale."""
        self._give_back(id_, self._sold[which:], amount=text(minor))

    def put_back(self, id_: str, which: int, uses: int) -> None:
        """Put uses back that paid for a sale."""
        for sale in self._used[which : which + 1]:
            value = sum(part.value for part in self.left().back(uses, sale))
            tenders = [by_package(uses=uses)]
            self._record(a_refund(id_, sale, tenders, amount=text(value), **self._how()))

    def lapse(self, id_: str) -> None:
        """Let all expire."""
        self._record(expired(id_=id_))

    def undo(self, id_: str, which: int) -> None:
        """Reverse something."""
        for told in self.told[which : which + 1]:
            self._record(reversal(told, id_, **self._how()))

    def _how(self) -> Json:
        return {"happened_offline": self._offline}

    def _give_back(self, id_: str, sales: Sequence[str], **fields: Any) -> None:
        """Refund the first of some sales in cash: what is due, the ledger says."""
        for sale in sales[:1]:
            try:
                self._record(a_refund(id_, sale, [], **fields))
            except Invalid as refusal:
                due = refusal.faults[0].facts["due"]
                self._record(a_refund(id_, sale, [cash(due)], **fields))

    def _record(self, fact: Event) -> None:
        self.ledger.record(fact)
        self.told.append(fact.id)


def text(minor: int) -> str:
    return to_text(minor, "GBP")


@FACTS
@given(steps=st.lists(ANY | LAPSED, max_size=25))
def test_a_package_holds_what_its_account_says_and_no_value_without_uses(
    steps: list[Step],
) -> None:
    """After every sale, use, refund, expiry and reversal, refused ones included."""
    desk = Desk()
    for step in steps:
        desk.take(step)
        left = desk.left()
        assert left.value("GBP") == desk.balance()
        assert all(lot.uses > 0 or lot.value == 0 for lot in left.lots)
        assert all(0 <= lot.uses <= lot.sold and lot.value >= 0 for lot in left.lots)


@FACTS
@given(steps=st.lists(ANY | LAPSED | OFF, max_size=25))
def test_offline_and_when_made_cheaper_it_still_holds_what_its_account_says(
    steps: list[Step],
) -> None:
    desk = Desk(offline=True)
    for step in steps:
        desk.take(step)
        assert desk.left().value("GBP") == desk.balance() >= 0


@FACTS
@given(
    net=st.integers(0, 99_999),
    uses=st.integers(1, 12),
    steps=st.lists(USED | UNUSED | ONTO | UNDONE, max_size=12),
)
def test_what_is_drawn_and_given_back_is_the_price(net: int, uses: int, steps: list[Step]) -> None:
    """And the taxes that come back with unused uses are never more than were paid."""
    desk = Desk()
    desk.sell("S-1", uses, net, 777)
    for step in steps:
        desk.take(step)
    while left := desk.left().uses("GBP"):
        desk.take(("use", min(left, 2)))
    assert desk.balance() == 0
    assert 0 <= -desk.ledger.balance("sales_tax", "VAT") <= 777


@FACTS
@given(net=st.integers(0, 99_999), vat=st.integers(0, 9_999), parts=st.lists(USES, max_size=8))
def test_all_that_was_paid_comes_back_in_parts(net: int, vat: int, parts: list[int]) -> None:
    """Unused uses refunded bit by bit give back the price and every cent of its tax."""
    desk = Desk()
    desk.sell("S-1", 10, net, vat)
    for uses in parts:
        desk.take(("refund", 0, uses))
    desk.take(("refund", 0, None))
    assert desk.ledger.balances() == {}
