"""What a country or region brings to a new book: tax codes, rates and rules, with sources."""

from typing import Final

from ledger.regions.canada import CANADA
from ledger.regions.elsewhere import ELSEWHERE
from ledger.regions.rules import NOWHERE, Forfeits, Region, StoredValue, TaxCode
from ledger.regions.united_states import UNITED_STATES

__all__ = ["REGIONS", "Forfeits", "Region", "StoredValue", "TaxCode", "region"]

REGIONS: Final[dict[str, Region]] = {**CANADA, **UNITED_STATES, **ELSEWHERE}
"""By country ("GB"), or by country and region ("CA-QC")."""


def region(country: str, code: str | None) -> Region:
    """Return the rules of a country's region, else of the country, else none."""
    for key in (f"{country}-{code}", country):
        if key in REGIONS:
            return REGIONS[key]
    return NOWHERE
