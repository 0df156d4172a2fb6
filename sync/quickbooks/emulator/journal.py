"""JournalEntry: postings as given, with its tax lines beside them."""

from decimal import Decimal

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import ZERO, Json, number
from sync.quickbooks.emulator.drafts import Draft, Leg, balanced
from sync.quickbooks.emulator.lines import identify, own_lines
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.tax import Side, payable, rates
from sync.quickbooks.emulator.taxlines import Stated, stated_lines

_NAMED = {
    "Accounts Receivable": (
        "Customer",
        "When you use Accounts Receivable, you must choose a customer in the Name field.",
    ),
    "Accounts Payable": (
        "Vendor",
        "When you use Accounts Payable, you must choose a supplier in the Name field.",
    ),
}


def require(draft: Draft) -> None:
    """Refuse (2020) a journal entry without lines or a line without its parts."""
    draft.require("Line")
    for line in own_lines(draft):
        if line.get("DetailType") == "DescriptionOnly":
            continue
        detail = line.get("JournalEntryLineDetail")
        if line.get("DetailType") != "JournalEntryLineDetail" or detail is None:
            raise errors.required("Line.JournalEntryLineDetail")
        for name in ("PostingType", "AccountRef"):
            if name not in detail:
                raise errors.required(f"Line.JournalEntryLineDetail.{name}")
        if "Amount" not in line:
            raise errors.required("Line.Amount")
        _require_tax(draft, detail)


def finish(draft: Draft) -> Record:
    """Return the balanced, posted entry."""
    draft.date_and_number()
    lines = own_lines(draft)
    posted = [line for line in lines if line["DetailType"] == "JournalEntryLineDetail"]
    if len(posted) < 2:
        raise errors.business("A journal entry needs at least two lines.")
    legs = [_leg(draft, line) for line in posted]
    legs += _tax_legs(draft, posted)
    if sum((leg.amount for leg in legs), ZERO) != 0:
        raise errors.business("Please balance debits and credits.")
    highest = identify(draft, lines, first=0)
    for line in lines:
        del line["LineNum"]
    draft.body["CurrencyRef"] = draft.home_currency()
    body = {"Adjustment": False, "TxnTaxDetail": {}, **draft.body, "Line": lines}
    return draft.record(body, balanced(legs), lines=highest)


def refer(draft: Draft) -> None:
    """Nothing beyond the references themselves."""


def _require_tax(draft: Draft, detail: Json) -> None:
    if draft.company.profile.country == "US" or "TaxCodeRef" not in detail:
        return
    for name in ("TaxApplicableOn", "TaxAmount"):
        if name not in detail:
            raise errors.required(f"Line.JournalEntryLineDetail.{name}")


def _leg(draft: Draft, line: Json) -> Leg:
    detail = line["JournalEntryLineDetail"]
    amount = number(line["Amount"])
    if amount < 0:
        raise errors.business("Transaction amount must be 0 or greater")
    if amount != amount.quantize(Decimal("0.01")):
        raise errors.bad_number(amount, "Line.Amount")
    account = draft.found("Account", detail["AccountRef"]["value"], "AccountRef")
    named = detail.get("Entity") or {}
    kind = named.get("Type")
    demanded, text = _NAMED.get(account.body["AccountType"], (None, ""))
    if demanded is not None and kind != demanded:
        raise errors.business(text)
    holder = f"{kind}:{named['EntityRef']['value']}" if kind else ""
    memo = str(line.get("Description", draft.body.get("PrivateNote", "")))
    return Leg(account.id, _side(detail) * amount, holder, memo)


def _side(detail: Json) -> int:
    return 1 if detail["PostingType"] == "Debit" else -1


def _tax_legs(draft: Draft, posted: list[Json]) -> list[Leg]:
    """Return the stated tax lines as postings: rates of sales are owed, of purchases come back.

    They are never computed: the codes' rates must all be stated, and the lines' tax amounts
    must add up to them.
    """
    if draft.company.profile.country == "US":
        return []
    used: dict[str, tuple[Record, Side]] = {}
    amounts: dict[Side, Decimal] = {"Sales": ZERO, "Purchase": ZERO}
    for line in posted:
        detail = line["JournalEntryLineDetail"]
        if "TaxCodeRef" not in detail:
            continue
        side: Side = "Sales" if detail["TaxApplicableOn"] == "Sales" else "Purchase"
        amounts[side] += _natural(detail, side) * number(detail["TaxAmount"])
        for rate in rates(draft, detail["TaxCodeRef"]["value"], side):
            used[rate.id] = rate, side
    stated = stated_lines(draft, {})
    _check_complete(used, stated, amounts)
    return [
        Leg(payable(draft, rate), stated[key].amount * (-1 if side == "Sales" else 1))
        for key, (rate, side) in used.items()
        if key in stated
    ]


def _natural(detail: Json, side: Side) -> int:
    """Return 1 when the line is on the side where such tax arises, else -1 (a return)."""
    return _side(detail) * (-1 if side == "Sales" else 1)


def _check_complete(
    used: dict[str, tuple[Record, Side]],
    stated: dict[str, Stated],
    amounts: dict[Side, Decimal],
) -> None:
    for key in stated:
        if key not in used:
            raise errors.business(f"Invalid Tax Rate id - {key}")
    for key, (rate, _) in used.items():
        if key not in stated and number(rate.body["RateValue"]):
            raise errors.business(errors.TAX_CALCULATION)
    for side, amount in amounts.items():
        total = sum(
            (stated[key].amount for key, (_, on) in used.items() if on == side and key in stated),
            ZERO,
        )
        if total != amount:
            raise errors.business(errors.TAX_CALCULATION)
