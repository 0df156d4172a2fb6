"""Plain facts of known tills: recorded, and answered where they came in.

No task is made for them, and no message of ASGI. Whatever is not plain, or goes wrong, is answered
by the application, in the same words.
"""

from asyncio import Future
from collections.abc import Iterator
from functools import lru_cache, partial
from time import perf_counter
from typing import Any, Final, Protocol

from litestar.datastructures import State
from msgspec import Struct, json

from api.access import TILLS
from api.caller import Caller
from api.catalogue import Language
from api.decoding import read_event
from api.envelope import BEGAN, SEAL, AccessLog
from api.exchange import lines_of
from api.gate import REST_SECONDS, SINGLE
from api.plain import PlainFact
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


class Till(Protocol):
    """Who stated a fact, and waits on a connection."""

    def answer(self, status: int, headers: bytes, body: bytes) -> None:
        """Take the answer; *headers* are lines, but for what the server says of itself."""

    def hand_on(self, noted: dict[str, Any]) -> None:
        """Have the application answer, to which something is *noted* in the scope."""

    def rest(self, seconds: float) -> None:
        """Say nothing more for a while."""


class _Taken(Struct, frozen=True):
    """A fact that was taken, by whom it was stated, and who waits for the answer since when."""

    fact: PlainFact
    caller: Caller
    till: Till
    began: float

    @property
    def scope(self) -> dict[str, Any]:
        """Return what is asked of a request's scope."""
        return {"headers": self.fact.head.headers, "user": self.caller}

    def hand_on(self, error: Exception) -> None:
        """Leave it to the application to tell why the fact is refused."""
        self.till.hand_on({"user": self.caller, REFUSED: error, BEGAN: self.began})


class Express:
    """Takes plain facts; its log and its ids are those of the application's envelope."""

    def __init__(
        self, service: Service, *, log: AccessLog | None, request_ids: Iterator[str]
    ) -> None:
        self._service, self._log, self._request_ids = service, log, request_ids

    def takes(self, fact: PlainFact, till: Till) -> bool:
        """Have a fact recorded, and the till answered then; False where the application has to."""
        if self._service.gate.full:
            self._turn_away(fact, till)
            return True
        caller = self._service.keys.remembered(fact.head.key)
        if caller is None:
            return self._keeps_place(fact, till)
        self._post(_Taken(fact, caller, till, perf_counter()))
        return True

    def _keeps_place(self, fact: PlainFact, till: Till) -> bool:
        """Let a fact wait until a key that was known before is known again; False of another.

        It counts meanwhile, so that who comes too many hears of it at once.
        """
        asked, gate = self._service.keys.asked_again(fact.head.key), self._service.gate
        began = perf_counter()
        if asked is None:
            return False

        def go_on(answer: "Future[Caller]") -> None:
            gate.leave()
            if answer.cancelled() or answer.exception() is not None:
                till.hand_on({BEGAN: began})
            else:
                self._post(_Taken(fact, answer.result(), till, began))

        gate.enter()
        asked.add_done_callback(go_on)
        return True

    def _post(self, taken: _Taken) -> None:
        """Give a fact to the recorder, or leave it to the application to tell why not."""
        service, caller = self._service, taken.caller
        service.gate.enter()
        try:
            TILLS.refuse_other_than(caller.role)
            command = Command(caller.book.id, caller.actor, (self._read(taken.fact.body),))
            visitor = service.bell.visitor()
            service.recorder.post(command, visitor)
        except Exception as error:  # noqa: BLE001 - the application tells of it, whatever it is
            service.gate.leave()
            taken.hand_on(error)
            return
        visitor.waiting.add_done_callback(partial(self._tell, taken, command))

    def _read(self, body: bytes) -> Event:
        try:
            return read_event(body)
        except (LedgerError, Refusal) as refusal:
            self._service.gate.refuse([refusal])
            raise

    def _tell(self, taken: _Taken, command: Command, waited: "Future[list[Outcome]]") -> None:
        """Answer what became of a fact."""
        self._service.gate.leave()
        scope = taken.scope
        try:
            (outcome,) = noted(self._service, command, waited.result())
            status, body = answer_of(outcome, taken.caller.book.currency, scope)
        except Exception as error:  # noqa: BLE001 - the application tells of it, whatever it is
            taken.hand_on(error)
            return
        request_id = next(self._request_ids)
        taken.till.answer(status, _headers(_TYPE, _HEADERS[status], request_id, body), body)
        self._note(scope, request_id, status, taken.began)

    def _turn_away(self, fact: PlainFact, till: Till) -> None:
        """Refuse a fact while too many are under way."""
        began, request_id = perf_counter(), next(self._request_ids)
        scope = {"headers": fact.head.headers}
        self._service.gate.refused["overloaded"] += 1
        lines, before, after = _overloaded(language_in(scope))
        body = b"%b%b%b" % (before, request_id.encode(), after)
        till.answer(503, _headers(_PROBLEM, lines, request_id, body), body)
        till.rest(REST_SECONDS)
        self._note(scope, request_id, 503, began)

    def _note(self, scope: dict[str, Any], request_id: str, status: int, began: float) -> None:
        if self._log is not None:
            scope["path_template"] = SINGLE
            self._log.tell(scope, "POST", request_id, status, began)


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
