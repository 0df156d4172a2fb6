"""A company's API on a scripted wire."""

from collections.abc import Callable

import httpx

from sync.quickbooks.api import Api
from sync.quickbooks.oauth import Token

Handler = Callable[[httpx.Request], httpx.Response]


class Always:
    """Tokens that are always at hand: token-1, and after each refresh the next."""

    def __init__(self) -> None:
        self.number = 1

    async def current(self) -> Token:
        """Return the present token."""
        return Token(f"token-{self.number}", "refresh", 1e12, 1e12)

    async def refresh(self, seen: Token) -> Token:
        """Return the next one."""
        self.number += 1
        return await self.current()


class Unlimited:
    """Nobody waits."""

    async def acquire(self) -> None:
        """Return at once."""


def api_on(handler: Handler) -> Api:
    """Return company 9 behind a wire that *handler* answers."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return Api(http, "9", Always(), Unlimited(), api_url="https://qbo.example")


def answer_with(status: int, content: bytes) -> Handler:
    """Return a wire on which every request gets the same answer."""
    return lambda _: httpx.Response(status, content=content)
