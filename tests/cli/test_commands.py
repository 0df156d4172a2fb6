"""Books, keys and settings from the command line."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import COMMANDS, main
from tests.cli.conftest import CommandLine

BOUTIQUE = (
    *("books", "create", "Boutique", "--country", "CA", "--region", "QC", "--currency", "CAD"),
    *("--timezone", "America/Toronto", "--day-starts", "04:00", "--locale", "fr"),
)


def test_help_names_every_command_without_importing_any() -> None:
    said = CliRunner().invoke(main, ["--help"]).output
    assert all(re.search(rf"\b{name}\b", said) for name in COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert "--json" in result.output or "Commands" in result.output


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["sell"]).exit_code == 2


def test_a_new_book_comes_with_a_key_for_each_role(command_line: CommandLine) -> None:
    made = command_line.json(*BOUTIQUE)
    assert made["book"] == {
        "id": 1,
        "name": "Boutique",
        "country": "CA",
        "region": "QC",
        "currency": "CAD",
        "timezone": "America/Toronto",
        "day_starts": "04:00",
        "locale": "fr",
        "fiscal_year_starts": 1,
    }
    assert sorted(made["keys"]) == ["auditor", "bookkeeper", "operator", "pos"]
    assert all(key.startswith("dbk_1_") for key in made["keys"].values())
    assert command_line.json(*BOUTIQUE)["book"]["id"] == 2
    assert [book["id"] for book in command_line.json("books", "list")] == [1, 2]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--country", "Canada"),
        ("--region", "QUEBEC"),
        ("--region", "ZZ"),
        ("--currency", "CADD"),
        ("--timezone", "Montréal"),
        ("--timezone", "../etc/passwd"),
        ("--day-starts", "25:00"),
        ("--locale", "de"),
    ],
)
def test_what_a_book_cannot_be_is_a_usage_error_that_names_the_option(
    option: str, value: str
) -> None:
    arguments = [*BOUTIQUE, option, value]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert option in result.output


def test_keys_are_made_listed_and_revoked(command_line: CommandLine) -> None:
    command_line(*BOUTIQUE)
    made = command_line.json("keys", "create", "--role", "pos", "--name", "till 3")
    assert made["key"].startswith("dbk_1_")
    listed = command_line.json("keys", "list")
    (till,) = [key for key in listed if key["name"] == "till 3"]
    assert (till["role"], till["state"]) == ("pos", "works")
    assert made["key"] not in json.dumps(listed)
    assert command_line.json("keys", "revoke", made["key"])["state"] == "revoked"
    command_line("keys", "revoke", made["key"], code=1)
    (till,) = [key for key in command_line.json("keys", "list") if key["name"] == "till 3"]
    assert till["state"] == "revoked"


def test_a_command_that_needs_a_book_says_which_there_are(command_line: CommandLine) -> None:
    said = command_line("keys", "list", code=1).stderr
    assert "There is no book yet." in said
    command_line(*BOUTIQUE)
    command_line(*BOUTIQUE)
    said = command_line("keys", "list", code=2).stderr
    assert "1 (Boutique), 2 (Boutique)" in said
    assert "There is no book 7." in command_line("keys", "list", "--book", "7", code=1).stderr


def test_doctor_lists_settings_without_secrets_and_checks_them(
    command_line: CommandLine,
) -> None:
    command_line(*BOUTIQUE)
    command_line.environment["DAYBOOK_QBO_CLIENT_SECRET"] = "hush-hush"
    found = command_line.json("doctor")
    assert found["well"]
    assert found["settings"]["DAYBOOK_QBO_CLIENT_SECRET"] == "(set)"
    assert "hush-hush" not in json.dumps(found)
    checks = {check["name"]: check for check in found["checks"]}
    assert checks["book 1"]["found"] == "Boutique, QuickBooks: not connected"


def test_doctor_names_a_database_that_is_away(command_line: CommandLine) -> None:
    command_line.environment["DAYBOOK_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/none"
    found = command_line.json("doctor", code=4)
    (away,) = [check for check in found["checks"] if not check["well"]]
    assert away["name"] == "database"
    assert away["remedy"] == "Check DAYBOOK_DATABASE_URL."
    command_line("books", "list", code=5)
    command_line("migrate", code=5)
    command_line("run", "--no-demo", code=5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DAYBOOK_DATABASE_URL", "daybook"),
        ("DAYBOOK_DATABASE_URL", "mysql://shop/books"),
        ("DAYBOOK_DATABASE_URL", "postgresql://shop:many/books"),
        ("DAYBOOK_DATABASE_URL", "sqlite:////proc/none/daybook.db"),
        ("DAYBOOK_SECRET_KEY", "abc"),
        ("DAYBOOK_SECRET_KEY_FILE", "/proc/none/secret.key"),
    ],
)
def test_what_cannot_work_is_told_in_words(tmp_path: Path, name: str, value: str) -> None:
    line = CommandLine(f"sqlite:///{tmp_path / 'daybook.db'}", tmp_path)
    line.environment[name] = value
    said = line(*BOUTIQUE, code=1).stderr
    assert said.startswith("✗ ")
    assert value.rpartition("/")[0] in said or name in said


def test_no_command_shows_the_databases_password(command_line: CommandLine) -> None:
    url = "postgresql://shop:hush@127.0.0.1:9/books?password=hush&sslpassword=hush"
    command_line.environment["DAYBOOK_DATABASE_URL"] = url
    assert "hush" not in command_line("doctor", code=4).output
    assert "hush" not in command_line("migrate", code=5).output


def test_a_setting_that_cannot_be_read_is_named(command_line: CommandLine) -> None:
    command_line.environment["DAYBOOK_PORT"] = "many"
    assert "port" in command_line("doctor", code=1).stderr
