"""Accounts, items, customers and vendors: mapped, else the company's own, else created."""

from collections.abc import Mapping
from typing import Any

from sync.documents import Account, Customer, Item, Vendor, account_key
from sync.protocol import Rejected, Sent, Unknown
from sync.quickbooks.api import Api, quoted
from sync.quickbooks.faults import NAME_TAKEN, NOT_FOUND, REPEATED_ID, Refusal
from sync.quickbooks.mapping import equal_account, fault_of, names_for
from sync.quickbooks.marker import request_id
from sync.quickbooks.reading import Lists, rows
from sync.quickbooks.roles import kind_of
from sync.quickbooks.taxes import folded
from sync.quickbooks.terms import Payload, Terms, account

Master = Account | Item | Customer | Vendor
Row = dict[str, Any]


async def push_master(
    api: Api,
    lists: Lists,
    document: Master,
    version: int,
    links: Mapping[str, Sent],
    terms: Terms,
) -> Sent:
    """Return what stands for a document there, created where nothing did and the mapping allows.

    Raises Unavailable, Rejected or Unknown.
    """
    found = await find_master(api, lists, document, links, terms)
    if found is not None:
        return found
    if not _may_create(document, terms):
        lists.forget()
        raise Rejected(_cause(document, "unmapped"), subject=document.key)
    body = await _body(lists, document, links, terms)
    for attempt, name in enumerate(_names(document)):
        operation = f"create-{attempt}" if attempt else "create"
        asked = request_id(api.realm, document.key, version, operation)
        try:
            row, trace = await api.write(
                type(document).__name__, {_name_field(document): name, **body}, asked
            )
        except Refusal as refused:
            if refused.code not in (NAME_TAKEN, REPEATED_ID):
                raise
            repeated = refused if refused.code == REPEATED_ID else None
        else:
            lists.add(type(document).__name__, row)
            return _sent(row, trace)
        lists.forget()
        if found := await find_master(api, lists, document, links, terms):
            return found
        if repeated is not None:
            raise Unknown(repeated.cause, detail=repeated.detail, trace=repeated.trace)
    raise Rejected("name-taken", subject=document.key)


async def find_master(
    api: Api, lists: Lists, document: Master, links: Mapping[str, Sent], terms: Terms
) -> Sent | None:
    """Return what already stands for a document there. Raises Unavailable; Rejected if unfit."""
    mapped = _mapped(document, terms)
    if mapped is not None:
        return await _checked(api, document, mapped, links, terms)
    match document:
        case Account():
            known = terms.our_tax(document.place.holder, document.day)
            chart = await lists.rows("Account")
            row = equal_account(document, chart, terms.company, [known] if known else [])
        case Item():
            row = _equal_item(document, await lists.rows("Item"), links)
        case Customer() | Vendor():
            row = await _of_name(api, document)
    return _sent(row) if row is not None else None


async def _checked(
    api: Api, document: Master, mapped: str, links: Mapping[str, Sent], terms: Terms
) -> Sent:
    """Return what the mapping names, after making sure that it is fit for it."""
    entity = type(document).__name__
    try:
        row = (await api.read(f"{entity.lower()}/{mapped}")).get(entity) or {}
    except Refusal as refused:
        if refused.code != NOT_FOUND:
            raise
        row = {"Id": mapped, "Active": False}
    fault = None if row.get("Active", True) else _cause(document, "inactive")
    if isinstance(document, Account):
        fault = fault or fault_of(row, document, terms.company)
    elif isinstance(document, Item) and fault is None and not _fits(row, document, links):
        fault = "item-account-differs"
    if fault is not None:
        raise Rejected(fault, subject=document.key, detail=mapped)
    return _sent(row)


def _equal_item(document: Item, items: list[Row], links: Mapping[str, Sent]) -> Row | None:
    """Return the item of the SKU, else of the name, whose lines post where ours do.

    An inventory item would post a cost of its own, and another account would break the books.
    """
    fit = [row for row in items if _fits(row, document, links)]
    names = [folded(name) for name in _names(document)]
    by_sku = (row for row in fit if document.sku and row.get("Sku") == document.sku)
    by_name = (row for row in fit if folded(str(row.get("Name", ""))) in names)
    return next(by_sku, None) or next(by_name, None)


def _fits(row: Row, document: Item, links: Mapping[str, Sent]) -> bool:
    income = (row.get("IncomeAccountRef") or {}).get("value")
    plain_type = row.get("Type") in ("Service", "NonInventory")
    return plain_type and income == links[account_key(document.place)].remote_id


async def _of_name(api: Api, document: Customer | Vendor) -> Row | None:
    for name in _names(document):
        where = f"DisplayName = {quoted(name)}"
        for row in await rows(api, type(document).__name__, where):
            return row
    return None


async def _body(lists: Lists, document: Master, links: Mapping[str, Sent], terms: Terms) -> Payload:
    match document:
        case Account():
            kind = kind_of(document, terms.company.tax_model)
            return {"AccountType": kind.type, "AccountSubType": kind.subtype}
        case Item():
            body: Payload = {"Type": "Service", "IncomeAccountRef": account(links, document.place)}
            if terms.company.country != "US":
                # Elsewhere an item names the account of its cost too, though nothing posts to it.
                body["ExpenseAccountRef"] = {"value": await _expense_account(lists)}
            if document.sku:
                body["Sku"] = document.sku[:100]
            return body
        case Customer() | Vendor():
            currency = {"CurrencyRef": {"value": document.currency}}
            return currency if terms.company.multicurrency else {}


async def _expense_account(lists: Lists) -> str:
    for kind in ("Cost of Goods Sold", "Expense"):
        for row in await lists.rows("Account"):
            if row.get("AccountType") == kind:
                return str(row["Id"])
    raise Rejected("expense-account-missing")


def _may_create(document: Master, terms: Terms) -> bool:
    if not terms.mapping.create_missing:
        return False
    system = isinstance(document, Account) and kind_of(document, terms.company.tax_model).system
    return not system


def _mapped(document: Master, terms: Terms) -> str | None:
    mapping = terms.mapping
    match document:
        case Account():
            return mapping.accounts.get(document.key)
        case Item():
            return mapping.items.get(document.key)
        case Customer():
            return mapping.customers.get(document.key)
        case Vendor():
            return mapping.vendors.get(document.key)


def _names(document: Master) -> tuple[str, str]:
    suffix = {"Customer": " (C)", "Vendor": " (V)"}.get(type(document).__name__, " (Daybook)")
    return names_for(document.name, suffix)


def _name_field(document: Master) -> str:
    return "DisplayName" if isinstance(document, Customer | Vendor) else "Name"


def _cause(document: Master, what: str) -> str:
    return f"{type(document).__name__.lower()}-{what}"


def _sent(row: Row, trace: str = "") -> Sent:
    return Sent(str(row["Id"]), str(row.get("SyncToken", "0")), trace)
