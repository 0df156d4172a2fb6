"""Every kind of event: one line each."""

from ledger.events.bad_debt import BadDebtRecovered, InvoiceWrittenOff
from ledger.events.bill import BillReceived
from ledger.events.booking import BookingCancelled, NoShowRecorded
from ledger.events.clearing import ExceptionCleared
from ledger.events.configuration import (
    AccountDefined,
    ItemDefined,
    MethodDefined,
    PolicySet,
    TaxDefined,
)
from ledger.events.counting import StockCounted, StockMoved
from ledger.events.deposit import DepositReceived, DepositRefunded
from ledger.events.deposit_moved import DepositMoved
from ledger.events.dispute import DisputeLost, DisputeOpened, DisputeWon
from ledger.events.forfeit import DepositForfeited
from ledger.events.gift_card import GiftCardCashedOut, GiftCardExpired, GiftCardIssuedFree
from ledger.events.goods import GoodsReceived, StockAdjusted
from ledger.events.invoice import InvoiceIssued, InvoiceRevised, InvoiceVoided
from ledger.events.journal import JournalPosted
from ledger.events.landed import LandedCostAdded
from ledger.events.package import PackageExpired
from ledger.events.payment import PaymentBounced, PaymentReceived
from ledger.events.payout import PayoutSettled
from ledger.events.period import PeriodClosed, PeriodReopened
from ledger.events.refund import RefundIssued
from ledger.events.register import CashMoved, RegisterClosed, RegisterOpened
from ledger.events.returned import GoodsReturned
from ledger.events.reversal import EventReversed
from ledger.events.sale import SaleCompleted
from ledger.events.store_credit import StoreCreditExpired, StoreCreditIssued
from ledger.events.tips import TipsPaidOut

Event = (
    SaleCompleted
    | RefundIssued
    | DepositReceived
    | DepositRefunded
    | DepositMoved
    | DepositForfeited
    | NoShowRecorded
    | BookingCancelled
    | GiftCardIssuedFree
    | GiftCardExpired
    | GiftCardCashedOut
    | StoreCreditIssued
    | StoreCreditExpired
    | PackageExpired
    | InvoiceIssued
    | InvoiceRevised
    | InvoiceVoided
    | PaymentReceived
    | PaymentBounced
    | InvoiceWrittenOff
    | BadDebtRecovered
    | RegisterOpened
    | CashMoved
    | RegisterClosed
    | GoodsReceived
    | LandedCostAdded
    | GoodsReturned
    | StockAdjusted
    | StockCounted
    | StockMoved
    | BillReceived
    | TipsPaidOut
    | PayoutSettled
    | DisputeOpened
    | DisputeWon
    | DisputeLost
    | JournalPosted
    | EventReversed
    | AccountDefined
    | TaxDefined
    | MethodDefined
    | ItemDefined
    | PolicySet
    | PeriodClosed
    | PeriodReopened
    | ExceptionCleared
)
