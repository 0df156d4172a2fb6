"""The documents that an entry becomes, as far as the API tells of them beside the log."""

from msgspec import Struct

from api.answers import DocumentShown, columns
from ledger.database import Connection
from ledger.events.base import Entry
from sync.documents import AnyDocument
from sync.status.store import documents_of


class EffectShown(Struct, frozen=True):
    """What a document posts to an account, in the ledger's words."""

    account: str
    role: str
    holder: str
    debit: str
    credit: str


class DocumentPlanned(Struct, frozen=True):
    """A document that would result."""

    key: str
    kind: str
    day: str
    number: str
    memo: str
    currency: str
    effects: list[EffectShown]


def documents_shown(connection: Connection, book_id: int, entry: Entry) -> list[DocumentShown]:
    """Return the documents that were planned so far for an entry, or for the set that it is in."""
    return [
        DocumentShown(stored.key, stored.kind, stored.state, stored.remote_id or None)
        for stored in documents_of(connection, book_id, entry.event.id)
    ]


def planned(document: AnyDocument) -> DocumentPlanned:
    """Return a document with what it would post."""
    effects: list[EffectShown] = []
    for effect in document.effects():
        debit, credit = columns(effect.amount, document.currency)
        place = effect.place
        effects.append(EffectShown(place.account, place.role, place.holder, debit, credit))
    return DocumentPlanned(
        key=document.key,
        kind=str(document.__struct_config__.tag),
        day=document.day.isoformat(),
        number=document.number,
        memo=document.memo,
        currency=document.currency,
        effects=effects,
    )
