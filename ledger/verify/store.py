"""What is kept in step with the log beside the sums of its postings, in the database itself.

Every statement names its book.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from ledger.accounts import ROLES
from ledger.blocks.store import (
    FIGURES,
    PLACE,
    busy_accounts,
    day_rows,
    grain_rows,
    level_rows,
    moved,
    posted,
    sealed,
    size_of,
)
from ledger.clocks.sums import DAY, FORWARD, MONTH, YEAR
from ledger.growth.store import brought_forward
from ledger.replay.store import Ought, differences
from ledger.tables import ACCOUNT, BALANCE, BLOCK_DELTA, DELTA, POSTING
from ledger.verify.findings import Check

_CONTROL: Final = sorted(role for role, account in ROLES.items() if account.control)
_QUANTITY: Final = ("debit", "credit", "home_debit", "home_credit", "quantity")


def roles(connection: Connection, book_id: int) -> dict[str, str]:
    """Return the role of each account code."""
    rows = connection.execute(
        select(ACCOUNT.c.code, ACCOUNT.c.role).where(ACCOUNT.c.book_id == book_id)
    )
    return {code: role for code, role in rows}  # noqa: C416 - rows are no pairs to a type checker


def count_postings(connection: Connection, book_id: int) -> int:
    """Return how many postings a book has, whether or not their events are there."""
    query = select(func.count()).select_from(POSTING).where(POSTING.c.book_id == book_id)
    return int(connection.execute(query).scalar_one())


def balances(connection: Connection, book_id: int) -> Check:
    """Compare the balance of every holder with the sum of its postings."""
    check, kept = Check("balances"), POSTING.c
    debit, credit, home_debit, home_credit = posted()
    home = (func.coalesce(home_debit, debit), func.coalesce(home_credit, credit))
    figures = (debit, credit, *home, kept.quantity)
    sums = [func.sum(f).label(n) for f, n in zip(figures, _QUANTITY, strict=True)]
    place = [kept[name] for name in PLACE]
    expected = select(*place, *sums).where(kept.book_id == book_id).group_by(*place)
    found = _of(BALANCE, PLACE, _QUANTITY, BALANCE.c.book_id == book_id)
    _compare(connection, check, expected, found, PLACE, _QUANTITY)
    return check


def deltas(connection: Connection, book_id: int) -> Check:
    """Compare what moved by day, month and year with the sums of the postings.

    What is brought forward is compared with the years before it.
    """
    check, busy = Check("deltas"), busy_accounts(connection, book_id)
    key = ("grain", "bucket", *PLACE)
    rows = moved(book_id, busy, (), (POSTING.c.business_date,))
    for grain, unit in ((DAY, "1"), (MONTH, "100"), (YEAR, "10000")):
        bucket = (rows.c.business_date // literal_column(unit, Integer)).label("bucket")
        place = [rows.c[name] for name in PLACE]
        sums = [func.sum(figure).label(name) for figure, name in _at_home(rows)]
        columns = (literal_column(str(grain), Integer).label("grain"), bucket, *place, *sums)
        expected = select(*columns).group_by(bucket, *place)
        inside = DELTA.c.book_id == book_id, DELTA.c.grain == grain
        _compare(connection, check, expected, _of(DELTA, key, FIGURES, *inside), key, FIGURES)
    forward = DELTA.c.book_id == book_id, DELTA.c.grain == FORWARD
    expected = _of(brought_forward(book_id).subquery(), key, FIGURES)
    _compare(connection, check, expected, _of(DELTA, key, FIGURES, *forward), key, FIGURES)
    return check


def control_accounts(connection: Connection, book_id: int) -> Check:
    """Compare every control account with the sum of its holders."""
    check, key = Check("control accounts"), ("account", "currency")
    codes = select(ACCOUNT.c.code).where(ACCOUNT.c.book_id == book_id, ACCOUNT.c.role.in_(_CONTROL))
    parts: list[Select[Any]] = []
    for table, chosen in ((DELTA, DELTA.c.grain == YEAR), (BALANCE, BALANCE.c.holder != "")):
        sums = [func.sum(figure).label(name) for figure, name in _at_home(table)]
        place = [table.c[name] for name in key]
        inside = table.c.book_id == book_id, table.c.account.in_(codes), chosen
        moved_any = or_(*(func.sum(figure) != 0 for figure, _ in _at_home(table)))
        parts.append(select(*place, *sums).where(*inside).group_by(*place).having(moved_any))
    by_account, by_holder = parts
    _compare(connection, check, by_account, by_holder, key, FIGURES)
    return check


def block_deltas(connection: Connection, book_id: int, head: int) -> Check:
    """Compare every block with its postings, or with the blocks of the level below."""
    check, busy = Check("blocks"), busy_accounts(connection, book_id)
    level = 0
    while end := sealed(connection, book_id, level):
        if end * size_of(level) > head:
            check.find(
                "block", f"at most event {head}", end * size_of(level), place=f"level {level}"
            )
        if level == 0:
            parts = [day_rows(book_id, 0, end, busy)]
            parts += [grain_rows(book_id, 0, end, grain) for grain in (MONTH, YEAR)]
        else:
            parts = [level_rows(book_id, level, 0, end)]
        for grain, rows in enumerate(parts):
            of_grain = () if level else (BLOCK_DELTA.c.grain == grain,)
            _compare_blocks(connection, check, rows, (book_id, level), of_grain)
        level += 1
    return check


def _compare_blocks(
    connection: Connection,
    check: Check,
    rows: Select[Any],
    of: tuple[int, int],
    of_grain: Iterable[ColumnElement[bool]],
) -> None:
    names = [column.name for column in BLOCK_DELTA.columns]
    key = ("level", "block", "grain", "bucket", *PLACE)
    named = _named(rows, names)
    sums = [figure.label(name) for figure, name in _at_home(named)]
    expected = select(*(named.c[name] for name in key), *sums)
    inside = BLOCK_DELTA.c.book_id == of[0], BLOCK_DELTA.c.level == of[1], *of_grain
    _compare(connection, check, expected, _of(BLOCK_DELTA, key, FIGURES, *inside), key, FIGURES)


def _named(rows: Select[Any], names: Sequence[str]) -> FromClause:
    """Return rows with the names of a table's columns."""
    columns = zip(rows.selected_columns, names, strict=True)
    return rows.with_only_columns(*(column.label(name) for column, name in columns)).subquery()


def _at_home(table: FromClause) -> list[tuple[ColumnElement[Any], str]]:
    """Return each figure with its name; home money is that of the row where none is stated."""
    home_debit = func.coalesce(table.c.home_debit, table.c.debit)
    home_credit = func.coalesce(table.c.home_credit, table.c.credit)
    figures = (table.c.debit, table.c.credit, home_debit, home_credit)
    return list(zip(figures, FIGURES, strict=True))


def _of(
    table: FromClause, key: Sequence[str], figures: Sequence[str], *chosen: ColumnElement[bool]
) -> Select[Any]:
    sums = {name: figure for figure, name in _at_home(table)}
    columns = [sums.get(name, table.c[name]).label(name) for name in figures]
    return select(*(table.c[name] for name in key), *columns).where(*chosen)


def _compare(
    connection: Connection,
    check: Check,
    expected: Select[Any],
    found: Select[Any],
    key: Sequence[str],
    figures: Sequence[str],
) -> None:
    """Keep the first row, by its key, that is not in both alike."""
    sides: list[Select[Any]] = []
    for at, rows in enumerate((expected.subquery(), found.subquery())):
        ours = [rows.c[name].label(f"ours_{name}") for name in figures]
        zeros = [literal(0).label(f"none_{name}") for name in figures]
        theirs = [rows.c[name].label(f"theirs_{name}") for name in figures]
        there = (literal(1 - at).label("expected"), literal(at).label("found"))
        columns = (*ours, *zeros) if at == 0 else (*zeros, *theirs)
        sides.append(select(*(rows.c[name] for name in key), *columns, *there))
    both = union_all(*sides).subquery()
    named = list(both.c)
    width, many = len(key), len(figures)
    sums = [func.sum(column) for column in named[width:]]
    pairs = zip(sums[:many], sums[many : 2 * many], strict=True)
    differs = or_(*(one != other for one, other in pairs), sums[-2] != sums[-1])
    query = select(*named[:width], *sums).group_by(*named[:width]).having(differs)
    count = select(func.count()).select_from(found.subquery())
    check.examined += int(connection.execute(count).scalar_one())
    row = connection.execute(query.order_by(*named[:width]).limit(1)).first()
    if row is not None and check.finding is None:
        _keep(check, dict(zip(key, row, strict=False)), row[width:], figures)


def _keep(check: Check, at: dict[str, Any], sums: Sequence[Any], figures: Sequence[str]) -> None:
    many = len(figures)
    expected, found = sums[:many], sums[many : 2 * many]
    differing = [i for i in range(many) if expected[i] != found[i]] or [0]
    first = differing[0]
    where = {name: at.pop(name) for name in ("account", "holder", "currency") if name in at}
    place = ", ".join(f"{name} {value}" for name, value in at.items())
    check.find(
        figures[first],
        int(expected[first]) if sums[-2] else None,
        int(found[first]) if sums[-1] else None,
        place=place or None,
        **where,
    )


def compare_rows(check: Check, ought: Ought, found: Iterator[tuple[Any, ...]]) -> None:
    """Keep the first row of a table that is not as it ought to be; both by key."""
    table = ought.table
    key = [str(column.name) for column in table.primary_key.columns][1:]
    width = len(key) + 1
    found = _counted(check, found)
    for one, other in differences(table, ought.rows, found):
        row = one or other
        assert row is not None
        place = ", ".join(f"{name} {value}" for name, value in zip(key, row[1:], strict=False))
        check.find(str(table.name), _shown(one, width), _shown(other, width), place=place)


def _shown(row: tuple[Any, ...] | None, width: int) -> str | None:
    """Return what a row says beside its key."""
    return None if row is None else ", ".join(map(str, row[width:])) or "there"


def _counted(check: Check, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        check.examined += 1
        yield row
