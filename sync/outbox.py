"""Words of the outbox: the states of a document, a claim on one, and how an attempt ended."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from msgspec import Struct

from sync.documents import Account, AnyDocument, Customer, Item, Vendor, decode
from sync.protocol import Sent

DEAD: Final = "connection-dead"
"""The cause that stops a book until somebody reconnects it."""

State = Literal[
    "waiting",
    "queued",
    "sending",
    "unknown",
    "synced",
    "retrying",
    "needs_attention",
    "paused",
    "skipped",
    "superseded",
]
"""`paused` is never stored: it is how what would be sent is shown while its book is stopped."""

STATES: Final[tuple[State, ...]] = State.__args__  # type: ignore[attr-defined]  # of a Literal
SETTLED: Final[tuple[State, ...]] = ("synced", "skipped", "superseded")
"""Nothing more will happen by itself, and nothing has to."""
OPEN: Final[tuple[State, ...]] = tuple(s for s in STATES if s not in (*SETTLED, "paused"))
"""Something has still to happen, by itself or by a person."""
SENDABLE: Final[tuple[State, ...]] = ("queued", "retrying", "unknown")


class Claim(Struct, frozen=True):
    """The right to deliver one document until `until_us`; `token` proves it on every write.

    `look`: an earlier attempt may have left something there, so look before sending.
    """

    book_id: int
    document: AnyDocument
    version: int
    token: int
    attempts: int
    look: bool
    sent_us: int
    until_us: int
    links: Mapping[str, Sent]

    @property
    def key(self) -> str:
        """Return the document's key."""
        return self.document.key


class Ended(Struct, frozen=True, kw_only=True):
    """How an attempt ended: the document's next state, and if the connection itself suffered."""

    state: State
    outcome: str
    sent: Sent | None = None
    trace: str = ""
    status: int = 0
    next_at_us: int = 0
    uncertain: bool = False
    cause: str = ""
    subject: str = ""
    detail: str = ""
    book_fails: bool = False
    quiet_until_us: int = 0


class Stored(Struct, frozen=True):
    """A document as the outbox holds it."""

    key: str
    kind: str
    body: bytes
    version: int
    day: date
    number: str
    scope: str
    seq: int
    state: State
    attempts: int
    next_at_us: int
    remote_id: str
    sync_token: str
    trace: str
    tax_difference: int
    differences: tuple[tuple[str, int], ...]
    cause: str
    subject: str
    detail: str
    sent_us: int
    synced_us: int

    def document(self) -> AnyDocument:
        """Return the document itself."""
        return decode(self.body)


def is_master(document: AnyDocument) -> bool:
    """Tell whether a document is shared by others (an account, an item, a customer, a vendor)."""
    return isinstance(document, Account | Item | Customer | Vendor)
