"""One company: its objects in memory with their indexes, and a unit of work over them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeVar

from sync.quickbooks.emulator.amounts import ZERO, Json, number
from sync.quickbooks.emulator.ledger import Ledger
from sync.quickbooks.emulator.records import Profile, Record

NAMES = {
    "Customer": ("people", "DisplayName"),
    "Vendor": ("people", "DisplayName"),
    "Item": ("Item", "FullyQualifiedName"),
    "Account": ("Account", "FullyQualifiedName"),
    "Class": ("Class", "FullyQualifiedName"),
    "Department": ("Department", "FullyQualifiedName"),
    "PaymentMethod": ("PaymentMethod", "Name"),
    "Term": ("Term", "Name"),
    "TaxCode": ("TaxCode", "Name"),
    "TaxRate": ("TaxRate", "Name"),
    "TaxAgency": ("TaxAgency", "DisplayName"),
}
"""The name space of each list, and the property that is unique in it."""

DELETED = " (deleted)"


class Company:
    """Everything of one realm."""

    def __init__(self, profile: Profile, records: Iterable[Record] = ()) -> None:
        self.profile = profile
        self.ledger = Ledger()
        self.last_id = 0
        self.last_number = 1000
        self._records: dict[str, dict[str, Record]] = defaultdict(dict)
        self._names: dict[tuple[str, str], tuple[str, str]] = {}
        self._words: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
        self._links: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
        self._deposits: dict[tuple[str, str], str] = {}
        for record in sorted(records, key=lambda each: (len(each.id), each.id)):
            self.apply(record)

    def find(self, entity: str, identifier: str) -> Record | None:
        """Return the object unless it is unknown or deleted."""
        record = self._records[entity].get(identifier)
        return None if record is None or record.deleted else record

    def all(self, entity: str) -> Iterator[Record]:
        """Yield the objects that are not deleted, inactive ones included."""
        return (each for each in self._records[entity].values() if not each.deleted)

    def graves(self, entity: str) -> Iterator[Record]:
        """Yield the deleted transactions."""
        return (each for each in self._records[entity].values() if each.deleted)

    def entities(self) -> list[str]:
        """Return the names of the entities that have objects."""
        return sorted(self._records)

    def named(self, space: str, name: str) -> tuple[str, str] | None:
        """Return entity and id of who holds the name."""
        return self._names.get((space, name.casefold()))

    def worded(self, entity: str, name: str, word: str) -> list[str]:
        """Return the ids of the objects whose indexed property is that word, in any case."""
        return list(self._words.get((entity, name, word.casefold()), ()))

    def links(self, entity: str, identifier: str) -> dict[str, Decimal]:
        """Return what payments apply to the document, by payment id."""
        return self._links.get((entity, identifier), {})

    def applied(self, entity: str, identifier: str) -> Decimal:
        """Return the sum of what payments apply to the document."""
        return sum(self.links(entity, identifier).values(), ZERO)

    def deposit_of(self, entity: str, identifier: str) -> str | None:
        """Return the id of the Deposit that holds the transaction."""
        return self._deposits.get((entity, identifier))

    def role(self, kind: str, subtype: str | None = None) -> str:
        """Return the id of the oldest account of the type (and subtype)."""
        for record in self.all("Account"):
            body = record.body
            if body["AccountType"] == kind and subtype in (None, body.get("AccountSubType")):
                return record.id
        raise LookupError(kind, subtype)

    def apply(self, record: Record) -> None:
        """Put the record in the place of its earlier self."""
        old = self._records[record.entity].get(record.id)
        if old is not None:
            self._index(old, present=False)
        self._records[record.entity][record.id] = record
        self.ledger.replace(old, None if record.deleted else record)
        if not record.deleted:
            self._index(record, present=True)
        if record.id.isdigit():
            self.last_id = max(self.last_id, int(record.id))

    def _index(self, record: Record, *, present: bool) -> None:
        if record.entity in NAMES:
            space, name = NAMES[record.entity]
            _toggle(
                self._names, (space, str(record.body[name]).casefold()), record.key, present=present
            )
        for name in INDEXED & record.body.keys():
            word = str(record.body[name]).casefold()
            _toggle(self._words[record.entity, name, word], record.id, None, present=present)
        self._follow_number(record)
        for link, amount in linked(record.body):
            if record.entity == "Payment":
                earlier = self._links[link].get(record.id, ZERO)
                self._links[link][record.id] = earlier + (amount if present else -amount)
                if not self._links[link][record.id]:
                    del self._links[link][record.id]
            elif record.entity == "Deposit":
                _toggle(self._deposits, link, record.id, present=present)

    def _follow_number(self, record: Record) -> None:
        text = str(record.body.get("DocNumber", ""))
        if text.isdigit() and record.entity in AUTO_NUMBERED and len(text) < 10:
            self.last_number = max(self.last_number, int(text))


INDEXED = frozenset({"DocNumber", "Name", "DisplayName", "FullyQualifiedName"})
"""The properties by which objects are found without looking through all of them."""

AUTO_NUMBERED = frozenset({"Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"})
"""The documents that share one sequence of numbers."""


def linked(body: Json) -> Iterator[tuple[tuple[str, str], Decimal]]:
    """Yield what the lines link to, with the line's amount."""
    for line in body.get("Line", ()):
        for link in line.get("LinkedTxn", ()):
            yield (link["TxnType"], link["TxnId"]), number(line.get("Amount"))


K = TypeVar("K")
V = TypeVar("V")


def _toggle(index: dict[K, V], key: K, value: V, *, present: bool) -> None:
    if present:
        index[key] = value
    elif index.get(key) == value:
        index.pop(key, None)


class Unit:
    """The changes of one request: seen by itself at once, by others when committed."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.changes: dict[tuple[str, str], Record] = {}
        self._last_id = company.last_id
        self._last_number = company.last_number

    def find(self, entity: str, identifier: str) -> Record | None:
        """Return the object as this unit sees it."""
        changed = self.changes.get((entity, identifier))
        return changed or self.company.find(entity, identifier)

    def put(self, record: Record) -> None:
        """Stage a change."""
        self.changes[record.key] = record

    def new_id(self) -> str:
        """Return the next id of the company."""
        self._last_id += 1
        return str(self._last_id)

    def new_number(self) -> str:
        """Return the next number of the sales documents."""
        self._last_number += 1
        return str(self._last_number)

    def apply(self) -> None:
        """Make the changes visible; they are committed already."""
        for record in self.changes.values():
            self.company.apply(record)
