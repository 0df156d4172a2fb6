"""GET /v1/changes: the log as a feed. Who asks for what comes next waits until it is there."""

import asyncio
from typing import Annotated, Final

from litestar import get
from litestar.params import QueryParameter
from msgspec import Struct

from api.access import OFFICE
from api.answers import PAGE, EventShown
from api.caller import signed_in
from api.documents import events_shown
from api.health import HeadShown
from api.parameters import Limit
from api.service import Call, service_of
from ledger.database import snapshot
from ledger.log.store import entries
from ledger.store import head

LONGEST_SECONDS: Final = 60


class Changes(Struct, frozen=True):
    """What follows in the log. `next` goes into `after`, now or later; it is never null.

    `head` is where the log ended when this was read.
    """

    data: list[EventShown]
    next: str
    head: HeadShown


@get(
    "/v1/changes",
    operation_id="listChanges",
    tags=["Events"],
    summary="Follow the log",
    guards=[OFFICE],
)
async def list_changes(
    request: Call,
    *,
    after: Annotated[
        str,
        QueryParameter(
            pattern=r"^[0-9]{1,18}$", description="The last sequence number that is known; 0: none."
        ),
    ] = "0",
    wait: Annotated[
        int,
        QueryParameter(
            ge=0, le=LONGEST_SECONDS, description="How many seconds to wait when nothing is new."
        ),
    ] = 0,
    limit: Limit = PAGE,
) -> Changes:
    """Answer the facts after a sequence number, oldest first, each as when it is read alone.

    When there are none, the call waits for the next one, up to `wait` seconds, and answers an
    empty page when none came. Who calls again with `next` misses nothing.
    """
    service, book_id = service_of(request), signed_in(request.scope).book.id
    clock = asyncio.get_running_loop().time
    until = clock() + wait
    gone = asyncio.ensure_future(_hung_up(request))
    try:
        while True:
            found = await asyncio.to_thread(_read, request, int(after), limit)
            left = until - clock()
            if found.data or left <= 0:
                return found
            growth = asyncio.ensure_future(service.watch.growth(book_id, int(after), left))
            await asyncio.wait((growth, gone), return_when=asyncio.FIRST_COMPLETED)
            if not growth.done() or not growth.result():
                growth.cancel()
                return found
    finally:
        gone.cancel()


async def _hung_up(request: Call) -> None:
    """Wait until nobody listens any more."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _read(request: Call, after: int, limit: int) -> Changes:
    book_id = signed_in(request.scope).book.id
    with snapshot(service_of(request).database) as connection:
        end = head(connection, book_id)
        shown = events_shown(
            request, connection, entries(connection, book_id, after=after, limit=limit)
        )
    assert end is not None
    last = str(shown[-1].seq) if shown else str(after)
    return Changes(shown, last, HeadShown(end.seq, end.hash.hex()))
