"""The boutique: what it sells, to whom, and how its book is set up."""

from typing import Any, Final

from msgspec import Struct

from ledger.book import Book

BOOK: Final = Book(
    id=0,
    name="Boutique Lumière",
    country="CA",
    region="QC",
    currency="CAD",
    timezone="America/Toronto",
    day_starts="04:00",
    locale="fr",
)

Event = dict[str, Any]


class Article(Struct, frozen=True):
    """Something that the boutique sells; price and cost in cents, cost 0 for a service."""

    code: str
    name: str
    category: str
    price: int
    cost: int = 0
    taxes: tuple[str, ...] = ("GST", "QST")


ARTICLES: Final = (
    Article("HAT-FELT", "Felt hat", "Hats", 8900, 3650),
    Article("HAT-STRAW", "Straw hat", "Hats", 6400, 2480),
    Article("TUQUE", "Merino tuque", "Hats", 3800, 1425),
    Article("SCARF-WOOL", "Wool scarf", "Scarves", 5500, 2110),
    Article("SCARF-SILK", "Silk scarf", "Scarves", 7200, 3095),
    Article("GLOVES", "Leather gloves", "Gloves", 6800, 2745),
    Article("CANDLE", "Beeswax candle", "Home", 1895, 640),
    Article("MUG", "Stoneware mug", "Home", 2450, 880),
    Article("SOAP", "Olive soap", "Home", 925, 310),
    Article("CARDS", "Greeting cards", "Paper", 1200, 375),
    Article("BOOK-MTL", "Montréal in pictures", "Books", 3995, 2210, ("GST",)),
    Article("BOOK-KNIT", "The knitter's year", "Books", 2750, 1530, ("GST",)),
)
FITTING: Final = Article("FITTING", "Fitting and alteration", "Workshop", 4500)
MADE_TO_MEASURE: Final = Article("HAT-MADE", "Hat made to measure", "Workshop", 24500)

CUSTOMERS: Final = {
    "C-101": "Anne Tremblay",
    "C-102": "Louis Gagnon",
    "C-103": "Chloé Nguyen",
    "C-104": "Théâtre du Vieux-Port",
    "C-105": "Samuel Roy",
    "C-106": "Hôtel Bonsecours",
}
METHODS: Final = {"visa": "Visa", "mastercard": "Mastercard", "interac": "Interac"}
STAFF: Final = ("Maude", "Karim", "Élise")


def set_up(at: str) -> list[Event]:
    """Return the facts that set the book up: tender methods and articles."""
    methods = [
        {
            "type": "method_defined",
            "id": f"demo-method-{method}",
            "occurred_at": at,
            "method": method,
            "kind": "card",
            "name": name,
        }
        for method, name in METHODS.items()
    ]
    return methods + [
        {
            "type": "item_defined",
            "id": f"demo-item-{article.code}",
            "occurred_at": at,
            "item": article.code,
            "name": article.name,
            "category": article.category,
            "kind": "goods" if article.cost else "service",
            "stocked": bool(article.cost),
            "taxes": list(article.taxes),
        }
        for article in (*ARTICLES, FITTING, MADE_TO_MEASURE)
    ]
