"""Canada: GST everywhere, beside it QST, PST or nothing, or HST instead; province by province.

A deposit that is kept has GST or HST deemed included (Excise Tax Act, s. 182), in Québec QST beside
it, each on the whole deposit (Revenu Québec, "Deposits": 50.00 gives 2.38 and 4.54). Provincial
retail taxes (PST) are on what is sold, and nothing was.

Gift cards do not expire in any province; cards for a specified service, as packages are, may,
except in Québec, whose "prepaid card" is any of them. The territories have no such law.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from ledger.regions.rules import Region, StoredValue, TaxCode

_CRA: Final = "Canada Revenue Agency"
_NICKEL: Final = Decimal("0.05")

_GST: Final = TaxCode("GST", "GST", Decimal(5), _CRA)  # 5 % since 2008: Excise Tax Act, s. 165(1)

_EVERYWHERE: Final = (
    "Deposits kept: Excise Tax Act (R.S.C. 1985, c. E-15), s. 182",
    "Cash to the nearest 0.05 since 2013-02-04: Canada Revenue Agency, Phasing out the penny",
)


def _region(
    taxes: tuple[TaxCode, ...],
    kept: tuple[str, ...],
    *sources: str,
    lasting: tuple[StoredValue, ...] = ("gift_cards",),
    cash_outs: tuple[tuple[date, Decimal], ...] = (),
) -> Region:
    return Region(
        taxes,
        forfeits="each",
        forfeit_taxes=kept,
        lasting=lasting,
        cash_outs=cash_outs,
        cash_step=_NICKEL,
        sources=(*sources, *_EVERYWHERE),
    )


def _hst(source: str, *rates: tuple[date, str]) -> Region:
    """Return a province with HST at each rate from its day, the latest first."""
    codes = (TaxCode("HST", "HST", Decimal(rate), _CRA, since=since) for since, rate in rates)
    return _region(tuple(codes), ("HST",), source)


def _pst(agency: str, source: str, *rates: tuple[date, str]) -> Region:
    """Return a province with GST and a retail tax of its own, its latest rate first."""
    codes = (
        TaxCode("PST", "PST", Decimal(rate), agency, recoverable=False, since=since)
        for since, rate in rates
    )
    return _region((_GST, *codes), ("GST",), source)


def _gst(*sources: str, lasting: tuple[StoredValue, ...] = ()) -> Region:
    """Return a place with GST alone; its PST is of rate 0 and never charged."""
    none = TaxCode("PST", "PST", Decimal(0), "Province", recoverable=False)
    return _region((_GST, none), ("GST",), *sources, lasting=lasting)


CANADA: Final[dict[str, Region]] = {
    # QST 9.975 % on the price without GST since 2013: Act respecting the Québec sales tax, s. 16
    "CA-QC": _region(
        (_GST, TaxCode("QST", "QST", Decimal("9.975"), "Revenu Québec")),
        ("GST", "QST"),
        "QST on deposits kept: Revenu Québec, Deposits (5/105 and 9.975/109.975 of the whole)",
        "No expiry of prepaid cards: Consumer Protection Act (CQLR, c. P-40.1), s. 187.3",
        "Balances of 5.00 or less paid out: Regulation (CQLR, c. P-40.1, r. 3), s. 79.5",
        lasting=("gift_cards", "store_credit", "packages"),
        cash_outs=((date.min, Decimal("5.00")),),
    ),
    "CA-ON": _hst("Gift cards: O. Reg. 17/05, s. 25.2", (date.min, "13")),
    "CA-NB": _hst(
        "Gift cards: Gift Cards Act of New Brunswick",
        (date(2016, 7, 1), "15"),
        (date.min, "13"),
    ),
    "CA-NL": _hst(
        "Gift cards: regulations of Newfoundland and Labrador on consumer protection",
        (date(2016, 7, 1), "15"),
        (date.min, "13"),
    ),
    "CA-PE": _hst(
        "Gift cards: Gift Cards Act of Prince Edward Island, in force 2010-09-01",
        (date(2016, 10, 1), "15"),
        (date.min, "14"),
    ),
    # 14 %: New Harmonized Value-added Tax System Regulations, s. 33.6 (SOR/2025-77)
    "CA-NS": _hst(
        "Gift cards: Gift Card Regulations of Nova Scotia",
        (date(2025, 4, 1), "14"),
        (date.min, "15"),
    ),
    "CA-BC": _pst(
        "British Columbia",
        "Gift cards: Prepaid Purchase Cards Regulation of British Columbia",
        (date.min, "7"),
    ),
    "CA-SK": _pst(
        "Saskatchewan",
        "Gift cards: Consumer Protection and Business Practices Act of Saskatchewan",
        (date(2017, 3, 23), "6"),
        (date.min, "5"),
    ),
    "CA-MB": _pst(
        "Manitoba",
        "Gift cards: Prepaid Purchase Cards Regulation (Man. Reg. 98/2007)",
        (date(2019, 7, 1), "7"),
        (date.min, "8"),
    ),
    "CA-AB": _gst(
        "Gift cards: Gift Card Regulation (Alta. Reg. 146/2008)", lasting=("gift_cards",)
    ),
    "CA": _gst(),  # the territories, and a book that does not say where it is
}
