"""Shops at random: sequences of facts of every kind, of which nearly all are right.

`histories(region, least, most)` gives JSON, in the order in which a shop states it;
`events` gives them decoded. They refer to one another (refunds to sales, draws to cards, closings
to sessions, reversals to anything), so some are refused: whoever records them lets a refusal pass.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from ledger import codec
from ledger.events import Event
from ledger.money import to_text

Json = dict[str, Any]

FIRST: Final = date(2026, 3, 14)
CATEGORIES: Final = ("Hats", "Caps", "Scarves")
ITEMS: Final = ("HAT", "CAP", "SCARF", "PIN")
METHODS: Final = ("visa", "debit")
CARDS: Final = ("GC-1", "GC-2")
VOUCHERS: Final = ("V-1", "V-2")
DEPOSITS: Final = ("D-1", "D-2", "P-1")
CUSTOMERS: Final = ("C-1", "C-2")
SESSIONS: Final = ("Z-1", "Z-2", "Z-3")
REGISTERS: Final = ("till-1", "till-2")
CHANNELS: Final = ("shop", "web")


class Region:
    """Where the shop is: its currency, and its taxes in basis points of a thousandth."""

    def __init__(self, currency: str, offset: str, taxes: dict[str, int]) -> None:
        self.currency, self.offset, self.taxes = currency, offset, taxes


QUEBEC: Final = Region("CAD", "-05:00", {"GST": 5_000, "QST": 9_975})
ENGLAND: Final = Region("GBP", "+00:00", {"VAT": 20_000})


class _Story:
    """What has been stated so far, so that later facts can speak of it."""

    def __init__(self, draw: st.DrawFn, region: Region) -> None:
        self.draw, self.region = draw, region
        self.told: list[Json] = []
        self.sales: list[Json] = []
        self.day = FIRST

    def one(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def maybe(self, share: int, value: Any) -> Any:
        """Return *value* in *share* of ten cases, else None."""
        return value if self.draw(st.integers(1, 10)) <= share else None

    def cents(self, most: int = 20_000, least: int = 1) -> int:
        return self.draw(st.integers(least, most))

    def text(self, minor: int) -> str:
        return to_text(minor, self.region.currency)

    def envelope(self, kind: str) -> Json:
        self.day += timedelta(days=self.one(0, 0, 0, 0, 1))
        number = len(self.told) + 1
        at = f"{self.day}T{self.draw(st.integers(9, 18)):02}:00:00{self.region.offset}"
        fields = {
            "type": kind,
            "id": f"E-{number}",
            "occurred_at": at,
            "channel": self.one(None, *CHANNELS),
            "location": self.one(None, "laurier"),
            "register": self.one(None, *REGISTERS),
            "session": self.maybe(4, self.one(*SESSIONS)),
            "customer": self.one(None, *CUSTOMERS),
            "staff": self.one(None, "Ana"),
            "happened_offline": self.maybe(2, value=True),
        }
        return {name: value for name, value in fields.items() if value is not None}

    def line(self, *, inside: bool) -> tuple[Json, int]:
        """Return a line that is sold and what is paid for it; *inside*: the price has the taxes."""
        kind = self.one("goods", "goods", "goods", "service", "fee", "shipping", "gift_card")
        quantity = self.one(1, 1, 2, 3) if kind == "goods" else 1
        price = self.cents()
        gross = quantity * price
        line: Json = {"kind": kind, "quantity": str(quantity), "unit_price": self.text(price)}
        discount = self.draw(st.integers(0, gross // self.one(1, 2))) if self.one(0, 0, 1) else 0
        line |= {"discount": self.text(discount)} if discount else {}
        if kind == "gift_card":
            return line | {"gift_card": self.one(*CARDS)}, gross - discount
        paid, taxes = gross - discount, dict[str, int]()
        if self.one(0, 1, 1):
            rates = self.region.taxes
            whole = 100_000 + (sum(rates.values()) if inside else 0)
            taxes = {code: (paid * rate + whole // 2) // whole for code, rate in rates.items()}
        line |= {"item": self.one(*ITEMS)} if kind == "goods" else {}
        line |= {"category": self.one(*CATEGORIES)} if self.one(0, 1) else {}
        if taxes:
            line["taxes"] = [{"tax": code, "amount": self.text(tax)} for code, tax in taxes.items()]
        return line, paid if inside else paid + sum(taxes.values())

    def tenders(self, total: int, *, customer: bool, back: bool = False) -> list[Json]:
        """Return one to three tenders of *total*."""
        parts, rest = list[int](), total
        for _ in range(self.one(0, 0, 0, 1, 2)):
            parts.append(self.draw(st.integers(0, rest)))
            rest -= parts[-1]
        parts.append(rest)
        return [self.tender(part, customer=customer, back=back) for part in parts]

    def tender(self, amount: int, *, customer: bool, back: bool) -> Json:
        money = [
            {"kind": "cash"},
            {"kind": "card", "method": self.one(*METHODS)},
            {"kind": "cheque"},
            {"kind": "other", "method": self.one("exchange", "moonpay")},
        ]
        held = [
            {"kind": "gift_card", "gift_card": self.one(*CARDS)},
            {"kind": "store_credit", "voucher": self.one(*VOUCHERS)},
            {"kind": "deposit", "deposit": self.one(*DEPOSITS)},
        ]
        held += [{"kind": "customer_credit"}] if customer else []
        held += [] if back else [{"kind": "on_account"}, {"kind": "on_account", "invoice": "I-1"}]
        way: Json = self.one(*money, *money, *held)
        return way | {"amount": self.text(amount)}

    def told_of(self, *kinds: str) -> Json | None:
        """Return a fact of some kinds that was stated."""
        found = [fact for fact in self.told if fact["type"] in kinds or not kinds]
        return self.one(*found) if found else None


def _sale(story: _Story) -> Json:
    fact = story.envelope("sale_completed")
    inside = story.one(False, False, False, True)  # noqa: FBT003 - a choice, no switch
    lines = [story.line(inside=inside) for _ in range(story.one(1, 1, 2, 3))]
    total = sum(paid for _, paid in lines)
    tip = story.maybe(2, story.cents(900))
    fact |= {"lines": [line for line, _ in lines]}
    fact |= {"prices_include_tax": True} if inside else {}
    if tip:
        fact |= {"tip": story.text(tip)}
    if story.one(0, 0, 0, 1):
        rounding = story.draw(st.integers(-2, 2))
        paid = max(0, total + (tip or 0) + rounding)
        fact |= {"rounding": story.text(paid - total - (tip or 0))}
        fact |= {"tenders": [{"kind": "cash", "amount": story.text(paid)}]}
    else:
        total += tip or 0
        fact |= {"tenders": story.tenders(total, customer="customer" in fact)}
    story.sales.append(fact | {"total": sum(paid for _, paid in lines), "paid": lines})
    return fact


def _refund(story: _Story) -> Json:
    fact = story.envelope("refund_issued") | {"restock": story.one("no", "yes", "damaged")}
    if not story.sales or story.one(0, 0, 0, 0, 1):
        amount = story.cents()
        line = {"kind": "goods", "item": story.one(*ITEMS), "net": story.text(amount)}
        fact |= {"lines": [line]}
    else:
        sale = story.one(*story.sales)
        at = story.draw(st.integers(0, len(sale["lines"]) - 1))
        line, paid = sale["paid"][at]
        how = story.one("all", "line", "amount")
        amount = {"all": sale["total"], "line": paid, "amount": story.cents(max(1, sale["total"]))}[
            how
        ]
        fact |= {"sale": sale["id"]}
        fact |= {"lines": [{"sale_line": at}]} if how == "line" else {}
        fact |= {"amount": story.text(amount)} if how == "amount" else {}
        if how == "all" and "tip" not in sale and "rounding" not in sale and story.one(0, 1, 1):
            return fact | {"tenders": sale["tenders"]}
    return fact | {"tenders": story.tenders(amount, customer="customer" in fact, back=True)}


def _other(tenders: list[Json], deposit: str) -> list[Json]:
    """Return tenders of which none is a deposit itself."""
    return [
        {"kind": "cheque", "amount": tender["amount"]}
        if tender.get("deposit") == deposit
        else tender
        for tender in tenders
    ]


def _deposit_received(story: _Story) -> Json:
    fact = story.envelope("deposit_received") | {"deposit": story.one(*DEPOSITS)}
    amount = story.cents()
    if fact["deposit"].startswith("P"):
        tax = {"tax": next(iter(story.region.taxes)), "amount": story.text(amount // 20)}
        fact |= {"kind": "prepayment", "taxes": [tax]}
    tenders = story.tenders(amount, customer="customer" in fact)
    return fact | {"amount": story.text(amount), "tenders": _other(tenders, fact["deposit"])}


def _deposit_refunded(story: _Story) -> Json:
    fact = story.envelope("deposit_refunded") | {"deposit": story.one(*DEPOSITS)}
    return fact | ({"amount": story.text(story.cents(5_000))} if story.one(0, 1) else {})


def _store_credit(story: _Story) -> Json:
    fact = story.envelope("store_credit_issued") | {"voucher": story.one(*VOUCHERS)}
    return fact | {"amount": story.text(story.cents()), "reason": "late delivery"}


def _opened(story: _Story) -> Json:
    fact = story.envelope("register_opened")
    fact |= {"session": story.one(*SESSIONS), "register": story.one(*REGISTERS)}
    return fact | {"float": story.text(story.cents(least=0))}


def _moved(story: _Story) -> Json:
    fact = story.envelope("cash_moved") | {"amount": story.text(story.cents())}
    way: Json = story.one(
        {"kind": "drop"},
        {"kind": "bank"},
        {"kind": "paid_in", "account": "opening_balance"},
        {"kind": "paid_out", "account": "tips", "holder": "Ana"},
        {"kind": "paid_out", "account": "payable", "vendor": "Lavoie"},
    )
    return fact | way


def _closed(story: _Story) -> Json:
    fact = story.envelope("register_closed") | {"session": story.one(*SESSIONS)}
    methods = story.draw(st.lists(st.sampled_from(["cash", "coins", *METHODS]), unique=True))
    counted = [{"method": m, "amount": story.text(story.cents(least=0))} for m in methods]
    return fact | {"counted": counted}


def _received(story: _Story) -> Json:
    fact = story.envelope("goods_received")
    lines = [
        {
            "item": story.one(*ITEMS),
            "quantity": str(story.draw(st.integers(1, 20))),
            "unit_cost": story.text(story.cents(5_000)),
            "weight": "0.5",
        }
        for _ in range(story.one(1, 2, 3))
    ]
    tax = {"tax": next(iter(story.region.taxes)), "amount": story.text(story.cents(500))}
    extras = {
        "freight": story.maybe(3, story.text(story.cents(3_000))),
        "duty": story.maybe(2, story.text(story.cents(3_000))),
        "discount": story.maybe(2, story.text(story.cents(1_000))),
        "taxes": story.maybe(5, [tax]),
        "allocate_by": story.maybe(3, story.one("value", "quantity", "weight")),
        "bill": story.maybe(5, f"B-{len(story.told)}"),
    }
    fact |= {name: value for name, value in extras.items() if value is not None}
    return fact | {"receipt": f"G-{len(story.told)}", "vendor": "Lavoie", "lines": lines}


def _adjusted(story: _Story) -> Json:
    quantity = story.one(-3, -1, 1, 4)
    line = {"item": story.one(*ITEMS), "quantity": str(quantity)}
    line |= {"unit_cost": story.text(story.cents(3_000))} if story.one(0, 1) else {}
    return story.envelope("stock_adjusted") | {"lines": [line], "reason": "count"}


def _journal(story: _Story) -> Json:
    amount = story.text(story.cents())
    debit = story.one(
        {"account": "merchant_fees"},
        {"account": "receivable", "holder": "I-1", "customer": "C-1"},
        {"account": "tax_recoverable", "holder": next(iter(story.region.taxes))},
    )
    credit = story.one(
        {"account": "bank"},
        {"account": "clearing", "holder": "visa"},
        {"account": "payable", "holder": "B-0", "vendor": "Lavoie"},
        {"account": "opening_balance"},
    )
    lines = [debit | {"debit": amount}, credit | {"credit": amount}]
    return story.envelope("journal_posted") | {"lines": lines, "reason": "month end"}


def _reversed(story: _Story) -> Json:
    original = story.told_of()
    reverses = original["id"] if original else "E-0"
    return story.envelope("event_reversed") | {"reverses": reverses, "reason": "mistake"}


def _configured(story: _Story) -> Json:
    kind, fields = _definition(story)
    since = {"from": str(FIRST)} if story.one(0, 1) else {}
    return story.envelope(kind) | fields | since


def _definition(story: _Story) -> tuple[str, Json]:
    found: tuple[str, Json] = story.one(
        ("method_defined", {"method": story.one(*METHODS), "kind": "card", "name": "Card"}),
        ("method_defined", {"method": "coins", "kind": "cash", "name": "Coins"}),
        (
            "item_defined",
            {
                "item": story.one(*ITEMS),
                "name": "Something",
                "category": story.one(*CATEGORIES),
                "stocked": story.one(*(False, True)),
            },
        ),
        (
            "account_defined",
            {
                "code": story.one("4001", "4002"),
                "role": "sales",
                "account_type": "income",
                "name": {"en": "More sales", "fr": "Autres ventes"},
            },
        ),
        ("tax_defined", {"tax": "LUX", "name": "Luxury", "rate": "10", "agency": "State"}),
        ("policy_set", {"policy": "blind_refunds", "value": story.one("accept", "list")}),
        ("policy_set", {"policy": "landed_cost", "value": story.one("expense", "inventory")}),
    )
    return found


_TELLERS: Final[tuple[tuple[int, Callable[[_Story], Json]], ...]] = (
    (10, _sale),
    (4, _refund),
    (2, _deposit_received),
    (1, _deposit_refunded),
    (1, _store_credit),
    (1, _opened),
    (1, _moved),
    (1, _closed),
    (2, _received),
    (1, _adjusted),
    (1, _journal),
    (2, _reversed),
    (2, _configured),
)
_CHOICES: Final = [teller for weight, teller in _TELLERS for _ in range(weight)]


@st.composite
def histories(
    draw: st.DrawFn, region: Region = QUEBEC, least: int = 1, most: int = 25
) -> list[Json]:
    """Return facts as JSON, in the order in which they are stated."""
    story = _Story(draw, region)
    for _ in range(draw(st.integers(least, most))):
        story.told.append(draw(st.sampled_from(_CHOICES))(story))
    return story.told


def events(
    least: int = 1, most: int = 25, region: Region = QUEBEC
) -> st.SearchStrategy[list[Event]]:
    """Return facts decoded, in the order in which they are stated."""
    return histories(region, least, most).map(lambda told: [codec.from_json(fact) for fact in told])
