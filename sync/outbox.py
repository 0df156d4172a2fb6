"""Words of the outbox: states, what is due, a claim on a document, and how an attempt ended."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from msgspec import Struct

from sync.documents import Account, AnyDocument, Customer, Item, Vendor, customer_key, decode
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

_LISTS: Final = "lists"
_BY_ALL: Final = ("account:", "item:")
_WALK_IN: Final = customer_key(None)


class Due(Struct, frozen=True):
    """A document that may be sent now; see `threads_of`."""

    key: str
    threads: frozenset[str]


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
    claimed_us: int
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


def threads_of(document: AnyDocument) -> frozenset[str]:
    """Return what a document must not share with another that is on the wire.

    That is whom it is about (but for the walk-in customer, who is nobody) and the documents that
    it names: over there each of these changes with it. What is shared by others is created one
    after another, as Intuit asks of the lists of a company.
    """
    if is_master(document):
        return frozenset((_LISTS,))
    return frozenset(
        need for need in document.needs if need != _WALK_IN and not need.startswith(_BY_ALL)
    )
