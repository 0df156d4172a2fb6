"""Tokens: refreshed by one at a time, kept before they are used, and never twice."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sync.protocol import Rejected, Unavailable
from sync.quickbooks.oauth import OAuth, StoredTokens, Token
from sync.settings import QuickBooksSettings

T = TypeVar("T")
NOW = 1_000_000.0
SETTINGS = QuickBooksSettings(
    client_id="our-id", client_secret="our-secret", redirect_uri="https://shop.example/callback"
)


class Intuit:
    """An authorisation server that takes each refresh token once."""

    def __init__(self) -> None:
        self.live = "refresh-0"
        self.issued = 0
        self.requests: list[httpx.Request] = []
        self.broken: int | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request to the token endpoint."""
        self.requests.append(request)
        form = parse_qs(request.content.decode())
        if self.broken is not None:
            return httpx.Response(self.broken, content=b"")
        used = form.get("refresh_token", form.get("code", [""]))[0]
        if used not in (self.live, "good-code"):
            return httpx.Response(400, content=b'{"error":"invalid_grant"}')
        self.issued += 1
        self.live = f"refresh-{self.issued}"
        answer = (
            f'{{"token_type":"bearer","access_token":"access-{self.issued}","expires_in":3600,'
            f'"refresh_token":"{self.live}","x_refresh_token_expires_in":8726400}}'
        )
        return httpx.Response(200, content=answer.encode())

    def oauth(self) -> OAuth:
        """Return our side of it."""
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return OAuth(http, SETTINGS, lambda: NOW)


class Store:
    """The stored token of one company, replaced only by those who saw the present one."""

    def __init__(self, token: Token | None) -> None:
        self.token = token
        self.saved = 0

    async def load(self) -> Token | None:
        """Return what is stored."""
        await asyncio.sleep(0)
        return self.token

    async def save_if_unchanged(self, seen: Token, new: Token) -> bool:
        """Replace *seen*."""
        await asyncio.sleep(0)
        if self.token != seen:
            return False
        self.token, self.saved = new, self.saved + 1
        return True


def _token(number: int, *, left: float = 3600.0) -> Token:
    return Token(f"access-{number}", f"refresh-{number}", NOW + left, NOW + 8_640_000)


def _tokens(intuit: Intuit, store: Store) -> StoredTokens:
    return StoredTokens(intuit.oauth(), store.load, store.save_if_unchanged, lambda: NOW)


def _run(work: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        return await work()

    return asyncio.run(run())


def test_the_consent_page_is_asked_with_our_state() -> None:
    address = urlsplit(Intuit().oauth().authorize_url("state-1"))
    assert address.netloc == "appcenter.intuit.com"
    assert parse_qs(address.query) == {
        "client_id": ["our-id"],
        "response_type": ["code"],
        "scope": ["com.intuit.quickbooks.accounting"],
        "redirect_uri": ["https://shop.example/callback"],
        "state": ["state-1"],
    }


def test_a_code_becomes_tokens() -> None:
    intuit = Intuit()
    token = _run(lambda: intuit.oauth().exchange("good-code"))
    assert (token.access, token.refresh) == ("access-1", "refresh-1")
    assert (token.expires_at, token.refresh_expires_at) == (NOW + 3600, NOW + 8_726_400)
    [request] = intuit.requests
    basic = base64.b64encode(b"our-id:our-secret").decode()
    assert request.headers["Authorization"] == f"Basic {basic}"
    assert parse_qs(request.content.decode())["grant_type"] == ["authorization_code"]


def test_a_code_used_twice_is_refused() -> None:
    with pytest.raises(Rejected, match="consent-refused"):
        _run(lambda: Intuit().oauth().exchange("used-code"))


def test_a_token_with_time_left_is_used_as_it_is() -> None:
    intuit, store = Intuit(), Store(_token(0))
    assert _run(_tokens(intuit, store).current).access == "access-0"
    assert intuit.requests == []


def test_a_token_about_to_expire_is_refreshed_and_kept_before_it_is_used() -> None:
    intuit, store = Intuit(), Store(_token(0, left=299.0))
    token = _run(_tokens(intuit, store).current)
    assert token.access == "access-1"
    assert store.token == token


def test_ten_callers_who_were_turned_away_cause_one_refresh() -> None:
    intuit, store = Intuit(), Store(_token(0))
    tokens = _tokens(intuit, store)

    async def all_of_them() -> list[Token]:
        seen = await tokens.current()
        return await asyncio.gather(*(tokens.refresh(seen) for _ in range(10)))

    assert {token.access for token in _run(all_of_them)} == {"access-1"}
    assert len(intuit.requests) == 1
    assert store.saved == 1


def test_two_processes_do_not_refresh_at_once_when_they_hold_the_same_guard() -> None:
    intuit, store, guard = Intuit(), Store(_token(0)), asyncio.Lock()
    both = [
        StoredTokens(
            intuit.oauth(), store.load, store.save_if_unchanged, lambda: NOW, lambda: guard
        )
        for _ in range(2)
    ]

    async def together() -> list[Token]:
        seen = _token(0)
        return await asyncio.gather(*(tokens.refresh(seen) for tokens in both))

    assert {token.access for token in _run(together)} == {"access-1"}
    assert len(intuit.requests) == 1


def test_a_token_that_another_process_has_replaced_is_taken_from_the_store() -> None:
    intuit, store = Intuit(), Store(_token(0))
    tokens = _tokens(intuit, store)

    async def after_another() -> Token:
        seen = await tokens.current()
        store.token = _token(5)
        return await tokens.refresh(seen)

    assert _run(after_another) == _token(5)
    assert intuit.requests == []


def test_a_dead_refresh_token_is_looked_for_once_more_and_then_the_connection_is_dead() -> None:
    intuit, store = Intuit(), Store(_token(3))
    with pytest.raises(Unavailable, match="connection-dead"):
        _run(lambda: _tokens(intuit, store).refresh(_token(3)))
    assert len(intuit.requests) == 1


def test_a_refused_refresh_that_lost_a_race_takes_the_winners_token() -> None:
    intuit, store = Intuit(), Store(_token(3))
    first = store.load

    async def load() -> Token | None:
        found = await first()
        store.token = _token(9)  # the other process writes between our reading and our asking
        return found

    tokens = StoredTokens(intuit.oauth(), load, store.save_if_unchanged, lambda: NOW)
    assert _run(lambda: tokens.refresh(_token(3))) == _token(9)


def test_an_own_token_that_came_too_late_to_be_kept_is_not_used() -> None:
    intuit, store = Intuit(), Store(_token(0))

    async def too_late(seen: Token, new: Token) -> bool:
        store.token = _token(7)
        return await store.save_if_unchanged(seen, new)

    tokens = StoredTokens(intuit.oauth(), store.load, too_late, lambda: NOW)
    assert _run(lambda: tokens.refresh(_token(0))) == _token(7)


@pytest.mark.parametrize("status", [500, 502, 503, 429, 400])
def test_an_authorisation_server_in_trouble_changes_nothing(status: int) -> None:
    intuit, store = Intuit(), Store(_token(0, left=10.0))
    intuit.broken = status
    with pytest.raises(Unavailable, match="no-token"):
        _run(_tokens(intuit, store).current)
    assert store.token == _token(0, left=10.0)


def test_wrong_credentials_of_ours_stop_everything_and_refuse_no_document() -> None:
    intuit, store = Intuit(), Store(_token(0, left=10.0))
    intuit.broken = 401
    for work in (lambda: intuit.oauth().exchange("good-code"), _tokens(intuit, store).current):
        with pytest.raises(Unavailable, match="client-credentials"):
            _run(work)


def test_a_book_without_a_connection_says_so() -> None:
    with pytest.raises(Unavailable, match="connection-dead"):
        _run(_tokens(Intuit(), Store(None)).current)


def test_no_secret_is_shown() -> None:
    shown = repr(_token(0)) + str(_token(0))
    assert "access-0" not in shown
    assert "refresh-0" not in shown


def test_a_consent_can_be_given_back() -> None:
    intuit = Intuit()
    _run(lambda: intuit.oauth().revoke(_token(0)))
    assert intuit.requests[0].content == b'{"token":"refresh-0"}'
