"""Reports: each at the end of a day or over a period, as known at any time, in JSON and CSV."""

from typing import Final

from api.reports.aged import get_aging
from api.reports.balance_sheet import get_balance_sheet
from api.reports.daily_sales import get_daily_sales
from api.reports.general_ledger import get_general_ledger
from api.reports.held_for_customers import get_liabilities
from api.reports.income_statement import get_income_statement
from api.reports.register_closures import get_closures
from api.reports.sales_tax import get_sales_tax
from api.reports.stock import get_inventory
from api.reports.trial_balance import get_trial_balance

__all__ = ["ROUTES", "get_trial_balance"]

ROUTES: Final = (
    get_trial_balance,
    get_income_statement,
    get_balance_sheet,
    get_general_ledger,
    get_sales_tax,
    get_aging,
    get_liabilities,
    get_inventory,
    get_daily_sales,
    get_closures,
)
