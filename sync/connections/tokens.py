"""A company's tokens between the authorisation server and the store, sealed on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeGuard

import msgspec

from ledger.database import Engine, snapshot, transaction
from sync.connections import store
from sync.protocol import Unavailable
from sync.quickbooks.oauth import Token
from sync.settings import SECOND
from sync.vault import Sealed, Vault

TARGET: Final = "quickbooks"
REFRESH_SECONDS: Final = 90
"""Longer than a refresh can take: whoever died in one holds others up no longer than this."""


class TokenShelf:
    """Loads and replaces the tokens of one book; the realm is bound to them.

    Raises Unavailable where they were sealed under a key that is not here.
    """

    def __init__(
        self,
        database: Engine,
        vault: Vault,
        book_id: int,
        realm: str,
        clock: Callable[[], int],
    ) -> None:
        self._database, self._vault, self._clock = database, vault, clock
        self._book_id, self._realm = book_id, realm

    def sealed(self, token: Token) -> bytes:
        """Return a token as it is stored."""
        return self._vault.seal(msgspec.json.encode(token), self._book_id, self._purpose())

    async def load(self) -> Token | None:
        """Return the stored token; None when the connection is not alive, or to another company."""
        return await asyncio.to_thread(self._load)

    async def save_if_unchanged(self, seen: Token, new: Token) -> bool:
        """Replace *seen*; False when it had been replaced already."""
        return await asyncio.to_thread(self._save, seen, new)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Keep other processes from refreshing while the block runs."""
        until = await self._begun()
        try:
            yield
        finally:
            await asyncio.to_thread(self._write, store.end_refresh, until)

    async def _begun(self) -> int:
        while True:
            now = self._clock()
            until = now + REFRESH_SECONDS * SECOND
            if await asyncio.to_thread(self._write, store.begin_refresh, now, until):
                return until
            await asyncio.sleep(0.1)

    def _write(self, function: Callable[..., Any], *arguments: int) -> Any:
        with transaction(self._database) as connection:
            return function(connection, self._book_id, TARGET, *arguments)

    def _load(self) -> Token | None:
        with snapshot(self._database) as connection:
            found = store.find(connection, self._book_id, TARGET)
        return self._opened(found.tokens) if self._is_alive(found) else None

    def _save(self, seen: Token, new: Token) -> bool:
        now = self._clock()
        with transaction(self._database) as connection:
            found = store.find(connection, self._book_id, TARGET)
            if not self._is_alive(found) or self._opened(found.tokens) != seen:
                return False
            version, sealed = found.token_version, self.sealed(new)
            return store.replace_tokens(connection, self._book_id, TARGET, version, sealed, now)

    def _is_alive(self, found: store.Connected | None) -> TypeGuard[store.Connected]:
        return found is not None and found.state == "connected" and found.realm == self._realm

    def _opened(self, sealed: bytes) -> Token:
        try:
            text = self._vault.open(sealed, self._book_id, self._purpose())
        except Sealed as locked:  # under another key than ours: it may come back
            raise Unavailable("tokens-sealed") from locked
        return msgspec.json.decode(text, type=Token)

    def _purpose(self) -> str:
        return f"{TARGET}/{self._realm}/tokens"
