"""What the emulator keeps: one record for each object of a company, deleted ones included."""

from msgspec import Struct

from sync.quickbooks.emulator.amounts import Json


class Posting(Struct, frozen=True, array_like=True):
    """One line of the general ledger."""

    account: str
    cents: int
    """Debit positive."""
    holder: str = ""
    """Entity and id of the name, as `Customer:7`; empty without."""
    memo: str = ""


class Record(Struct, frozen=True, kw_only=True):
    """An object as last written, with the accounts it was posted to at that time."""

    entity: str
    id: str
    body: Json
    postings: tuple[Posting, ...] = ()
    lines: int = 0
    """The highest line id ever given in this object."""
    account: str = ""
    """A tax agency's payable account."""
    deleted: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Return entity and id."""
        return self.entity, self.id

    @property
    def active(self) -> bool:
        """Tell whether it may be referred to."""
        return not self.deleted and self.body.get("Active") is not False

    @property
    def day(self) -> str:
        """Return the date of its postings, YYYY-MM-DD."""
        return str(self.body.get("TxnDate") or self.body.get("InvStartDate") or "")


class Profile(Struct, frozen=True, kw_only=True):
    """What a company was made with, and its switches."""

    realm: str
    name: str
    country: str
    """US, CA or GB; it drives the tax model."""
    region: str = ""
    currency: str = "USD"
    custom_txn_numbers: bool = False
    warn_duplicate_numbers: bool = False
    """Whether sales documents, too, refuse a DocNumber that is taken (6140)."""
    close_date: str | None = None
    fiscal_month: int = 1
    sales_tax_rate: str = "6.25"
    """The one rate, in percent, that the stub of Automated Sales Tax knows (US)."""
    deleted_frees_name: bool = True
    """Whether an inactive object's plain name may be taken again."""
    strict_sales_tax_lines: bool = False
    """Whether sales documents, too, refuse explicit tax lines beside 0 % codes at create."""
    insists_on_tax: bool = False
    """Whether the tax of a document is computed whatever amounts were sent."""
    subscription: str = "PAID"
    """Anything else but TRIAL answers every call with 6190."""
    replay: str | None = None
    replay_seconds: float | None = None


class Reply(Struct, frozen=True, kw_only=True):
    """An answer kept for a repeated `requestid`."""

    status: int
    media: str
    body: bytes
    digest: str
    """Of the request's body."""
    at: float
