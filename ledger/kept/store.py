"""What is kept in step with the log: balances, stock, the numbers of devices, and the years."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from ledger.clocks.sums import YEAR
from ledger.devices import Run, Runs
from ledger.stock import Stock
from ledger.tables import BALANCE, DELTA, DEVICE_RUN, STOCK, STOCK_PLACE


def balance_of(
    connection: Connection, book_id: int, accounts: Sequence[str], holder: str, currency: str
) -> tuple[int, int]:
    """Return what a holder has in *accounts* (codes) now, and that at home; debit positive."""
    at_home = func.coalesce(BALANCE.c.home_debit, BALANCE.c.debit)
    query = select(
        func.sum(BALANCE.c.debit - BALANCE.c.credit),
        func.sum(at_home - func.coalesce(BALANCE.c.home_credit, BALANCE.c.credit)),
    ).where(
        BALANCE.c.book_id == book_id,
        BALANCE.c.account.in_(accounts),
        BALANCE.c.holder == holder,
        BALANCE.c.currency == currency,
    )
    held, worth = connection.execute(query).one()
    return int(held or 0), int(worth or 0)


def stock_at(connection: Connection, book_id: int, item: str, location: str) -> int:
    """Return how much of an item a location holds now, in millionths."""
    query = select(STOCK_PLACE.c.quantity).where(
        STOCK_PLACE.c.book_id == book_id,
        STOCK_PLACE.c.item == item,
        STOCK_PLACE.c.location == location,
    )
    return int(connection.scalar(query) or 0)


def runs_of(connection: Connection, book_id: int, device: str, epoch: int) -> Runs:
    """Return which numbers of a device and epoch were received."""
    query = (
        select(*(DEVICE_RUN.c[name] for name in Run.__struct_fields__))
        .where(
            DEVICE_RUN.c.book_id == book_id,
            DEVICE_RUN.c.device == device,
            DEVICE_RUN.c.epoch == epoch,
        )
        .order_by(DEVICE_RUN.c.first)
    )
    return Runs([Run(*row) for row in connection.execute(query)])


def stock_of(connection: Connection, book_id: int, item: str) -> Stock:
    """Return what is held of an item now."""
    query = select(STOCK).where(STOCK.c.book_id == book_id, STOCK.c.item == item)
    row = connection.execute(query).first()
    if row is None:
        return Stock()
    return Stock(
        row.quantity, row.value, row.last_value, row.last_quantity, stocked=bool(row.stocked)
    )


def years_of(connection: Connection, book_id: int) -> Sequence[int]:
    """Return the years that moved money."""
    of_years = DELTA.c.book_id == book_id, DELTA.c.grain == YEAR
    return connection.scalars(select(DELTA.c.bucket).where(*of_years).distinct()).all()
