"""QuickBooks Online as a target: each document created once, found again, corrected, voided."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from ledger.regions import TaxCode
from sync.documents import Account, AnyDocument, Customer, Email, Item, Revision, Vendor, Void
from sync.protocol import Failure, Marked, Rejected, Sent, Unavailable, Unknown
from sync.quickbooks.answers import Row, is_void, sent
from sync.quickbooks.api import Api, quoted
from sync.quickbooks.changing import AddressOf, Changing, nobodys
from sync.quickbooks.company import Company
from sync.quickbooks.faults import NUMBER_TAKEN, REPEATED_ID, STALE, VALIDATION, Refusal
from sync.quickbooks.mapping import QuickBooksMapping, fault_of, suggested
from sync.quickbooks.marker import is_ours, mark_of, marks_of, request_id
from sync.quickbooks.masters import find_master, push_master
from sync.quickbooks.payloads import NUMBER_LIMIT, Transaction, payload
from sync.quickbooks.reading import Lists, read_company, rows
from sync.quickbooks.reports import trial_balance_of
from sync.quickbooks.rest import Asked
from sync.quickbooks.rounding import RoundingOf, usual_rounding
from sync.quickbooks.settling import Settling
from sync.quickbooks.terms import Payload, Terms

TRANSACTIONS: Final = (
    *("SalesReceipt", "RefundReceipt", "Invoice", "CreditMemo"),
    *("Payment", "JournalEntry", "Bill", "VendorCredit", "Deposit"),
)
_BY_DAY_ONLY: Final = ("Payment", "JournalEntry", "Deposit")
"""Entities whose number cannot be asked for, or may stand there twice."""


class QuickBooks:
    """A company as the target of one book.

    `our_tax` gives a tax code's rate on a day, `rounding` the account and item of rounding lines,
    `address` the e-mail address of a customer.
    """

    def __init__(
        self,
        api: Api,
        mapping: QuickBooksMapping,
        our_tax: Callable[[str, date], TaxCode | None],
        rounding: RoundingOf = usual_rounding,
        address: AddressOf = nobodys,
    ) -> None:
        self.api, self.mapping, self._our_tax = api, mapping, our_tax
        self._company: Company | None = None
        self._lists = Lists(api)
        self._settling = Settling(api, self._lists, rounding)
        self._changing = Changing(api, self._settling, self._asked, address)
        self._reading = asyncio.Lock()

    def request_id(self, document: AnyDocument, version: int) -> str:
        """Return the name under which a push goes out."""
        return self._request_id(document, version, "create")

    async def push(self, document: AnyDocument, version: int, links: Mapping[str, Sent]) -> Sent:
        """Create or adopt *document*; see `Target.push`."""
        match document:
            case Account() | Item() | Customer() | Vendor():
                terms = await self._terms()
                return await push_master(self.api, self._lists, document, version, links, terms)
            case Void():
                return await self._void(document, version, links)
            case Revision():
                return await self._changing.revise(document, version, links)
            case Email():
                return await self._changing.email(document, version, links)
            case _:
                return await self._create(document, version, links)

    async def find(
        self, document: AnyDocument, version: int, links: Mapping[str, Sent]
    ) -> Sent | None:
        """Look for *document*; see `Target.find`."""
        match document:
            case Account() | Item() | Customer() | Vendor():
                terms = await self._terms()
                return await find_master(self.api, self._lists, document, links, terms)
            case Void():
                row = await self._target(document, links)
                return sent(row) if is_void(row) else None
            case Revision():
                return await self._changing.find_revision(document, version, links)
            case Email():
                return await self._changing.find_email(document, links)
            case _:
                found = await self._look_up(document, version)
                if found is None:
                    return None
                asked = await self._asked(document, version, links)
                return await self._settling.settle(asked, found)

    async def trial_balance(self, through: date) -> dict[str, int]:
        """Return balances at the end of a day by account id; see `Target.trial_balance`."""
        company = await self.company()
        report = await self.api.read(
            "reports/TrialBalance",
            start_date=company.year_start(through).isoformat(),
            end_date=through.isoformat(),
            accounting_method="Accrual",
        )
        header = report.get("Header") or {}
        return trial_balance_of(report, company.currency or str(header.get("Currency")))

    async def marked(self, since: date, through: date) -> list[Marked]:
        """Return what bears our mark; see `Target.marked`."""
        found = []
        days = (
            f"TxnDate >= {quoted(since.isoformat())} AND TxnDate <= {quoted(through.isoformat())}"
        )
        for entity in TRANSACTIONS:
            async for row in self.api.pages(entity, days):
                day = date.fromisoformat(str(row["TxnDate"])[:10])
                found += [Marked(*mark, entity, str(row["Id"]), day) for mark in marks_of(row)]
        return found

    async def company(self) -> Company:
        """Return what the company is, read once."""
        async with self._reading:
            if self._company is None:
                self._company = await read_company(self.api)
            return self._company

    async def chart(self) -> dict[str, str]:
        """Return the names of the company's active accounts by their id."""
        return {
            str(row["Id"]): str(row.get("FullyQualifiedName") or row.get("Name", ""))
            for row in await rows(self.api, "Account")
        }

    async def suggest(
        self, accounts: Iterable[Account], taxes: Sequence[TaxCode]
    ) -> QuickBooksMapping:
        """Return a mapping to everything of ours that the company has an equal of."""
        chart, methods = await rows(self.api, "Account"), await rows(self.api, "PaymentMethod")
        return suggested(await self.company(), chart, accounts, taxes, methods)

    async def check(self, accounts: Iterable[Account]) -> dict[str, str]:
        """Return what is wrong with the mapping of accounts, by document key."""
        chart = {str(row["Id"]): row for row in await rows(self.api, "Account")}
        company, wrong = await self.company(), {}
        for wanted in accounts:
            mapped = self.mapping.accounts.get(wanted.key)
            row = chart.get(mapped or "", {"Active": False})
            fault = fault_of(row, wanted, company) if mapped else None
            if fault:
                wrong[wanted.key] = fault
        return wrong

    async def _create(self, document: Transaction, version: int, links: Mapping[str, Sent]) -> Sent:
        asked = await self._asked(document, version, links)
        try:
            row, trace = await self._made(document, version, asked.body, "create")
        except Refusal as refused:
            if refused.code != VALIDATION or "TaxLine" not in asked.body.get("TxnTaxDetail", {}):
                raise
            # Some mixtures of codes take stated taxes only by an update.
            bare = {name: value for name, value in asked.body.items() if name != "TxnTaxDetail"}
            row, trace = await self._made(document, version, bare, "create-untaxed")
        return await self._settling.settle(asked, row, trace)

    async def _made(
        self, document: Transaction, version: int, body: Payload, operation: str
    ) -> tuple[Row, str]:
        """Return what a creation made, now or earlier."""
        try:
            return await self._written(document, version, body, operation)
        except Refusal as refused:
            if refused.code not in (NUMBER_TAKEN, REPEATED_ID):
                raise
            found = await self._ours(document, version, refused)
        if found is not None:
            return found
        how = {"include": "allowduplicatedocnum"}
        return await self._written(document, version, body, f"{operation}-same-number", **how)

    async def _ours(
        self, document: Transaction, version: int, refused: Refusal
    ) -> tuple[Row, str] | None:
        """Return what stands there under our number or request where it is ours.

        None means that the number is somebody else's, which is no obstacle: vendors and old books
        number as they like. One that bears our key with another content is.
        """
        keys = set()
        try:
            async for row in self._candidates(document):
                if is_ours(row, document, version):
                    return row, refused.trace
                keys.add((mark_of(row) or ("",))[0])
        except Failure as failed:
            raise Unknown("look-up-failed", detail=failed.cause, trace=refused.trace) from failed
        if refused.code == REPEATED_ID:
            raise Unknown(refused.cause, detail=refused.detail, trace=refused.trace)
        if document.key in keys:
            raise Rejected(refused.cause, subject=document.number, detail=refused.detail)
        return None

    async def _written(
        self, document: Transaction, version: int, body: Payload, operation: str, **query: str
    ) -> tuple[Row, str]:
        asked = self._request_id(document, version, operation)
        return await self.api.write(type(document).__name__, body, asked, **query)

    async def _look_up(self, document: Transaction, version: int) -> Row | None:
        """Return what bears our mark with this very content; a number alone proves nothing."""
        async for row in self._candidates(document):
            if is_ours(row, document, version):
                return row
        return None

    async def _candidates(self, document: Transaction) -> AsyncIterator[Row]:
        """Yield what may be a document: of its number where that can be asked for, of its day."""
        entity = type(document).__name__
        company = await self.company()
        conditions = [f"TxnDate = {quoted(document.day.isoformat())}"]
        if document.number and entity not in _BY_DAY_ONLY:
            number = f"DocNumber = {quoted(document.number[:NUMBER_LIMIT])}"
            conditions = [number] if company.own_numbers else [number, *conditions]
        for condition in conditions:
            async for row in self.api.pages(entity, condition):
                yield row

    async def _void(self, document: Void, version: int, links: Mapping[str, Sent]) -> Sent:
        try:
            return await self._void_at(document, version, links[document.target], "create")
        except Refusal as refused:
            if refused.code not in (STALE, REPEATED_ID):
                raise
        row = await self._target(document, links)
        if is_void(row):
            return sent(row)
        fresh = sent(row)
        return await self._void_at(document, version, fresh, f"void:{fresh.sync_token}")

    async def _void_at(self, document: Void, version: int, target: Sent, operation: str) -> Sent:
        body: Payload = {"Id": target.remote_id, "SyncToken": target.sync_token}
        how = {"operation": "void"}
        if document.target_kind != "Invoice":
            body["sparse"] = True
            how = {"operation": "update", "include": "void"}
        asked = self._request_id(document, version, operation)
        return sent(*await self.api.write(document.target_kind, body, asked, **how))

    async def _target(self, document: Void, links: Mapping[str, Sent]) -> Row:
        kind = document.target_kind
        path = f"{kind.lower()}/{links[document.target].remote_id}"
        row: Row | None = (await self.api.read(path)).get(kind)
        if row is None:
            raise Unavailable("no-clear-answer", detail=path)
        return row

    async def _asked(self, document: Transaction, version: int, links: Mapping[str, Sent]) -> Asked:
        terms = await self._terms()
        try:
            body = payload(document, version, links, terms)
        except Rejected:
            self._company = None  # what is missing may be there when it is tried again
            raise
        return Asked(document, version, links, terms, body)

    async def _terms(self) -> Terms:
        return Terms(await self.company(), self.mapping, self._our_tax)

    def _request_id(self, document: AnyDocument, version: int, operation: str) -> str:
        return request_id(self.api.realm, document.key, version, operation)
