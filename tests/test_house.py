"""The house's own rules, held by machine: sizes, keys, registries, migrations."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from api.store import API_KEY
from ledger.customers.store import CUSTOMER
from ledger.database import METADATA, snapshot
from ledger.events import Event
from ledger.events.base import BusinessEvent
from ledger.tables import EVENT
from sync.tables import DOCUMENT

ROOT = Path(__file__).parent.parent
PACKAGES = ("ledger", "sync", "api", "migrations")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
LONGEST_MODULE, LONGEST_FUNCTION = 350, 60


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    source = path.read_text()
    module = ast.parse(source)
    assert ast.get_docstring(module), "the first line says what the module is for"
    if "migrations" in path.parts:
        return
    assert len(source.splitlines()) <= LONGEST_MODULE
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, node.name


def _kinds(kind: type[BusinessEvent]) -> Iterator[type[BusinessEvent]]:
    for below in kind.__subclasses__():
        yield from _kinds(below)
        if below.__struct_config__.tag is not None:
            yield below


def test_every_kind_of_event_stands_in_the_union() -> None:
    concrete = {kind for kind in _kinds(BusinessEvent) if kind.__module__.startswith("ledger.")}
    tagged = {kind for kind in concrete if "tag" not in vars(kind) and _is_named(kind)}
    assert tagged == set(Event.__args__)


def _is_named(kind: type[BusinessEvent]) -> bool:
    """Tell whether a kind has a stored word of its own, not its class's name."""
    return kind.__struct_config__.tag != kind.__name__


@pytest.mark.parametrize("table", METADATA.tables.values(), ids=lambda table: table.name)
def test_every_key_starts_with_the_book(table: Table) -> None:
    keys: list[Index | PrimaryKeyConstraint | UniqueConstraint] = [table.primary_key]
    keys += [key for key in table.constraints if isinstance(key, UniqueConstraint)]
    keys += table.indexes
    for key in keys:
        assert next(iter(key.columns)).name == "book_id", key.name
    assert not table.foreign_keys


def test_every_part_of_the_house_hangs_its_tables_on_the_one_schema() -> None:
    assert {EVENT, CUSTOMER, API_KEY, DOCUMENT} <= set(METADATA.tables.values())


def test_the_migrations_give_the_tables_of_the_code(database: Engine) -> None:
    with snapshot(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
