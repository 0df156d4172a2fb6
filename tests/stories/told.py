"""A shop's story so far, and what every fact in it has."""

from datetime import date, timedelta
from typing import Any, Final

from hypothesis import strategies as st

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
BOOKINGS: Final = ("B-1", "B-2")
DEVICES: Final = ("ipad-1", "ipad-2")
LOCATIONS: Final = ("laurier", "plateau")


class Region:
    """Where the shop is: its currency, and its taxes in basis points of a thousandth."""

    def __init__(self, currency: str, offset: str, taxes: dict[str, int]) -> None:
        self.currency, self.offset, self.taxes = currency, offset, taxes


QUEBEC: Final = Region("CAD", "-05:00", {"GST": 5_000, "QST": 9_975})
ENGLAND: Final = Region("GBP", "+00:00", {"VAT": 20_000})


class Story:
    """What has been stated so far, so that later facts can speak of it."""

    def __init__(self, draw: st.DrawFn, region: Region, *, foreign: bool = False) -> None:
        self.draw, self.region, self.foreign = draw, region, foreign
        self.told: list[Json] = []
        self.sales: list[Json] = []
        self.invoices: list[tuple[str, str | None, int]] = []
        self.receipts: list[tuple[str, list[Json]]] = []
        self.packages: list[str] = []
        self.heard = dict.fromkeys(DEVICES, 0)
        self.day = FIRST

    def one(self, *choices: Any) -> Any:
        """Return one of some values."""
        return self.draw(st.sampled_from(choices))

    def maybe(self, share: int, value: Any) -> Any:
        """Return *value* in *share* of ten cases, else None."""
        return value if self.draw(st.integers(1, 10)) <= share else None

    def cents(self, most: int = 20_000, least: int = 1) -> int:
        """Return an amount in minor units."""
        return self.draw(st.integers(least, most))

    def text(self, minor: int) -> str:
        """Return minor units as the region writes them."""
        return to_text(minor, self.region.currency)

    def envelope(self, kind: str) -> Json:
        """Return what every fact states; the day goes on now and then."""
        self.day += timedelta(days=self.one(0, 0, 0, 0, 1))
        number = len(self.told) + 1
        at = f"{self.day}T{self.draw(st.integers(9, 18)):02}:00:00{self.region.offset}"
        fields = {
            "type": kind,
            "id": f"E-{number}",
            "occurred_at": at,
            "channel": self.one(None, *CHANNELS),
            "location": self.one(None, *LOCATIONS),
            "register": self.one(None, *REGISTERS),
            "session": self.maybe(4, self.one(*SESSIONS)),
            "customer": self.one(None, *CUSTOMERS),
            "staff": self.one(None, "Ana"),
            "happened_offline": self.maybe(2, value=True),
            "device_seq": self.device(),
        }
        if self.foreign and self.one(0, 0, 1):
            fields |= {"currency": "USD", "rate": self.one("1.35", "1.402515", "0.9")}
        return {name: value for name, value in fields.items() if value is not None}

    def new_package(self) -> str:
        """Return a package to sell; once in a while one that was sold before."""
        name = f"PK-{len(self.told)}-{len(self.packages)}"
        if self.packages and self.one(0, 0, 0, 0, 1):
            name = self.one(*self.packages)
        self.packages.append(name)
        return name

    def device(self) -> Json | None:
        """Return the next number of a device in some cases; now and then one is left out."""
        device = self.one(None, None, *DEVICES)
        if device is None:
            return None
        self.heard[device] += self.one(1, 1, 1, 2)
        return {"device": device, "epoch": 0, "seq": self.heard[device]}

    def taxed(self, net: int) -> list[Json]:
        """Return the region's taxes on a net, in half of the cases."""
        if self.one(0, 1):
            return []
        return [
            {"tax": code, "amount": self.text((net * rate + 50_000) // 100_000)}
            for code, rate in self.region.taxes.items()
        ]

    def money(self, amount: int) -> list[Json]:
        """Return a tender of money."""
        way: Json = self.one({"kind": "cash"}, {"kind": "card", "method": self.one(*METHODS)})
        return [way | {"amount": self.text(amount)}]

    def line(self, *, inside: bool) -> tuple[Json, int]:
        """Return a line that is sold and what is paid for it; *inside*: the price has the taxes."""
        kind = self.one(
            "goods", "goods", "goods", "service", "fee", "shipping", "gift_card", "package"
        )
        quantity = self.one(1, 1, 2, 3) if kind == "goods" else 1
        price = self.cents()
        gross = quantity * price
        line: Json = {"kind": kind, "quantity": str(quantity), "unit_price": self.text(price)}
        discount = self.draw(st.integers(0, gross // self.one(1, 2))) if self.one(0, 0, 1) else 0
        line |= {"discount": self.text(discount)} if discount else {}
        if kind == "gift_card":
            return line | {"gift_card": self.one(*CARDS)}, gross - discount
        if kind == "package":
            line |= {"package": self.new_package(), "uses": self.one(1, 3, 10)}
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
        """Return a way of giving an amount."""
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
