"""Bill and VendorCredit: what is bought on account, and what a vendor takes back."""

from decimal import Decimal

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import ZERO, Json, number, rounded
from sync.quickbooks.emulator.drafts import Draft, Leg, balanced
from sync.quickbooks.emulator.lines import check_price, identify, own_lines, require_details
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.sales import due_date
from sync.quickbooks.emulator.tax import Assessment, Taxed, assess

_DETAILS = frozenset(
    {
        "AccountBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail",
        "DescriptionOnly",
        "SubTotalLineDetail",
    }
)
_NEEDS_NAME = ("Accounts Receivable", "Accounts Payable")


def require(draft: Draft) -> None:
    """Refuse (2020) a bill without vendor, lines, or outside the US its tax calculation."""
    draft.require("VendorRef", "Line")
    if draft.company.profile.country != "US":
        draft.require("GlobalTaxCalculation")
    require_details(draft, _DETAILS)
    for line in own_lines(draft):
        detail = line.get("AccountBasedExpenseLineDetail")
        if detail is not None and "AccountRef" not in detail:
            raise errors.required("Line.AccountBasedExpenseLineDetail.AccountRef")
        detail = line.get("ItemBasedExpenseLineDetail")
        if detail is not None and "ItemRef" not in detail:
            raise errors.required("Line.ItemBasedExpenseLineDetail.ItemRef")


def refer(draft: Draft) -> None:
    """Refuse (2500) an APAccountRef that is not Accounts Payable."""
    payable = draft.ref("APAccountRef")
    if payable is not None:
        draft.account(payable, "APAccountRef", ("Accounts Payable",))


def finish(draft: Draft) -> Record:
    """Return the taxed, numbered and posted bill."""
    draft.date_and_number()
    lines = own_lines(draft)
    bought = [line for line in lines if line["DetailType"] != "DescriptionOnly"]
    taxes = assess(draft, [_taxed(line) for line in bought], "Purchase")
    total = rounded(sum((number(line["Amount"]) for line in bought), ZERO) + taxes.total)
    if total < 0:
        raise errors.business("Transaction amount must be 0 or greater")
    sign = 1 if draft.entity == "Bill" else -1
    legs = _legs(draft, bought, taxes, sign)
    highest = identify(draft, lines)
    payable = draft.ref("APAccountRef") or draft.company.role("Accounts Payable")
    draft.body["APAccountRef"] = {"value": payable}
    draft.body["CurrencyRef"] = draft.home_currency()
    body = {**draft.body, "Line": lines, "LinkedTxn": [], "TotalAmt": total, "Balance": total}
    if draft.company.profile.country != "US":
        body["TxnTaxDetail"] = taxes.detail
    if draft.entity == "Bill":
        body.setdefault("DueDate", due_date(draft, body))
    counter = Leg(payable, -sign * total, f"Vendor:{draft.ref('VendorRef')}", _memo(body))
    return draft.record(body, balanced([counter, *legs]), lines=highest)


def _memo(body: Json) -> str:
    return str(body.get("PrivateNote", ""))


def _detail(line: Json) -> Json:
    detail: Json = line[line["DetailType"]]
    return detail


def _taxed(line: Json) -> Taxed:
    code = (_detail(line).get("TaxCodeRef") or {}).get("value")
    return Taxed(code, number(line["Amount"]))


def _legs(draft: Draft, bought: list[Json], taxes: Assessment, sign: int) -> list[Leg]:
    holder = f"Vendor:{draft.ref('VendorRef')}"
    legs = taxes.posted(sign)
    for line in bought:
        amount: Decimal = number(line["Amount"])
        check_price(line, _detail(line))
        memo = str(line.get("Description", ""))
        legs.append(Leg(_account(draft, line), sign * amount, holder, memo))
    return legs


def _account(draft: Draft, line: Json) -> str:
    detail = _detail(line)
    if line["DetailType"] == "AccountBasedExpenseLineDetail":
        account = draft.found("Account", detail["AccountRef"]["value"], "AccountRef")
        if account.body["AccountType"] in _NEEDS_NAME:
            raise errors.business("Accounts Receivable and Payable cannot be used on these lines.")
        return account.id
    item = draft.found("Item", detail["ItemRef"]["value"], "ItemRef").body
    name = "AssetAccountRef" if item.get("Type") == "Inventory" else "ExpenseAccountRef"
    if name not in item:
        raise errors.business("Select an item that is bought: it needs an expense account.")
    return str(item[name]["value"])
