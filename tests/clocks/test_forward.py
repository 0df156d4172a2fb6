"""What earlier years moved is brought forward into each year, whenever it became known."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from ledger import codec, state, store
from ledger.clocks.sums import FORWARD, Place, Sums
from ledger.database import Connection, migrate, open_database, transaction
from ledger.desk import AmongCallers, OwnThread
from ledger.log import store as log
from ledger.rebuild.rebuild import rebuild
from ledger.recorder import Recorder
from ledger.reports.store import turnover
from ledger.tables import DELTA
from ledger.verify.findings import Finding
from ledger.verify.verify import verify
from tests.builders import fact
from tests.clocks.model import Model
from tests.clocks.test_verify import few_at_once, found, tamper, verified
from tests.conftest import BOOKKEEPER, OpenBook, Shop, quebec, seated
from tests.test_ahead import Warm
from tests.test_database import empty
from tests.test_recorder import card, command, hat

__all__ = ["empty"]


def sold(number: int, on: str, **changes: Any) -> dict[str, Any]:
    """Return a hat that was sold on a day, 45.99 in cash."""
    return hat(f"S-{number}", occurred_at=f"{on}T14:00:00-05:00", **changes)


def forward(connection: Connection, book_id: int) -> dict[int, dict[Place, Sums]]:
    """Return what is brought forward into each year, by place."""
    kept, years = DELTA.c, dict[int, dict[Place, Sums]]()
    place, sides = (kept.account, kept.holder, kept.currency), (kept.debit, kept.credit)
    rows = select(kept.bucket, *place, *sides, kept.home_debit, kept.home_credit)
    rows = rows.where(kept.book_id == book_id, kept.grain == FORWARD)
    for year, code, holder, currency, debit, credit, *home in connection.execute(rows):
        sums = Sums(debit, credit, *((debit, credit) if home == [None, None] else home))
        years.setdefault(year, {})[code, holder, currency] = sums
    return years


def brought(shop: Shop) -> dict[int, dict[Place, Sums]]:
    """Return what is brought forward into each year; with all balances it is as it must be.

    Both are compared with the postings, on days of each year, of the years around, and now.
    """
    settings = shop.read(lambda connection: log.load_settings(connection, shop.book))
    model = Model(shop.book, shop.entries(), settings)
    days = {entry.event.day() for entry, posting in model.posted(None, None) if posting.amount}
    years = sorted({day.year for day in days})
    kept = shop.read(lambda connection: forward(connection, shop.book.id))
    assert kept == {year: model.kept(date(year - 1, 12, 31), None) for year in years[1:]}
    around = range(min(years, default=2026) - 1, max(years, default=2026) + 2)
    asked = [date(year, *day) for year in around for day in ((1, 1), (3, 14), (12, 31))]
    shop.read(lambda connection: _compare(connection, model, asked))
    return kept


def _compare(connection: Connection, model: Model, days: list[date]) -> None:
    for day in (None, *days):
        moved = model.kept(day, None)
        assert turnover(connection, model.book.id, day) == moved
        cash = {place: sums for place, sums in moved.items() if place[0] == "1000"}
        assert turnover(connection, model.book.id, day, account="1000") == cash


def cash_into(shop: Shop) -> dict[int, int]:
    """Return what of the cash is brought forward into each year."""
    return {
        year: sum(sums.balance for place, sums in places.items() if place[0] == "1000")
        for year, places in brought(shop).items()
    }


def told(shop: Shop, *days: str) -> dict[int, int]:
    """Record a hat sold on each of *days*; return the cash that is brought forward in the end."""
    cash: dict[int, int] = {}
    for number, day in enumerate(days, shop.head().seq + 1):
        shop.record(sold(number, day))
        cash = cash_into(shop)
    return cash


def test_nothing_is_brought_forward_into_the_first_year(shop: Shop) -> None:
    assert told(shop, "2024-03-14", "2024-12-31", "2024-01-01") == {}


def test_three_years_in_order(shop: Shop) -> None:
    cash = told(shop, "2024-03-14", "2025-01-01", "2025-07-01", "2026-02-01", "2026-02-02")
    assert cash == {2025: 4599, 2026: 3 * 4599}


def test_a_late_fact_is_brought_forward_into_every_later_year(shop: Shop) -> None:
    told(shop, "2024-03-14", "2025-03-14", "2026-03-14")
    assert told(shop, "2024-12-31") == {2025: 2 * 4599, 2026: 3 * 4599}
    assert told(shop, "2025-12-31") == {2025: 2 * 4599, 2026: 4 * 4599}


def test_a_year_before_all_that_were_known(shop: Shop) -> None:
    told(shop, "2025-03-14", "2026-03-14")
    assert told(shop, "2023-03-14") == {2025: 4599, 2026: 2 * 4599}
    assert told(shop, "2024-03-14") == {2024: 4599, 2025: 2 * 4599, 2026: 3 * 4599}


def test_years_in_which_nothing_moved_are_passed_over(shop: Shop) -> None:
    assert told(shop, "2021-03-14", "2026-03-14", "2021-12-31") == {2026: 2 * 4599}


def test_only_what_moves_money_begins_a_year(shop: Shop) -> None:
    method = {"method": "visa", "kind": "card", "name": "Visa"}
    shop.record(fact("method_defined", "M-1", on="2023-01-01", **method))
    told(shop, "2024-03-14")
    shop.record(fact("method_defined", "M-2", on="2025-01-01", **method))
    assert told(shop, "2022-03-14") == {2024: 4599}
    assert told(shop, "2025-03-14") == {2024: 4599, 2025: 2 * 4599}


def test_foreign_money_is_brought_forward_in_both_moneys(shop: Shop) -> None:
    for number, (day, rate) in enumerate(
        [("2024-03-14", "1.25"), ("2025-03-14", "1.5"), ("2026-03-14", "1.5"), ("2024-04-01", "2")]
    ):
        shop.record(sold(number, day, currency="USD", rate=rate))
    cash = brought(shop)[2025]["1000", "till-3", "USD"]
    assert (cash.debit, cash.home_debit) == (2 * 4599, 5749 + 9198)


@pytest.mark.parametrize(
    ("known", "days"),
    [
        (["2024-03-14"], ["2025-03-14", "2026-03-14", "2025-03-14"]),
        (["2026-03-14"], ["2025-03-14", "2024-03-14"]),
        (["2023-03-14", "2026-03-14"], ["2025-03-14", "2023-03-14", "2024-03-14", "2027-03-14"]),
        ([], ["2026-03-14", "2024-03-14", "2025-03-14"]),
    ],
)
def test_years_that_begin_with_one_commit(known: list[str], days: list[str], shop: Shop) -> None:
    told(shop, *known)
    facts = [sold(number, day) for number, day in enumerate(days, 50)]
    shop.recorder.submit(command(shop.book, *facts)).result()
    assert brought(shop)
    told(shop, "2022-03-14", "2024-03-14", "2028-03-14")


@pytest.fixture(params=[OwnThread, AmongCallers])
def warm(request: pytest.FixtureRequest, database: Engine, open_book: OpenBook) -> Iterator[Warm]:
    """Return a book that sold a hat in 2026, kept warm."""
    with seated(database, request.param()) as recorder:
        yield Warm(database, open_book(), recorder)


def test_a_year_that_is_under_way_is_known_to_those_behind_it(warm: Warm) -> None:
    shop = Shop(warm.database, warm.recorder, warm.book)
    with warm.held():
        days = ("2027-03-14", "2026-03-15", "2024-03-14", "2025-03-14", "2024-03-15")
        futures = [warm.sends(sold(number, day)) for number, day in enumerate(days, 1)]
    assert all(future.result() for future in futures)
    assert warm.recorder._careful == 0
    assert cash_into(shop) == {2025: 2 * 4599, 2026: 3 * 4599, 2027: 5 * 4599}


def test_a_year_that_was_taken_back_begins_later(warm: Warm) -> None:
    """The card is overdrawn: the commit is tried again without what is refused."""
    shop = Shop(warm.database, warm.recorder, warm.book)
    refused = card("S-1", "given") | {"occurred_at": "2027-03-14T14:00:00-05:00"}
    assert warm.record(sold(2, "2024-03-14"), refused) == ["recorded", "overdrawn"]
    assert cash_into(shop) == {2026: 4599}
    together = command(warm.book, sold(3, "2028-03-14"), refused, atomic=True)
    warm.recorder.submit(together).result()
    assert told(shop, "2026-12-31", "2028-03-14") == {2026: 4599, 2028: 3 * 4599}


def test_what_was_looked_up_is_forgotten_but_not_the_years(
    warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "KEPT", 0)
    shop = Shop(warm.database, warm.recorder, warm.book)
    with warm.held():
        days = ("2027-03-14", "2026-03-15", "2025-03-14", "2024-03-14")
        futures = [warm.sends(sold(number, day)) for number, day in enumerate(days, 1)]
    assert all(future.result() for future in futures)
    assert cash_into(shop) == {2025: 4599, 2026: 2 * 4599, 2027: 4 * 4599}


def test_a_year_that_another_process_began(shop: Shop) -> None:
    told(shop, "2025-03-14")
    other = Recorder(shop.database)

    def theirs(number: int, day: str) -> None:
        other.record(shop.book.id, BOOKKEEPER, codec.from_json(sold(number, day)))

    try:
        theirs(10, "2026-03-14")
        assert told(shop, "2025-03-15") == {2026: 2 * 4599}
        theirs(11, "2024-03-14")
        assert told(shop, "2023-03-14") == {2024: 4599, 2025: 2 * 4599, 2026: 4 * 4599}
        theirs(12, "2023-03-14")
    finally:
        other.close()
    assert cash_into(shop) == {2024: 2 * 4599, 2025: 3 * 4599, 2026: 5 * 4599}


def test_a_book_that_is_opened_anew_knows_its_years(shop: Shop) -> None:
    told(shop, "2024-03-14", "2026-03-14")
    shop.recorder._warm.forget()
    assert told(shop, "2024-03-14", "2025-03-14") == {2025: 2 * 4599, 2026: 3 * 4599}


def test_verify_tells_what_is_brought_forward_wrong(shop: Shop) -> None:
    told(shop, "2024-03-14", "2025-03-14", "2026-03-14")
    assert found(verified(shop)) == {}
    tamper(shop, DELTA, {"grain": FORWARD, "bucket": 2026, "account": "1000"}, debit=4599)
    wrong = Finding(
        "debit",
        "9198",
        "4599",
        account="1000",
        holder="till-3",
        currency="CAD",
        place="grain 3, bucket 2026",
    )
    assert found(verified(shop)) == {"deltas": wrong}


@pytest.mark.parametrize("bucket", [2024, 2027])
def test_verify_tells_what_is_brought_into_a_year_that_has_nothing(shop: Shop, bucket: int) -> None:
    """Nothing is there before the first year, and nothing moved in the one after the last."""
    told(shop, "2024-03-14", "2025-03-14")
    tamper(shop, DELTA, {"grain": FORWARD, "account": "1000"}, bucket=bucket)
    finding = found(verified(shop))["deltas"]
    assert finding is not None
    assert (finding.what, finding.account) == ("debit", "1000")


def test_rebuild_brings_forward_what_was_lost_or_changed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    told(shop, "2024-03-14", "2025-03-14", "2024-03-15", "2026-03-14", "2024-03-16", "2025-03-15")
    before = brought(shop)
    tamper(shop, DELTA, {"grain": FORWARD, "bucket": 2025})
    tamper(shop, DELTA, {"grain": FORWARD, "bucket": 2026, "account": "4000"}, credit=1)
    tamper(shop, DELTA, {"grain": FORWARD, "bucket": 2026, "account": "1000"}, bucket=2024)
    done = rebuild(shop.database, shop.book, lambda *_: None)
    assert done.rows["delta"] == len(before[2025]) + 3
    assert brought(shop) == before
    assert found(verified(shop)) == {}
    assert not any(rebuild(shop.database, shop.book, lambda *_: None).rows.values())
    told(shop, "2023-03-14", "2024-03-17")


def test_a_book_of_several_years_has_them_brought_forward_when_it_is_migrated(empty: str) -> None:
    database = open_database(empty)
    migrate(database, "0005")
    books = [quebec() for _ in range(2)]
    with transaction(database) as connection:
        for book in books:
            store.create_book(connection, book, now_us=1)
    with seated(database, OwnThread()) as recorder:
        shops = [Shop(database, recorder, book) for book in books]
        told(shops[0], "2024-03-14", "2026-03-14", "2024-03-15", "2025-03-14")
        shops[0].record(sold(9, "2024-05-01", currency="USD", rate="1.25"))
        told(shops[1], "2025-03-14", "2027-03-14")
    before = [brought(shop) for shop in shops]
    with database.begin() as connection:  # the version of then wrote none
        connection.execute(delete(DELTA).where(DELTA.c.grain == FORWARD))
    migrate(database)
    assert [brought(shop) for shop in shops] == before
    assert all(verify(database, book, lambda *_: None).well for book in books)
    database.dispose()
