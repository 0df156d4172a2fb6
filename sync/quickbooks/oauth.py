"""Consent, and tokens that are refreshed by one at a time and kept before they are used."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import httpx
import msgspec
from msgspec import Struct

from sync.protocol import Rejected, Unavailable
from sync.settings import QuickBooksSettings

SCOPE: Final = "com.intuit.quickbooks.accounting"
REFRESH_BEFORE: Final = 300.0
"""A token with fewer seconds left than this is refreshed before it is used."""

_DAYS_100: Final = 8_640_000.0


class Token(Struct, frozen=True):
    """What opens one company; the two `_at` are in seconds since 1970."""

    access: str
    refresh: str
    expires_at: float
    refresh_expires_at: float

    def __repr__(self) -> str:
        return f"Token(expires_at={self.expires_at})"


class Tokens(Protocol):
    """Where a caller gets the token of its company."""

    async def current(self) -> Token:
        """Return a token with some time left."""

    async def refresh(self, seen: Token) -> Token:
        """Return a token other than *seen*, which was turned away."""


class _Dead(Exception):
    """The refresh token is not accepted any more."""


class OAuth:
    """The calls to the authorisation server. No secret is ever part of an error."""

    def __init__(
        self, http: httpx.AsyncClient, settings: QuickBooksSettings, clock: Callable[[], float]
    ) -> None:
        self._http, self.settings, self._clock = http, settings, clock

    def authorize_url(self, state: str) -> str:
        """Return where a person consents; *state* comes back with the code and is single use."""
        asked = {
            "client_id": self.settings.client_id,
            "response_type": "code",
            "scope": SCOPE,
            "redirect_uri": self.settings.redirect_uri,
            "state": state,
        }
        return f"{self.settings.authorize_url}?{urlencode(asked)}"

    async def exchange(self, code: str) -> Token:
        """Return the first tokens for a code, which works once. Raises Unavailable, Rejected."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_uri,
        }
        try:
            return await self._token(form)
        except _Dead as refused:
            raise Rejected("consent-refused") from refused

    async def refreshed(self, token: Token) -> Token | None:
        """Return the next tokens; None when the refresh token is dead. Raises Unavailable."""
        try:
            return await self._token(
                {"grant_type": "refresh_token", "refresh_token": token.refresh}
            )
        except _Dead:
            return None

    async def revoke(self, token: Token) -> None:
        """Give the consent back. Raises Unavailable."""
        await self._post(self.settings.revoke_url, json={"token": token.refresh})

    async def _token(self, form: dict[str, str]) -> Token:
        answer = await self._post(self.settings.token_url, data=form)
        said = _object(answer)
        if said.get("error") == "invalid_grant":
            raise _Dead
        if answer.status_code == 401 or said.get("error") == "invalid_client":
            raise Unavailable("client-credentials", status=answer.status_code)
        if answer.status_code != 200 or "access_token" not in said or "refresh_token" not in said:
            raise Unavailable("no-token", status=answer.status_code)
        now = self._clock()
        return Token(
            access=str(said["access_token"]),
            refresh=str(said["refresh_token"]),
            expires_at=now + float(said.get("expires_in", 3600)),
            refresh_expires_at=now + float(said.get("x_refresh_token_expires_in", _DAYS_100)),
        )

    async def _post(self, url: str, **content: Any) -> httpx.Response:
        try:
            return await self._http.post(
                url,
                auth=(self.settings.client_id, self.settings.client_secret),
                headers={"Accept": "application/json"},
                **content,
            )
        except httpx.TransportError as broken:
            raise Unavailable("no-token", detail=type(broken).__name__) from None


class StoredTokens:
    """The tokens of one company in the store. Share one object among all who call the company.

    `load` reads the store, `save_if_unchanged(seen, new)` replaces *seen* only (False: it had been
    replaced already); `guard` is held while refreshing, against other processes.
    """

    def __init__(
        self,
        oauth: OAuth,
        load: Callable[[], Awaitable[Token | None]],
        save_if_unchanged: Callable[[Token, Token], Awaitable[bool]],
        clock: Callable[[], float],
        guard: Callable[[], AbstractAsyncContextManager[Any]] = nullcontext,
    ) -> None:
        self._oauth, self._load, self._save, self._clock = oauth, load, save_if_unchanged, clock
        self._guard, self._turn = guard, asyncio.Lock()
        self._known: Token | None = None

    async def current(self) -> Token:
        """Return a token with at least five minutes left. Raises Unavailable."""
        token = self._known or await self._stored()
        if token.expires_at - self._clock() < REFRESH_BEFORE:
            return await self.refresh(token)
        self._known = token
        return token

    async def refresh(self, seen: Token) -> Token:
        """Return another token than *seen*; whoever comes second gets what the first was given.

        Two at once would cost the consent: Intuit takes a refresh token's second use for theft.
        """
        async with self._turn, self._guard():
            stored = await self._stored()
            if stored.access == seen.access:
                stored = await self._next(stored)
            self._known = stored
            return stored

    async def _next(self, stored: Token) -> Token:
        new = await self._oauth.refreshed(stored)
        if new is None:
            return await self._other_than(stored)
        if not await self._save(stored, new):
            return await self._other_than(stored)
        return new

    async def _other_than(self, stored: Token) -> Token:
        """Read the store once more: another process may have been faster; else all is over."""
        again = await self._stored()
        if again.access == stored.access:
            self._known = None
            raise Unavailable("connection-dead")
        return again

    async def _stored(self) -> Token:
        token = await self._load()
        if token is None:
            raise Unavailable("connection-dead")
        return token


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
