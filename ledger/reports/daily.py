"""What was sold on each day, by category, and how it was paid, by tender."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from msgspec import Struct, field

from ledger.database import Connection
from ledger.reports.moved.store import Moved, Which, moved_by_kind
from ledger.reports.store import Sums
from ledger.reports.views import View
from ledger.settings import Settings
from ledger.store import from_day

SELLING: Final = frozenset(
    (
        "sale_completed",
        "refund_issued",
        "invoice_issued",
        "invoice_revised",
        "invoice_voided",
        "deposit_forfeited",
        "booking_kept",
        "booking_returned",
    )
)
"""Kinds of fact that sell, or take back what was sold."""

_TAKING_BACK: Final = frozenset(("refund_issued", "invoice_voided"))
_BY_CATEGORY: Final = ("sales", "sales_returns", "discounts")
_MONEY: Final = ("cash", "clearing", "suspense", "bank")
_HELD: Final = ("gift_cards", "store_credit", "deposits", "packages")
_NEITHER: Final = ("inventory", "cost_of_goods", "stock_adjustments")
"""Roles by which goods leave at cost: no part of a price."""


class Category(Struct):
    """Home minor units: `gross` at the price before discount, `returns` at what was paid for it.

    `adjusted` is what journals and the like credited besides; it is not in the net.
    """

    category: str
    gross: int = 0
    discounts: int = 0
    returns: int = 0
    adjusted: int = 0

    @property
    def net(self) -> int:
        """Return what was sold, less discounts and returns."""
        return self.gross - self.discounts - self.returns


class Tendered(Struct):
    """What came in and went back by one tender, home minor units; `foreign` has net amounts."""

    tender: str
    method: str
    received: int = 0
    refunded: int = 0
    foreign: dict[str, int] = field(default_factory=dict)

    @property
    def net(self) -> int:
        """Return what came in less what went back."""
        return self.received - self.refunded

    @property
    def moved(self) -> bool:
        """Tell whether something stands: what was taken back altogether does not."""
        return bool(self.received or self.refunded or any(self.foreign.values()))


class Day(Struct):
    """One business date in home minor units; what was charged equals what was tendered.

    `stored_value` is cards and packages sold less those taken back; `other` is what stands in no
    other figure: forfeited deposits, exchange, a closed drawer's late difference.
    """

    day: date
    categories: dict[str, Category] = field(default_factory=dict)
    taxes: dict[str, int] = field(default_factory=dict)
    tenders: dict[tuple[str, str], Tendered] = field(default_factory=dict)
    tips: int = 0
    stored_value: int = 0
    rounding: int = 0
    shipping: int = 0
    other: int = 0

    def all(self, figure: str) -> int:
        """Return a figure of all categories together."""
        return sum(getattr(category, figure) for category in self.categories.values())

    @property
    def charged(self) -> int:
        """Return what the day's customers were charged, less what they got back."""
        parts = (self.tips, self.stored_value, self.rounding, self.shipping, self.other)
        return self.all("net") + sum(self.taxes.values()) + sum(parts)

    @property
    def tendered(self) -> int:
        """Return what they gave, less what they were given."""
        return sum(tender.net for tender in self.tenders.values())


def daily_sales(connection: Connection, book_id: int, settings: Settings, view: View) -> list[Day]:
    """Return the days of a view on which something was sold."""
    days: dict[date, Day] = {}
    roles = _roles(settings)
    split = [code for code, role in roles.items() if role in (*_BY_CATEGORY, *_MONEY, "sales_tax")]
    whole = [code for code, role in roles.items() if code not in split and role not in _NEITHER]
    for part in _parts(connection, book_id, view, split, whole):
        number, code, holder, currency, kind = part.key
        role = roles[code]
        if kind not in SELLING and role not in _BY_CATEGORY:
            continue
        day = days.setdefault(from_day(number), Day(from_day(number)))
        foreign = currency if currency != settings.book.currency else None
        _add(day, role, holder, kind, part, foreign)
    for of_day in days.values():
        of_day.tenders = {place: each for place, each in of_day.tenders.items() if each.moved}
    return [days[day] for day in sorted(days)]


def _roles(settings: Settings) -> dict[str, str]:
    codes = settings.accounts.keys()
    found = {code: settings.accounts.get(code, date.max) for code in codes}
    return {code: account.role for code, account in found.items() if account is not None}


def _parts(
    connection: Connection, book_id: int, view: View, split: Sequence[str], whole: Sequence[str]
) -> Iterable[Moved]:
    """Yield sums by (day, account, holder, currency, kind); of some accounts without holder."""
    by_holder = Which(accounts=split)
    yield from moved_by_kind(
        connection, book_id, view, ("day", "account", "holder", "currency"), by_holder
    )
    for part in moved_by_kind(
        connection, book_id, view, ("day", "account", "currency"), Which(accounts=whole)
    ):
        day, account, currency, kind = part.key
        yield Moved((day, account, "", currency, kind), part.sums, part.quantity)


def _add(day: Day, role: str, holder: str, kind: str, part: Moved, foreign: str | None) -> None:
    """Count the sums of one account, holder, currency and kind of fact."""
    credit = -part.sums.home_balance
    if role in _BY_CATEGORY:
        _add_sold(day.categories.setdefault(holder, Category(holder)), role, kind, credit)
    elif role in (*_MONEY, "receivable"):
        _add_tender(day, (role, holder), part, foreign)
    elif role in _HELD:
        _add_held(day, role, kind, part, foreign)
    elif role == "sales_tax":
        day.taxes[holder] = day.taxes.get(holder, 0) + credit
    else:
        name = _FIGURES.get(role, "other")
        setattr(day, name, getattr(day, name) + credit)


_FIGURES: Final = {"tips": "tips", "cash_rounding": "rounding", "shipping_income": "shipping"}


def _add_sold(category: Category, role: str, kind: str, credit: int) -> None:
    if kind not in SELLING:
        category.adjusted += credit
    elif role == "sales":
        category.gross += credit
    elif role == "discounts":
        category.discounts -= credit
    else:
        category.returns -= credit


def _add_tender(day: Day, place: tuple[str, str], part: Moved, foreign: str | None) -> None:
    if not part.sums.home_debit and not part.sums.home_credit:
        return
    tender = day.tenders.setdefault(place, Tendered(*place))
    tender.received += part.sums.home_debit
    tender.refunded += part.sums.home_credit
    if foreign is not None:
        tender.foreign[foreign] = tender.foreign.get(foreign, 0) + part.sums.balance


def _add_held(day: Day, role: str, kind: str, part: Moved, foreign: str | None) -> None:
    """Tell a card that pays from one that is sold, and one that is given back from one returned."""
    sums = part.sums
    if kind == "booking_returned":
        _add_tender(day, (role, ""), part, foreign)
    elif kind in _TAKING_BACK:
        day.stored_value -= sums.home_debit
        given = Sums(0, sums.credit, 0, sums.home_credit)
        _add_tender(day, (role, ""), Moved((), given, 0), foreign)
    else:
        day.stored_value += sums.home_credit
        paid = Sums(sums.debit, 0, sums.home_debit, 0)
        _add_tender(day, (role, ""), Moved((), paid, 0), foreign)
