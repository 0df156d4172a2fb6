"""The United States: sales tax is each state's, so its rate is for the book to set.

Gift cards last five years at least (15 U.S.C. 1693l-1; 12 CFR 1005.20(e)), for ever where a state
says so. A kept deposit is damages for what was not sold: no sale, no sales tax. No federal law
rounds cash; cents are legal tender still.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from ledger.regions.rules import Region, StoredValue, TaxCode

_SALES: Final = (TaxCode("SALES", "Sales tax", Decimal(0), "State", recoverable=False),)
_CARD_ACT: Final = "Gift cards five years at least: 15 U.S.C. 1693l-1, 12 CFR 1005.20(e)"


def _state(
    *sources: str,
    lasting: tuple[StoredValue, ...] = (),
    years: int = 5,
    cash_outs: tuple[tuple[date, str], ...] = (),
) -> Region:
    return Region(
        _SALES,
        lasting=lasting,
        years={"gift_cards": years},
        cash_outs=tuple((since, Decimal(limit)) for since, limit in cash_outs),
        sources=(*sources, _CARD_ACT),
    )


def _below(limit: str) -> tuple[tuple[date, str], ...]:
    return ((date.min, limit),)


_CARDS: Final[tuple[StoredValue, ...]] = ("gift_cards",)

UNITED_STATES: Final[dict[str, Region]] = {
    "US": _state(),
    # below 15.00 since April 2026, below 10.00 before: S.B. 22 (Stats. 2025, c. 207)
    "US-CA": _state(
        "Cal. Civ. Code s. 1749.5",
        lasting=_CARDS,
        cash_outs=((date.min, "9.99"), (date(2026, 4, 1), "14.99")),
    ),
    "US-CO": _state("Colo. Rev. Stat. s. 6-1-722(2)(b)", cash_outs=_below("5.00")),
    "US-CT": _state("Conn. Gen. Stat. s. 42-460", lasting=_CARDS),
    "US-FL": _state("Fla. Stat. s. 501.95", lasting=("gift_cards", "store_credit")),
    "US-MA": _state("Mass. Gen. Laws c. 200A, s. 5D", years=7, cash_outs=_below("4.99")),
    "US-ME": _state("Me. Rev. Stat. tit. 33, s. 1953", lasting=_CARDS, cash_outs=_below("4.99")),
    "US-MN": _state("Minn. Stat. s. 325G.53", lasting=_CARDS),
    "US-MT": _state("Mont. Code s. 30-14-108", lasting=_CARDS, cash_outs=_below("4.99")),
    "US-NJ": _state("N.J. Stat. s. 56:8-110", cash_outs=_below("4.99")),
    "US-OR": _state("Or. Rev. Stat. s. 646A.276", lasting=_CARDS, cash_outs=_below("4.99")),
    "US-RI": _state("R.I. Gen. Laws s. 6-13-12", lasting=_CARDS, cash_outs=_below("0.99")),
    "US-VT": _state("Vt. Stat. tit. 8, s. 2704", cash_outs=_below("0.99")),
    "US-WA": _state("Wash. Rev. Code s. 19.240.020", lasting=_CARDS, cash_outs=_below("4.99")),
}
