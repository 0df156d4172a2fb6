"""A gift card, store credit, deposit, package or invoice: what it has, and how it came to that."""

from datetime import date
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from api.access import SHOP
from api.answers import PAGE
from api.caller import signed_in
from api.held import Held, Kind, Reader
from api.parameters import AsOf, KnownAt, Limit, known_at_of, unescaped
from api.problems import Refusal
from api.service import Call, service_of
from ledger.clocks.store import known_seq
from ledger.database import snapshot
from ledger.events.booking_state import booking_of
from ledger.events.deposit_state import deposit_left
from ledger.events.invoice_state import invoice_state
from ledger.events.package_state import Lot
from ledger.events.package_story import package_left
from ledger.money import to_text
from ledger.views.store import Clocks
from ledger.views.then import Then

AfterMove = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9]{1,18}\.(?:[0-2]?[0-9]{1,4})$", description="`next` of the page before."
    ),
]


class DepositHeld(Held, frozen=True, kw_only=True):
    """A deposit: what was paid and is left; `net` and `tax` of it where tax was paid with it."""

    booking: str | None
    paid: str
    net: str
    tax: str


class LotShown(Struct, frozen=True):
    """What one sale put into a package, and what is left of it; values without tax."""

    sale: str
    currency: str
    sold_on: date
    price: str
    sold_uses: int
    uses_left: int
    value_left: str


class PackageHeld(Held, frozen=True, kw_only=True):
    """A package: how many uses are left, of which sales."""

    uses_left: int
    lots: list[LotShown]


class InvoiceHeld(Held, frozen=True, kw_only=True):
    """An invoice: what it is for, what settled it, what is open. `event` is the fact that says it.

    `paid` is what payments settle, `credited` what was given back on account.
    """

    status: str
    event: str
    customer: str | None
    booking: str | None
    issued_on: date
    due_date: date | None
    terms: str | None
    billed: str
    paid: str
    credited: str
    written_off: str
    recovered: str
    open: str


def _nothing(_name: str, _currency: str, _then: Then) -> dict[str, Any]:
    return {}


def _deposit(name: str, currency: str, then: Then) -> dict[str, Any]:
    left = deposit_left(name, then, currency)
    return {
        "booking": booking_of(name, then),
        "paid": to_text(left.paid, currency),
        "net": to_text(left.net, currency),
        "tax": to_text(left.tax, currency),
    }


def _package(name: str, currency: str, then: Then) -> dict[str, Any]:
    package = package_left(name, then)
    return {"uses_left": package.uses(currency), "lots": [_lot(lot) for lot in package.lots]}


def _lot(lot: Lot) -> LotShown:
    return LotShown(
        sale=lot.sale,
        currency=lot.currency,
        sold_on=lot.day,
        price=to_text(lot.price, lot.currency),
        sold_uses=lot.sold,
        uses_left=lot.uses,
        value_left=to_text(lot.value, lot.currency),
    )


def _invoice(name: str, _: str, then: Then) -> dict[str, Any]:
    found = invoice_state(name, then)
    if found is None:
        raise Refusal("holder-not-found", 404, role="invoice", holder=name)
    amounts = ("billed", "paid", "credited", "written_off", "recovered", "open")
    return {
        "status": found.status,
        "event": found.document.event.id,
        "customer": found.customer,
        "booking": found.booking,
        "issued_on": found.issued_on,
        "due_date": found.due_date,
        "terms": found.terms,
        **{part: to_text(getattr(found, part), found.currency) for part in amounts},
    }


_KINDS: Final = {
    "gift-cards": ("a gift card", Kind("gift_cards", "gift_card", Held, _nothing)),
    "store-credit": ("store credit", Kind("store_credit", "store_credit", Held, _nothing)),
    "deposits": ("a deposit", Kind("deposits", "deposit", DepositHeld, _deposit)),
    "packages": ("a package", Kind("packages", "package", PackageHeld, _package)),
    "invoices": ("an invoice", Kind("receivable", "invoice", InvoiceHeld, _invoice)),
}
"""By path: what it is, and how it is read."""


def _route(path: str, what: str, kind: Kind) -> Any:
    operation = "get" + kind.subject.title().replace("_", "")

    @get(
        f"/v1/{path}/{{reference:str}}",
        operation_id=operation,
        tags=["Holders"],
        summary=f"Read {what}",
        description=f"Answer what {what} has, at any date and as known at any time, and what moved "
        "it, in the order of the log. In the path write `~1` for a slash and `~0` for a tilde.",
        guards=[SHOP],
        sync_to_thread=True,
        opt={"answer": kind.answer, "problems": (404,)},
        name=operation,
    )
    def read_holder(
        request: Call,
        reference: FromPath[str],
        *,
        as_of: AsOf = None,
        known_at: KnownAt = None,
        limit: Limit = PAGE,
        after: AfterMove = None,
    ) -> Response[Any]:
        name, stated = unescaped(reference), known_at_of(known_at)
        book = signed_in(request.scope).book
        with snapshot(service_of(request).database) as connection:
            clocks = Clocks(as_of, known_seq(connection, book.id, stated))
            reader = Reader(connection, book, kind, name, clocks)
            if not reader.is_there():
                raise Refusal("holder-not-found", 404, role=kind.subject, holder=name)
            return Response(reader.answer(limit, after))

    return read_holder


ROUTES: Final = tuple(_route(path, what, kind) for path, (what, kind) in _KINDS.items())
