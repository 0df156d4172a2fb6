"""GET /v1/bookings/{id} and /v1/orders/{id}: every event, entry and document of one of them."""

from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.access import OFFICE
from api.answers import PAGE, DocumentShown, EventShown
from api.caller import signed_in
from api.documents import events_shown
from api.parameters import AfterNumber, Limit, unescaped
from api.problems import Refusal
from api.service import Call, service_of
from ledger.database import snapshot
from ledger.log.store import entries_at
from ledger.views.store import facts_about, facts_behind


class Thread(Struct, frozen=True):
    """The facts of a booking or an order with their entries, and the documents they became.

    A fact is of it when it names it, or was done to one that does: its refund, its payment, its
    reversal. `documents` are those of the facts of this page, each once.
    """

    id: str
    events: list[EventShown]
    documents: list[DocumentShown]
    next: str | None


def _route(path: str, what: str, column: str) -> Any:
    operation = f"get{what.title()}"

    @get(
        f"/v1/{path}/{{reference:str}}",
        operation_id=operation,
        tags=["Holders"],
        summary=f"Read all of {'an' if what[0] in 'aeiou' else 'a'} {what}",
        description=f"Answer every fact of one {what}, oldest first, with its entry and documents. "
        "In the path write `~1` for a slash and `~0` for a tilde.",
        guards=[OFFICE],
        sync_to_thread=True,
        opt={"answer": Thread, "problems": (404,)},
        name=operation,
    )
    def read_thread(
        request: Call, reference: FromPath[str], *, limit: Limit = PAGE, after: AfterNumber = None
    ) -> Response[Thread]:
        name, book_id = unescaped(reference), signed_in(request.scope).book.id
        with snapshot(service_of(request).database) as connection:
            own = facts_about(connection, book_id, column, name, kind=what)
            if not own:
                raise Refusal("holder-not-found", 404, role=what, holder=name)
            seqs = [s for s in facts_behind(connection, book_id, own) if s > int(after or 0)]
            facts = entries_at(connection, book_id, seqs[:limit])
            shown = events_shown(request, connection, facts)
        documents = {d.key: d for event in shown for d in event.documents or ()}
        more = str(seqs[limit - 1]) if len(seqs) > limit else None
        return Response(Thread(name, shown, list(documents.values()), more))

    return read_thread


ROUTES: Final = (
    _route("bookings", "booking", "booking"),
    _route("orders", "order", "order_ref"),
)
