"""GET /v1/exceptions: what waits for a person."""

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from api.access import OFFICE
from api.answers import PAGE, ExceptionShown, Page, exception_shown, page
from api.caller import signed_in
from api.parameters import Limit
from api.problems import language_of
from api.service import Call, service_of
from ledger.database import snapshot
from ledger.log.store import open_exceptions


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
    limit: Limit = PAGE,
    after: Annotated[
        str | None,
        QueryParameter(
            pattern=r"^[0-9]{1,18}\.[0-9]{1,9}$", description="`next` of the page before."
        ),
    ] = None,
) -> Page[ExceptionShown]:
    """Answer each with its cause, what to do, its event and the amount, oldest first."""
    caller = signed_in(request.scope)
    seq, _, number = (after or "0.-1").partition(".")
    with snapshot(service_of(request).database) as connection:
        found = open_exceptions(
            connection, caller.book.id, after=(int(seq), int(number)), limit=limit + 1
        )
    language, currency = language_of(request), caller.book.currency
    return page(
        found,
        limit,
        lambda one: exception_shown(one.event_id, one.number, one.caveat, currency, language),
        lambda one: f"{one.seq}.{one.number}",
    )
