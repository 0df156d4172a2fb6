"""The documents that an entry becomes, as far as the API tells of them beside the log."""

from collections.abc import Sequence

from msgspec import Struct

from api.answers import DocumentShown, EventShown, columns, event_shown
from api.caller import signed_in
from api.problems import language_of
from api.service import Call, service_of
from api.sync_answers import remote_link
from ledger.database import Connection
from ledger.events.base import Entry
from sync.documents import AnyDocument
from sync.outbox import Stored
from sync.status.store import documents_by_event


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


def documents_shown(
    connection: Connection, book_id: int, event_ids: Sequence[str], api_url: str
) -> dict[str, list[DocumentShown]]:
    """Return, by event, the documents planned so far for its entry, or for the set it is in."""
    found = documents_by_event(connection, book_id, event_ids)
    return {
        event_id: [document_of(stored, api_url) for stored in of_event]
        for event_id, of_event in found.items()
    }


def document_of(stored: Stored, api_url: str) -> DocumentShown:
    """Return a document as those who ask for an event see it."""
    return DocumentShown(
        key=stored.key,
        kind=stored.kind,
        state=stored.state,
        number=stored.number or None,
        remote_id=stored.remote_id or None,
        remote_url=remote_link(stored, api_url),
    )


def events_shown(
    request: Call, connection: Connection, entries: Sequence[Entry]
) -> list[EventShown]:
    """Return entries with everything that is known of them, their documents included."""
    book, language = signed_in(request.scope).book, language_of(request)
    api_url = service_of(request).settings.qbo.api_url
    ids = [entry.event.id for entry in entries]
    documents = documents_shown(connection, book.id, ids, api_url)
    return [
        event_shown(entry, language, book.currency, documents.get(entry.event.id, []))
        for entry in entries
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
