"""Other currencies: at a stated rate, balanced in both; and those with no or three decimals (2)."""

from msgspec.structs import replace

from tests.builders import a_sale, card, cash, fact, goods, tender
from tests.ledger.memory import MONTREAL, Memory
from tests.notation import booked, journal


def test_a_sale_of_100_us_dollars_at_1_35_paid_at_1_40_gains_5_00() -> None:
    """Both currencies balance; what the rate gained stands in exchange_gain_loss, at home only."""
    ledger = Memory()
    sold = a_sale(
        "S-1",
        [goods("100.00")],
        [tender("on_account", "100.00")],
        customer="C-1",
        currency="USD",
        rate="1.35",
    )
    ledger.record(sold)
    paid = fact(
        "payment_received",
        "P-1",
        payment="P-1",
        customer="C-1",
        currency="USD",
        rate="1.40",
        tenders=[card("100.00", None)],
        applied=[{"invoice": "S-1", "amount": "100.00"}],
    )
    entry = ledger.record(paid)
    at_home = {(p.role, p.amount, p.at_home) for p in entry.postings}
    assert at_home == {
        ("clearing", 10000, 14000),
        ("receivable", -10000, -13500),
        ("exchange_gain_loss", 0, -500),
    }


def test_1500_yen_have_no_decimals() -> None:
    tokyo = replace(MONTREAL, country="JP", region=None, currency="JPY", timezone="Asia/Tokyo")
    sale = a_sale("S-1", [goods("1500", taxes=[{"tax": "CT", "amount": "150"}])], [cash("1650")])
    assert booked(Memory(tokyo).record(sale)) == journal(
        "Dr cash unassigned 1650 / Cr sales Hats 1500 / Cr sales_tax CT 150"
    )


def test_1_250_dinars_have_three_decimals() -> None:
    kuwait = replace(MONTREAL, country="KW", region=None, currency="KWD", timezone="Asia/Kuwait")
    sale = a_sale("S-1", [goods("0.625", quantity="2")], [cash("1.250")])
    assert booked(Memory(kuwait).record(sale)) == journal(
        "Dr cash unassigned 1.250 / Cr sales Hats 1.250"
    )
