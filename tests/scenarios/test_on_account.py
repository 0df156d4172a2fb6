"""Sales on account: an invoice each, payments that find it wherever they were made."""

from typing import Any

from sync.plan import scope_of
from tests.builders import a_sale, card, fact, hat, tender
from tests.notation import booked, journal
from tests.plan.till import Till, told
from tests.scenarios.shop import all_told, balances, kinds, planned

OWED = tender("on_account", "45.99", due_date="2026-04-13")


def sold(*numbers: str) -> Till:
    """Return a shop that sold hats on account to C-1."""
    shop = Till()
    for number in numbers:
        shop.record(a_sale(number, [hat()], [OWED], customer="C-1"))
    return shop


def paid(id_: str, amount: str, *applied: tuple[str, str], **fields: Any) -> Any:
    """Return a payment of C-1 by card."""
    parts = [{"invoice": invoice, "amount": part} for invoice, part in applied]
    stated = {"payment": id_, "tenders": [card(amount, None)], "customer": "C-1"} | fields
    return fact("payment_received", id_, applied=parts, **stated)


def test_a_sale_on_account_is_an_invoice_by_itself() -> None:
    shop = sold("S-1")
    (invoice,) = told(planned(shop))
    assert invoice.startswith("Invoice sale:S-1 C-1 4599")
    (document,) = [d for d in planned(shop) if type(d).__name__ == "Invoice"]
    assert str(getattr(document, "due", "")) == "2026-04-13"


def test_a_payment_settles_the_invoice_that_it_names() -> None:
    shop = sold("S-1")
    payment = shop.record(paid("P-1", "45.99", ("S-1", "45.99")))
    assert booked(payment) == journal("Dr clearing card 45.99 / Cr receivable S-1 45.99")
    assert balances(shop, "receivable") == {}
    all_told(shop)


def test_a_payment_may_be_partial_or_settle_several_invoices() -> None:
    shop = sold("S-1", "S-2")
    shop.record(paid("P-1", "20.00", ("S-1", "20.00")))
    shop.record(paid("P-2", "71.98", ("S-1", "25.99"), ("S-2", "45.99")))
    assert balances(shop, "receivable") == {}


def test_a_payment_made_in_quickbooks_settles_the_sale_once() -> None:
    """It comes back as a fact of the source `quickbooks`, and is not sent there again."""
    shop = sold("S-1")
    there = shop.record(paid("P-1", "45.99", ("S-1", "45.99"), source={"system": "quickbooks"}))
    assert balances(shop, "receivable") == {}
    assert scope_of(there, shop.settings, shop.by_id) is None


def test_what_is_paid_too_much_is_the_customers_and_buys_the_next_hat() -> None:
    shop = sold("S-1")
    shop.record(paid("P-1", "91.98", ("S-1", "45.99")))
    assert balances(shop, "receivable") == {"receivable credit:C-1": "-45.99"}
    shop.record(a_sale("S-2", [hat()], [tender("customer_credit", "45.99")], customer="C-1"))
    assert balances(shop, "receivable") == {}


def test_a_cheque_that_bounces_opens_its_invoice_again() -> None:
    shop = sold("S-1")
    shop.record(paid("P-1", "45.99", ("S-1", "45.99"), tenders=[tender("cheque", "45.99")]))
    shop.record(fact("payment_bounced", "P-1-back", payment="P-1", fee="7.00"))
    assert balances(shop, "receivable", "merchant_fees", "clearing") == {
        "receivable S-1": "45.99",
        "merchant_fees": "7.00",
        "clearing cheque": "-7.00",
    }
    assert kinds(planned(shop))[0] == "Invoice"
