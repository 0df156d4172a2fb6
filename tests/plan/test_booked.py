"""What was booked stays booked: documents follow the postings, whatever was defined afterwards."""

from sync.plan import conserved
from tests.plan.till import Till, told
from tests.plan.words import cash, goods

BEFORE = {"from": "2026-01-01"}


def test_a_category_given_to_an_item_afterwards_does_not_move_its_sales() -> None:
    till = Till()
    old = {"category": "Old", "name": "Hat", "item": "HAT"}
    till.state("item_defined", "I-1", **old, **BEFORE)
    hat = goods("Hats", "40.00", "1.80", "3.59", discount="4.00", item="HAT")
    del hat["category"]
    entry = till.state(
        "sale_completed", "S-1", lines=[hat, goods("Old", "10.00")], tenders=[cash("51.39")]
    )
    till.state("item_defined", "I-2", **old | {"category": "New"}, **BEFORE)
    documents = till.plan(entry)
    conserved([entry], documents)
    assert told(documents) == [
        (
            "SalesReceipt sale:S-1 cash:unassigned 5139 | Old 4000 GST+QST | Old 1000 exempt"
            " | Discounts - Old -400 GST+QST | GST 180/3600 | QST 359/3600"
        )
    ]


def test_an_account_that_serves_a_role_afterwards_does_not_take_its_sales() -> None:
    till = Till()
    entry = till.state(
        "sale_completed", "S-1", lines=[goods("Hats", "40.00")], tenders=[cash("40.00")]
    )
    till.state(
        "account_defined",
        "A-1",
        code="4001",
        role="sales",
        account_type="income",
        name={"en": "Sales", "fr": "Ventes"},
        **BEFORE,
    )
    later = till.state(
        "sale_completed", "S-2", lines=[goods("Hats", "40.00")], tenders=[cash("40.00")]
    )
    items = [line for entry in (entry, later) for line in told(till.plan(entry))]
    assert items == [
        "SalesReceipt sale:S-1 cash:unassigned 4000 | Hats 4000 exempt",
        "SalesReceipt sale:S-2 cash:unassigned 4000 | Hats [4001] 4000 exempt",
    ]
