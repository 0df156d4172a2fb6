"""What stock is worth: by item its quantity, value and average cost, and where it is."""

from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from ledger.database import Connection
from ledger.money import MILLION, exponent
from ledger.reports.places.store import held, put
from ledger.reports.views import View
from ledger.settings import Settings


class Valued(Struct, frozen=True):
    """One item: quantity in millionths, value in home minor units; `places` by location."""

    item: str
    quantity: int
    value: int
    places: tuple[tuple[str, int], ...]

    def average(self, currency: str) -> Decimal | None:
        """Return the value of one in major units, to six decimals; None where none is held."""
        if not self.quantity:
            return None
        value = Decimal(self.value).scaleb(-exponent(currency)) * MILLION / self.quantity
        return value.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def inventory(connection: Connection, book_id: int, settings: Settings, view: View) -> list[Valued]:
    """Return every item that is held, or has a value, at the end of a view's last day."""
    view = view.until()
    codes = settings.codes("inventory")
    places: dict[str, list[tuple[str, int]]] = {}
    for item, location, quantity in put(connection, book_id, view, codes):
        if quantity:
            places.setdefault(item, []).append((location, quantity))
    return [
        Valued(item, quantity, value, tuple(sorted(places.get(item, ()))))
        for item, quantity, value in sorted(held(connection, book_id, view, codes))
        if quantity or value or item in places
    ]
