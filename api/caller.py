"""Who is calling: a key, its role, and the one book that it opens."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ledger.book import Book
from ledger.events.base import Actor, Role


class Caller(Struct, frozen=True):
    """What a guard found out about a request. `key_id` names the key; nobody's secret is kept."""

    book: Book
    key_id: str
    role: Role

    @property
    def actor(self) -> Actor:
        """Return who states a fact, as the ledger keeps it."""
        return Actor(self.key_id, self.role)


def caller_of(scope: Mapping[str, Any]) -> Caller | None:
    """Return who is calling, once a guard has found out."""
    caller = scope.get("user")
    return caller if isinstance(caller, Caller) else None


def stated(scope: Mapping[str, Any], name: bytes) -> bytes | None:
    """Return what a request's header says, the first of that name (in small letters), if any."""
    for found, value in scope["headers"]:
        if found == name:
            return bytes(value)
    return None


def signed_in(scope: Mapping[str, Any]) -> Caller:
    """Return who is calling, on a route whose guard wants a key."""
    caller = caller_of(scope)
    assert caller is not None
    return caller
