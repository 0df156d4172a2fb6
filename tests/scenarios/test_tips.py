"""Tips: the staff's money from the moment it is given, whole, until it is paid out."""

from tests.builders import Json, a_sale, card, cash, fact
from tests.plan.till import Till, told
from tests.scenarios.shop import CUT, all_told, balances, kinds, planned


def test_a_tip_is_owed_to_its_staff_and_the_receipt_equals_the_money() -> None:
    shop = Till()
    sale = a_sale("S-1", [CUT], [card("68.66", None)], tip="15.00", staff="Ana")
    (receipt,) = told(shop.plan(shop.record(sale)))
    assert receipt.startswith("SalesReceipt sale:S-1 clearing:card 6866")
    assert "Tips 1500" in receipt
    assert balances(shop, "tips") == {"tips Ana": "-15.00"}


def test_tips_are_shared_and_paid_out_without_the_cards_fee() -> None:
    shop = Till()
    tips = [{"staff": "Ana", "amount": "10.00"}, {"staff": "Bo", "amount": "5.00"}]
    shop.record(a_sale("S-1", [CUT], [card("68.66", None)], tip=tips))
    shop.record(fact("payout_settled", "O-1", method="card", gross="68.66", fees="2.06"))
    for staff, amount in (("Ana", "10.00"), ("Bo", "5.00")):
        out: Json = {"staff": staff, "amount": amount, "tenders": [cash(amount)]}
        shop.record(fact("tips_paid_out", f"T-{staff}", **out))
    assert balances(shop, "tips", "merchant_fees") == {"merchant_fees": "2.06"}
    assert "Deposit" in kinds(planned(shop))
    all_told(shop)
