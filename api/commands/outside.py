"""How commands reach QuickBooks, and its troubles told in words."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from api.commands.output import UNREACHABLE, fail
from api.outside import connect_to_stand_in, is_configured, opened, reached
from api.settings import Settings
from api.supervisor import NotStarted
from ledger.book import Book
from ledger.database import Engine
from sync.assemble import Desk
from sync.protocol import Failure


@asynccontextmanager
async def desk_for(stated: Settings, database: Engine, book: Book) -> AsyncIterator[Desk]:
    """Yield who keeps a book in step; where no QuickBooks is configured, with a stand-in."""
    async with reached(stated) as found, opened(found, database) as desk:
        if not is_configured(stated):
            await connect_to_stand_in(desk, found, book)
        yield desk


@contextmanager
def outside_troubles() -> Iterator[None]:
    """Leave in words where QuickBooks cannot be reached."""
    try:
        yield
    except NotStarted as failed:
        fail(f"The stand-in for QuickBooks does not start: {failed.said}", code=UNREACHABLE)
    except Failure as away:
        if away.cause == "connection-dead":
            fail(
                "The book is not connected to QuickBooks, or the connection has ended.",
                code=UNREACHABLE,
                hint="Open /v1/sync/quickbooks/connect with a bookkeeper's key to connect it.",
            )
        fail(
            f"QuickBooks cannot be reached: {away.cause} {away.detail}",
            code=UNREACHABLE,
            hint="Nothing is lost; try again.",
        )
