"""What stands for what, as the book's people have it; proposed from the company's chart; pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final

from msgspec import Struct, field

from ledger.regions import TaxCode as OurTax
from sync.documents import Account, account_key
from sync.quickbooks.company import Company
from sync.quickbooks.marker import plain
from sync.quickbooks.roles import TAX_ROLES, TAX_SUBTYPES, Kind, kind_of
from sync.quickbooks.taxes import folded, has_word, same_agency

Row = dict[str, Any]

NAME_LIMIT: Final = 100

_FORBIDDEN: Final = str.maketrans({":": "-", '"': "'", "\t": " ", "\n": " "})
_TAX_WORDS: Final = (
    ("gst", "hst", "tps", "tvh"),
    ("qst", "tvq"),
    ("pst", "tvp"),
    ("vat", "tva", "mwst"),
)
_METHOD_WORDS: Final = {"cheque": ("cheque", "check"), "card": ("credit card", "card")}


class QuickBooksMapping(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """QuickBooks' ids by our names.

    `accounts`, `items`, `customers`, `vendors` by document key; `tax_codes` by our codes in order
    joined by "+" ("GST+QST") or by the treatment "exempt", "zero" or "out_of_scope";
    `payment_methods` by tender method. What is not here is found by name, else created where
    `create_missing` allows; tax codes are never created.
    """

    accounts: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    vendors: dict[str, str] = field(default_factory=dict)
    tax_codes: dict[str, str] = field(default_factory=dict)
    payment_methods: dict[str, str] = field(default_factory=dict)
    create_missing: bool = True


def suggested(
    company: Company,
    chart: Sequence[Row],
    accounts: Iterable[Account],
    taxes: Sequence[OurTax],
    payment_methods: Sequence[Row] = (),
) -> QuickBooksMapping:
    """Return a mapping to everything of ours that the company has an equal of."""
    found = {wanted: equal_account(wanted, chart, company, taxes) for wanted in accounts}
    return QuickBooksMapping(
        accounts={account_key(w.place): str(row["Id"]) for w, row in found.items() if row},
        tax_codes=dict(_tax_codes(company, taxes)),
        payment_methods={
            method: str(row["Id"])
            for method in ("cash", "card", "cheque", "transfer", "other")
            for row in payment_methods
            if folded(str(row.get("Name", ""))) in _METHOD_WORDS.get(method, (method,))
        },
    )


def equal_account(
    wanted: Account, chart: Sequence[Row], company: Company, taxes: Sequence[OurTax]
) -> Row | None:
    """Return the active account that is the same as ours.

    By role where QuickBooks has one such account a company, else by name and type.
    """
    active = [row for row in chart if row.get("Active", True)]
    kind, role = kind_of(wanted, company.tax_model), wanted.place.role
    if role in ("receivable", "payable"):
        usual = company.receivable if role == "receivable" else company.payable
        return _of_type(active, kind, usual)
    if role in TAX_ROLES and kind.subtype in TAX_SUBTYPES:
        return _tax_account(wanted.place.holder, active, taxes)
    if kind.system:
        return next((row for row in active if row.get("AccountSubType") == kind.subtype), None)
    names = [folded(name) for name in names_for(wanted.name)]
    same = [row for row in active if folded(str(row.get("Name", ""))) in names]
    return next((row for row in same if row.get("AccountType") in kind.types), None)


def names_for(name: str, suffix: str = " (Daybook)") -> tuple[str, str]:
    """Return a name as QuickBooks takes it, and what is used instead where that is taken."""
    clean = " ".join(plain(name).translate(_FORBIDDEN).split()) or "-"
    return clean[:NAME_LIMIT], clean[: NAME_LIMIT - len(suffix)].rstrip() + suffix


def fault_of(row: Row, wanted: Account, company: Company) -> str | None:
    """Return why an account may not stand for a place; None when it may."""
    if not row.get("Active", True):
        return "account-inactive"
    kind = kind_of(wanted, company.tax_model)
    return None if row.get("AccountType") in kind.types else "account-type-unfit"


def _of_type(active: Sequence[Row], kind: Kind, usual: str | None) -> Row | None:
    fit = [row for row in active if row.get("AccountType") == kind.type]
    return next((row for row in fit if row["Id"] == usual), fit[0] if fit else None)


def _tax_account(code: str, active: Sequence[Row], taxes: Sequence[OurTax]) -> Row | None:
    fit = [row for row in active if row.get("AccountSubType") in TAX_SUBTYPES]
    if len(fit) <= 1:
        return fit[0] if fit else None
    words = next((words for words in _TAX_WORDS if code.lower() in words), (code.lower(),))
    named = [row for row in fit if any(has_word(str(row.get("Name", "")), word) for word in words)]
    agency = next((tax.agency for tax in taxes if tax.code == code), "")
    if len(named) != 1 and agency:
        fit = [row for row in named or fit if same_agency(str(row.get("Name", "")), agency)]
        named = fit if len(fit) == 1 else []
    return named[0] if len(named) == 1 else None


def _tax_codes(company: Company, taxes: Sequence[OurTax]) -> Iterator[tuple[str, str]]:
    if company.tax_model != "global":
        return
    for size in (1, 2):
        for codes in combinations(sorted(taxes, key=lambda tax: tax.code), size):
            if code := company.taxes.code_for(codes, "Sales"):
                yield "+".join(tax.code for tax in codes), code.id
    for treatment in ("exempt", "zero", "out_of_scope"):
        if code := company.taxes.without_tax(treatment):
            yield treatment, code.id
