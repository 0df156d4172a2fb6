"""Who may call: bearer keys, each bound to one book and one role."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from hmac import compare_digest, digest
from secrets import choice
from string import ascii_letters, digits
from time import monotonic
from typing import Any, Final
from zlib import crc32

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg

from api.caller import Caller, stated
from api.problems import Refusal
from api.store import ApiKey, add_key, find_key
from ledger.database import Connection, Engine, snapshot
from ledger.errors import fault
from ledger.events.base import Role
from ledger.store import find_book

_SECRET_LENGTH: Final = 43  # of 62 letters: 256 random bits
_CHECK_LENGTH: Final = 6
_ID_LENGTH: Final = 12
_ALPHABET: Final = digits + ascii_letters
_DAY_US: Final = 86_400_000_000
_TOKEN: Final = re.compile(
    rf"dbk_([1-9][0-9]{{0,17}})_([0-9A-Za-z]{{{_ID_LENGTH}}})"
    rf"_([0-9A-Za-z]{{{_SECRET_LENGTH}}})([0-9A-Za-z]{{{_CHECK_LENGTH}}})",
    re.ASCII,
)
_REMEMBERED: Final = 4096

ASKING: Final = 2
"""Threads that look up keys alone, so that no till waits behind somebody's long report."""

Connected = ASGIConnection[Any, Any, Any, Any]


def create_key(
    connection: Connection,
    pepper: bytes,
    book_id: int,
    role: Role,
    name: str,
    *,
    now_us: int,
    lifetime_days: int | None = 365,
) -> str:
    """Make a key of a book and return its token, which is shown this once."""
    key_id, secret = _random(_ID_LENGTH), _random(_SECRET_LENGTH)
    add_key(
        connection,
        ApiKey(
            book_id=book_id,
            key_id=key_id,
            role=role,
            name=name,
            digest=_digest(pepper, secret),
            created_us=now_us,
            expires_us=None if lifetime_days is None else now_us + lifetime_days * _DAY_US,
            revoked_us=None,
        ),
    )
    return f"dbk_{book_id}_{key_id}_{secret}{_check(secret)}"


def identity(token: str) -> tuple[int, str] | None:
    """Return the book and the key id that a token states; None where it is no token."""
    matched = _TOKEN.fullmatch(token)
    return None if matched is None else (int(matched[1]), matched[2])


class Keys:
    """Tells who a token is. What it knows it asks again after `remember_seconds`.

    So a revoked key stops working within that time in every process, and a till does not cost a
    query for each sale.
    """

    def __init__(
        self,
        database: Engine,
        peppers: Sequence[bytes],
        clock: Callable[[], int],
        *,
        remember_seconds: float = 1.0,
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self._database, self._peppers, self._clock = database, peppers, clock
        self._remember, self._ticks = remember_seconds, ticks
        self._known: dict[str, tuple[float, Caller]] = {}
        self._asked: dict[str, asyncio.Future[Caller]] = {}
        self._asking = ThreadPoolExecutor(ASKING, "keys")

    async def caller(self, authorization: str | None) -> Caller:
        """Return whose key an Authorization header holds; a Refusal (401) when it opens nothing."""
        if authorization is None:
            raise _unauthorized("key-missing")
        known = self.remembered(authorization)
        if known is not None:
            return known
        return await asyncio.shield(self._asked_about(authorization))

    def remembered(self, authorization: str) -> Caller | None:
        """Return whose key a header holds, if that was asked not long ago."""
        known = self._known.get(authorization)
        return known[1] if known is not None and known[0] > self._ticks() else None

    def asked_again(self, authorization: str) -> "asyncio.Future[Caller] | None":
        """Ask again whose key a header holds, if it opened a book when that was asked last."""
        return self._asked_about(authorization) if authorization in self._known else None

    def _asked_about(self, authorization: str) -> "asyncio.Future[Caller]":
        scheme, _, token = authorization.partition(" ")
        matched = _TOKEN.fullmatch(token.strip())
        if scheme.lower() != "bearer" or matched is None:
            raise _unauthorized("key-not-valid")
        book, key_id, secret, check = matched.groups()
        if check != _check(secret):
            raise _unauthorized("key-not-valid")
        asked = self._asked.get(authorization)
        if asked is None:
            asked = asyncio.ensure_future(self._ask(authorization, int(book), key_id, secret))
            self._asked[authorization] = asked
            asked.add_done_callback(lambda _: self._asked.pop(authorization, None))
        return asked

    async def _ask(self, authorization: str, book: int, key_id: str, secret: str) -> Caller:
        """Look a key up once for all who call with it meanwhile, and remember it."""
        until = self._ticks() + self._remember
        loop = asyncio.get_running_loop()
        try:
            caller = await loop.run_in_executor(self._asking, self._found, book, key_id, secret)
        finally:  # a key that opens nothing any more is not known
            self._known.pop(authorization, None)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[authorization] = (until, caller)
        return caller

    def _found(self, book_id: int, key_id: str, secret: str) -> Caller:
        with snapshot(self._database) as connection:
            key = find_key(connection, book_id, key_id)
            book = find_book(connection, book_id) if key else None
        if key is None or book is None:
            raise _unauthorized("key-not-valid")
        if not any(compare_digest(key.digest, _digest(one, secret)) for one in self._peppers):
            raise _unauthorized("key-not-valid")
        if key.revoked_us is not None:
            raise _unauthorized("key-revoked")
        if key.expires_us is not None and key.expires_us <= self._clock():
            raise _unauthorized("key-expired")
        return Caller(book, key.key_id, key.role)


class Require:
    """A guard: lets in the keys of some roles, and says on the request who is calling."""

    def __init__(self, roles: tuple[Role, ...]) -> None:
        self.roles = roles

    async def __call__(self, connection: Connected, handler: BaseRouteHandler) -> None:
        """Refuse with 401 without a key that works, with 403 for another role.

        A query parameter that the route does not take is refused too: a misspelt filter that is
        passed over in silence answers another question than was asked.
        """
        await self.admitted(connection.app.state["service"].keys, connection.scope)
        if "\0" in connection.scope["path"]:
            raise Refusal("path-unknown", 404)
        if connection.scope["query_string"]:
            check_query(connection.query_params.multi_items(), _query_names(handler))

    async def admitted(self, keys: Keys, scope: Any) -> Caller:
        """Return who is calling and note it in *scope*; a Refusal as above."""
        key = stated(scope, b"authorization")
        caller = await keys.caller(None if key is None else key.decode("latin-1"))
        scope["user"] = caller
        self.refuse_other_than(caller.role)
        return caller

    def refuse_other_than(self, role: Role) -> None:
        """Raise a Refusal (403) of a role that is not one of these."""
        if role not in self.roles:
            raise Refusal("role-not-allowed", 403, role=role, allowed=", ".join(self.roles))


def require(*roles: Role) -> Require:
    """Return a guard that lets in keys of these roles."""
    return Require(roles)


TILLS: Final = require("pos", "bookkeeper")
"""Who states facts."""
SHOP: Final = require("pos", "bookkeeper", "auditor")
"""Who reads what selling needs."""
OFFICE: Final = require("bookkeeper", "auditor")
"""Who reads all of the book."""
BOOKKEEPERS: Final = require("bookkeeper")
ANY_KEY: Final = require("pos", "bookkeeper", "auditor", "operator")


def check_query(query: Iterable[tuple[str, str]], known: Collection[str]) -> None:
    """Refuse query parameters that are not *known*, stand twice, or hold a NUL.

    No two databases keep a NUL alike.
    """
    pairs = list(query)
    counted = Counter(name for name, _ in pairs)
    faults = [
        fault(
            f"?{name}", "parameter-unknown" if name not in known else "parameter-twice", name=name
        )
        for name, times in counted.items()
        if name not in known or times > 1
    ]
    faults += [
        fault(f"?{name}", "parameter-not-valid", name=name)
        for name, value in pairs
        if name in known and "\0" in value
    ]
    if faults:
        raise Refusal("parameters-not-valid", 400, faults=faults)


def _query_names(handler: BaseRouteHandler) -> set[str]:
    names = set[str]()
    for name, field in handler.parsed_fn_signature.parameters.items():
        said = field.kwarg_definition
        alias = said.name or said.query if isinstance(said, ParameterKwarg) else None
        names.add(alias or name)
    return names


async def open_to_all(connection: Connected, handler: BaseRouteHandler) -> None:
    """Guard a route that needs no key."""


def _unauthorized(code: str) -> Refusal:
    return Refusal(code, 401, headers={"WWW-Authenticate": 'Bearer realm="daybook"'})


def _random(length: int) -> str:
    return "".join(choice(_ALPHABET) for _ in range(length))


def _digest(pepper: bytes, secret: str) -> bytes:
    return digest(pepper, secret.encode(), sha256)


def _check(secret: str) -> str:
    """Return the six characters that let a scanner know a token from chance (CRC-32, base 62)."""
    rest, text = crc32(secret.encode()), ""
    for _ in range(_CHECK_LENGTH):
        rest, place = divmod(rest, len(_ALPHABET))
        text += _ALPHABET[place]
    return text
