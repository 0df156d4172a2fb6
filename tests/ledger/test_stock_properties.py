"""What must hold of stock, whatever comes, leaves, is counted, carried, billed and taken back."""

from typing import Any, Final

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.bill import BillReceived
from ledger.events.goods import GoodsReceived
from ledger.events.landed import LandedCostAdded
from ledger.events.returned import GoodsReturned
from ledger.events.standing import is_reversed
from ledger.money import to_text
from ledger.stock import Stock
from tests.builders import a_receipt, a_refund, a_sale, adjusted, fact, goods, item, reversal
from tests.ledger.memory import Memory

ITEMS: Final = ("HAT", "CAP")
PLACES: Final = ("laurier", "mile-end")
EURO: Final = {"currency": "EUR", "rate": "1.4637"}

Many = st.sampled_from(["1", "2", "3", "0.333333", "7.5", "20"])
Cents = st.integers(0, 5_000)
FACTS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class _Storeroom:
    """Draws facts of stock; `told` counts them, so that later ones can speak of earlier ones."""

    def __init__(self, draw: st.DrawFn, *, foreign: bool) -> None:
        self.draw, self.told, self.foreign = draw, list[Event](), foreign

    def one(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def amount(self) -> str:
        return to_text(self.draw(Cents), "CAD")

    def where(self) -> dict[str, Any]:
        """Return a place and, where there may be, a foreign currency."""
        money = self.one({}, EURO) if self.foreign else {}
        return {"location": self.one(None, *PLACES)} | money

    def some(self, **more: Any) -> dict[str, Any]:
        return {"item": self.one(*ITEMS), "quantity": self.draw(Many)} | more

    def receipts(self) -> list[str]:
        return self.draw(st.lists(st.sampled_from(["G-1", "G-2", "G-3"]), min_size=1, unique=True))

    def fact(self) -> None:
        """Tell one more fact."""
        id_ = f"E-{len(self.told) + 1}"
        self.told.append(getattr(self, self.one(*KINDS))(id_))

    def came(self, id_: str, receipt: str | None = None) -> Event:
        rows = [
            (self.one(*ITEMS), self.draw(Many), self.amount()) for _ in range(self.one(1, 2, 3))
        ]
        receipt = receipt or self.one("G-1", "G-2", "G-3")
        freight = self.one(None, self.amount())
        return a_receipt(id_, *rows, receipt=receipt, freight=freight, **self.where())

    def landed(self, id_: str) -> Event:
        by = self.one("value", "quantity")
        stated = {"receipts": self.receipts(), "freight": self.amount(), "allocate_by": by}
        return fact("landed_cost_added", id_, **stated, **self.where())

    def billed(self, id_: str) -> Event:
        lines = self.one([], [{"account": "inventory", "amount": self.amount()}])
        stated = {"bill": id_, "vendor": "V", "receipts": self.receipts(), "lines": lines}
        return fact("bill_received", id_, **stated, **self.where())

    def returned(self, id_: str) -> Event:
        receipt = self.one(None, "G-1", "G-2")
        lines = [self.some(unit_cost=self.amount())]
        return fact("goods_returned", id_, vendor="V", receipt=receipt, lines=lines, **self.where())

    def adjusted(self, id_: str) -> Event:
        """Find some, at a cost or at average, or miss some at average."""
        line = self.one(self.some(unit_cost=self.amount()), self.some())
        if "unit_cost" not in line:
            line["quantity"] = self.one("", "-") + line["quantity"]
        return adjusted(id_, line, **self.where())

    def counted(self, id_: str) -> Event:
        lines = [{"item": name, "counted": self.one("0", "2", "11")} for name in ITEMS]
        return fact("stock_counted", id_, lines=lines, location=self.one(None, *PLACES))

    def carried(self, id_: str) -> Event:
        ways = {"from_location": self.one(*PLACES), "to_location": self.one(*PLACES)}
        return fact("stock_moved", id_, lines=[self.some()], **ways)

    def sold(self, id_: str) -> Event:
        lines = [goods("0", **self.some()) for _ in range(self.one(1, 2))]
        return a_sale(id_, lines, [], **self.where())

    def refunded(self, id_: str) -> Event:
        """Bring back what some sale sold, if it was one."""
        back, sales = self.one("yes", "damaged"), self._earlier("sale_completed")
        return a_refund(id_, self.one(*sales), [], restock=back, **self.where())

    def undone(self, id_: str) -> Event:
        return reversal(self.one(*self._earlier("")), id_)

    def _earlier(self, kind: str) -> list[str]:
        told = [fact.id for fact in self.told if str(fact.__struct_config__.tag).startswith(kind)]
        return told or ["E-0"]


KINDS: Final = (
    "came",
    "came",
    "landed",
    "billed",
    "returned",
    "adjusted",
    "counted",
    "carried",
    "sold",
    "sold",
    "refunded",
    "undone",
)


@st.composite
def storerooms(draw: st.DrawFn, *, foreign: bool = True, undone: bool = True) -> list[Event]:
    """Return facts of a storeroom, in the order in which they are stated."""
    room = _Storeroom(draw, foreign=foreign)
    room.told += [room.came("E-1", "G-1"), room.came("E-2", "G-2")]
    for _ in range(draw(st.integers(2, 18))):
        room.fact()
    kept = (fact for fact in room.told if undone or fact.__struct_config__.tag != "event_reversed")
    return [item("HAT", "Hats"), item("CAP", "Caps"), *kept]


def told(facts: list[Event]) -> Memory:
    """Return a book in which everything is recorded that can be."""
    ledger = Memory()
    for stated in facts:
        try:
            ledger.record(stated)
        except LedgerError as refusal:
            event(f"{stated.__struct_config__.tag}: {refusal.code}")
        else:
            event(f"{stated.__struct_config__.tag}: recorded")
    return ledger


def at_home(ledger: Memory, *roles: str) -> int:
    """Return what accounts come to in home minor units, debit positive."""
    return sum(p.at_home for entry in ledger.entries for p in entry.postings if p.role in roles)


@FACTS
@given(facts=storerooms())
def test_inventory_is_worth_what_stock_says_and_lies_where_it_lies(facts: list[Event]) -> None:
    ledger = told(facts)
    moves = [p for entry in ledger.entries for p in entry.postings if p.role == "inventory"]
    for name in ITEMS:
        stock = ledger.stock(name)
        assert sum(p.at_home for p in moves if p.holder == name) == stock.value
        assert sum(p.quantity for p in moves if p.holder == name) == stock.quantity
        assert sum(ledger.stock_at(name, at) for at in ("", *PLACES)) == stock.quantity


@FACTS
@given(facts=storerooms(foreign=False))
def test_no_cost_is_lost(facts: list[Event]) -> None:
    """What vendors asked, less what they credited, is on hand, sold, or an adjustment."""
    ledger, asked = told(facts), 0
    for entry in ledger.entries:
        if is_reversed(entry, ledger):
            continue
        stated = entry.event
        sums = {p.role: 0 for p in entry.postings}
        for p in entry.postings:
            sums[p.role] += p.amount
        waits, owed = sums.get("goods_received_not_billed", 0), sums.get("payable", 0)
        if isinstance(stated, GoodsReceived):
            asked += stated.minor(stated.freight)
            asked += sum(line.value for line in stated.delivered())
        elif isinstance(stated, LandedCostAdded):
            asked += stated.minor(stated.freight)
        elif isinstance(stated, BillReceived | GoodsReturned):
            asked -= owed + waits
    assert asked == at_home(ledger, "inventory", "cost_of_goods", "stock_adjustments")


@FACTS
@given(facts=storerooms(undone=False))
def test_no_value_lies_where_no_unit_is(facts: list[Event]) -> None:
    ledger = told(facts)
    for name in ITEMS:
        stock = ledger.stock(name)
        if stock.quantity == 0:
            assert stock.value == 0
        assert stock.value * stock.quantity >= 0


@FACTS
@given(facts=storerooms())
def test_a_reversal_brings_every_balance_back(facts: list[Event]) -> None:
    """At once after the fact, whatever had happened before."""
    ledger = told(facts[:-1])
    foreign = dict(ledger._balances)
    before, held = ledger.balances(), {name: _held(ledger.stock(name)) for name in ITEMS}
    seq = len(ledger.entries)
    try:
        ledger.record(facts[-1])
        ledger.record(reversal(facts[-1].id, "undo"))
    except LedgerError as refusal:
        event(refusal.code)
        if len(ledger.entries) > seq:
            return
    assert ledger.balances() == before
    standing = {place: amount for place, amount in ledger._balances.items() if amount}
    assert standing == {place: amount for place, amount in foreign.items() if amount}
    assert {name: _held(ledger.stock(name)) for name in ITEMS} == held


def _held(stock: Stock) -> tuple[int, int]:
    return stock.quantity, stock.value
