"""An emulator for each test, and a company of each country in it."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.books import Books, Make, Office


@pytest.fixture
def make_office() -> Iterator[Make]:
    """Make emulators that are closed at the end."""
    made: list[Office] = []

    def make(**settings: Any) -> Office:
        made.append(Office(**settings))
        return made[-1]

    yield make
    for office in made:
        office.close()


@pytest.fixture
def office(make_office: Make) -> Office:
    """Return an emulator in memory."""
    return make_office()


@pytest.fixture
def quebec(office: Office) -> Books:
    """Return a shop in Montréal."""
    return office.company(name="Boutique", country="CA", region="QC", currency="CAD")


@pytest.fixture
def states(office: Office) -> Books:
    """Return a shop in the United States, Automated Sales Tax on."""
    return office.company(name="Shop", country="US", region="Vermont")


@pytest.fixture
def kingdom(office: Office) -> Books:
    """Return a shop in the United Kingdom."""
    return office.company(name="Shop", country="GB")


@pytest.fixture
def unused_port() -> int:
    """Return a port of this machine that is free."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
