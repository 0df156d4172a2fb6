"""GET /v1/sessions/{id}: one session of a register, what it took in, and its facts."""

from datetime import date
from typing import Final

from litestar import get
from litestar.params import FromPath
from msgspec import Struct

from api.access import SHOP
from api.answers import PAGE, EventShown, Page, event_shown, page
from api.caller import signed_in
from api.parameters import AfterNumber, Limit, unescaped
from api.problems import Refusal, language_of
from api.service import Call, service_of
from ledger.database import snapshot
from ledger.events.base import Entry
from ledger.events.register import RegisterClosed
from ledger.events.standing import standing
from ledger.log.store import entries_at
from ledger.money import to_text
from ledger.store import head
from ledger.views.store import Clocks, Total, facts_about, session_totals
from ledger.views.then import Then


class TotalShown(Struct, frozen=True):
    """What the session posted to a holder of an account; `balance` debit positive."""

    account: str
    role: str
    holder: str
    currency: str
    debit: str
    credit: str
    balance: str


class CountShown(Struct, frozen=True):
    """What was counted of a method at the close."""

    method: str
    amount: str


class SessionShown(Struct, frozen=True):
    """A session: who opened and closed it (events, null where none did), its totals and facts.

    A till sees the facts of its own key.
    """

    id: str
    register: str | None
    opened_by: str | None
    opened_on: date | None
    closed_by: str | None
    closed_on: date | None
    counted: list[CountShown]
    totals: list[TotalShown]
    events: Page[EventShown]


@get(
    "/v1/sessions/{session_id:str}",
    operation_id="getSession",
    tags=["Holders"],
    summary="Read a register session",
    guards=[SHOP],
    sync_to_thread=True,
    opt={"problems": (404,)},
)
def get_session(
    request: Call, session_id: FromPath[str], *, limit: Limit = PAGE, after: AfterNumber = None
) -> SessionShown:
    """Answer what a session took in by account and holder, and its facts, oldest first.

    In the path write `~1` for a slash and `~0` for a tilde.
    """
    caller, name = signed_in(request.scope), unescaped(session_id)
    book = caller.book
    with snapshot(service_of(request).database) as connection:
        seqs = facts_about(connection, book.id, "session", name)
        end = head(connection, book.id)
        if not seqs or end is None:
            raise Refusal("holder-not-found", 404, role="session", holder=name)
        then = Then(connection, book, end, Clocks())
        opened = standing(then, "session", name, "register_opened")
        closed = standing(then, "session", name, "register_closed")
        behind = [seq for seq in seqs if seq > int(after or 0)]
        facts = entries_at(connection, book.id, behind[: limit + 1])
        totals = session_totals(connection, book.id, name)
    mine = [e for e in facts[:limit] if caller.role != "pos" or e.actor.key == caller.key_id]
    language = language_of(request)
    shown = page(facts, limit, lambda entry: entry, lambda entry: str(entry.seq))
    return SessionShown(
        id=name,
        register=_register(opened, facts),
        opened_by=opened[0].event.id if opened else None,
        opened_on=opened[0].event.day() if opened else None,
        closed_by=closed[0].event.id if closed else None,
        closed_on=closed[0].event.day() if closed else None,
        counted=[count for entry in closed for count in _counts(entry)],
        totals=[_total(total) for total in totals],
        events=Page([event_shown(entry, language, book.currency) for entry in mine], shown.next),
    )


ROUTES: Final = (get_session,)


def _register(opened: list[Entry], facts: list[Entry]) -> str | None:
    named = (entry.event.register for entry in (*opened, *facts))
    return next((register for register in named if register), None)


def _counts(entry: Entry) -> list[CountShown]:
    event = entry.event
    assert isinstance(event, RegisterClosed)
    currency = event.currency or ""
    return [CountShown(c.method, to_text(event.minor(c.amount), currency)) for c in event.counted]


def _total(total: Total) -> TotalShown:
    return TotalShown(
        account=total.account,
        role=total.role,
        holder=total.holder,
        currency=total.currency,
        debit=to_text(total.debit, total.currency),
        credit=to_text(total.credit, total.currency),
        balance=to_text(total.debit - total.credit, total.currency),
    )
