"""An object on its way to being written, and what every kind of object asks of it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import ZERO, Json, cents
from sync.quickbooks.emulator.clock import Clock
from sync.quickbooks.emulator.company import AUTO_NUMBERED, Company, Unit
from sync.quickbooks.emulator.records import Posting, Record

CURRENCIES = {
    "CAD": "Canadian Dollar",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "USD": "United States Dollar",
}
REFERENCES = {
    "CustomerRef": "Customer",
    "VendorRef": "Vendor",
    "ItemRef": "Item",
    "AccountRef": "Account",
    "DepositToAccountRef": "Account",
    "APAccountRef": "Account",
    "ARAccountRef": "Account",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
    "DiscountAccountRef": "Account",
    "TaxCodeRef": "TaxCode",
    "DefaultTaxCodeRef": "TaxCode",
    "SalesTaxCodeRef": "TaxCode",
    "PurchaseTaxCodeRef": "TaxCode",
    "TaxRateRef": "TaxRate",
    "AgencyRef": "TaxAgency",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "PaymentMethodRef": "PaymentMethod",
    "SalesTermRef": "Term",
    "TermRef": "Term",
}
"""The entity that each reference points to."""

SHIPPING = "SHIPPING_ITEM_ID"
_NAMELESS = frozenset({"TaxCodeRef", "DefaultTaxCodeRef", "TaxRateRef", "SalesTermRef", "TermRef"})
_REFUSES_DUPLICATES = frozenset({"Bill", "VendorCredit"})


class Draft:
    """One create or update: what was sent, what it makes together with the earlier object."""

    def __init__(
        self,
        unit: Unit,
        entity: str,
        sent: Json,
        old: Record | None,
        options: frozenset[str],
        clock: Clock,
    ) -> None:
        self.unit = unit
        self.entity = entity
        self.sent = sent
        self.body: Json = dict(sent)
        self.old = old
        self.options = options
        self.clock = clock
        self.id = old.id if old is not None else unit.new_id()

    @property
    def company(self) -> Company:
        """Return the company written to."""
        return self.unit.company

    def require(self, *names: str) -> None:
        """Refuse (2020) when one of the properties is missing or an empty list."""
        for name in names:
            if self.body.get(name) in (None, "", [], {}):
                raise errors.required(name)

    def ref(self, name: str) -> str | None:
        """Return the id that a reference of the object holds."""
        value = (self.body.get(name) or {}).get("value")
        return None if value is None else str(value)

    def found(self, entity: str, identifier: str, element: str) -> Record:
        """Return an active object or refuse (2500)."""
        record = self.unit.find(entity, identifier)
        if record is None or not record.active:
            raise errors.bad_reference(element)
        return record

    def account(self, identifier: str, element: str, kinds: Iterable[str]) -> str:
        """Return the account's id when it is active and of one of the types, else refuse (2500)."""
        if self.found("Account", identifier, element).body["AccountType"] not in kinds:
            raise errors.bad_reference(element)
        return identifier

    def record(
        self, body: Json, postings: tuple[Posting, ...] = (), lines: int = 0, account: str = ""
    ) -> Record:
        """Return the finished record: identity, stamps and the names of references put in."""
        now = self.clock.stamp()
        token, created = "0", now
        if self.old is not None:
            token = str(int(self.old.body["SyncToken"]) + 1)
            created = self.old.body["MetaData"]["CreateTime"]
        body.update(
            domain="QBO",
            sparse=False,
            Id=self.id,
            SyncToken=token,
            MetaData={"CreateTime": created, "LastUpdatedTime": now},
        )
        name_references(self.unit, body)
        return Record(
            entity=self.entity,
            id=self.id,
            body=body,
            postings=postings,
            lines=lines,
            account=account,
        )

    def home_currency(self) -> Json:
        """Return the CurrencyRef of the company; refuse another one, as multicurrency is off."""
        home = self.company.profile.currency
        if self.ref("CurrencyRef") not in (None, home):
            raise errors.business("Multicurrency is not enabled for this company.")
        return {"value": home, "name": CURRENCIES.get(home, home)}

    def date_and_number(self) -> None:
        """Default the date, number the document, and keep the books that are closed."""
        self.body.setdefault("TxnDate", self.clock.today())
        refuse_closed(self.company, self.body, self.old)
        number = self._number()
        if number is None:
            self.body.pop("DocNumber", None)
        else:
            self.body["DocNumber"] = number

    def _number(self) -> str | None:
        given = self.body.get("DocNumber")
        if given is None and self.old is not None:
            given = self.old.body.get("DocNumber")
        automatic = self.entity in AUTO_NUMBERED
        wanted = given is None and not self.company.profile.custom_txn_numbers
        if automatic and (wanted or given == "AUTO_GENERATE"):
            return self.unit.new_number()
        if given is not None:
            self._refuse_duplicate(str(given))
        return given

    def _refuse_duplicate(self, number: str) -> None:
        sales = self.entity in AUTO_NUMBERED and self.company.profile.warn_duplicate_numbers
        if not (sales or self.entity in _REFUSES_DUPLICATES):
            return
        if "allowduplicatedocnum" in self.options:
            return
        for other in self.company.worded(self.entity, "DocNumber", number):
            if other != self.id:
                raise errors.duplicate_number(number, self.entity, other)


def refuse_closed(company: Company, body: Json, old: Record | None) -> None:
    """Refuse (6210) a document that is, or was, dated in the closed period."""
    closed = company.profile.close_date
    if closed is None:
        return
    days = [body.get("TxnDate"), old.body.get("TxnDate") if old is not None else None]
    if any(day is not None and day <= closed for day in days):
        raise errors.closed()


def check_references(draft: Draft, value: Any, path: str = "") -> None:
    """Refuse (2500) any reference in what was sent that points to nothing active."""
    if isinstance(value, list):
        for each in value:
            check_references(draft, each, path)
    elif isinstance(value, Mapping):
        for name, child in value.items():
            place = f"{path}{name}"
            if name in REFERENCES and isinstance(child, Mapping):
                _check_one(draft, REFERENCES[name], child, place)
            elif name == "Entity" and isinstance(child, Mapping):
                _check_entity(draft, child, place)
            elif isinstance(child, (Mapping, list)):
                check_references(draft, child, f"{place}.")


def _check_one(draft: Draft, entity: str, reference: Mapping[str, Any], place: str) -> None:
    identifier = reference.get("value")
    if identifier is None:
        raise errors.required(place)
    if entity == "Item" and identifier == SHIPPING:
        return
    if entity == "TaxCode" and draft.company.profile.country == "US":
        return
    draft.found(entity, str(identifier), place)


def _check_entity(draft: Draft, named: Mapping[str, Any], place: str) -> None:
    kind, reference = named.get("Type"), named.get("EntityRef") or {}
    if kind is None or reference.get("value") is None:
        raise errors.required(f"{place}.{'Type' if kind is None else 'EntityRef'}")
    draft.found(str(kind), str(reference["value"]), f"{place}.EntityRef")


def name_references(unit: Unit, value: Any) -> None:
    """Put the current name of what it points to into every reference."""
    if isinstance(value, list):
        for each in value:
            name_references(unit, each)
        return
    for name, child in value.items():
        if name in REFERENCES and isinstance(child, dict):
            value[name] = _named(unit, REFERENCES[name], child, with_name=name not in _NAMELESS)
        elif name == "Entity" and isinstance(child, dict) and "EntityRef" in child:
            reference = _named(unit, str(child.get("Type")), child["EntityRef"], with_name=True)
            value[name] = {**child, "EntityRef": reference}
        elif isinstance(child, (dict, list)):
            name_references(unit, child)


def _named(unit: Unit, entity: str, reference: Json, *, with_name: bool) -> Json:
    record = unit.find(entity, str(reference.get("value")))
    plain = {"value": str(reference.get("value"))}
    if record is None or not with_name:
        return plain
    body = record.body
    name = body.get("FullyQualifiedName") or body.get("DisplayName") or body.get("Name")
    return {**plain, "name": name}


class Leg:
    """One side of a document's posting before it is rounded to cents."""

    def __init__(self, account: str, amount: Decimal, holder: str = "", memo: str = "") -> None:
        self.account = account
        self.amount = amount
        self.holder = holder
        self.memo = memo


def balanced(legs: list[Leg]) -> tuple[Posting, ...]:
    """Return the postings in cents; what rounding leaves over goes to the last leg."""
    whole = [cents(leg.amount) for leg in legs]
    if whole:
        assert abs(sum((leg.amount for leg in legs), ZERO)) < 1
        whole[-1] -= sum(whole)
    return tuple(
        Posting(leg.account, amount, leg.holder, leg.memo)
        for leg, amount in zip(legs, whole, strict=True)
        if amount
    )
