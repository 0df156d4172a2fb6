"""A client of this API, for the command line: calls that may be repeated are, until it answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, Self

import httpx
import msgspec

WAITS_SECONDS: Final = (0.2, 0.5, 1, 2, 4, 8, 16)
"""How long to wait before each further try while the service is away: half a minute in all."""

_AGAIN: Final = (429, 502, 503, 504)
_NDJSON: Final = "application/x-ndjson"

Sleep = Callable[[float], Awaitable[None]]


class Refused(Exception):
    """The service refused something: its status, and in words why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.status, self.reason = status, reason


class Unreachable(Exception):
    """The service did not answer, or not as itself, although it was asked again and again."""


class Client:
    """Calls the API with one key. Everything it sends is safe to send twice."""

    def __init__(
        self,
        key: str,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.base_url = base_url
        self._sleep = sleep
        self._http = httpx.AsyncClient(
            base_url=base_url,
            transport=transport,
            timeout=60,
            headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, **query: str) -> Any:
        """Return the JSON that a path answers. Raises Refused or Unreachable."""
        return (await self._asked("GET", path, params=query)).json()

    async def put(self, path: str, body: Any) -> Any:
        """Put JSON at a path and return the answer's."""
        return (await self._asked("PUT", path, json=body)).json()

    async def post(self, path: str, body: Any = None) -> Any:
        """Post JSON that is the same when it is sent twice, and return what is answered."""
        return (await self._asked("POST", path, json=body)).json()

    async def batch(self, events: bytes) -> list[dict[str, Any]]:
        """Send lines of JSON, an event each; return the results in their order.

        Where the database was away for some of them all are sent again: the rest are repetitions.
        """
        headers = {"Content-Type": _NDJSON, "Accept": _NDJSON}
        answer = await self._asked(
            "POST", "/v1/events/batch", lacking=_unsaved, content=events, headers=headers
        )
        return _results(answer)

    async def listed(self, path: str, **query: str) -> AsyncIterator[dict[str, Any]]:
        """Yield everything that a list holds, page after page."""
        while True:
            page = await self.get(path, **query)
            for one in page["data"]:
                yield one
            if not page["next"]:
                return
            query["after"] = page["next"]

    async def redirected(self, path: str) -> str:
        """Return the address that a path sends its caller to."""
        return (await self._asked("GET", path)).headers["Location"]

    async def _asked(
        self,
        method: str,
        path: str,
        *,
        lacking: Callable[[httpx.Response], str] = lambda _: "",
        **what: Any,
    ) -> httpx.Response:
        """Return an answer that lacks nothing, asked for again until it does."""
        reason = ""
        for wait in (*WAITS_SECONDS, None):
            try:
                answer = await self._http.request(method, path, **what)
            except httpx.TransportError as away:
                reason = str(away) or type(away).__name__
            else:
                if answer.status_code in _AGAIN:
                    reason = f"{answer.status_code}: {_reason(answer)}"
                elif answer.is_error:
                    raise Refused(answer.status_code, _reason(answer))
                else:
                    reason = lacking(answer)
                    if not reason:
                        return answer
            if wait is not None:
                await self._sleep(wait)
        raise Unreachable(reason)


def words_of(problem: Mapping[str, Any]) -> str:
    """Return what a problem says: what happened, the first faults, what to do."""
    faults = [f"{_place(fault)}: {fault['detail']}" for fault in problem.get("faults", ())[:5]]
    words = [problem.get("detail") or problem.get("title"), *faults, problem.get("remedy")]
    return " ".join(word for word in words if word) or str(problem.get("code", "refused"))


def _place(fault: Mapping[str, Any]) -> str:
    return str(fault["pointer"]) if "pointer" in fault else f"?{fault['parameter']}"


def _results(answer: httpx.Response) -> list[dict[str, Any]]:
    """Return the lines of a batch's answer but its summary."""
    lines = [msgspec.json.decode(line) for line in answer.content.splitlines() if line.strip()]
    return [line for line in lines if "status" in line]


def _unsaved(answer: httpx.Response) -> str:
    """Return why some of a batch can only be recorded later, nothing when all is settled."""
    later = [result for result in _results(answer) if result["status"] in _AGAIN]
    return f"{later[0]['status']}: {words_of(later[0]['problem'])}" if later else ""


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return answer.text[:200]
    return words_of(problem) if isinstance(problem, dict) else answer.text[:200]
