"""What documents refer to: accounts, items, customers and vendors, each a document of its own."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from sync.documents import (
    Account,
    AnyDocument,
    Bill,
    CreditMemo,
    Customer,
    Deposit,
    Document,
    Email,
    Invoice,
    Item,
    JournalEntry,
    Line,
    Payment,
    Place,
    RefundReceipt,
    Revision,
    SalesDocument,
    SalesReceipt,
    Vendor,
    Void,
    account_key,
    customer_key,
    item_key,
    vendor_key,
)
from sync.plan.desk import Desk

Master = Account | Customer | Item | Vendor


def complete(documents: Iterable[AnyDocument], desk: Desk) -> list[AnyDocument]:
    """Return documents with their `needs`, after the masters that they need.

    The masters have fixed keys, so that those which are there already can be passed over.
    """
    masters: dict[str, Master] = {}
    ready: list[AnyDocument] = []
    for document in documents:
        made = {master.key: master for master in _masters(document, desk)}
        for key, master in made.items():
            masters.setdefault(key, master)
        direct = {account_key(place) for place in _places(document)}
        own = [key for key in made if key in direct or not key.startswith("account:")]
        needs = dict.fromkeys([*document.needs, *own, *_others(document)])
        ready.append(replace(document, needs=tuple(needs)))
    return [*masters.values(), *ready]


def customer_document(reference: str | None, day: date, desk: Desk) -> Customer:
    """Return the document of a customer, None being the walk-in customer."""
    name = desk.names.walk_in
    if reference is not None:
        name = desk.customers.get(reference) or reference
    return Customer(
        key=customer_key(reference),
        day=day,
        currency=desk.book.currency,
        reference=reference,
        name=name,
    )


def _others(document: AnyDocument) -> Iterator[str]:
    """Yield the keys of the documents that one is about."""
    if isinstance(document, Payment):
        yield from (applied.key for applied in document.applied)
    elif isinstance(document, Void | Revision | Email):
        yield document.target


def _masters(document: AnyDocument, desk: Desk) -> Iterator[Master]:
    for place in _places(document):
        yield _account(place, document, desk)
    if isinstance(document, SalesDocument):
        for line in document.lines:
            yield _account(line.place, document, desk)
            yield _item(line, document)
    for reference in _customers(document):
        yield customer_document(reference, document.day, desk)
    for name in _vendors(document, desk):
        yield Vendor(key=vendor_key(name), day=document.day, currency=document.currency, name=name)


def _places(document: Document) -> Sequence[Place]:
    """Return the places that a document names, but for those of its items."""
    match document:
        case SalesReceipt() | RefundReceipt():
            return [*_money(document), *(tax.place for tax in document.taxes)]
        case Payment():
            return [document.receivable, *_money(document)]
        case Invoice() | CreditMemo():
            return [document.receivable, *(tax.place for tax in document.taxes)]
        case JournalEntry():
            return [line.place for line in document.lines]
        case Deposit() | Bill():
            at = document.bank if isinstance(document, Deposit) else document.payable
            taxes = () if isinstance(document, Deposit) else document.taxes
            return [at, *(line.place for line in document.lines), *(tax.place for tax in taxes)]
        case _:
            return []


def _money(document: SalesReceipt | RefundReceipt | Payment) -> Sequence[Place]:
    return [document.deposit_to] if document.deposit_to else []


def _customers(document: AnyDocument) -> Iterator[str | None]:
    """Yield whom a document is about; None, the walk-in customer, where it must have one."""
    match document:
        case SalesReceipt() | RefundReceipt():
            if document.customer is not None:
                yield document.customer
        case Invoice() | CreditMemo() | Payment():
            yield document.customer
        case JournalEntry():
            for line in document.lines:
                if line.place.role == "receivable":
                    yield line.customer
        case _:
            return


def _vendors(document: AnyDocument, desk: Desk) -> Iterator[str]:
    if isinstance(document, Bill):
        yield document.vendor
    elif isinstance(document, JournalEntry):
        for line in document.lines:
            if line.place.role == "payable":
                yield line.vendor or desk.names.sundry_vendor


def _account(place: Place, document: Document, desk: Desk) -> Account:
    known = desk.settings.accounts.get(place.account, document.day)
    assert known is not None, place.account
    return Account(
        key=account_key(place),
        day=document.day,
        currency=document.currency,
        place=place,
        name=desk.names.account(known, place.holder),
        account_type=known.type,
    )


def _item(line: Line, document: Document) -> Item:
    return Item(
        key=item_key(line.item),
        day=document.day,
        currency=document.currency,
        needs=(account_key(line.place),),
        place=line.place,
        name=line.item,
    )
