"""`daybook keys`: make, list and revoke API keys."""

from datetime import UTC, datetime
from typing import cast

import rich_click as click
from rich.table import Table

from api.access import create_key, identity
from api.books import ROLES
from api.commands.ground import database, one_book, settings
from api.commands.output import FAILED, OUT, answer, as_json, done, fail
from api.store import ApiKey, list_keys, revoke_key
from ledger.database import snapshot, transaction
from ledger.events.base import Role
from ledger.recorder import now_us

of_book = click.option("--book", type=int, help="The book's number, where there are several.")


@click.group("keys")
def command() -> None:
    """Make, list and revoke API keys; each opens one book in one role."""


@command.command("create")
@of_book
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", required=True, help="What or whom it is for, as 'till 3'.")
@click.option("--days", type=click.IntRange(1), default=365, show_default=True, help="It expires.")
@click.option("--forever", is_flag=True, help="It does not expire.")
@as_json
def create(
    *, book: int | None, role: str, name: str, days: int, forever: bool, json_: bool
) -> None:
    """Make a key; prints it, this once."""
    if not 1 <= len(name.strip()) <= 64:
        raise click.BadParameter("a name has 1 to 64 characters", param_hint="--name")
    made = settings()
    with database(made) as engine:
        opened = one_book(engine, book)
        with transaction(engine) as connection:
            token = create_key(
                connection,
                made.pepper(),
                opened.id,
                cast("Role", role),
                name.strip(),
                now_us=now_us(),
                lifetime_days=None if forever else days,
            )
    if json_:
        answer({"book": opened.id, "role": role, "name": name.strip(), "key": token})
        return
    OUT.print(token, soft_wrap=True)
    done(f"A key for {role} of book {opened.id}, {opened.name}. It is shown this once.")


@command.command("list")
@of_book
@as_json
def list_(*, book: int | None, json_: bool) -> None:
    """List the keys of a book; their secrets are not kept anywhere."""
    with database(settings()) as engine:
        opened = one_book(engine, book)
        with snapshot(engine) as connection:
            found = list_keys(connection, opened.id)
    if json_:
        answer([_listed(key) for key in found])
        return
    table = Table("key", "role", "name", "made", "state", box=None, header_style="bold")
    for key in found:
        row = _listed(key)
        table.add_row(key.key_id, key.role, key.name, row["created"], row["state"])
    OUT.print(table)


@command.command("revoke")
@click.argument("key")
@of_book
@as_json
def revoke(*, key: str, book: int | None, json_: bool) -> None:
    """Revoke a key: give the whole KEY, or the 12 characters that `keys list` shows."""
    book, key = identity(key) or (book, key)
    with database(settings()) as engine:
        opened = one_book(engine, book)
        with transaction(engine) as connection:
            was = revoke_key(connection, opened.id, key, now_us())
    if not was:
        fail(f"Book {opened.id} has no key {key} that still works.", code=FAILED)
    if json_:
        answer({"book": opened.id, "key": key, "state": "revoked"})
    else:
        done(f"Key {key} of book {opened.id} is revoked; a second later no process takes it.")


def _listed(key: ApiKey) -> dict[str, str | None]:
    state = "works"
    if key.revoked_us is not None:
        state = "revoked"
    elif key.expires_us is not None and key.expires_us <= now_us():
        state = "expired"
    return {
        "key": key.key_id,
        "role": key.role,
        "name": key.name,
        "created": _day(key.created_us),
        "expires": _day(key.expires_us),
        "state": state,
    }


def _day(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).date().isoformat()
