"""GET /v1/items/{sku}: an item of the book, how much of it there is, and how it came to that."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.access import SHOP
from api.answers import PAGE, quantity_text
from api.caller import signed_in
from api.held import Held, Kind, Reader
from api.holders import AfterMove
from api.parameters import AsOf, KnownAt, Limit, known_at_of, unescaped
from api.problems import Refusal
from api.service import Call, service_of
from ledger.clocks.store import known_seq
from ledger.database import snapshot
from ledger.log.store import load_settings
from ledger.money import MILLION, to_text
from ledger.settings import Item
from ledger.views.store import Clocks, places_of
from ledger.views.then import Then


class PlaceShown(Struct, frozen=True):
    """How much of an item a location holds; null is no location."""

    location: str | None
    quantity: str


class ItemHeld(Held, frozen=True, kw_only=True):
    """An item: what is known of it, how much there is, what it stands at in the books.

    `average_cost` is of one unit, null where there is none. `locations` is how it lies now,
    whatever the clocks. What is known of an item that was never defined is null.
    """

    name: str | None
    category: str | None
    kind: str | None
    stocked: bool
    quantity: str
    average_cost: str | None
    locations: list[PlaceShown]


@get(
    "/v1/items/{sku:str}",
    operation_id="getItem",
    tags=["Holders"],
    summary="Read an item",
    guards=[SHOP],
    sync_to_thread=True,
    opt={"answer": ItemHeld, "problems": (404,)},
)
def get_item(
    request: Call,
    sku: FromPath[str],
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Limit = PAGE,
    after: AfterMove = None,
) -> Response[Any]:
    """Answer an item, how much of it there is at any date and as known at any time, and its moves.

    In the path write `~1` for a slash and `~0` for a tilde.
    """
    item, stated = unescaped(sku), known_at_of(known_at)
    book = signed_in(request.scope).book
    with snapshot(service_of(request).database) as connection:
        clocks = Clocks(as_of, known_seq(connection, book.id, stated))
        defined = load_settings(connection, book).items.get(item, clocks.day)
        places = places_of(connection, book.id, item)

        def more(_name: str, currency: str, then: Then) -> dict[str, Any]:
            return _more(defined, currency, then, item) | {"locations": _places(places)}

        kind = Kind("inventory", "item", ItemHeld, more)
        reader = Reader(connection, book, kind, item, clocks)
        if defined is None and not places and not reader.is_there():
            raise Refusal("holder-not-found", 404, role="item", holder=item)
        return Response(reader.answer(limit, after))


ROUTES: Final = (get_item,)


def _more(defined: Item | None, currency: str, then: Then, item: str) -> dict[str, Any]:
    quantity, value = then.quantity(item), then.balance("inventory", item, currency)
    return {
        "name": defined and defined.name,
        "category": defined and defined.category,
        "kind": defined and defined.kind,
        "stocked": then.stock(item).stocked or (defined is not None and defined.stocked),
        "quantity": quantity_text(quantity),
        "average_cost": _average(value, quantity, currency),
    }


def _average(value: int, quantity: int, currency: str) -> str | None:
    """Return what one unit stands at, to six decimals."""
    if quantity <= 0:
        return None
    each = Decimal(to_text(value, currency)) * MILLION / quantity
    return format(each.quantize(Decimal("0.000001"), ROUND_HALF_UP), "f")


def _places(places: dict[str, int]) -> list[PlaceShown]:
    return [PlaceShown(name or None, quantity_text(q)) for name, q in places.items() if q]
