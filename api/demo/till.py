"""A till of the boutique: lines with their taxes, tenders that add up, ids and times of its own."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from api.demo.shop import BOOK, STAFF, Article, Event
from ledger.money import share

RATES: Final = {"GST": (5, 100), "QST": (9975, 100_000)}
"""Each tax of Québec as a fraction of the price."""


def text(cents: int) -> str:
    """Return cents as decimal text."""
    return str(Decimal(cents).scaleb(-2))


def line(article: Article, quantity: int = 1, *, discount: int = 0) -> Event:
    """Return a line of goods or of a service, taxed."""
    net = article.price * quantity - discount
    stated: Event = {
        "kind": "goods" if article.cost else "service",
        "item": article.code,
        "quantity": str(quantity),
        "unit_price": text(article.price),
        "taxes": taxes(net, article.taxes),
    }
    return stated | ({"discount": text(discount)} if discount else {})


def taxes(net: int, codes: tuple[str, ...] = ("GST", "QST")) -> list[Event]:
    """Return what each tax takes of a price, half up to the cent."""
    amounts = {code: share(net, *RATES[code]) for code in codes}
    return [{"tax": code, "amount": text(amount)} for code, amount in amounts.items() if amount]


def shipping(price: int) -> Event:
    """Return a taxed line of shipping."""
    return {"kind": "shipping", "net": text(price), "taxes": taxes(price)}


def gift_card(card: str, amount: int) -> Event:
    """Return a line that sells a gift card, or fills it."""
    return {"kind": "gift_card", "gift_card": card, "net": text(amount)}


def due(lines: list[Event]) -> int:
    """Return what lines ask for, in cents, taxes included."""
    return sum(
        _net(one) + sum(_cents(tax["amount"]) for tax in one.get("taxes", ())) for one in lines
    )


def part(one: Event, quantity: int) -> int:
    """Return what *quantity* of a line's units were sold for, each tax shared by itself."""
    whole = int(one["quantity"])
    amounts = [_net(one), *(_cents(tax["amount"]) for tax in one["taxes"])]
    return sum(share(amount, quantity, whole) for amount in amounts)


def _net(one: Event) -> int:
    if "net" in one:
        return _cents(one["net"])
    return _cents(one["unit_price"]) * int(one["quantity"]) - _cents(one.get("discount", "0"))


def _cents(amount: str) -> int:
    return int(Decimal(amount).scaleb(2))


def rounding(total: int) -> int:
    """Return what rounding to five cents adds to a cash payment, in cents."""
    return share(total, 1, 5) * 5 - total


class Till:
    """Numbers and dates what happens at one register, or in the web shop."""

    def __init__(self, name: str, run: str, opens: datetime, **envelope: Any) -> None:
        self.name, self._run, self._at = name, run, opens
        self._envelope = envelope
        self._number = 0
        self.drawer = 0
        """What cash is in the drawer, in cents."""

    def event(self, kind: str, minutes: float = 3, /, **fields: Any) -> Event:
        """Return a fact that happens *minutes* after this till's last."""
        self._number += 1
        self._at += timedelta(minutes=minutes)
        self.drawer += _cash(kind, fields)
        return {
            "type": kind,
            "id": f"{self._run}-{self.name}-{self._number:04}",
            "occurred_at": self._at.isoformat(),
            **self._envelope,
            **fields,
        }

    def sale(self, lines: list[Event], *tenders: Event, **fields: Any) -> Event:
        """Return a sale; the last tender, when it states no amount, pays what is left.

        Cash is rounded to five cents, as it is in Canada.
        """
        total = due(lines) + _cents(fields.get("tip", "0"))
        stated = [dict(tender) for tender in tenders]
        given = sum(_cents(tender["amount"]) for tender in stated if "amount" in tender)
        if stated and "amount" not in stated[-1]:
            rest = total - given
            off = rounding(rest) if stated[-1]["kind"] == "cash" else 0
            stated[-1]["amount"] = text(rest + off)
            fields |= {"rounding": text(off)} if off else {}
        return self.event("sale_completed", lines=lines, tenders=stated, **fields)

    def reversal(self, wrong: Event, reason: str) -> Event:
        """Return the fact that takes an earlier one back; its cash leaves the drawer again."""
        self.drawer -= _cash(wrong["type"], wrong)
        return self.event("event_reversed", reverses=wrong["id"], reason=reason)


class Shop:
    """The tills and the office of one day."""

    def __init__(self, day: date, run: str) -> None:
        opens = datetime(day.year, day.month, day.day, 9, 30, tzinfo=ZoneInfo(BOOK.timezone))
        self.run = run
        self.tills = [
            Till(
                name,
                run,
                opens,
                register=name,
                session=f"{run}-{name}",
                staff=staff,
                channel="boutique",
            )
            for name, staff in (("till-1", STAFF[0]), ("till-2", STAFF[1]))
        ]
        self.web = Till("web", run, opens, channel="web")
        self.office = Till("office", run, opens)


def _cash(kind: str, fields: Event) -> int:
    """Return what a fact puts into the drawer, in cents."""
    if kind == "register_opened":
        return _cents(fields["float"])
    if kind == "cash_moved":
        return -_cents(fields["amount"])
    paid = [tender for tender in fields.get("tenders", ()) if tender["kind"] == "cash"]
    sign = -1 if kind in ("refund_issued", "deposit_refunded") else 1
    return sign * sum(_cents(tender["amount"]) for tender in paid)
