"""What must hold for the documents of any history."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.base import Entry
from ledger.events.reversal import EventReversed
from sync.documents import AnyDocument, Bill, Payment, SalesDocument, Void, doc_number, encode
from sync.plan import Past, Scope, conserved, plan_entry, plan_reversal, plan_set, scope_of
from tests.plan.till import MASTERS, Till, transactions
from tests.strategies import ENGLAND, FIRST, Region, events

POLICIES = st.sampled_from(["per_transaction", "per_closure", "per_day"])
KNOWN = st.sampled_from(["singly", "summarised"])
PROFILE = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def lived(facts: Sequence[Event], till: Till | None = None) -> Till:
    """Return a book in which facts have happened; what the ledger refuses has not."""
    till = till or Till()
    for fact in facts:
        with contextlib.suppress(LedgerError):
            till.record(fact)
    return till


def in_london(facts: Sequence[Event]) -> Till:
    """Return a book of London in which facts have happened."""
    return lived(facts, Till(country="GB", region=None, currency="GBP", timezone="Europe/London"))


def in_new_york(facts: Sequence[Event]) -> Till:
    """Return a book of New York in which facts have happened."""
    return lived(facts, Till(country="US", region="NY", currency="USD"))


AMERICA = Region("USD", "-05:00", {"SALES": 8_875})
BOOKS = events().map(lived)
ABROAD = events(foreign=True).map(lived)
LONDON = events(region=ENGLAND).map(in_london)
NEW_YORK = events(region=AMERICA).map(in_new_york)


def planned(till: Till) -> list[AnyDocument]:
    """Plan a whole log as the policy says: entries and reversals singly, then the sets."""
    alone: dict[str, list[AnyDocument]] = {}
    sets: dict[Scope, list[Entry]] = {}
    for entry in till.entries:
        scope = scope_of(entry, till.settings, till.by_id)
        if scope is not None and scope.kind == "entry":
            alone[scope.name] = _alone(entry, alone, till)
        elif scope is not None:
            sets.setdefault(scope, []).append(entry)
    documents = [document for made in alone.values() for document in made]
    for scope, entries in sets.items():
        documents += plan_set(scope, entries, till.settings, till.book, till.names, till.by_id)
    return documents


def _alone(entry: Entry, alone: dict[str, list[AnyDocument]], till: Till) -> list[AnyDocument]:
    if isinstance(entry.event, EventReversed) and entry.event.reverses in alone:
        original = alone[entry.event.reverses]
        return plan_reversal(
            entry, original, till.settings, till.book, till.names, till.by_id, Past(till.about)
        )
    return plan_entry(entry, till.settings, till.book, till.names, till.by_id, Past(till.about))


def sound(documents: Sequence[AnyDocument]) -> None:
    """Assert what QuickBooks and the sender ask of any documents."""
    keys = Counter(document.key for document in transactions(documents))
    assert not [key for key, times in keys.items() if times > 1], "one document for each key"
    known = {document.key for document in documents}
    for document in documents:
        assert set(document.needs) <= known, f"{document.key} needs what is not there"
        assert len(document.number) <= 21
        assert sum(effect.amount for effect in document.effects()) == 0
        if isinstance(document, SalesDocument | Bill):
            _sound_total(document)
        if isinstance(document, Payment):
            assert document.amount >= 0
            assert all(part.amount > 0 for part in document.applied)


def _sound_total(document: SalesDocument | Bill) -> None:
    assert document.total >= 0, f"{document.key} comes to less than nothing"
    assert document.lines
    charged = {tax.code for tax in document.taxes}
    borne = {code for line in document.lines for code in line.taxes}
    assert borne == charged, f"{document}: each tax is borne by a line, each line's tax is charged"
    for line in document.lines:
        assert (line.treatment == "taxable") == bool(line.taxes)


def dated(entries: Iterable[Entry], day: date) -> list[Entry]:
    return [entry for entry in entries if entry.event.day() <= day]


@PROFILE
@given(st.one_of(BOOKS, ABROAD, LONDON, NEW_YORK), POLICIES, KNOWN)
def test_documents_post_what_entries_post_on_every_day(
    till: Till, posting: str, known: str
) -> None:
    for policy, value in (("posting", posting), ("known_customers", known)):
        since = {"from": FIRST.isoformat()}
        till.state("policy_set", f"P-{policy}", policy=policy, value=value, **since)
    documents = planned(till)
    sound(documents)
    for day in {entry.event.day() for entry in till.entries}:
        conserved(dated(till.entries, day), _through(documents, day))


def _through(documents: Sequence[AnyDocument], day: date) -> list[AnyDocument]:
    """Return the documents that stand in the books of a day."""
    return [document for document in documents if document.day <= day]


@PROFILE
@given(st.one_of(BOOKS, ABROAD))
def test_each_entry_is_said_by_its_own_documents(till: Till) -> None:
    before: dict[str, AnyDocument] = {}
    for entry in till.entries:
        documents = till.plan(entry)
        if not isinstance(entry.event, EventReversed):
            conserved([entry], documents)
        before |= {document.key: document for document in documents}
        sound([*before.values()])


@PROFILE
@given(BOOKS)
def test_a_reversal_and_its_original_together_post_what_the_two_entries_post(till: Till) -> None:
    for entry in list(till.entries):
        if isinstance(entry.event, EventReversed):
            original = till.by_id[entry.event.reverses]
            both = [*till.plan(original), *till.plan(entry)]
            conserved([original, entry], both)


@PROFILE
@given(BOOKS)
def test_a_sets_documents_post_what_its_entries_post(till: Till) -> None:
    documents = plan_set(
        Scope("session", "T-1"), till.entries, till.settings, till.book, till.names, till.by_id
    )
    conserved(till.entries, documents)
    sound(documents)


@PROFILE
@given(BOOKS)
def test_the_same_log_gives_the_same_bytes(till: Till) -> None:
    assert [*map(encode, planned(till))] == [*map(encode, planned(till))]


@PROFILE
@given(BOOKS)
def test_no_document_is_a_master_and_a_transaction_at_once(till: Till) -> None:
    for document in planned(till):
        fixed = document.key.startswith(("account:", "customer:", "item:", "vendor:"))
        assert fixed == isinstance(document, MASTERS)
        assert isinstance(document, (Void, Payment, *MASTERS)) or document.number


@given(st.text("abcXYZ019-._:", min_size=1, max_size=64))
def test_numbers_fit_and_the_short_ones_are_the_reference(reference: str) -> None:
    number = doc_number(reference)
    assert len(number) <= 21
    assert (number == reference) == (len(reference) <= 21)
