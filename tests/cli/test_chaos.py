"""Killed at random moments, started again: nothing is lost, nothing doubled."""

import asyncio

import pytest

from tests.cli.chaos import chaos
from tests.cli.conftest import CommandLine


def test_what_is_killed_goes_on_where_it_was(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYBOOK_PORT", "18780")
    monkeypatch.setenv("DAYBOOK_EMULATOR_PORT", "18790")
    url = command_line.environment["DAYBOOK_DATABASE_URL"]
    found = asyncio.run(chaos(4, command_line.folder, url, seed=7, documents=60))
    assert sum(found.kills.values()) == 4
    assert found.added_by_a_last_import == 0
    assert found.proof.arrivals.whole
    assert found.proof.arrivals.waiting == ()
    assert found.proof.equal_days == found.proof.days
    assert found.proof.events > 60
