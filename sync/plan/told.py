"""Lines as they were stated and priced, of a sale or an invoice, and what else tells of taxes."""

from collections.abc import Sequence

from msgspec import Struct

from ledger.events.base import BusinessEvent, Entry
from ledger.events.invoice import InvoiceRevised
from ledger.events.invoice_story import StatesInvoice, documents, moves
from ledger.events.lines import Line as SoldLine
from ledger.events.lines import Priced, price
from ledger.events.package_use import worth_of
from ledger.events.refund import RefundIssued
from ledger.events.sale import SaleCompleted
from sync.plan.desk import Desk


class Told(Struct, frozen=True):
    """A priced line, and its sign: 1 for what is given, -1 for what is given no longer."""

    priced: Priced
    sign: int = 1


def told_by(entry: Entry, desk: Desk) -> list[Told]:
    """Return the lines of a sale or an invoice; of a revision the old ones too, turned."""
    event = entry.event
    if isinstance(event, SaleCompleted):
        return [Told(line) for line in event.priced(desk.settings, worth_of(entry))]
    if not isinstance(event, StatesInvoice):
        return []
    lines = [Told(line) for line in event.priced(desk.settings)]
    if isinstance(event, InvoiceRevised):
        lines += [Told(line, -1) for line in invoice_lines(event.invoice, entry, desk)]
    return lines


def invoice_lines(invoice: str, entry: Entry, desk: Desk) -> list[Priced]:
    """Return what an invoice was for before *entry*."""
    stated = invoice_entries(invoice, entry, desk)
    last = stated[-1].event if stated else None
    return last.priced(desk.settings) if isinstance(last, StatesInvoice) else []


def invoice_entries(invoice: str, entry: Entry, desk: Desk) -> list[Entry]:
    """Return what said before *entry* what an invoice is for, and stands: oldest first."""
    return documents(moves(invoice, desk.before(entry)))


def bearings_of(event: BusinessEvent, desk: Desk) -> Sequence[Priced]:
    """Return priced lines that tell which taxes the categories bear: the sale's, else its own."""
    if isinstance(event, StatesInvoice | SaleCompleted):
        own = [line for line in event.lines if line.states_price]
        return [price(event, line, desk.settings) for line in own]
    if not isinstance(event, RefundIssued):
        return []
    sale = desk.entry(event.sale)
    if sale is None or not isinstance(sale.event, SaleCompleted):
        stated = [line for line in event.lines or () if line.states_price]
        return [price(event, line, desk.settings) for line in stated]
    named = {line.sale_line for line in event.lines or (SoldLine(),)}
    lines = enumerate(sale.event.priced(desk.settings, worth_of(sale)))
    return [line for at, line in lines if named & {None, at}]
