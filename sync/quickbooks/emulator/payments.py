"""Payment: money received from a customer and what it settles."""

from decimal import Decimal

from msgspec.structs import replace

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import ZERO, Json, number, rounded
from sync.quickbooks.emulator.company import Unit, linked
from sync.quickbooks.emulator.drafts import Draft, Leg, balanced
from sync.quickbooks.emulator.records import Record

_MONEY_ACCOUNTS = ("Bank", "Other Current Asset")
_SETTLES = {"Invoice": 1, "CreditMemo": -1, "JournalEntry": 0, "Expense": -1, "Check": -1}
"""Whether a line of that type takes from the payment (1) or adds to it (-1)."""


def require(draft: Draft) -> None:
    """Refuse (2020) a payment without customer or amount, or a line that links to nothing."""
    draft.require("CustomerRef", "TotalAmt")
    for line in draft.body.get("Line", ()):
        if "Amount" not in line:
            raise errors.required("Line.Amount")
        if not line.get("LinkedTxn"):
            raise errors.required("Line.LinkedTxn")
        for link in line["LinkedTxn"]:
            if "TxnId" not in link or "TxnType" not in link:
                raise errors.required("Line.LinkedTxn.TxnId")
            if link["TxnType"] not in _SETTLES:
                raise errors.bad_enumeration(link["TxnType"], "Line.LinkedTxn.TxnType")


def refer(draft: Draft) -> None:
    """Refuse a deposit account of the wrong type (2500) or a link to what is not there (610)."""
    deposit = draft.ref("DepositToAccountRef")
    if deposit is not None:
        draft.account(deposit, "DepositToAccountRef", _MONEY_ACCOUNTS)
    receivable = draft.ref("ARAccountRef")
    if receivable is not None:
        draft.account(receivable, "ARAccountRef", ("Accounts Receivable",))
    for (entity, identifier), _ in linked(draft.body):
        if draft.unit.find(entity, identifier) is None:
            raise errors.not_found()


def finish(draft: Draft) -> Record:
    """Return the payment with what it leaves unapplied, posted to receivables."""
    draft.date_and_number()
    total = rounded(number(draft.body["TotalAmt"]))
    if total < 0:
        raise errors.business("Transaction amount must be 0 or greater")
    unapplied = total
    asked: dict[tuple[str, str], Decimal] = {}
    for key, amount in linked(draft.body):
        if amount < 0:
            raise errors.business("Transaction amount must be 0 or greater")
        asked[key] = asked.get(key, ZERO) + amount
    for (entity, identifier), amount in asked.items():
        unapplied -= _settled(draft, entity, identifier, amount)
    if unapplied < 0:
        raise errors.business("The amount applied is greater than the payment and its credits.")
    undeposited = draft.company.role("Other Current Asset", "UndepositedFunds")
    draft.body.setdefault("DepositToAccountRef", {"value": undeposited})
    draft.body["CurrencyRef"] = draft.home_currency()
    body = {
        "ProcessPayment": False,
        "Line": [],
        "LinkedTxn": [],
        **draft.body,
        "TotalAmt": total,
        "UnappliedAmt": unapplied,
    }
    memo = str(body.get("PrivateNote", ""))
    holder = f"Customer:{draft.ref('CustomerRef')}"
    receivable = draft.ref("ARAccountRef") or draft.company.role("Accounts Receivable")
    money = Leg(str(draft.ref("DepositToAccountRef")), total, holder, memo)
    return draft.record(body, balanced([money, Leg(receivable, -total, holder, memo)]))


def _settled(draft: Draft, entity: str, identifier: str, amount: Decimal) -> Decimal:
    """Return what the line takes from the payment; refuse another customer's or a closed one."""
    record = draft.unit.find(entity, identifier)
    assert record is not None
    open_amount, sign = open_balance(draft, record)
    earlier = draft.company.links(entity, identifier).get(draft.id, ZERO)
    left = open_amount + earlier
    if amount and left <= 0:
        raise errors.not_linkable()
    if amount > left:
        raise errors.business("The amount applied is greater than the open balance.")
    return sign * amount


def open_balance(draft: Draft, record: Record) -> tuple[Decimal, int]:
    """Return what is left to settle of the customer's document and its direction."""
    customer = draft.ref("CustomerRef")
    applied = draft.company.applied(record.entity, record.id)
    if record.entity != "JournalEntry":
        if (record.body.get("CustomerRef") or {}).get("value") != customer:
            raise errors.business("The linked transaction belongs to another customer.")
        return number(record.body.get("TotalAmt")) - applied, _SETTLES[record.entity]
    receivable = draft.company.role("Accounts Receivable")
    owed = sum(
        posting.cents
        for posting in record.postings
        if posting.account == receivable and posting.holder == f"Customer:{customer}"
    )
    return Decimal(abs(owed)).scaleb(-2) - applied, 1 if owed > 0 else -1


def trim_links(unit: Unit, entity: str, identifier: str, keep: Decimal, stamp: str) -> None:
    """Take back what payments applied to the document beyond `keep`: it becomes unapplied."""
    excess = unit.company.applied(entity, identifier) - keep
    for payment_id in reversed(list(unit.company.links(entity, identifier))):
        payment = unit.find("Payment", payment_id)
        if excess <= 0 or payment is None:
            return
        excess -= _release(unit, payment, (entity, identifier), excess, stamp)


def _release(
    unit: Unit, payment: Record, key: tuple[str, str], most: Decimal, stamp: str
) -> Decimal:
    """Reduce one payment's lines to the document by at most `most`; return by how much."""
    lines: list[Json] = []
    released = ZERO
    for line in payment.body["Line"]:
        targets = [(link["TxnType"], link["TxnId"]) for link in line["LinkedTxn"]]
        taken = min(number(line["Amount"]), most - released) if key in targets else ZERO
        released += taken
        left = number(line["Amount"]) - taken
        if left or not taken:
            lines.append({**line, "Amount": left})
    direction = _SETTLES.get(key[0], 1) or 1
    body = {
        **payment.body,
        "Line": lines,
        "UnappliedAmt": number(payment.body["UnappliedAmt"]) + direction * released,
        "SyncToken": str(int(payment.body["SyncToken"]) + 1),
        "MetaData": {**payment.body["MetaData"], "LastUpdatedTime": stamp},
    }
    unit.put(replace(payment, body=body))
    return released
