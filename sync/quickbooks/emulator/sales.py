"""SalesReceipt, Invoice, RefundReceipt and CreditMemo: items sold or taken back."""

from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import ZERO, Json, number, rounded
from sync.quickbooks.emulator.drafts import SHIPPING, Draft, Leg, balanced
from sync.quickbooks.emulator.lines import (
    check_price,
    discount,
    identify,
    own_lines,
    require_details,
    subtotal_line,
)
from sync.quickbooks.emulator.payments import trim_links
from sync.quickbooks.emulator.records import Record
from sync.quickbooks.emulator.stock import cost_legs
from sync.quickbooks.emulator.tax import Assessment, Taxed, assess, rates

_DETAILS = frozenset(
    {
        "SalesItemLineDetail",
        "GroupLineDetail",
        "DescriptionOnly",
        "DiscountLineDetail",
        "SubTotalLineDetail",
    }
)
_SELLS_NOTHING = frozenset({"DescriptionOnly", "DiscountLineDetail"})
_MONEY_ACCOUNTS = ("Bank", "Other Current Asset")
_ON_ACCOUNT = frozenset({"Invoice", "CreditMemo"})
_TAKES_BACK = frozenset({"CreditMemo", "RefundReceipt"})


class Sold(Struct):
    """One line's income: the account it is posted to and its net amount."""

    line: Json
    account: str
    amount: Decimal
    code: str | None
    item: Record | None


def require(draft: Draft) -> None:
    """Refuse (2020) a sales document without what its kind needs."""
    if draft.entity in _ON_ACCOUNT:
        draft.require("CustomerRef")
    if draft.entity == "RefundReceipt":
        draft.require("DepositToAccountRef")
    draft.require("Line")
    if draft.company.profile.country != "US":
        draft.require("GlobalTaxCalculation")
    if draft.body.get("EmailStatus") == "NeedToSend":
        draft.require("BillEmail")
    require_details(draft, _DETAILS)
    if all(line["DetailType"] in _SELLS_NOTHING for line in own_lines(draft)):
        raise errors.required("Line")


def refer(draft: Draft) -> None:
    """Refuse (2500) a DepositToAccountRef that holds no money."""
    deposit = draft.ref("DepositToAccountRef")
    if deposit is not None:
        draft.account(deposit, "DepositToAccountRef", _MONEY_ACCOUNTS)


def finish(draft: Draft) -> Record:
    """Return the priced, taxed, numbered and posted document."""
    draft.date_and_number()
    lines = own_lines(draft)
    sold = [_sold(draft, line) for line in lines if line["DetailType"] == "SalesItemLineDetail"]
    subtotal = sum((each.amount for each in sold), ZERO)
    taken, discount_line = discount(lines, subtotal)
    taxes = assess(draft, _taxed(sold, subtotal, taken, discount_line), "Sales")
    total = rounded(subtotal - taken + taxes.total)
    if total < 0:
        raise errors.business("Transaction amount must be 0 or greater")
    highest = identify(draft, lines)
    body = _completed(draft, lines, subtotal, taxes, total)
    legs = _legs(draft, sold, taken, discount_line, taxes)
    counter = Leg(_counter(draft), _sign(draft) * total, _holder(draft), _memo(body))
    trim_links(draft.unit, draft.entity, draft.id, total, draft.clock.stamp())
    postings = balanced([counter, *legs])
    return draft.record(body, postings + cost_legs(draft, sold, _sign(draft)), lines=highest)


def _sign(draft: Draft) -> int:
    return -1 if draft.entity in _TAKES_BACK else 1


def _sold(draft: Draft, line: Json) -> Sold:
    detail = line["SalesItemLineDetail"] = dict(line["SalesItemLineDetail"])
    check_price(line, detail)
    amount = number(line["Amount"])
    code = (detail.get("TaxCodeRef") or {}).get("value")
    identifier = (detail.get("ItemRef") or {}).get("value")
    if identifier == SHIPPING:
        return Sold(line, draft.company.role("Income", "OtherPrimaryIncome"), amount, code, None)
    item = _item(draft, identifier)
    detail["ItemRef"] = {"value": item.id}
    income = (item.body.get("IncomeAccountRef") or {}).get("value")
    if income is None or item.body.get("Type") == "Category":
        raise errors.business("Select an item that is sold: it needs an income account.")
    return Sold(line, income, amount, code, item)


def _item(draft: Draft, identifier: str | None) -> Record:
    """Return the line's item; without one QuickBooks takes the company's default item."""
    if identifier is not None:
        return draft.found("Item", identifier, "Line.SalesItemLineDetail.ItemRef")
    default = next((each for each in draft.company.all("Item") if each.active), None)
    if default is None:
        raise errors.bad_reference("Line.SalesItemLineDetail.ItemRef")
    return default


def _taxed(
    sold: list[Sold], subtotal: Decimal, taken: Decimal, discount_line: Json | None
) -> list[Taxed]:
    """Return the taxable nets; a discount reduces its own code, or all in proportion."""
    if discount_line is None:
        return [Taxed(each.code, each.amount) for each in sold]
    code = (discount_line["DiscountLineDetail"].get("TaxCodeRef") or {}).get("value")
    if code is not None:
        return [*(Taxed(each.code, each.amount) for each in sold), Taxed(code, -taken)]
    share = 1 - taken / subtotal if subtotal else Decimal(1)
    return [Taxed(each.code, each.amount * share) for each in sold]


def _legs(
    draft: Draft,
    sold: list[Sold],
    taken: Decimal,
    discount_line: Json | None,
    taxes: Assessment,
) -> list[Leg]:
    sign = -_sign(draft)
    holder = _holder(draft)
    legs = taxes.posted(sign)
    if discount_line is not None:
        legs.append(Leg(_discount_account(draft, discount_line), -sign * taken, holder))
    legs += [
        Leg(each.account, sign * each.amount, holder, each.line.get("Description", ""))
        for each in sold
    ]
    return legs


def _discount_account(draft: Draft, line: Json) -> str:
    detail = line["DiscountLineDetail"] = dict(line["DiscountLineDetail"])
    given = (detail.get("DiscountAccountRef") or {}).get("value")
    account = given or draft.company.role("Income", "DiscountsRefundsGiven")
    detail["DiscountAccountRef"] = {"value": account}
    detail.setdefault("PercentBased", False)
    return str(account)


def _counter(draft: Draft) -> str:
    """Return the account on the other side: receivables, or where the money goes."""
    if draft.entity in _ON_ACCOUNT:
        return draft.ref("ARAccountRef") or draft.company.role("Accounts Receivable")
    account = draft.ref("DepositToAccountRef")
    assert account is not None
    return account


def _holder(draft: Draft) -> str:
    customer = draft.ref("CustomerRef")
    return f"Customer:{customer}" if customer else ""


def _memo(body: Json) -> str:
    return str(body.get("PrivateNote", ""))


def _completed(
    draft: Draft, lines: list[Json], subtotal: Decimal, taxes: Assessment, total: Decimal
) -> Json:
    """Return the document as QuickBooks answers it."""
    after = [line for line in lines if line["DetailType"] == "DiscountLineDetail"]
    before = [line for line in lines if line["DetailType"] != "DiscountLineDetail"]
    _default_codes(draft, before)
    draft.body["CurrencyRef"] = draft.home_currency()
    if draft.entity not in _ON_ACCOUNT:
        undeposited = draft.company.role("Other Current Asset", "UndepositedFunds")
        draft.body.setdefault("DepositToAccountRef", {"value": undeposited})
    body: Json = {
        "CustomField": [],
        "ApplyTaxAfterDiscount": False,
        "PrintStatus": "NeedToPrint",
        "EmailStatus": "NotSet",
        **draft.body,
        "Line": [*before, subtotal_line(subtotal), *after],
        "TxnTaxDetail": taxes.detail,
        "TotalAmt": total,
        "Balance": ZERO,
    }
    _default_from_customer(draft, body)
    if draft.entity == "Invoice":
        _default_invoice(draft, body)
    return body


def _default_codes(draft: Draft, lines: list[Json]) -> None:
    """Show TAX on US lines that name no code, and the gross where the request is TaxInclusive.

    A line's Amount stays net in both cases.
    """
    american = draft.company.profile.country == "US"
    inclusive = draft.body.get("GlobalTaxCalculation") == "TaxInclusive" and not american
    for line in lines:
        detail = line.get("SalesItemLineDetail", {})
        if american and line["DetailType"] == "SalesItemLineDetail":
            detail.setdefault("TaxCodeRef", {"value": "TAX"})
        if inclusive and "TaxCodeRef" in detail and "TaxInclusiveAmt" not in detail:
            amount = number(line["Amount"])
            parts = rates(draft, detail["TaxCodeRef"]["value"], "Sales")
            taxes = [rounded(amount * number(each.body["RateValue"]) / 100) for each in parts]
            detail["TaxInclusiveAmt"] = sum(taxes, amount)


def _default_from_customer(draft: Draft, body: Json) -> None:
    customer = draft.unit.find("Customer", draft.ref("CustomerRef") or "")
    if customer is None:
        return
    for name in ("BillAddr", "ShipAddr"):
        if name in customer.body:
            body.setdefault(name, customer.body[name])
    if "PrimaryEmailAddr" in customer.body:
        body.setdefault("BillEmail", {"Address": customer.body["PrimaryEmailAddr"]["Address"]})


def _default_invoice(draft: Draft, body: Json) -> None:
    for name in (
        "AllowIPNPayment",
        "AllowOnlinePayment",
        "AllowOnlineCreditCardPayment",
        "AllowOnlineACHPayment",
    ):
        body.setdefault(name, False)
    if draft.ref("SalesTermRef") is None:
        customer = draft.unit.find("Customer", draft.ref("CustomerRef") or "")
        if customer is not None and "SalesTermRef" in customer.body:
            body["SalesTermRef"] = {"value": customer.body["SalesTermRef"]["value"]}
    body.setdefault("DueDate", due_date(draft, body))


def due_date(draft: Draft, body: Json) -> str:
    """Return the date plus the days of its term; thirty days without a term."""
    term = draft.unit.find("Term", (body.get("SalesTermRef") or {}).get("value", ""))
    days = int(number(term.body.get("DueDays"))) if term is not None else 30
    return (date.fromisoformat(body["TxnDate"]) + timedelta(days=days)).isoformat()
