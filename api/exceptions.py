"""GET /v1/exceptions: what waits for a person, and what was seen to."""

from datetime import date
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter
from msgspec import structs

from api.access import OFFICE
from api.answers import PAGE, ExceptionShown, Page, exception_shown, page
from api.caller import signed_in
from api.catalogue import Language
from api.parameters import Limit
from api.problems import language_of
from api.service import Call, service_of
from ledger.database import snapshot
from ledger.exceptions.store import ExceptionState, Raised, exceptions


class ExceptionListed(ExceptionShown, frozen=True):
    """One exception. `cleared_by` is the event that saw to it, null while it is open."""

    business_date: date
    cleared_by: str | None


@get(
    "/v1/exceptions",
    operation_id="listExceptions",
    tags=["Exceptions"],
    summary="List what waits for a person",
    guards=[OFFICE],
    sync_to_thread=True,
)
def list_exceptions(
    request: Call,
    *,
    in_state: Annotated[
        ExceptionState,
        QueryParameter(name="state", description="Open, cleared (or taken back), or all of them."),
    ] = "open",
    day: Annotated[
        date | None, QueryParameter(description="Of the facts of this business date alone.")
    ] = None,
    limit: Limit = PAGE,
    after: Annotated[
        str | None,
        QueryParameter(
            pattern=r"^[0-9]{1,18}\.[0-9]{1,4}$", description="`next` of the page before."
        ),
    ] = None,
) -> Page[ExceptionListed]:
    """Answer each with its cause, what to do, its event and the amount, oldest first.

    One is cleared by an event `exception_cleared` that names its `id` and a reason, and in `lines`
    the accounts that its amount goes to; or by taking its event back.
    """
    caller = signed_in(request.scope)
    seq, _, number = (after or "0.-1").partition(".")
    with snapshot(service_of(request).database) as connection:
        found = exceptions(
            connection,
            caller.book.id,
            in_state,
            day=day,
            after=(int(seq), int(number)),
            limit=limit + 1,
        )
    language = language_of(request)
    return page(
        found, limit, lambda one: _shown(one, language), lambda one: f"{one.seq}.{one.number}"
    )


def _shown(raised: Raised, language: Language) -> ExceptionListed:
    shown = exception_shown(
        raised.event_id, raised.number, raised.caveat, raised.currency, language
    )
    return ExceptionListed(
        **structs.asdict(shown), business_date=raised.business_date, cleared_by=raised.cleared_by
    )
