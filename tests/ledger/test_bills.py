"""Vendors' bills: for goods that came, for their freight, and for anything else (5.8)."""

from typing import Any

from ledger.events import Event
from ledger.postings import Caveat
from tests.builders import a_receipt, a_sale, fact, goods, item, policy, reversal, tax, taxes
from tests.ledger.memory import TILL, Memory
from tests.ledger.refusals import conflict, faults, forbidden
from tests.ledger.test_landed import landed
from tests.ledger.test_returned import returned
from tests.notation import booked, journal


def a_bill(bill: str = "F-77", receipts: tuple[str, ...] = ("G-1",), **fields: Any) -> Event:
    """Return the bill of a vendor, by default for the receipt G-1 as it came in."""
    stated = {"bill": bill, "vendor": "Chapeaux Lavoie", "receipts": list(receipts)} | fields
    return fact("bill_received", stated.pop("id_", f"got-{bill}"), **stated)


def line(account: str, amount: str, **fields: str) -> dict[str, str]:
    """Return a line of a bill."""
    return {"account": account, "amount": amount} | fields


def test_what_waited_for_the_bill_is_owed_under_it(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_receipt("G-2", ("CAP", "10", "5.00")))
    entry = ledger.record(a_bill(receipts=("G-1", "G-2"), taxes=taxes(GST="7.50", QST="14.96")))
    assert booked(entry) == journal(
        """
        Dr goods_received_not_billed G-1 100.00 / Dr goods_received_not_billed G-2 50.00
        Dr tax_recoverable GST 7.50 / Dr tax_recoverable QST 14.96
        Cr payable F-77 172.46
        """
    )


def test_a_difference_goes_to_stock_on_hand_and_to_cost_of_goods(ledger: Memory) -> None:
    """Received at 100.00, 4 of 10 sold, billed at 105.00: 3.00 and 2.00."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="4")], []))
    entry = ledger.record(a_bill(lines=[line("inventory", "105.00")]))
    assert booked(entry) == journal(
        """
        Dr goods_received_not_billed G-1 100.00
        Dr inventory HAT 3.00 / Dr cost_of_goods Hats 2.00
        Cr payable F-77 105.00
        """
    )
    assert ledger.stock("HAT").value == 6300


def test_a_bill_for_less_than_was_received(ledger: Memory) -> None:
    """By role or by code; what is taken off the goods' price stands as a line of its own sign."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="5")], []))
    lines = [line("2010", "100.00"), line("goods_received_not_billed", "-10.00")]
    assert booked(ledger.record(a_bill(lines=lines))) == journal(
        """
        Dr goods_received_not_billed G-1 100.00
        Cr inventory HAT 5.00 / Cr cost_of_goods Hats 5.00
        Cr payable F-77 90.00
        """
    )


def test_no_more_is_taken_off_stock_than_it_is_worth(ledger: Memory) -> None:
    """Ten at 10.00 and ten for nothing, ten sold at 5.00: the bill is for nothing at all."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_receipt("G-2", ("HAT", "10", "0")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="10")], []))
    entry = ledger.record(a_bill(lines=[line("inventory", "0.00")]))
    assert booked(entry) == journal(
        """
        Dr goods_received_not_billed G-1 100.00
        Cr inventory HAT 50.00 / Cr cost_of_goods Hats 50.00
        """
    )


def test_lines_go_to_the_accounts_that_they_name(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    lines = [line("freight_in", "12.00", description="Courier"), line("purchase_discounts", "-2")]
    entry = ledger.record(a_bill(lines=lines))
    assert booked(entry) == journal(
        """
        Dr goods_received_not_billed G-1 100.00 / Dr freight_in 12.00
        Cr purchase_discounts 2.00 / Cr payable F-77 110.00
        """
    )


def test_a_bill_without_goods(ledger: Memory) -> None:
    """A tax that cannot be recovered is a part of what each line costs."""
    ledger.record(tax("PST", "7", recoverable=False))
    lines = [line("promotion_expense", "60.00"), line("merchant_fees", "40.00")]
    entry = ledger.record(a_bill(receipts=(), lines=lines, taxes=taxes(GST="5.00", PST="7.00")))
    assert booked(entry) == journal(
        """
        Dr promotion_expense 64.20 / Dr merchant_fees 42.80 / Dr tax_recoverable GST 5.00
        Cr payable F-77 112.00
        """
    )


def test_a_bill_of_taxes_alone(ledger: Memory) -> None:
    """As a broker's for what customs asked; one that cannot be recovered is a duty."""
    ledger.record(tax("PST", "7", recoverable=False))
    entry = ledger.record(a_bill(receipts=(), taxes=taxes(GST="5.00", PST="7.00")))
    assert booked(entry) == journal(
        "Dr tax_recoverable GST 5.00 / Dr duty 7.00 / Cr payable F-77 12.00"
    )


def test_a_tax_that_cannot_be_recovered_is_of_the_goods(ledger: Memory) -> None:
    ledger.record(tax("PST", "7", recoverable=False))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    entry = ledger.record(a_bill(taxes=taxes(PST="7.00")))
    assert "Dr inventory HAT 7.00" in booked(entry)


def test_the_carriers_bill_for_what_was_landed(ledger: Memory) -> None:
    """3.00 more than was thought: where the freight went, half of the hats being sold."""
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="5")], []))
    ledger.record(landed(freight="10.00"))
    bill = a_bill("T-9", ("L-1",), vendor="Transport Roy", lines=[line("inventory", "13.00")])
    assert booked(ledger.record(bill)) == journal(
        """
        Dr goods_received_not_billed L-1 10.00
        Dr inventory HAT 1.50 / Dr cost_of_goods Hats 1.50
        Cr payable T-9 13.00
        """
    )
    assert conflict(ledger, reversal("L-1"))["event"] == "got-T-9"


def test_goods_and_their_freight_on_one_bill_count_once(ledger: Memory) -> None:
    ledger.record(item("HAT", "Hats"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(landed(freight="10.00"))
    ledger.record(a_sale("S-1", [goods("0", "Hats", item="HAT", quantity="5")], []))
    entry = ledger.record(a_bill("F-1", ("G-1", "L-1"), lines=[line("inventory", "114.00")]))
    assert "Dr inventory HAT 2.00" in booked(entry)


def test_expensed_freight_is_corrected_where_it_went(ledger: Memory) -> None:
    ledger.record(policy("landed_cost", "expense"))
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(landed(freight="10.00"))
    entry = ledger.record(a_bill("T-9", ("L-1",), lines=[line("inventory", "9.00")]))
    assert "Cr freight_in 1.00" in booked(entry)


def test_no_receipt_is_billed_twice(ledger: Memory) -> None:
    """Nor one whose bill came with the goods."""
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(a_bill())
    again = conflict(ledger, a_bill("F-78"))
    assert again == {
        "code": "receipt-billed",
        "pointer": "/receipts/0",
        "receipt": "G-1",
        "bill": "F-77",
    }
    ledger.record(a_receipt("G-2", ("HAT", "10", "10.00"), bill="F-90"))
    assert conflict(ledger, a_bill("F-79", ("G-2",)))["bill"] == "F-90"


def test_no_bill_is_received_twice(ledger: Memory) -> None:
    """A number is one vendor's: each bill has a balance of its own."""
    rent: dict[str, Any] = {"receipts": (), "lines": [line("promotion_expense", "5.00")]}
    ledger.record(a_bill(**rent))
    assert conflict(ledger, a_bill(id_="again", **rent)) == {
        "code": "bill-known",
        "pointer": "/bill",
        "bill": "F-77",
        "vendor": "Chapeaux Lavoie",
    }
    other = a_receipt("G-1", ("HAT", "1", "1.00"), vendor="Casquettes Côté", bill="F-77")
    assert conflict(ledger, other)["code"] == "bill-known"
    ledger.record(reversal("got-F-77"))
    ledger.record(a_bill(id_="again", **rent))


def test_a_receipt_that_nobody_knows(ledger: Memory) -> None:
    """Refused; offline, what the bill asks for the goods waits in suspense."""
    assert conflict(ledger, a_bill()) == {
        "code": "receipt-unknown",
        "pointer": "/receipts/0",
        "receipt": "G-1",
    }
    entry = ledger.record(a_bill(lines=[line("inventory", "50.00")], happened_offline=True))
    holder = "goods_received_not_billed:G-1"
    assert booked(entry) == journal(f"Dr suspense {holder} 50.00 / Cr payable F-77 50.00")
    assert entry.caveats == (Caveat("receipt-offline", holder, 5000),)


def test_a_reversed_bill_leaves_the_goods_waiting_again(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    before = ledger.balances()
    ledger.record(a_bill(lines=[line("inventory", "105.00")]))
    assert conflict(ledger, reversal("G-1"))["event"] == "got-F-77"
    ledger.record(reversal("got-F-77"))
    assert ledger.balances() == before
    ledger.record(a_bill("F-78"))


def test_what_went_back_is_not_billed(ledger: Memory) -> None:
    """And a bill that a return has lessened is not reversed before it."""
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    ledger.record(returned("B-1", "2", "10.00"))
    assert "Cr payable F-77 80.00" in booked(ledger.record(a_bill()))
    assert conflict(ledger, reversal("B-1"))["event"] == "got-F-77"
    assert "Dr payable F-77 10.00" in booked(ledger.record(returned("B-2", "1", "10.00")))
    assert conflict(ledger, reversal("got-F-77"))["event"] == "B-2"


def test_a_receipt_is_billed_in_its_own_currency(ledger: Memory) -> None:
    """At another rate than it came in at: the difference is one of exchange."""
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00"), currency="EUR", rate="1.5"))
    assert conflict(ledger, a_bill())["code"] == "receipt-currency"
    entry = ledger.record(a_bill(currency="EUR", rate="1.6"))
    assert [(p.role, p.amount, p.at_home) for p in entry.postings] == [
        ("goods_received_not_billed", 10000, 15000),
        ("payable", -10000, -16000),
        ("exchange_gain_loss", 0, 1000),
    ]


def test_what_is_refused(ledger: Memory) -> None:
    ledger.record(a_receipt("G-1", ("HAT", "10", "10.00")))
    assert faults(ledger, a_bill(receipts=())) == {"/lines": "required"}
    assert faults(ledger, a_bill(receipts=("G-1", "G-1"))) == {"/receipts/1": "named-twice"}
    assert faults(ledger, a_bill(receipts=(), lines=[line("inventory", "5.00")])) == {
        "/receipts": "required"
    }
    assert faults(ledger, a_bill(lines=[line("duty", "-100.01")])) == {"/lines": "bill-below-zero"}
    wrong = [line("sales", "1.00"), line("duty", "1.00"), line("retained_earnings", "1.00")]
    assert faults(ledger, a_bill(lines=wrong)) == {
        "/lines/0/holder": "holder-missing",
        "/lines/2/account": "account-not-posted",
    }
    unknown = conflict(ledger, a_bill(lines=[line("6999", "1.00")]))
    assert (unknown["code"], unknown["pointer"]) == ("account-unknown", "/lines/0/account")
    assert forbidden(ledger, a_bill(), TILL)["what"] == "bill_received"
