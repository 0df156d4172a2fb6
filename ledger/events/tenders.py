"""Tenders: how value is given, in money or out of what a customer already holds."""

from collections.abc import Generator, Iterator, Sequence
from datetime import date
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct

from ledger.errors import Fault, Invalid, fault
from ledger.events.base import BusinessEvent, Earlier, Reference
from ledger.events.deposit_state import drawn
from ledger.events.drawer import drawer_of, place_of
from ledger.events.receivable import CREDIT, InvoiceName
from ledger.money import MOST_MINOR, Amount, to_text
from ledger.postings import Caveat, Posting

TenderKind = Literal[
    "cash",
    "card",
    "cheque",
    "transfer",
    "other",
    "gift_card",
    "store_credit",
    "deposit",
    "package",
    "customer_credit",
    "on_account",
]
MONEY: Final = ("cash", "card", "cheque", "transfer", "other")
"""Kinds of tender that are money; the rest draws on what the ledger holds."""

NOT_MONEY: Final = tuple(kind for kind in get_args(TenderKind) if kind not in MONEY)
"""Kinds of tender that no drawer and no acquirer holds."""


class Tender(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """One way in which value is given (or given back)."""

    kind: TenderKind
    amount: Amount | None = None
    method: Reference | None = None
    gift_card: Reference | None = None
    voucher: Reference | None = None
    deposit: Reference | None = None
    package: Reference | None = None
    uses: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    invoice: InvoiceName | None = None
    due_date: date | None = None
    reference: Reference | None = None

    @property
    def way(self) -> str:
        """Return the method that money came by: the one named, else the kind."""
        return self.method or self.kind


Tenders = Annotated[tuple[Tender, ...], Meta(max_length=50)]
"""What is given for one event."""


def check_tenders(
    event: BusinessEvent, tenders: Sequence[Tender], *, packages: bool = False
) -> Generator[Fault, None, int | None]:
    """Yield what can never be right about tenders; return their sum, None when there is none.

    Packages pay for sales, and come back by refunds: elsewhere they are refused. What one is
    worth, only the ledger knows.
    """
    total: int | None = 0
    for index, tender in enumerate(tenders):
        plain = _plain_worth(event, tender)
        if plain is not None:
            total = None if total is None else total + plain
            continue
        at = f"/tenders/{index}"
        amount, found = _worth(event, tender, at)
        if tender.kind not in MONEY:
            found += _holder_faults(event, tender, at)
        if tender.kind == "package":
            found += [] if packages else [fault(f"{at}/kind", "packages-pay-sales")]
            total = None
        yield from found
        total = None if found or total is None else total + amount
    return total


def _plain_worth(event: BusinessEvent, tender: Tender) -> int | None:
    """Return the amount of a tender that is money, surely without a fault; None for any other."""
    if tender.kind not in MONEY or tender.amount is None:
        return None
    try:
        amount = event.minor(tender.amount)
    except ValueError:
        return None
    return amount if amount < MOST_MINOR else None


def _worth(event: BusinessEvent, tender: Tender, at: str) -> tuple[int, list[Fault]]:
    """Return a tender's amount, and what is wrong with it."""
    if tender.amount is None:
        missing = tender.kind != "package"
        return 0, [fault(f"{at}/amount", "required")] if missing else []
    try:
        amount = event.minor(tender.amount)
    except ValueError:
        amount = MOST_MINOR
    if amount >= MOST_MINOR:
        return 0, list(event.misfits((f"{at}/amount", tender.amount)))
    return amount, []


def _holder_faults(event: BusinessEvent, tender: Tender, at: str) -> Iterator[Fault]:
    """Yield what a tender out of what a customer holds should state, or should not."""
    if tender.kind in ("gift_card", "deposit", "package") and getattr(tender, tender.kind) is None:
        yield fault(f"{at}/{tender.kind}", "required")
    if tender.kind == "store_credit" and not (tender.voucher or event.customer):
        yield fault(f"{at}/voucher", "required")
    if tender.kind == "on_account" and tender.invoice is None and event.id.startswith(CREDIT):
        yield fault(f"{at}/invoice", "required")
    if tender.kind == "customer_credit" and not event.customer:
        yield fault("/customer", "required")
    if tender.method is not None:
        yield fault(f"{at}/method", "method-of-money-only")


def spoken_of(tender: Tender, invoice: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of what a tender draws on or opens; *invoice* where it names none."""
    if tender.deposit:
        yield "deposit", tender.deposit
    if tender.package:
        yield "package", tender.package
    if tender.kind == "on_account":
        yield "invoice", tender.invoice or invoice


def filled_by(tender: Tender, customer: str | None) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of the stored value that a tender fills when it is given back."""
    if tender.kind == "gift_card" and tender.gift_card:
        yield "gift_card", tender.gift_card
    if tender.kind == "store_credit" and (tender.voucher or customer):
        yield "store_credit", tender.voucher or customer or ""


def tenders_differ(event: BusinessEvent, due: int, given: int) -> Fault:
    """Return the fault of tenders that do not add up to what is due, with both sums."""
    currency = event.currency or ""
    sums = {"due": to_text(due, currency), "given": to_text(given, currency)}
    return fault("/tenders", "tenders-differ", currency=currency, **sums)


def sum_of(event: BusinessEvent, tenders: Sequence[Tender]) -> int:
    """Return what tenders add up to, in minor units, but for packages: `package_use` tells."""
    return sum(event.minor(tender.amount) for tender in tenders if tender.kind != "package")


def refuse_difference(event: BusinessEvent, due: int, given: int) -> None:
    """Raise Invalid when what is given is not what is due."""
    if due != given:
        raise Invalid([tenders_differ(event, due, given)])


def received(
    event: BusinessEvent,
    tenders: Sequence[Tender],
    earlier: Earlier,
    *,
    invoice: str,
    back: bool = False,
) -> list[Posting | Caveat]:
    """Return the debits of tenders that are given to the shop; given *back*, the credits.

    *invoice* is the receivable's holder where an on-account tender names none. What packages
    give is not among them: `package_use` tells.
    """
    made: list[Posting | Caveat] = []
    deposits: dict[str, int] = {}
    for tender in tenders:
        amount = event.minor(tender.amount) * (-1 if back else 1)
        if tender.kind in MONEY:
            made += _money(event, tender, amount, earlier)
        elif tender.kind == "deposit" and not back:
            deposit = tender.deposit or ""
            deposits[deposit] = deposits.get(deposit, 0) + amount
        elif tender.kind != "package":
            made.append(_held(event, tender, amount, invoice))
    for deposit, amount in deposits.items():
        made += drawn(event, deposit, amount, earlier, "/tenders")
    return made


def _money(
    event: BusinessEvent, tender: Tender, amount: int, earlier: Earlier
) -> list[Posting | Caveat]:
    """Return the posting of money: cash to its drawer, the rest to clearing by method."""
    way = tender.way
    role, holder = place_of(way, drawer_of(event, earlier), event, earlier)
    made = Posting(role, amount, holder)
    return [made, Caveat("unknown-method", way, amount)] if role == "suspense" else [made]


def _held(event: BusinessEvent, tender: Tender, amount: int, invoice: str) -> Posting:
    """Return the posting of what a customer holds or owes."""
    match tender.kind:
        case "gift_card":
            return Posting("gift_cards", amount, tender.gift_card or "")
        case "store_credit":
            return Posting("store_credit", amount, tender.voucher or event.customer or "")
        case "customer_credit":
            return Posting("receivable", amount, f"credit:{event.customer}")
        case "on_account":
            return Posting("receivable", amount, tender.invoice or invoice)
        case _:
            return Posting("deposits", amount, tender.deposit or "")
