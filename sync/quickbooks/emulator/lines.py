"""The lines of a document: their ids, their amounts, and what discounts and subtotals do."""

from decimal import ROUND_HALF_UP, Decimal

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import ZERO, Json, number, rounded
from sync.quickbooks.emulator.drafts import Draft
from sync.quickbooks.emulator.schema import schema


def own_lines(draft: Draft) -> list[Json]:
    """Return copies of the lines without the system's own subtotal."""
    return [
        dict(line)
        for line in draft.body.get("Line", ())
        if line.get("DetailType") != "SubTotalLineDetail"
    ]


def require_details(draft: Draft, allowed: frozenset[str]) -> None:
    """Refuse a line without its DetailType or detail (2020), or of another kind (500)."""
    for line in own_lines(draft):
        kind = line.get("DetailType")
        if kind is None:
            raise errors.required("Line.DetailType")
        if kind not in schema().enums["LineDetailTypeEnum"]:
            continue  # refused as 2170 when its turn comes
        if kind not in allowed:
            raise errors.unsupported(f"{draft.entity} with a line of {kind}")
        if kind == "DescriptionOnly":
            continue
        if kind not in line:
            raise errors.required(f"Line.{kind}")
        if "Amount" not in line and kind != "DiscountLineDetail":
            raise errors.required("Line.Amount")


def identify(draft: Draft, lines: list[Json], first: int = 1) -> int:
    """Give every line its Id and LineNum; return the highest id ever given.

    A line that names an id of the earlier object keeps it; any other one gets the next.
    """
    known = (
        {line["Id"] for line in draft.old.body.get("Line", ()) if "Id" in line}
        if draft.old
        else set()
    )
    highest = draft.old.lines if draft.old is not None else first - 1
    for position, line in enumerate(lines, start=1):
        if line.get("Id") not in known:
            highest += 1
            line["Id"] = str(highest)
        known.discard(line["Id"])
        line["LineNum"] = position
    return highest


def check_price(line: Json, detail: Json) -> None:
    """Refuse (6070) an amount that is not quantity times price; refuse more than 5 decimals."""
    amount = number(line.get("Amount"))
    if amount != amount.quantize(Decimal("0.00001"), rounding=ROUND_HALF_UP):
        raise errors.bad_number(amount, "Line.Amount")
    if "Qty" in detail and "UnitPrice" in detail:
        expected = number(detail["Qty"]) * number(detail["UnitPrice"])
        if rounded(expected) != rounded(amount):
            raise errors.wrong_amount(amount)


def discount(lines: list[Json], subtotal: Decimal) -> tuple[Decimal, Json | None]:
    """Return the document's discount, as a positive amount, and its line."""
    found = [line for line in lines if line["DetailType"] == "DiscountLineDetail"]
    if not found:
        return ZERO, None
    if len(found) > 1:
        raise errors.business("A transaction can have only one discount line.")
    line, detail = found[0], found[0]["DiscountLineDetail"]
    if detail.get("PercentBased") and "DiscountPercent" in detail:
        line["Amount"] = rounded(subtotal * number(detail["DiscountPercent"]) / 100)
    elif "Amount" not in line:
        raise errors.simple(6090, "Discount line needs an amount or a percent")
    amount = number(line["Amount"])
    if amount > subtotal:
        raise errors.business("The Discount Amount Can't be Greater than the Subtotal")
    return amount, line


def subtotal_line(amount: Decimal) -> Json:
    """Return the line that QuickBooks puts after the sold ones."""
    return {"Amount": amount, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}


def zeroed(lines: list[Json]) -> list[Json]:
    """Return the lines of a voided document: no amounts, no quantities."""
    result = []
    for line in lines:
        kind = line.get("DetailType", "")
        changed = {**line, "Amount": ZERO} if "Amount" in line else dict(line)
        detail = dict(line.get(kind) or {})
        for name in ("Qty", "UnitPrice", "TaxInclusiveAmt"):
            if name in detail:
                detail[name] = ZERO
        if kind in line:
            changed[kind] = detail
        result.append(changed)
    return result
