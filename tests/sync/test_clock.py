"""The clock that workers of one database share."""

import time

import pytest

from ledger.database import Engine
from sync.clock import DatabaseClock

MINUTE_NS = 60_000_000_000


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_hosts_whose_clocks_differ_agree_on_the_time(database: Engine) -> None:
    """One host is ten minutes slow, one an hour fast; neither counts once the server was asked."""
    first = DatabaseClock(database, lambda: 0, lambda: time.monotonic_ns() + 7 * MINUTE_NS)
    second = DatabaseClock(database, lambda: 2**60, time.monotonic_ns)
    assert (first(), second()) == (0, 2**60)
    for clock in (first, second):
        clock.read()
    at = [first(), second(), first(), time.time_ns() // 1000]
    assert max(at) - min(at) < 60_000_000
