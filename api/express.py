"""Plain facts of known tills: recorded, and answered where they came in.

No task is made for them, and no message of ASGI. Whatever is not plain, or goes wrong, is answered
by the application, in the same words.
"""

from asyncio import Future
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from time import perf_counter
from typing import Any, Final

from litestar.datastructures import State
from msgspec import Struct, json

from api.access import TILLS
from api.bodies import EVENT_BYTES, JSON, media_type, refuse_by_headers
from api.caller import Caller, stated
from api.catalogue import Language
from api.decoding import AT_ONCE, read_event
from api.envelope import BEGAN, SEAL, AccessLog
from api.exchange import Exchange, lines_of
from api.gate import SINGLE, is_single, let_rest
from api.problems import MEDIA_TYPE, Refusal, as_refusal, language_in, to_problem
from api.recording import HEADERS, JSON_HEADER, REFUSED, answer_of, noted
from api.service import Service
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.recorder import Command, Outcome, Unavailable

_TYPE: Final = lines_of([JSON_HEADER])
_HEADERS: Final = {status: lines_of(headers) for status, headers in HEADERS.items()}
_SEAL: Final = lines_of(SEAL)
_PROBLEM: Final = lines_of([(b"content-type", MEDIA_TYPE.encode())])
_AN_ID: Final = "<id>"


class _Fact(Struct, frozen=True):
    """A fact that is being recorded, whom to answer, and what to do where that cannot be here."""

    command: Command
    caller: Caller
    exchange: Exchange
    otherwise: Callable[[], None]
    began: float


class Express:
    """Takes plain facts; its log and its ids are those of the application's envelope."""

    def __init__(
        self, service: Service, *, log: AccessLog | None, request_ids: Iterator[str]
    ) -> None:
        self._service, self._log, self._request_ids = service, log, request_ids

    def takes(self, exchange: Exchange, otherwise: Callable[[], None]) -> bool:
        """Have a plain fact recorded, and answer then; False where the application has to.

        It has to do *otherwise* too where the fact turns out to be refused.
        """
        began, key = perf_counter(), stated(exchange.scope, b"authorization")
        if key is None or not self._is_plain(exchange):
            return False
        caller = self._service.keys.remembered(key.decode("latin-1"))
        if caller is None:
            return self._keeps_place(exchange, otherwise, key.decode("latin-1"), began)
        return self._posts(exchange, otherwise, caller, began)

    def _keeps_place(
        self, exchange: Exchange, otherwise: Callable[[], None], key: str, began: float
    ) -> bool:
        """Let a fact wait until a key that was known before is known again; False of another.

        It counts meanwhile, so that who comes too many hears of it at once.
        """
        asked, gate = self._service.keys.asked_again(key), self._service.gate
        if asked is None:
            return False

        def go_on(answer: "Future[Caller]") -> None:
            gate.leave()
            known = not answer.cancelled() and answer.exception() is None
            if not known or not self._posts(exchange, otherwise, answer.result(), began):
                otherwise()

        gate.enter()
        asked.add_done_callback(go_on)
        return True

    def _posts(
        self, exchange: Exchange, otherwise: Callable[[], None], caller: Caller, began: float
    ) -> bool:
        """Give a fact to the recorder; False where the application has to tell why not."""
        if caller.role not in TILLS.roles:
            return False
        service, scope = self._service, exchange.scope
        scope["user"] = caller  # type: ignore[typeddict-unknown-key] # as a guard does
        service.gate.enter()
        try:
            command = Command(caller.book.id, caller.actor, (self._read(exchange),))
            visitor = service.bell.visitor()
            service.recorder.post(command, visitor)
        except Exception as error:  # noqa: BLE001 - the application tells of it, whatever it is
            service.gate.leave()
            _leave(exchange, error, began)
            return False
        fact = _Fact(command, caller, exchange, otherwise, began)
        visitor.waiting.add_done_callback(partial(self._tell, fact))
        return True

    def turns_away(self, exchange: Exchange) -> bool:
        """Refuse a fact while too many are under way; False where the application has to."""
        if exchange.flow.write_paused:
            return False
        scope: Any = exchange.scope
        exchange.answer(503, *self.refusal(scope))
        let_rest(scope)
        return True

    def refusal(self, scope: dict[str, Any]) -> tuple[bytes, bytes]:
        """Return the headers and the body that refuse a fact too much; they are all but sent."""
        began, request_id = perf_counter(), next(self._request_ids)
        self._service.gate.refused["overloaded"] += 1
        lines, before, after = _overloaded(language_in(scope))
        body = b"%b%b%b" % (before, request_id.encode(), after)
        self._note(scope, request_id, 503, began)
        return _headers(_PROBLEM, lines, request_id, body), body

    def _note(self, scope: dict[str, Any], request_id: str, status: int, began: float) -> None:
        if self._log is not None:
            scope["path_template"] = SINGLE
            self._log.tell(scope, "POST", request_id, status, began)

    def _is_plain(self, exchange: Exchange) -> bool:
        """Tell whether a request is a plain fact, all of which is here, and may come in."""
        scope: Any = exchange.scope
        if exchange.more_body or exchange.waiting_for_100_continue or exchange.flow.write_paused:
            return False
        if len(exchange.body) > AT_ONCE or not is_single(scope) or scope["query_string"]:
            return False
        if self._service.gate.full:
            return False
        try:
            media_type(scope, JSON)
            refuse_by_headers(scope, EVENT_BYTES)
        except Refusal:
            return False
        return True

    def _read(self, exchange: Exchange) -> Event:
        try:
            return read_event(bytes(exchange.body))
        except (LedgerError, Refusal) as refusal:
            self._service.gate.refuse([refusal])
            raise

    def _tell(self, fact: _Fact, waited: "Future[list[Outcome]]") -> None:
        """Answer what became of a fact."""
        exchange = fact.exchange
        scope: Any = exchange.scope
        self._service.gate.leave()
        try:
            (outcome,) = noted(self._service, fact.command, waited.result())
            status, body = answer_of(outcome, fact.caller.book.currency, scope)
        except Exception as error:  # noqa: BLE001 - the application tells of it, whatever it is
            _leave(exchange, error, fact.began)
            fact.otherwise()
            return
        request_id = next(self._request_ids)
        exchange.answer(status, _headers(_TYPE, _HEADERS[status], request_id, body), body)
        self._note(scope, request_id, status, fact.began)


def express_of(app: Any) -> Express | None:
    """Return the express of an application that has one."""
    state = getattr(app, "state", None)
    express = state.get("express") if isinstance(state, State) else None
    return express if isinstance(express, Express) else None


@lru_cache(maxsize=8)
def _overloaded(language: Language) -> tuple[bytes, bytes, bytes]:
    """Return headers of the refusal of a fact too much, and its body around the request's id."""
    refusal = as_refusal(Unavailable("overloaded"))
    before, after = json.encode(to_problem(refusal, language, _AN_ID)).split(_AN_ID.encode())
    headers = {**refusal.headers, "Content-Language": language}.items()
    return lines_of((name.encode(), text.encode()) for name, text in headers), before, after


def _headers(kind: bytes, lines: bytes, request_id: str, body: bytes) -> bytes:
    about = (kind, len(body), lines, request_id.encode(), _SEAL)
    return b"%bcontent-length: %d\r\n%brequest-id: %b\r\n%b" % about


def _leave(exchange: Exchange, error: Exception, began: float) -> None:
    """Leave it to the application to tell why a fact is refused."""
    scope: Any = exchange.scope
    scope[REFUSED], scope[BEGAN] = error, began
