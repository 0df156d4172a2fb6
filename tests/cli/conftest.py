"""The command line in a folder of its own, on each of the two databases."""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from api.cli import main

_numbers = itertools.count(1)


class CommandLine:
    """Runs commands against one database."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "DAYBOOK_DATABASE_URL": database_url,
            "DAYBOOK_SECRET_KEY_FILE": str(folder / "secret.key"),
            "DAYBOOK_EMULATOR_PORT": "18490",
        }

    def __call__(self, *arguments: str, code: int = 0) -> Result:
        """Run a command and return what it said; it must end with *code*."""
        result = CliRunner().invoke(main, arguments, env=self.environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command with --json and return its answer."""
        return json.loads(self(*arguments, "--json", code=code).stdout)


@pytest.fixture(params=["sqlite", "postgresql"])
def command_line(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CommandLine]:
    """Return the command line on an empty database."""
    monkeypatch.chdir(tmp_path)
    if request.param == "sqlite":
        yield CommandLine(f"sqlite:///{tmp_path / 'daybook.db'}", tmp_path)
        return
    server = request.getfixturevalue("postgres_url")
    name = f"cli_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    line = CommandLine(url, tmp_path)
    line("migrate")
    yield line
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
