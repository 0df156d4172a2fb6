"""What a country or region brings to a new book: tax codes, rates and rules, with sources."""

from decimal import Decimal
from typing import Final

from msgspec import Struct


class TaxCode(Struct, frozen=True):
    """A tax as tills name it; `rate` in per cent on the price."""

    code: str
    name: str
    rate: Decimal
    agency: str
    recoverable: bool = True


class Region(Struct, frozen=True):
    """The rules of one place. `gift_card_expiry` tells whether stored value may lapse."""

    taxes: tuple[TaxCode, ...]
    gift_card_expiry: bool = True


_CRA = "Canada Revenue Agency"
_GST = TaxCode("GST", "GST", Decimal(5), _CRA)
_RQ = "Revenu Québec"


def _hst(rate: str) -> Region:
    return Region((TaxCode("HST", "HST", Decimal(rate), _CRA),))


def _pst(rate: str, agency: str) -> Region:
    return Region((_GST, TaxCode("PST", "PST", Decimal(rate), agency, recoverable=False)))


REGIONS: Final[dict[str, Region]] = {
    # GST 5 %, QST 9.975 % on the price without GST since 2013 (Revenu Québec); gift cards,
    # store credit and packages may not expire (Consumer Protection Act, s. 187.3).
    "CA-QC": Region((_GST, TaxCode("QST", "QST", Decimal("9.975"), _RQ)), gift_card_expiry=False),
    "CA-ON": _hst("13"),
    "CA-NB": _hst("15"),
    "CA-NL": _hst("15"),
    "CA-PE": _hst("15"),
    "CA-NS": _hst("14"),  # since April 2025
    "CA-BC": _pst("7", "British Columbia"),
    "CA-SK": _pst("6", "Saskatchewan"),
    "CA-MB": _pst("7", "Manitoba"),
    "CA": _pst("0", "Province"),  # a province without one never charges it
    "GB": Region((TaxCode("VAT", "VAT", Decimal(20), "HMRC"),)),
    "US": Region((TaxCode("SALES", "Sales tax", Decimal(0), "State", recoverable=False),)),
    "CH": Region((TaxCode("VAT", "MWST/TVA", Decimal("8.1"), "ESTV/AFC"),)),
    "FR": Region((TaxCode("TVA", "TVA", Decimal(20), "DGFiP"),)),
    "JP": Region((TaxCode("CT", "Consumption tax", Decimal(10), "NTA"),)),
}


def region(country: str, code: str | None) -> Region:
    """Return the rules of a country's region, else of the country, else none."""
    for key in (f"{country}-{code}", country):
        if key in REGIONS:
            return REGIONS[key]
    return Region(())
