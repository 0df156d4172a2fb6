"""Deposit: what lay in Undeposited Funds is brought to the bank, less fees."""

from decimal import Decimal

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import ZERO, Json, money, number, rounded
from sync.quickbooks.emulator.drafts import Draft, Leg, balanced
from sync.quickbooks.emulator.lines import own_lines
from sync.quickbooks.emulator.records import Record

_MONEY_ACCOUNTS = ("Bank", "Other Current Asset")
_DEPOSITED = frozenset({"Payment", "SalesReceipt", "RefundReceipt", "JournalEntry"})


def require(draft: Draft) -> None:
    """Refuse (2020) a deposit without account or lines, or a link without its line id."""
    draft.require("DepositToAccountRef", "Line")
    for line in own_lines(draft):
        if "Amount" not in line:
            raise errors.required("Line.Amount")
        for link in line.get("LinkedTxn", ()):
            for name in ("TxnId", "TxnType", "TxnLineId"):
                if name not in link:
                    raise errors.required(f"Line.LinkedTxn.{name}")
            if link["TxnType"] not in _DEPOSITED:
                raise errors.bad_enumeration(link["TxnType"], "Line.LinkedTxn.TxnType")
        direct = "AccountRef" in (line.get("DepositLineDetail") or {})
        if not direct and not line.get("LinkedTxn"):
            raise errors.required("Line.DepositLineDetail.AccountRef")


def refer(draft: Draft) -> None:
    """Refuse a bank account of the wrong type (2500) or a link to what is not there (610)."""
    draft.account(str(draft.ref("DepositToAccountRef")), "DepositToAccountRef", _MONEY_ACCOUNTS)
    for line in own_lines(draft):
        for link in line.get("LinkedTxn", ()):
            if draft.unit.find(link["TxnType"], link["TxnId"]) is None:
                raise errors.not_found()


def finish(draft: Draft) -> Record:
    """Return the posted deposit."""
    draft.date_and_number()
    lines = own_lines(draft)
    undeposited = draft.company.role("Other Current Asset", "UndepositedFunds")
    legs = [_leg(draft, line, undeposited) for line in lines]
    total = rounded(sum((number(line["Amount"]) for line in lines), ZERO))
    if total < 0:
        raise errors.business("Transaction amount must be 0 or greater")
    highest = draft.old.lines if draft.old is not None else 0
    for line in lines:
        if "DepositLineDetail" in line:
            highest += 1
            line.update(Id=str(highest), LineNum=highest)
    bank = str(draft.ref("DepositToAccountRef"))
    draft.body["CurrencyRef"] = draft.home_currency()
    body = {**draft.body, "Line": lines, "TotalAmt": total}
    memo = str(body.get("PrivateNote", ""))
    return draft.record(body, balanced([Leg(bank, total, memo=memo), *legs]), lines=highest)


def _leg(draft: Draft, line: Json, undeposited: str) -> Leg:
    amount = number(line["Amount"])
    memo = str(line.get("Description", ""))
    if line.get("LinkedTxn"):
        held = sum((_held(draft, link, undeposited) for link in line["LinkedTxn"]), ZERO)
        if held != amount:
            raise errors.business("The deposited amount differs from the transaction's.")
        return Leg(undeposited, -amount, memo=memo)
    detail = line["DepositLineDetail"]
    named = detail.get("Entity") or {}
    holder = f"{named['Type']}:{named['EntityRef']['value']}" if "EntityRef" in named else ""
    return Leg(detail["AccountRef"]["value"], -amount, holder, memo)


def _held(draft: Draft, link: Json, undeposited: str) -> Decimal:
    """Return what the linked transaction put into Undeposited Funds, or refuse (620)."""
    record = draft.unit.find(link["TxnType"], link["TxnId"])
    assert record is not None
    amount = money(sum(each.cents for each in record.postings if each.account == undeposited))
    holder = draft.company.deposit_of(link["TxnType"], link["TxnId"])
    if holder not in (None, draft.id) or not amount:
        raise errors.not_linkable()
    return amount
