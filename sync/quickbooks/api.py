"""One company's API: calls are limited and authorised, answers read for what they surely mean."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Protocol

import httpx
import msgspec

from sync.protocol import Failure, Unavailable, Unknown
from sync.quickbooks.faults import body_of, failure_of
from sync.quickbooks.oauth import Token, Tokens

PAGE: Final = 1000
TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)

_NOTHING_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_JSON: Final = msgspec.json.Encoder(decimal_format="number")


class Turns(Protocol):
    """Who says when a call may begin."""

    async def acquire(self) -> None:
        """Return when a call may begin."""


class Api:
    """Reads and writes of a company. Reads fail as Unavailable only, writes in all three ways."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        realm: str,
        tokens: Tokens,
        limiter: Turns,
        *,
        api_url: str,
        minor_version: int = 75,
    ) -> None:
        self.realm = realm
        self._http, self._tokens, self._limiter = http, tokens, limiter
        self._base = f"{api_url.rstrip('/')}/v3/company/{realm}"
        self._minor = str(minor_version)

    async def read(self, path: str, **query: str) -> dict[str, Any]:
        """Return the answer to a GET. Raises Unavailable, or Rejected when it asks nonsense."""
        body, _ = await self._call("GET", path, query, None)
        return body

    async def query(self, statement: str) -> list[dict[str, Any]]:
        """Return the first page of what a statement selects."""
        answer = (await self.read("query", query=statement)).get("QueryResponse") or {}
        return next((rows for rows in answer.values() if isinstance(rows, list)), [])

    async def pages(self, entity: str, where: str = "") -> AsyncIterator[dict[str, Any]]:
        """Yield every *entity* that a condition selects, a page of 1,000 at a time, by id."""
        start = 1
        while True:
            page = f"ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE}"
            rows = await self.query(f"{selecting(entity, where)} {page}")
            for row in rows:
                yield row
            if len(rows) < PAGE:
                return
            start += PAGE

    async def send(
        self, entity: str, remote_id: str, request_id: str, to: str
    ) -> tuple[dict[str, Any], str]:
        """Have what stands there sent by e-mail; return it, and the trace. Fails as `write`."""
        path, asked = f"{entity.lower()}/{remote_id}/send", {"sendTo": to, "requestid": request_id}
        return _written(entity, *await self._call("POST", path, asked, b""))

    async def write(
        self, entity: str, body: Mapping[str, Any], request_id: str, **query: str
    ) -> tuple[dict[str, Any], str]:
        """Return what stands there after a POST, and the trace of the call.

        The same request id brings the same answer again and writes nothing. Raises Unavailable,
        Rejected (as Refusal, with QuickBooks' code) or Unknown.
        """
        asked = {**query, "requestid": request_id}
        return _written(
            entity, *await self._call("POST", entity.lower(), asked, _JSON.encode(body))
        )

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], content: bytes | None
    ) -> tuple[dict[str, Any], str]:
        token = await self._tokens.current()
        answer = await self._send(token, method, path, query, content)
        if answer.status_code == 401:
            token = await self._tokens.refresh(token)
            answer = await self._send(token, method, path, query, content)
        writing = content is not None
        failed = failure_of(answer.status_code, answer.headers, answer.content, writing=writing)
        if failed is not None:
            raise failed
        trace = answer.headers.get("intuit_tid", "")
        body = body_of(answer.content)
        if body is None:
            raise _unclear("answer-unreadable", writing=writing, trace=trace)
        return body, trace

    async def _send(
        self,
        token: Token,
        method: str,
        path: str,
        query: Mapping[str, str],
        content: bytes | None,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token.access}", "Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json" if content else "application/octet-stream"
        await self._limiter.acquire()
        try:
            return await self._http.request(
                method,
                f"{self._base}/{path}",
                params={**query, "minorversion": self._minor},
                content=content,
                headers=headers,
                timeout=TIMEOUT,
            )
        except _NOTHING_SENT as broken:
            raise Unavailable("unavailable", detail=type(broken).__name__) from None
        except httpx.RequestError as broken:
            detail = type(broken).__name__
            raise _unclear("no-answer", writing=content is not None, detail=detail) from None


def _written(entity: str, answer: dict[str, Any], trace: str) -> tuple[dict[str, Any], str]:
    """Return what an answer says was written. Raises Unknown where it names nothing."""
    written = answer.get(entity)
    if not isinstance(written, dict) or not written.get("Id"):
        raise Unknown("answer-without-id", trace=trace)
    return written, trace


def _unclear(cause: str, *, writing: bool, detail: str = "", trace: str = "") -> Failure:
    kind = Unknown if writing else Unavailable
    return kind(cause, detail=detail, trace=trace)


def selecting(entity: str, where: str = "") -> str:
    """Return a statement that selects an entity; texts in the condition are `quoted`."""
    return " ".join(filter(None, ("SELECT * FROM", entity, where and f"WHERE {where}")))


def quoted(text: str) -> str:
    """Return text as a value of the query language."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
