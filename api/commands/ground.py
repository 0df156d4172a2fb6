"""What commands stand on: settings, a database whose schema is current, a book by its number."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from api.commands.output import FAILED, OLD_SCHEMA, UNREACHABLE, fail
from api.settings import Settings, SettingsError, load
from ledger.book import Book
from ledger.database import AWAY, Engine, migrate, open_database, schema_is_current, snapshot
from ledger.store import books

_WHERE: Final = "DAYBOOK_DATABASE_URL says where it is; `daybook doctor` tests it."


def settings() -> Settings:
    """Return the settings, or leave saying which of them is wrong."""
    try:
        return load()
    except SettingsError as wrong:
        _fail_of_settings(wrong)


def _fail_of_settings(wrong: SettingsError) -> NoReturn:
    fail(f"A setting cannot be read. {wrong}", hint="`daybook doctor` lists every setting.")


@contextmanager
def database(stated: Settings) -> Iterator[Engine]:
    """Open the database; leave in words when it is away or its schema is not current.

    A SQLite file is brought up to date on the way: it is nobody else's.
    """
    with any_schema(stated) as engine:
        if engine.dialect.name == "sqlite":
            migrate(engine)
        elif not schema_is_current(engine):
            fail(
                "The database's schema is not the one that this version needs.",
                code=OLD_SCHEMA,
                hint="Run `daybook migrate`, then try again. Nothing was changed.",
            )
        yield engine


@contextmanager
def any_schema(stated: Settings) -> Iterator[Engine]:
    """Open the database, whatever its schema; leave in words when it is away."""
    try:
        engine = open_database(stated.database_url)
    except OSError as wrong:
        fail(f"The database cannot be opened: {wrong}", hint=_WHERE)
    try:
        with own_troubles():
            yield engine
    finally:
        engine.dispose()


@contextmanager
def own_troubles() -> Iterator[None]:
    """Leave in words where the database is away or a setting does not work."""
    try:
        yield
    except SettingsError as wrong:
        _fail_of_settings(wrong)
    except AWAY as error:
        fail(f"The database cannot be reached: {reason(error)}", code=UNREACHABLE, hint=_WHERE)


def one_book(engine: Engine, wanted: int | None) -> Book:
    """Return the book of a number, or the only one; leave in words when there is no such book."""
    with snapshot(engine) as connection:
        known = books(connection)
    found = [book for book in known if wanted in (None, book.id)]
    if len(found) != 1:
        _fail_to_choose(known, wanted)
    return found[0]


def _fail_to_choose(known: list[Book], wanted: int | None) -> NoReturn:
    if not known:
        fail("There is no book yet.", hint="`daybook books create NAME ...` opens one.")
    listed = ", ".join(f"{book.id} ({book.name})" for book in known[:10])
    if wanted is None:
        fail("There are several books.", code=2, hint=f"Say which with --book: {listed}")
    fail(f"There is no book {wanted}.", code=FAILED, hint=f"There are: {listed}")


def reason(error: BaseException) -> str:
    """Return the first line of what a driver said."""
    inner = getattr(error, "orig", None) or error
    return (str(inner).strip().splitlines() or [type(error).__name__])[0]
