"""Binding a book to a company: consent, tokens that change, and the end of it."""

import asyncio
from datetime import date

import pytest

from ledger.database import transaction
from ledger.errors import Conflict
from sync.connections import store
from sync.connections.consent import LIFETIME_SECONDS, answered, ask
from sync.connections.tokens import TARGET, TokenShelf
from sync.protocol import Rejected, Unavailable
from sync.quickbooks.oauth import Token
from sync.settings import SECOND
from sync.vault import Vault
from tests.builders import a_sale
from tests.conftest import OpenBook, Shop
from tests.sync.test_in_step import VAULT, Rehearsal, rehearse

DAY = date(2026, 3, 14)


def test_a_consent_is_for_one_book_and_for_a_while() -> None:
    state = ask(VAULT, 7, "k-1", now_us=0)
    asked = answered(VAULT, state, now_us=1)
    assert (asked.book_id, asked.key) == (7, "k-1")
    assert state != ask(VAULT, 7, "k-1", now_us=0)
    with pytest.raises(Conflict) as late:
        answered(VAULT, state, now_us=(LIFETIME_SECONDS + 1) * SECOND)
    assert (late.value.code, late.value.facts) == ("consent-expired", {"minutes": "10"})
    with pytest.raises(Conflict) as forged:
        answered(VAULT, "e30." + state.partition(".")[2], now_us=1)
    assert forged.value.code == "consent-unknown"


def test_tokens_are_replaced_before_they_are_used_and_go_on(shop: Shop) -> None:
    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.drain()
        shop.record(a_sale("S-1"))
        await rehearsal.fault(kind="stale_token", count=1)
        await rehearsal.drain()
        await rehearsal.assert_in_step(DAY, DAY)
        with transaction(shop.database) as connection:
            found = store.find(connection, shop.book.id, TARGET)
        assert found is not None
        assert found.token_version > 1

    rehearse(shop, scenario)


def test_one_company_is_one_books(shop: Shop, open_book: OpenBook) -> None:
    other = open_book()

    async def scenario(rehearsal: Rehearsal) -> None:
        with pytest.raises(Conflict) as taken:
            await rehearsal.desk.office.connect_unattended(other, str(shop.book.id))
        assert taken.value.code == "company-taken"

    rehearse(shop, scenario)


def test_a_book_does_not_change_its_company(shop: Shop) -> None:
    async def scenario(rehearsal: Rehearsal) -> None:
        realm = f"9{shop.book.id}"
        made = {"country": "CA", "currency": "CAD", "realm": realm}
        await rehearsal.http.post("/_emulator/companies", json=made)
        with pytest.raises(Conflict) as changed:
            await rehearsal.desk.office.connect_unattended(shop.book, realm)
        assert changed.value.code == "company-changed"

    rehearse(shop, scenario)


def test_a_company_in_another_currency_is_refused(shop: Shop) -> None:
    async def scenario(_rehearsal: Rehearsal) -> None:
        pytest.fail("it must not be connected")

    with pytest.raises(Conflict) as refused:
        rehearse(shop, scenario, country="US", currency="USD")
    assert refused.value.code == "company-currency"
    assert refused.value.facts == {"company": "USD", "book": "CAD"}


def test_a_code_works_once(shop: Shop) -> None:
    async def scenario(rehearsal: Rehearsal) -> None:
        office = rehearsal.desk.office
        state = ask(VAULT, shop.book.id, "k-1", now_us=2**60)
        with pytest.raises(Rejected) as refused:
            await office.admitted(state, "made-up", str(shop.book.id))
        assert refused.value.cause == "consent-refused"

    rehearse(shop, scenario)


def test_after_a_disconnection_all_waits_until_it_is_connected_again(shop: Shop) -> None:
    async def scenario(rehearsal: Rehearsal) -> None:
        office = rehearsal.desk.office
        await rehearsal.drain()
        await office.disconnect(shop.book)
        with pytest.raises(Unavailable):
            await office.open(shop.book)
        shop.record(a_sale("S-1"))
        await rehearsal.drain()

        await office.connect_unattended(shop.book, str(shop.book.id))
        await rehearsal.drain()
        await rehearsal.assert_in_step(DAY, DAY)

    rehearse(shop, scenario)


def test_a_consent_withdrawn_over_there_stops_the_book(shop: Shop) -> None:
    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.drain()
        shelf = TokenShelf(shop.database, VAULT, shop.book.id, str(shop.book.id), lambda: 0)
        token = await shelf.load()
        assert token is not None
        url = "/v2/oauth2/tokens/revoke"
        auth = ("emulator-client", "emulator-secret")
        await rehearsal.http.post(url, json={"token": token.refresh}, auth=auth)
        shop.record(a_sale("S-1"))
        await rehearsal.drain()
        assert {state.split()[0] for state in rehearsal.states().values()} <= {"waiting", "paused"}
        with transaction(shop.database) as connection:
            found = store.find(connection, shop.book.id, TARGET)
        assert found is not None
        assert found.state == "dead"

    rehearse(shop, scenario)


def test_only_one_refreshes_at_a_time(shop: Shop) -> None:
    now, token = [0], Token("a", "r", 0.0, 0.0)
    shelves = [TokenShelf(shop.database, VAULT, shop.book.id, "1", lambda: now[0]) for _ in "ab"]
    with transaction(shop.database) as connection:
        sealed = shelves[0].sealed(token)
        store.connect(connection, shop.book.id, TARGET, "1", sealed, 0)
    order: list[str] = []

    async def refresh(name: str, shelf: TokenShelf) -> None:
        async with shelf.turn():
            order.append(f"{name} begins")
            await asyncio.sleep(0.2)
            order.append(f"{name} ends")

    async def main() -> None:
        await asyncio.gather(refresh("a", shelves[0]), refresh("b", shelves[1]))
        newer = Token("b", "r", 0.0, 0.0)
        assert await shelves[0].save_if_unchanged(token, newer)
        assert not await shelves[1].save_if_unchanged(token, newer)
        assert await shelves[1].load() == newer

    now[0] = SECOND
    asyncio.run(main())
    assert order in (
        ["a begins", "a ends", "b begins", "b ends"],
        ["b begins", "b ends", "a begins", "a ends"],
    )


def test_tokens_of_another_company_do_not_open(shop: Shop) -> None:
    shelf = TokenShelf(shop.database, VAULT, shop.book.id, "1", lambda: 0)
    with transaction(shop.database) as connection:
        sealed = shelf.sealed(Token("a", "r", 0.0, 0.0))
        store.connect(connection, shop.book.id, TARGET, "1", sealed, 0)
    elsewhere = TokenShelf(shop.database, VAULT, shop.book.id, "2", lambda: 0)
    assert asyncio.run(elsewhere.load()) is None


def test_tokens_under_a_lost_key_wait_for_it(shop: Shop) -> None:
    shelf = TokenShelf(shop.database, VAULT, shop.book.id, "1", lambda: 0)
    with transaction(shop.database) as connection:
        sealed = shelf.sealed(Token("a", "r", 0.0, 0.0))
        store.connect(connection, shop.book.id, TARGET, "1", sealed, 0)
    other = TokenShelf(shop.database, Vault((bytes([1] * 32),)), shop.book.id, "1", lambda: 0)
    with pytest.raises(Unavailable) as locked:
        asyncio.run(other.load())
    assert locked.value.cause == "tokens-sealed"
    assert asyncio.run(shelf.load()) is not None


def test_a_refresh_that_ends_after_the_connection_brings_nothing_back(shop: Shop) -> None:
    shelf, token = (
        TokenShelf(shop.database, VAULT, shop.book.id, "1", lambda: 0),
        Token("a", "r", 0.0, 0.0),
    )
    with transaction(shop.database) as connection:
        store.connect(connection, shop.book.id, TARGET, "1", shelf.sealed(token), 0)
        store.disconnect(connection, shop.book.id, TARGET, 1)

    assert not asyncio.run(shelf.save_if_unchanged(token, Token("b", "r", 0.0, 0.0)))
    with transaction(shop.database) as connection:
        found = store.find(connection, shop.book.id, TARGET)
    assert found is not None
    assert found.tokens == b""
