"""CompanyInfo and Preferences, as the company's profile has them."""

import calendar

from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.company import Company
from sync.quickbooks.emulator.records import Record

_FOUNDED = "2015-01-01T00:00:00-08:00"


def company_info(company: Company) -> Record:
    """Return the one CompanyInfo row."""
    profile = company.profile
    address = {"Id": "1", "CountrySubDivisionCode": profile.region, "Country": profile.country}
    body: Json = {
        "CompanyName": profile.name,
        "LegalName": profile.name,
        "CompanyAddr": address,
        "LegalAddr": address,
        "CustomerCommunicationAddr": address,
        "CompanyStartDate": "2015-01-01",
        "FiscalYearStartMonth": _month(profile.fiscal_month),
        "Country": profile.country,
        "Email": {"Address": "owner@example.com"},
        "WebAddr": {},
        "SupportedLanguages": "en",
        "DefaultTimeZone": "America/Los_Angeles",
        "NameValue": [
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
            {"Name": "SubscriptionStatus", "Value": profile.subscription},
            {"Name": "ItemCategoriesFeature", "Value": "true"},
        ],
    }
    return _single("CompanyInfo", body)


def preferences(company: Company) -> Record:
    """Return the one Preferences row."""
    profile = company.profile
    accounting: Json = {
        "TrackDepartments": True,
        "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": True,
        "CustomerTerminology": "Customers",
        "FirstMonthOfFiscalYear": _month(profile.fiscal_month),
        "DefaultARAccount": {"value": company.role("Accounts Receivable")},
        "DefaultAPAccount": {"value": company.role("Accounts Payable")},
    }
    if profile.close_date is not None:
        accounting["BookCloseDate"] = profile.close_date
    taxes: Json = {"UsingSalesTax": True}
    if profile.country == "US":
        taxes["PartnerTaxEnabled"] = True
        group = next(each for each in company.all("TaxCode") if each.body["TaxGroup"])
        taxes["TaxGroupCodeRef"] = {"value": group.id}
    body: Json = {
        "AccountingInfoPrefs": accounting,
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
        },
        "SalesFormsPrefs": _sales_forms(company),
        "EmailMessagesPrefs": {},
        "VendorAndPurchasesPrefs": {"TrackingByCustomer": True, "BillableExpenseTracking": True},
        "TimeTrackingPrefs": {"UseServices": True, "WorkWeekStartDate": "Monday"},
        "TaxPrefs": taxes,
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": False,
            "HomeCurrency": {"value": profile.currency},
        },
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {"NameValue": [{"Name": "SFCEnabled", "Value": "true"}]},
    }
    return _single("Preferences", body)


def _sales_forms(company: Company) -> Json:
    return {
        "CustomTxnNumbers": company.profile.custom_txn_numbers,
        "AllowDeposit": False,
        "AllowDiscount": True,
        "DefaultDiscountAccount": company.role("Income", "DiscountsRefundsGiven"),
        "AllowEstimates": True,
        "AllowServiceDate": False,
        "AllowShipping": True,
        "DefaultShippingAccount": company.role("Income", "OtherPrimaryIncome"),
        "UsingPriceLevels": False,
        "AutoApplyCredit": False,
        "AutoApplyPayments": False,
    }


def _month(number: int) -> str:
    return calendar.month_name[number]


def _single(entity: str, body: Json) -> Record:
    stamps = {"CreateTime": _FOUNDED, "LastUpdatedTime": _FOUNDED}
    identity = {"domain": "QBO", "sparse": False, "Id": "1", "SyncToken": "0", "MetaData": stamps}
    return Record(entity=entity, id="1", body={**body, **identity})
