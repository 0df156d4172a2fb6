"""Conservation: what documents post is what entries posted, place by place."""

from collections.abc import Iterable, Sequence

from ledger.events.base import Entry
from sync.documents import AnyDocument, Place, Void
from sync.plan.desk import by_place


def posted(entries: Iterable[Entry]) -> dict[Place, int]:
    """Return what entries post to each place, debit positive."""
    return by_place(posting for entry in entries for posting in entry.postings)


def said(documents: Sequence[AnyDocument]) -> dict[Place, int]:
    """Return what documents post to each place; voided ones among them post nothing."""
    voided = {document.target for document in documents if isinstance(document, Void)}
    sums: dict[Place, int] = {}
    for document in documents:
        if document.key not in voided:
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
    """Raise AssertionError, naming the places, when documents post other sums than entries.

    What a Void takes back must be among *documents*, and its entry among *entries*.
    """
    left = unsaid(posted(entries), documents)
    assert not left, f"the documents leave unsaid: {left}"
