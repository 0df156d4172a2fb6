"""Who may do what: keys, roles, and books that see nothing of each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from msgspec.structs import replace

from api.access import Keys, Require, create_key, open_to_all
from api.problems import Refusal
from api.store import find_key, list_keys, revoke_key
from ledger.database import Engine, snapshot, transaction
from ledger.recorder import now_us
from tests.api.conftest import ROLES, SETTINGS, Office
from tests.api.facts import a_sale

TABLE = Path(__file__).parents[2] / "docs" / "roles.md"


def routes(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield (method, path, handler) of everything that the application answers."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS":
                    yield method, route.path_format, handler


def guard_of(handler: HTTPRouteHandler) -> Any:
    """Return the guard that a route states."""
    (guard,) = handler.resolve_guards()
    return getattr(guard, "func", guard)


def stated(handler: HTTPRouteHandler) -> tuple[str, ...] | None:
    """Return the roles of a route; None when it is open."""
    guard = guard_of(handler)
    if isinstance(guard, Require):
        return guard.roles
    assert guard is open_to_all
    return None


def test_every_route_says_who_may_use_it(app: Litestar) -> None:
    open_routes = {path for _, path, handler in routes(app) if stated(handler) is None}
    assert open_routes >= {"/health", "/ready", "/docs", "/openapi.json"}
    assert not any(path.startswith("/v1/") for path in open_routes - CALLBACKS), open_routes


CALLBACKS = {"/v1/sync/quickbooks/callback"}
"""What a browser calls on its way back: it is known by the state that it brings."""


def test_the_table_of_roles_is_what_the_routes_say(app: Litestar) -> None:
    rows = [
        f"| `{method} {path}` | "
        + " | ".join("yes" if role in (roles or ()) else "" for role in ROLES)
        + " |"
        for method, path, handler in sorted(routes(app), key=lambda row: (row[1], row[0]))
        if (roles := stated(handler)) is not None
    ]
    table = TABLE.read_text(encoding="utf-8")
    missing = [row for row in rows if row not in table]
    assert missing == []
    assert table.count("\n| `") == len(rows)


def test_every_route_refuses_who_has_no_key_and_who_has_another_role(
    app: Litestar, office: Office
) -> None:
    for method, path, handler in routes(app):
        roles = stated(handler)
        if roles is None:
            continue
        address = path.replace("{", "").replace("}", "")
        answer = office.call(method, address, None)
        assert (answer.status_code, answer.json()["code"]) == (401, "key-missing"), (method, path)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        for role in ROLES:
            answer = office.call(method, address, role)
            refused = answer.status_code == 403 and answer.json()["code"] == "role-not-allowed"
            assert refused == (role not in roles), (method, path, role, answer.text)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Basic {token}", "{token}", "Bearer {token}x", "Bearer {changed}"],
)
def test_what_is_no_key(office: Office, header: str) -> None:
    token = office.tokens["pos"]
    changed = token[:-8] + ("a" if token[-8] != "a" else "b") + token[-7:]
    answer = office.client.get(
        "/v1/me", headers={"Authorization": header.format(token=token, changed=changed)}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "key-not-valid")


def test_a_key_of_another_book_does_not_open_this_one(office: Office, next_door: Office) -> None:
    forged = office.tokens["pos"].replace(f"_{office.book.id}_", f"_{next_door.book.id}_")
    answer = office.client.get("/v1/me", headers={"Authorization": f"Bearer {forged}"})
    assert answer.status_code == 401


def test_another_books_key_sees_nothing_of_this_book(office: Office, next_door: Office) -> None:
    office.record(a_sale())
    office.call("PUT", "/v1/customers/c-1", json={"name": "Léa Tremblay"})
    assert next_door.read("/v1/events")["data"] == []
    assert next_door.call("GET", "/v1/events/S-1").status_code == 404
    assert next_door.call("GET", "/v1/customers/c-1").status_code == 404
    assert next_door.read("/v1/customers")["data"] == []
    assert next_door.read("/v1/reports/trial-balance")["rows"] == []
    assert next_door.read("/v1/accounts/1010/postings")["data"] == []
    assert next_door.read("/v1/me")["head"]["seq"] == 0


def test_a_till_sees_its_own_facts_alone(database: Engine, office: Office) -> None:
    office.record(a_sale())
    with transaction(database) as connection:
        other = create_key(
            connection, SETTINGS.pepper(), office.book.id, "pos", "till 4", now_us=now_us()
        )
    bearer = {"Authorization": f"Bearer {other}"}
    assert office.client.get("/v1/events", headers=bearer).json()["data"] == []
    assert office.client.get("/v1/events/S-1", headers=bearer).status_code == 404
    assert office.read("/v1/events/S-1", "pos")["id"] == "S-1"


def test_a_secret_is_not_in_the_database(database: Engine, office: Office) -> None:
    token = office.tokens["pos"]
    _, book, key_id, secret = token.split("_")
    with snapshot(database) as connection:
        key = find_key(connection, int(book), key_id)
        names = [kept.name for kept in list_keys(connection, int(book))]
    assert key is not None
    assert len(key.digest) == 32
    assert key.digest not in secret.encode()
    assert sorted(names) == sorted(f"{role} key" for role in ROLES)


class Dial:
    """A clock that a test turns, in microseconds."""

    def __init__(self) -> None:
        self.now = now_us()

    def __call__(self) -> int:
        """Return the time that it shows."""
        return self.now

    def seconds(self) -> float:
        """Return it in seconds."""
        return self.now / 1_000_000


@pytest.mark.anyio
async def test_a_revoked_key_works_for_a_second_at_the_most(
    database: Engine, office: Office
) -> None:
    dial = Dial()
    keys = Keys(database, SETTINGS.peppers(), dial, ticks=dial.seconds)
    bearer = f"Bearer {office.tokens['pos']}"
    caller = await keys.caller(bearer)
    assert (caller.book, caller.role) == (office.book, "pos")
    with transaction(database) as connection:
        assert revoke_key(connection, office.book.id, caller.key_id, dial.now)
        assert not revoke_key(connection, office.book.id, caller.key_id, dial.now)
    dial.now += 1_000_001
    with pytest.raises(Refusal, match="key-revoked"):
        await keys.caller(bearer)


@pytest.mark.anyio
async def test_a_key_ends_with_its_time(database: Engine, office: Office) -> None:
    dial = Dial()
    with transaction(database) as connection:
        token = create_key(
            connection,
            SETTINGS.pepper(),
            office.book.id,
            "auditor",
            "audit of 2026",
            now_us=dial.now,
            lifetime_days=30,
        )
    keys = Keys(database, SETTINGS.peppers(), dial, ticks=dial.seconds)
    assert (await keys.caller(f"Bearer {token}")).role == "auditor"
    dial.now += 30 * 86_400_000_000
    with pytest.raises(Refusal, match="key-expired"):
        await keys.caller(f"Bearer {token}")


@pytest.mark.anyio
async def test_a_key_outlives_the_secret_that_it_was_made_under(
    database: Engine, office: Office
) -> None:
    fresh = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="
    turned = replace(SETTINGS, secret_key=f"{fresh},{SETTINGS.secret_key}")
    assert turned.pepper() != SETTINGS.pepper()
    keys = Keys(database, turned.peppers(), now_us)
    assert (await keys.caller(f"Bearer {office.tokens['pos']}")).role == "pos"
    with transaction(database) as connection:
        token = create_key(
            connection, turned.pepper(), office.book.id, "pos", "till 9", now_us=now_us()
        )
    assert (await keys.caller(f"Bearer {token}")).role == "pos"
    with pytest.raises(Refusal, match="key-not-valid"):
        await Keys(database, SETTINGS.peppers(), now_us).caller(f"Bearer {token}")


@pytest.mark.anyio
async def test_another_pepper_opens_nothing(database: Engine, office: Office) -> None:
    keys = Keys(database, (b"another",), now_us)
    with pytest.raises(Refusal, match="key-not-valid"):
        await keys.caller(f"Bearer {office.tokens['pos']}")
