"""Is it alive, can it work, and who am I here."""

from contextlib import suppress

from litestar import Response, get
from msgspec import Struct

from api.access import ANY_KEY, open_to_all
from api.caller import signed_in
from api.problems import headers_of
from api.service import Call, Service, service_of
from api.store import reachable
from ledger.database import AWAY, schema_is_current, snapshot
from ledger.events.base import Role
from ledger.store import head


class Health(Struct, frozen=True):
    """The process answers."""

    status: str = "ok"


class Readiness(Struct, frozen=True):
    """Whether facts can be recorded now, and by which of the three it depends."""

    ready: bool
    database: bool
    migrations: bool
    recorder: bool


class HeadShown(Struct, frozen=True):
    """Where the book's log ends."""

    seq: int
    hash: str


class BookShown(Struct, frozen=True):
    """The book that a key opens."""

    id: int
    name: str


class Me(Struct, frozen=True):
    """Who the caller is here."""

    key: str
    role: Role
    book: BookShown
    currency: str
    country: str
    region: str | None
    timezone: str
    locale: str
    head: HeadShown


@get(
    "/health",
    operation_id="getHealth",
    tags=["Health"],
    summary="Is the process alive",
    guards=[open_to_all],
)
async def get_health() -> Health:
    """Answer as long as the process lives."""
    return Health()


@get(
    "/ready",
    operation_id="getReadiness",
    tags=["Health"],
    summary="Can facts be recorded",
    guards=[open_to_all],
    sync_to_thread=True,
    opt={"answer": Readiness, "answers": {503: Readiness}},
)
def get_readiness(request: Call) -> Response[Readiness]:
    """Answer 200 when the database answers, its schema is current and the recorder runs."""
    found = _readiness(service_of(request))
    status = 200 if found.ready else 503
    return Response(found, status_code=status, headers=headers_of(status))


def _readiness(service: Service) -> Readiness:
    database = migrations = False
    with suppress(*AWAY):
        with snapshot(service.database) as connection:
            database = reachable(connection)
        migrations = schema_is_current(service.database)
    recorder = service.recorder.alive
    return Readiness(database and migrations and recorder, database, migrations, recorder)


@get(
    "/v1/me",
    operation_id="getMe",
    tags=["Health"],
    summary="Who am I here",
    guards=[ANY_KEY],
    sync_to_thread=True,
)
def get_me(request: Call) -> Me:
    """Answer the key's role and book, and where the book's log ends."""
    caller = signed_in(request.scope)
    book = caller.book
    with snapshot(service_of(request).database) as connection:
        end = head(connection, book.id)
    assert end is not None
    return Me(
        key=caller.key_id,
        role=caller.role,
        book=BookShown(book.id, book.name),
        currency=book.currency,
        country=book.country,
        region=book.region,
        timezone=book.timezone,
        locale=book.locale,
        head=HeadShown(end.seq, end.hash.hex()),
    )
