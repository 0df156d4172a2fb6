"""The chart of accounts: what each role means, and the rules that sit on an account."""

from typing import Final, Literal

from msgspec import Struct

AccountType = Literal["asset", "liability", "equity", "income", "expense"]


class Account(Struct, frozen=True):
    """One account of a book.

    `guarded` accounts let no holder go past zero on the side that is not theirs (TigerBeetle's
    flag on the account, not a rule in each event). `control` accounts are split by holder and
    need one on every posting. `busy` accounts have few holders, each with many postings: their
    day, month and year deltas are kept by holder, those of the others by account alone.
    """

    code: str
    role: str
    type: AccountType
    name_en: str
    name_fr: str
    guarded: bool = False
    control: bool = False
    busy: bool = False

    @property
    def debit_is_normal(self) -> bool:
        """Tell on which side the balance stands when all is well."""
        return self.type in ("asset", "expense")


def _account(code: str, role: str, kind: AccountType, en: str, fr: str, *flags: str) -> Account:
    on = dict.fromkeys(flags, True)
    return Account(code, role, kind, en, fr, **on)


CHART: Final = (
    _account("1000", "cash", "asset", "Cash", "Encaisse", "control", "busy"),
    _account(
        "1010", "clearing", "asset", "Payments clearing", "Paiements à recevoir", "control", "busy"
    ),
    _account("1050", "bank", "asset", "Bank", "Banque", "busy"),
    _account("1060", "cash_in_transit", "asset", "Cash in transit", "Fonds en transit"),
    _account(
        "1100",
        "receivable",
        "asset",
        "Accounts receivable",
        "Comptes clients",
        "control",
        "guarded",
    ),
    _account(
        "1110",
        "disputes_receivable",
        "asset",
        "Disputed payments",
        "Paiements contestés",
        "control",
    ),
    _account("1200", "inventory", "asset", "Inventory", "Stocks", "control"),
    _account(
        "1300",
        "tax_recoverable",
        "asset",
        "Tax recoverable",
        "Taxes à récupérer",
        "control",
        "busy",
    ),
    _account("1900", "suspense", "asset", "Suspense", "Compte d'attente", "control"),
    _account("2000", "payable", "liability", "Accounts payable", "Comptes fournisseurs", "control"),
    _account(
        "2010",
        "goods_received_not_billed",
        "liability",
        "Goods received not billed",
        "Marchandises reçues non facturées",
        "control",
    ),
    _account(
        "2100", "gift_cards", "liability", "Gift cards", "Cartes-cadeaux", "control", "guarded"
    ),
    _account(
        "2110",
        "store_credit",
        "liability",
        "Store credit",
        "Crédits en magasin",
        "control",
        "guarded",
    ),
    _account(
        "2120",
        "deposits",
        "liability",
        "Customer deposits",
        "Dépôts de clients",
        "control",
        "guarded",
    ),
    _account(
        "2130",
        "packages",
        "liability",
        "Packages (deferred revenue)",
        "Forfaits (produits reportés)",
        "control",
        "guarded",
    ),
    _account("2200", "sales_tax", "liability", "Sales tax", "Taxes de vente", "control", "busy"),
    _account("2300", "tips", "liability", "Tips", "Pourboires", "control", "busy"),
    _account("3000", "opening_balance", "equity", "Opening balance", "Solde d'ouverture"),
    _account("3100", "retained_earnings", "equity", "Retained earnings", "Bénéfices non répartis"),
    _account("4000", "sales", "income", "Sales", "Ventes", "control", "busy"),
    _account("4010", "sales_returns", "income", "Sales returns", "Retours", "control", "busy"),
    _account("4020", "discounts", "income", "Discounts", "Remises", "control", "busy"),
    _account("4100", "shipping_income", "income", "Shipping", "Livraison"),
    _account(
        "4200",
        "gift_card_breakage",
        "income",
        "Gift card breakage",
        "Cartes-cadeaux non réclamées",
    ),
    _account(
        "4210",
        "store_credit_breakage",
        "income",
        "Store credit breakage",
        "Crédits en magasin non réclamés",
    ),
    _account("4220", "package_breakage", "income", "Package breakage", "Forfaits non utilisés"),
    _account("4300", "forfeited_deposits", "income", "Forfeited deposits", "Dépôts conservés"),
    _account("4400", "bad_debt_recovery", "income", "Bad debts recovered", "Créances recouvrées"),
    _account(
        "5000",
        "cost_of_goods",
        "expense",
        "Cost of goods sold",
        "Coût des ventes",
        "control",
        "busy",
    ),
    _account("5100", "stock_adjustments", "expense", "Stock adjustments", "Écarts de stock"),
    _account("5200", "freight_in", "expense", "Freight in", "Transport à l'achat"),
    _account("5210", "duty", "expense", "Customs duty", "Droits de douane"),
    _account("5220", "purchase_discounts", "expense", "Purchase discounts", "Remises à l'achat"),
    _account(
        "6000",
        "store_credit_expense",
        "expense",
        "Store credit granted",
        "Crédits en magasin accordés",
    ),
    _account("6010", "promotion_expense", "expense", "Promotions", "Promotions"),
    _account(
        "6100", "till_over_short", "expense", "Till over and short", "Écarts de caisse", "busy"
    ),
    _account("6110", "cash_rounding", "expense", "Cash rounding", "Arrondi de caisse"),
    _account("6200", "merchant_fees", "expense", "Merchant fees", "Frais de paiement"),
    _account("6210", "dispute_fees", "expense", "Dispute fees", "Frais de contestation"),
    _account("6220", "dispute_losses", "expense", "Disputes lost", "Contestations perdues"),
    _account("6300", "bad_debt", "expense", "Bad debts", "Créances irrécouvrables"),
    _account(
        "6400",
        "exchange_gain_loss",
        "expense",
        "Exchange gain or loss",
        "Gains et pertes de change",
    ),
)
"""The accounts that a new book gets (`accounting.md` 3). Codes can be changed, roles cannot."""

ROLES: Final = {account.role: account for account in CHART}


def past_zero(account: Account, holder: str, balance: int) -> int:
    """Return by how much a holder's *balance* (debit positive) is past zero; 0 when it is not.

    Guarded liabilities may not become less than nothing, an invoice may not be over-applied, and
    what a customer is owed (`credit:<customer>`) may not be overdrawn.
    """
    if not account.guarded:
        return 0
    owed_by_us = not account.debit_is_normal or holder.startswith("credit:")
    return max(0, balance if owed_by_us else -balance)
