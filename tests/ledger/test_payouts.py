"""Payouts of acquirers: fees, reserves, and days of more refunds than sales (5.17)."""

from typing import Any

from ledger.events import Event
from ledger.postings import Caveat
from tests.builders import a_sale, account, card, fact, goods, reversal
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.notation import booked, journal


def payout(gross: str = "1000.00", fees: str = "30.00", **fields: Any) -> Event:
    """Return a payout, by default 1000.00 of visa less 30.00."""
    stated = {"method": "visa"} | fields
    return fact("payout_settled", stated.pop("id_", "P-1"), gross=gross, fees=fees, **stated)


def _visa_takes(ledger: Memory, amount: str = "1000.00") -> None:
    ledger.record(fact("method_defined", "M-visa", method="visa", kind="card", name="Visa"))
    ledger.record(a_sale("S-1", [goods(amount)], [card(amount)]))


def test_gross_less_fees_comes_to_the_bank(ledger: Memory) -> None:
    _visa_takes(ledger)
    entry = ledger.record(payout(covers="14 March"))
    assert booked(entry) == journal(
        "Dr bank main 970.00 / Dr merchant_fees 30.00 / Cr clearing visa 1000.00"
    )
    assert ledger.balance("clearing", "visa", "CAD") == 0


def test_it_comes_to_the_bank_that_is_named(ledger: Memory) -> None:
    _visa_takes(ledger)
    assert "Dr bank desjardins 970.00" in booked(ledger.record(payout(bank="desjardins")))


def test_a_reserve_is_held_and_released(ledger: Memory) -> None:
    """An adjustment adds to the bank when it is positive."""
    _visa_takes(ledger)
    ledger.record(account("1070", "processor_reserve", "asset"))
    held = [{"account": "processor_reserve", "amount": "-100.00", "reason": "rolling reserve"}]
    entry = ledger.record(payout(gross="600.00", fees="18.00", adjustments=held))
    assert booked(entry) == journal(
        """
        Dr bank main 482.00 / Dr merchant_fees 18.00 / Dr processor_reserve 100.00
        Cr clearing visa 600.00
        """
    )
    released = [held[0] | {"amount": "100.00", "account": "1070"}]
    entry = ledger.record(payout("400.00", "12.00", id_="P-2", adjustments=released))
    assert booked(entry) == journal(
        """
        Dr bank main 488.00 / Dr merchant_fees 12.00
        Cr processor_reserve 100.00 / Cr clearing visa 400.00
        """
    )


def test_an_adjustment_names_its_holder_where_its_account_needs_one(ledger: Memory) -> None:
    _visa_takes(ledger)
    stated = {"account": "disputes_receivable", "amount": "-10.00", "reason": "withheld"}
    assert faults(ledger, payout(adjustments=[stated])) == {
        "/adjustments/0/holder": "holder-missing"
    }
    entry = ledger.record(payout(adjustments=[stated | {"holder": "DP-1"}]))
    assert "Dr disputes_receivable DP-1 10.00" in booked(entry)


def test_more_refunds_than_sales_are_taken_from_the_bank(ledger: Memory) -> None:
    """And fees that were returned come with it."""
    _visa_takes(ledger)
    entry = ledger.record(payout(gross="-50.00", fees="-1.50"))
    assert booked(entry) == journal(
        "Dr clearing visa 50.00 / Cr merchant_fees 1.50 / Cr bank main 48.50"
    )


def test_more_may_be_paid_out_than_the_ledger_knows_of(ledger: Memory) -> None:
    """Clearing then says what is missing: sales that the tills have yet to send."""
    _visa_takes(ledger, "400.00")
    ledger.record(payout())
    assert ledger.balance("clearing", "visa", "CAD") == -60000


def test_an_unknown_method_is_paid_out_of_suspense(ledger: Memory) -> None:
    """Where its sales stand."""
    ledger.record(a_sale("S-1", [goods("1000.00")], [card("1000.00", "moonpay")]))
    entry = ledger.record(payout(method="moonpay"))
    assert "Cr suspense method:moonpay 1000.00" in booked(entry)
    assert entry.caveats == (Caveat("unknown-method", "moonpay", -100000),)
    assert ledger.balance("suspense", "method:moonpay", "CAD") == 0


def test_a_reversal_takes_a_payout_back(ledger: Memory) -> None:
    _visa_takes(ledger)
    before = ledger.balances()
    ledger.record(payout())
    ledger.record(reversal("P-1"))
    assert ledger.balances() == before


def test_a_foreign_payout_leaves_at_what_was_taken(ledger: Memory) -> None:
    """EUR 100.00 taken at 1.50 and paid at 1.60: 10.00 gained."""
    ledger.record(fact("method_defined", "M-visa", method="visa", kind="card", name="Visa"))
    line, euro = goods("100.00"), {"currency": "EUR", "rate": "1.5"}
    ledger.record(a_sale("S-1", [line], [card("100.00")], **euro))
    entry = ledger.record(payout("100.00", "0.00", currency="EUR", rate="1.6"))
    assert [(p.role, p.amount, p.at_home) for p in entry.postings] == [
        ("bank", 10000, 16000),
        ("clearing", -10000, -15000),
        ("exchange_gain_loss", 0, -1000),
    ]


def test_what_is_refused(ledger: Memory) -> None:
    assert faults(ledger, payout("0.001", "0.001")) == {
        "/gross": "too-many-decimals",
        "/fees": "too-many-decimals",
    }
    unknown = [{"account": "reserve", "amount": "-1.00", "reason": "held"}]
    assert conflict(ledger, payout(adjustments=unknown))["code"] == "account-unknown"
    assert forbidden(ledger, payout(), TILL)["what"] == "payout_settled"
