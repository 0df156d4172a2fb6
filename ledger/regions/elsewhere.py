"""Value-added tax in Europe and consumption tax in Japan: prices to consumers include it.

Where a kept deposit is damages it bears no tax; what was paid on account of the price itself is a
prepayment and keeps the tax that it was paid with. Who sees it otherwise states the codes.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from ledger.regions.rules import Region, TaxCode

_2018: Final = date(2018, 1, 1)
_2024: Final = date(2024, 1, 1)
_OCTOBER_2019: Final = date(2019, 10, 1)


def _code(code: str, name: str, agency: str, rate: str, since: date = date.min) -> TaxCode:
    return TaxCode(code, name, Decimal(rate), agency, since=since)


def _swiss(code: str, name: str, *rates: tuple[date, str]) -> tuple[TaxCode, ...]:
    return tuple(_code(code, name, "ESTV/AFC", rate, since) for since, rate in rates)


ELSEWHERE: Final[dict[str, Region]] = {
    # standard 20 %, reduced 5 %: Value Added Tax Act 1994, ss. 2 and 29A
    "GB": Region(
        (
            _code("VAT", "VAT", "HMRC", "20"),
            _code("VAT-REDUCED", "VAT, reduced", "HMRC", "5"),
        ),
        prices_include_tax=True,
        forfeits="inside",
        forfeit_taxes=("VAT",),
        sources=(
            "Deposits kept are taxed since 2019-03-01: HMRC, Revenue and Customs Brief 13 (2018)",
            "Prices include VAT: Price Marking Order 2004",
        ),
    ),
    # rates: Federal Act on Value Added Tax (SR 641.20), art. 25, raised for old-age insurance
    "CH": Region(
        (
            *_swiss("VAT", "MWST/TVA", (_2024, "8.1"), (_2018, "7.7"), (date.min, "8.0")),
            *_swiss("VAT-REDUCED", "MWST/TVA, reduced", (_2024, "2.6"), (date.min, "2.5")),
            *_swiss(
                "VAT-LODGING",
                "MWST/TVA, lodging",
                (_2024, "3.8"),
                (_2018, "3.7"),
                (date.min, "3.8"),
            ),
        ),
        prices_include_tax=True,
        years={"gift_cards": 5, "store_credit": 5, "packages": 5},
        cash_step=Decimal("0.05"),
        sources=(
            "Deposits kept are damages: VAT Act, art. 18 (2) (i); ESTV, MWST-Branchen-Info 08",
            "Vouchers last as claims do: Code of Obligations, arts. 127 to 129 (5 or 10 years)",
            "Cash to 0.05: the 1 centime coin was withdrawn on 2007-01-01",
            "Prices include VAT: Price Disclosure Ordinance (SR 942.211)",
        ),
    ),
    # rates since 2014: Code général des impôts, arts. 278, 278-0 bis, 279 and 281 quater
    "FR": Region(
        (
            _code("TVA", "TVA", "DGFiP", "20"),
            _code("TVA-INTERMEDIATE", "TVA, taux intermédiaire", "DGFiP", "10"),
            _code("TVA-REDUCED", "TVA, taux réduit", "DGFiP", "5.5"),
            _code("TVA-SPECIAL", "TVA, taux particulier", "DGFiP", "2.1"),
        ),
        prices_include_tax=True,
        sources=(
            "Sums paid in advance are arrhes: Code de la consommation, art. L. 214-1",
            "Arrhes kept are damages: CJEU C-277/05, Société thermale d'Eugénie-les-Bains",
            "A no-show that owes the price is taxed: Conseil d'État, 2024-10-09, n° 472257",
            "Prices include TVA: Code de la consommation, art. L. 112-1; order of 1987-12-03",
        ),
    ),
    # 10 % and 8 % since October 2019: Consumption Tax Act, art. 29, and its amendment of 2016
    "JP": Region(
        (
            _code("CT", "Consumption tax", "NTA", "10", _OCTOBER_2019),
            _code("CT", "Consumption tax", "NTA", "8"),
            _code("CT-REDUCED", "Consumption tax, reduced", "NTA", "8", _OCTOBER_2019),
        ),
        prices_include_tax=True,
        sources=(
            "Cancellation charges for lost profit are damages: NTA, Tax Answer 6253",
            "Prices include consumption tax: Consumption Tax Act, art. 63",
        ),
    ),
}
