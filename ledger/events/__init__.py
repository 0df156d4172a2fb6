"""Every kind of event: one line each."""

from ledger.events.configuration import (
    AccountDefined,
    ItemDefined,
    MethodDefined,
    PolicySet,
    TaxDefined,
)
from ledger.events.deposit import DepositReceived, DepositRefunded
from ledger.events.goods import GoodsReceived, StockAdjusted
from ledger.events.journal import JournalPosted
from ledger.events.refund import RefundIssued
from ledger.events.register import CashMoved, RegisterClosed, RegisterOpened
from ledger.events.reversal import EventReversed
from ledger.events.sale import SaleCompleted
from ledger.events.store_credit import StoreCreditIssued

Event = (
    SaleCompleted
    | RefundIssued
    | DepositReceived
    | DepositRefunded
    | StoreCreditIssued
    | RegisterOpened
    | CashMoved
    | RegisterClosed
    | GoodsReceived
    | StockAdjusted
    | JournalPosted
    | EventReversed
    | AccountDefined
    | TaxDefined
    | MethodDefined
    | ItemDefined
    | PolicySet
)
