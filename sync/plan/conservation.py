"""Conservation: what documents post is what entries posted, place by place."""

from collections.abc import Iterable, Sequence

from ledger.events.base import Entry
from sync.documents import AnyDocument, Place, Revision, Void
from sync.plan.desk import by_place


def posted(entries: Iterable[Entry]) -> dict[Place, int]:
    """Return what entries post to each place, debit positive."""
    return by_place(posting for entry in entries for posting in entry.postings)


def said(documents: Sequence[AnyDocument]) -> dict[Place, int]:
    """Return what documents post to each place; voided ones among them post nothing.

    What a Void takes back that is not among them counts as its own.
    """
    voided = {document.target for document in documents if isinstance(document, Void)}
    here = {document.key for document in documents}
    gone = voided | {d.key for d in documents if isinstance(d, Void) and d.target in here}
    gone |= {d.key for d in documents if isinstance(d, Revision) and d.target in voided & here}
    sums: dict[Place, int] = {}
    for document in documents:
        if document.key not in gone:
            for effect in document.effects():
                sums[effect.place] = sums.get(effect.place, 0) + effect.amount
    return sums


def unsaid(sums: dict[Place, int], documents: Sequence[AnyDocument]) -> dict[Place, int]:
    """Return what *documents* leave of *sums*; places where nothing is left are not in it."""
    left = dict(sums)
    for place, amount in said(documents).items():
        left[place] = left.get(place, 0) - amount
    return {place: amount for place, amount in left.items() if amount}


def conserved(entries: Iterable[Entry], documents: Sequence[AnyDocument]) -> None:
    """Raise AssertionError, naming the places, when documents post other sums than entries."""
    left = unsaid(posted(entries), documents)
    assert not left, f"the documents leave unsaid: {left}"
