"""The ledger is the record: other books, or none yet, come from the same documents."""

from collections.abc import Iterable
from datetime import date

from sync.documents import AnyDocument
from sync.plan import conserved
from tests.builders import a_deposit, a_gift_card, a_refund, a_sale, card, hat, policy
from tests.conftest import Shop
from tests.plan.till import Till, transactions
from tests.scenarios.shop import planned
from tests.sync.test_in_step import Rehearsal, rehearse


class Notebook:
    """Other books: the simplest that there can be. What it is sent, it writes down."""

    def __init__(self) -> None:
        self.pages: dict[str, AnyDocument] = {}

    def push(self, documents: Iterable[AnyDocument]) -> None:
        """Write documents down, each once."""
        self.pages |= {document.key: document for document in documents}


def a_week() -> Till:
    """Return a shop with a few days of trade."""
    shop = Till()
    shop.record(a_sale("S-1", on="2026-03-09"))
    shop.record(a_gift_card("GC-1", "50.00", on="2026-03-10"))
    shop.record(a_deposit(on="2026-03-11"))
    shop.record(a_refund("R-1", "S-1", on="2026-03-12"))
    return shop


def test_a_second_set_of_books_comes_from_the_same_documents() -> None:
    """No document names QuickBooks; whoever takes them ends with the ledger's balances."""
    shop, first, second = a_week(), Notebook(), Notebook()
    first.push(planned(shop))
    second.push(planned(shop))
    second.push(planned(shop))
    assert first.pages == second.pages
    conserved(shop.entries, list(second.pages.values()))


def test_history_goes_to_new_books_from_any_day() -> None:
    """A new connection starts on the 11th: nothing before it is sent, the rest whole."""
    shop = a_week()
    late = [e for e in shop.entries if e.event.day() >= date(2026, 3, 11)]
    documents = planned(shop, *late)
    assert {d.day for d in transactions(documents)} == {date(2026, 3, 11), date(2026, 3, 12)}


def test_a_shop_trades_before_quickbooks_exists(shop: Shop) -> None:
    """Recorded for days without a connection; once there is one, all of it arrives."""
    for number, day in enumerate(("2026-03-09", "2026-03-10", "2026-03-11")):
        shop.record(a_sale(f"S-{number}", [hat()], [card("45.99", None)], on=day))

    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.drain()
        await rehearsal.assert_in_step(date(2026, 3, 9), date(2026, 3, 11))

    rehearse(shop, scenario)


def test_facts_from_before_the_start_of_history_stay_here(shop: Shop) -> None:
    """The sales of January were typed into QuickBooks by hand: sent is from March."""
    shop.record(policy("history_from", "2026-03-01"))
    shop.record(a_sale("S-1", on="2026-01-15"))
    shop.record(a_sale("S-2", on="2026-03-09"))

    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.drain()
        reconciler = await rehearsal.desk.reconciler(shop.book)
        arrivals = await reconciler.arrivals(date(2026, 1, 1), date(2026, 3, 31))
        assert (arrivals.there, arrivals.lost, arrivals.doubled) == (1, (), ())

    rehearse(shop, scenario)
