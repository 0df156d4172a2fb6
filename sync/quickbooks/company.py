"""What a company is: how its country has taxes, its currency, preferences and year; pure."""

from datetime import date
from typing import Any, Final, Literal

from msgspec import Struct

from sync.quickbooks.taxes import Taxes

TaxModel = Literal["none", "us", "global"]

_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


class Company(Struct, frozen=True, kw_only=True):
    """Facts that are read once. In the United States lines say TAX or NON, elsewhere a tax code.

    `tax_group` is the group of codes that a United States company without automated tax uses.
    """

    country: str
    tax_model: TaxModel
    name: str = ""
    currency: str = ""
    taxes: Taxes = Taxes({}, {})
    multicurrency: bool = False
    tax_group: str | None = None
    receivable: str | None = None
    payable: str | None = None
    year_starts: int = 1
    own_numbers: bool = True

    def year_start(self, day: date) -> date:
        """Return the first day of the fiscal year that *day* is in."""
        first = date(day.year, self.year_starts, 1)
        return first if first <= day else date(day.year - 1, self.year_starts, 1)


def company_of(info: dict[str, Any], preferences: dict[str, Any], taxes: Taxes) -> Company:
    """Return what CompanyInfo and Preferences say."""
    tax, money = preferences.get("TaxPrefs") or {}, preferences.get("CurrencyPrefs") or {}
    books = preferences.get("AccountingInfoPrefs") or {}
    forms = preferences.get("SalesFormsPrefs") or {}
    automated = "PartnerTaxEnabled" in tax
    return Company(
        name=str(info.get("CompanyName", "")),
        country=str(info.get("Country", "")),
        currency=_id(money.get("HomeCurrency")) or "",
        tax_model=tax_model(info, preferences),
        taxes=taxes,
        multicurrency=bool(money.get("MultiCurrencyEnabled")),
        tax_group=None if automated else _id(tax.get("TaxGroupCodeRef")),
        receivable=_id(books.get("DefaultARAccount")),
        payable=_id(books.get("DefaultAPAccount")),
        year_starts=_month(info.get("FiscalYearStartMonth") or books.get("FirstMonthOfFiscalYear")),
        own_numbers=bool(forms.get("CustomTxnNumbers")),
    )


def tax_model(info: dict[str, Any], preferences: dict[str, Any]) -> TaxModel:
    """Return how the company speaks of taxes; "none" where it has them switched off."""
    using = (preferences.get("TaxPrefs") or {}).get("UsingSalesTax", True)
    if not using:
        return "none"
    return "us" if info.get("Country") == "US" else "global"


def _id(reference: Any) -> str | None:
    value = reference.get("value") if isinstance(reference, dict) else reference
    return str(value) if value else None


def _month(name: Any) -> int:
    text = str(name or "january").strip().lower()
    return _MONTHS.index(text) + 1 if text in _MONTHS else 1
