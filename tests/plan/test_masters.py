"""What documents refer to comes before them, and they say that they need it."""

from typing import TypeVar

from sync.documents import Account, AnyDocument, Customer, Item, Vendor
from tests.plan.till import Till, transactions
from tests.plan.words import card, cash, goods, on_account

D = TypeVar("D", bound=AnyDocument)
HAT = goods("Hats", "40.00", "2.00", "3.99", item="HAT")


def of_kind(documents: list[AnyDocument], kind: type[D]) -> dict[str, D]:
    return {document.key: document for document in documents if isinstance(document, kind)}


def test_a_receipt_needs_its_items_money_and_taxes() -> None:
    till = Till()
    entry = till.state("sale_completed", "S-1", lines=[HAT], tenders=[card("45.99")])
    documents = till.plan(entry)
    receipt = transactions(documents)[0]
    assert set(receipt.needs) == {
        "item:Hats",
        "account:1010:card",
        "account:2200:GST",
        "account:2200:QST",
    }
    items = of_kind(documents, Item)
    assert items["item:Hats"].needs == ("account:4000",)
    accounts = of_kind(documents, Account)
    assert accounts["account:1010:card"].name == "Payments clearing - card"
    assert accounts["account:4000"].account_type == "income"


def test_everything_needed_stands_before_what_needs_it() -> None:
    till = Till()
    till.state("sale_completed", "S-1", lines=[HAT], tenders=[on_account("45.99")], customer="C-1")
    entry = till.state(
        "refund_issued", "R-1", sale="S-1", tenders=[on_account("45.99")], customer="C-1"
    )
    seen = {"sale:S-1"}
    for document in till.plan(entry):
        assert set(document.needs) <= seen, document.key
        seen.add(document.key)


def test_an_invoice_without_customer_is_for_the_walk_in_customer() -> None:
    till = Till()
    entry = till.state("sale_completed", "S-1", lines=[HAT], tenders=[cash("5.99"), card("40.00")])
    documents = till.plan(entry)
    walk_in = of_kind(documents, Customer)["customer:"]
    assert (walk_in.name, walk_in.reference) == ("Walk-in customer", None)
    assert all("customer:" in document.needs for document in transactions(documents))


def test_a_customer_goes_by_name_and_where_it_was_erased_by_reference() -> None:
    till = Till()
    for event_id, customer, name in (("S-1", "C-1", "Zoé Tremblay"), ("S-2", "C-9", "C-9")):
        entry = till.state(
            "sale_completed", event_id, lines=[HAT], tenders=[cash("45.99")], customer=customer
        )
        documents = till.plan(entry)
        assert of_kind(documents, Customer)[f"customer:{customer}"].name == name
        assert f"customer:{customer}" in transactions(documents)[0].needs


def test_open_items_in_a_journal_need_their_parties() -> None:
    till = Till()
    entry = till.state(
        "journal_posted",
        "J-1",
        reason="opening",
        lines=[
            {"account": "receivable", "holder": "OLD", "customer": "C-1", "debit": "30.00"},
            {"account": "payable", "holder": "B-1", "vendor": "Chapelier", "credit": "30.00"},
        ],
    )
    documents = till.plan(entry)
    assert transactions(documents)[0].needs == (
        "account:1100",
        "account:2000",
        "customer:C-1",
        "vendor:Chapelier",
    )
    assert of_kind(documents, Vendor)["vendor:Chapelier"].name == "Chapelier"


def test_the_sku_of_an_item_stands_on_its_sales_line_alone() -> None:
    till = Till()
    entry = till.state(
        "sale_completed",
        "S-1",
        lines=[HAT | {"discount": "4.00"}, {"kind": "shipping", "net": "4.00", "item": "POST"}],
        tenders=[cash("45.99")],
    )
    receipt = transactions(till.plan(entry))[0]
    skus = {line.item: line.sku for line in receipt.lines}  # type: ignore[union-attr]  # a receipt
    assert skus == {"Hats": "HAT", "Discounts - Hats": None, "Shipping": None}


def test_customers_alone_are_sent_when_the_policy_says_so() -> None:
    till = Till()
    till.state("policy_set", "P-1", policy="customers_only", value="yes")
    known = till.state(
        "sale_completed", "S-1", lines=[HAT], tenders=[cash("45.99")], customer="C-1"
    )
    unknown = till.state("sale_completed", "S-2", lines=[HAT], tenders=[cash("45.99")])
    assert [document.key for document in till.plan(known)] == ["customer:C-1"]
    assert till.plan(unknown) == []
    back = till.state("event_reversed", "X-1", reverses="S-2", reason="typed twice")
    assert till.plan(back) == []


def test_a_document_of_very_many_lines_is_told_by_item() -> None:
    till = Till()
    lines = [goods("Hats", "1.00") for _ in range(600)]
    entry = till.state("sale_completed", "S-1", lines=lines, tenders=[cash("600.00")])
    receipt = transactions(till.plan(entry))[0]
    assert [(line.item, line.amount) for line in receipt.lines] == [("Hats", 60000)]  # type: ignore[union-attr]  # a receipt


def test_a_bill_of_very_many_lines_is_told_by_account() -> None:
    till = Till()
    line = {"item": "HAT", "quantity": "1", "unit_cost": "1.00"}
    entry = till.state(
        "goods_received",
        "G-1",
        receipt="PO",
        vendor="Chapelier",
        bill="B-1",
        lines=[line | {"item": f"HAT-{number}"} for number in range(501)],
    )
    bill = transactions(till.plan(entry))[0]
    assert [(line.place.role, line.amount) for line in bill.lines] == [("inventory", 50100)]  # type: ignore[union-attr]  # a bill
