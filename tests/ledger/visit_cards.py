"""Packages as a till states them: sold, used, given back, expired."""

from typing import Any

from ledger.events import Event
from ledger.events.package_story import package_left
from tests.builders import Json, a_refund, a_sale, card, fact, taxes
from tests.ledger.memory import Memory


def sold_line(package: str = "P-1", uses: int = 10, net: str = "500.00", **fields: Any) -> Json:
    """Return a line that sells a package."""
    return {"kind": "package", "package": package, "uses": uses, "net": net} | fields


def a_package(
    package: str = "P-1", uses: int = 10, net: str = "500.00", id_: str | None = None, **fields: Any
) -> Event:
    """Return the sale of a package for a card, without tax."""
    return a_sale(
        id_ or f"sold-{package}", [sold_line(package, uses, net)], [card(net, None)], **fields
    )


def ten_visits(id_: str = "sold-P-1", **fields: Any) -> Event:
    """Return the sale of ten visits for 500.00 and Québec's taxes."""
    line = sold_line(taxes=taxes(GST="25.00", QST="49.88"))
    return a_sale(id_, [line], [card("574.88", None)], **fields)


def by_package(package: str = "P-1", uses: int | None = None, amount: str | None = None) -> Json:
    """Return a tender of a package's uses."""
    stated = {"kind": "package", "package": package, "uses": uses, "amount": amount}
    return {name: value for name, value in stated.items() if value is not None}


def service(category: str | None = "Massage", net: str | None = None, **fields: Any) -> Json:
    """Return a line of a service; without a price by default."""
    line = {"kind": "service", "category": category, "net": net} | fields
    return {name: value for name, value in line.items() if value is not None}


def a_visit(
    id_: str = "V-1", package: str = "P-1", uses: int | None = None, **fields: Any
) -> Event:
    """Return a service paid with a package."""
    amount = fields.pop("amount", None)
    lines = fields.pop("lines", [service()])
    return a_sale(id_, lines, [by_package(package, uses, amount)], **fields)


def unused_back(
    id_: str = "R-1", uses: int | None = None, sale: str = "sold-P-1", **fields: Any
) -> Event:
    """Return a refund of unused uses; by default of all of them."""
    line: Json = {"sale_line": 0} | ({} if uses is None else {"uses": uses})
    return a_refund(id_, sale, lines=[line], **fields)


def expired(package: str = "P-1", id_: str | None = None, **fields: Any) -> Event:
    """Return a package's expiry."""
    return fact("package_expired", id_ or f"expired-{package}", package=package, **fields)


def holds(ledger: Memory, package: str = "P-1", currency: str = "CAD") -> tuple[int, int]:
    """Return (uses, value) that a package holds; its account says the same."""
    left = package_left(package, ledger)
    assert left.value(currency) == -ledger.balance("packages", package, currency)
    return left.uses(currency), left.value(currency)
