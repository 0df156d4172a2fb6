"""A company that answers by a script, and what is done with it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import msgspec

from sync.documents import AnyDocument
from sync.protocol import Sent
from sync.quickbooks.client import QuickBooks
from sync.quickbooks.mapping import QuickBooksMapping
from tests.quickbooks.shop import QUEBEC, Shop, named
from tests.quickbooks.wire import api_on

T = TypeVar("T")
Answer = tuple[int, Any]


class Wire:
    """Answers requests in the order of a script, and keeps them."""

    def __init__(self, *script: Answer) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer with the next of the script."""
        self.requests.append(request)
        status, content = self.script.pop(0)
        if status == 0:
            raise httpx.ReadTimeout("no answer")
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        return httpx.Response(status, content=body, headers={"intuit_tid": "tid"})

    @property
    def asked(self) -> list[str]:
        """Return what was asked: the query, else method and path."""
        return [
            request.url.params.get("query") or f"{request.method} {request.url.path[14:]}"
            for request in self.requests
        ]

    def body(self, index: int) -> Any:
        """Return what a request brought."""
        return msgspec.json.decode(self.requests[index].content)


def target(wire: Wire, shop: Shop = QUEBEC, **mapping: Any) -> QuickBooks:
    found = QuickBooks(api_on(wire), QuickBooksMapping(**mapping), shop.our_tax)
    found._company = shop.company
    return found


def run(work: Callable[[], Awaitable[T]]) -> T:
    async def await_it() -> T:
        return await work()

    return asyncio.run(await_it())


def push(wire: Wire, document: AnyDocument, shop: Shop = QUEBEC, **mapping: Any) -> Sent:
    return run(lambda: target(wire, shop, **mapping).push(document, 1, named(document)))


def find(wire: Wire, document: AnyDocument, shop: Shop = QUEBEC) -> Sent | None:
    return run(lambda: target(wire, shop).find(document, 1, named(document)))
