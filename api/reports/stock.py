"""GET /v1/reports/inventory."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from litestar import Response, get
from msgspec import Struct

from api.access import OFFICE
from api.answers import quantity_text
from api.catalogue import word
from api.parameters import AsOf, KnownAt
from api.reports.asking import Channel, Location, OnDay, Reading, Register, Staff, reading
from api.service import Call
from api.tabular import Row, answered
from ledger.money import to_text
from ledger.reports.inventory import Valued, inventory
from ledger.reports.views import Cut

_COLUMNS: Final = ("item", "name", "location", "quantity", "average", "value")


class Placed(Struct, frozen=True):
    """How much of an item a location holds; null is no location."""

    location: str | None
    quantity: str


class ItemValued(Struct, frozen=True):
    """One item at weighted average cost, in home money; no average where none is held."""

    item: str
    name: str
    quantity: str
    average: str | None
    value: str
    locations: list[Placed]


class Inventory(OnDay, frozen=True, kw_only=True):
    """What stock is worth; `total` is the balance of the inventory account."""

    items: list[ItemValued]
    total: str


@get(
    "/v1/reports/inventory",
    operation_id="getInventory",
    tags=["Reports"],
    summary="What stock is worth",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"answer": Inventory, "csv": True},
)
def get_inventory(
    request: Call,
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    location: Location = None,
    register: Register = None,
    channel: Channel = None,
    staff: Staff = None,
) -> Response[Any]:
    """Answer quantity, value and average cost of each item, and where it is.

    At the end of a day, in JSON, or as a table with `Accept: text/csv`: a row an item, and below it
    a row a location.
    """
    cut = Cut(location=location, register=register, channel=channel, staff=staff)
    with reading(request, cut, known_at) as book:
        view = book.on(as_of)
        found = inventory(book.connection, book.book.id, book.settings, view)
    answer = Inventory(
        **book.day_head(view),
        items=[_item(valued, book) for valued in found],
        total=to_text(sum(valued.value for valued in found), book.book.currency),
    )
    return answered(book.form, answer, _COLUMNS, _cells(answer, book), book.language)


def _item(valued: Valued, book: Reading) -> ItemValued:
    item = book.settings.items.get(valued.item, date.max)
    average = valued.average(book.book.currency)
    return ItemValued(
        item=valued.item,
        name=item.name if item else valued.item,
        quantity=quantity_text(valued.quantity),
        average=None if average is None else format(average, "f"),
        value=to_text(valued.value, book.book.currency),
        locations=[
            Placed(location or None, quantity_text(quantity))
            for location, quantity in valued.places
        ],
    )


def _cells(answer: Inventory, book: Reading) -> Iterator[Row]:
    for item in answer.items:
        names = {"item": item.item, "name": item.name}
        figures = {"quantity": item.quantity, "average": item.average or "", "value": item.value}
        yield names | figures
        for place in item.locations:
            if place.location is not None:
                yield names | {"location": place.location, "quantity": place.quantity}
    yield {"item": word("total", book.language), "value": answer.total}
