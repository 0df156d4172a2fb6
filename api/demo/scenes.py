"""The scenes of the day that are not ordinary sales, part by part."""

from collections.abc import Iterator
from typing import Any

from api.demo.shop import ARTICLES, FITTING, MADE_TO_MEASURE, Article, Event
from api.demo.till import Shop, due, gift_card, line, part, taxes, text

Scene = tuple[Any, ...]
"""Who states it, then its facts: all of them or none."""

_BY_CODE = {article.code: article for article in ARTICLES}


def _article(code: str) -> Article:
    return _BY_CODE[code]


def opening(shop: Shop) -> Iterator[Scene]:
    """Open the drawers with their floats; receive goods with a bill, and goods without."""
    for till in shop.tills:
        yield "pos", till.event("register_opened", 1, float="200.00")
    half = len(ARTICLES) // 2
    for vendor, articles, bill in (
        ("Atelier du Nord", ARTICLES[:half], f"{shop.run}-F-2041"),
        ("Papeterie Mile-End", ARTICLES[half:], None),
    ):
        lines = [
            {"item": one.code, "quantity": "60", "unit_cost": text(one.cost)} for one in articles
        ]
        receipt = f"{shop.run}-{vendor.split()[0]}"
        fields: Event = {"receipt": receipt, "vendor": vendor, "lines": lines}
        if bill:
            cost = sum(one.cost for one in articles) * 60 + 4500
            fields |= {"bill": bill, "freight": "45.00", "taxes": taxes(cost)}
        yield "bookkeeper", shop.office.event("goods_received", **fields)


def morning(shop: Shop) -> Iterator[Scene]:
    """Sell gift cards and use one at once; take a deposit for a hat made to measure."""
    first, second = shop.tills
    yield "pos", first.sale([gift_card(f"{shop.run}-GC-1", 10000)], {"kind": "cash"})
    yield (
        "pos",
        second.sale(
            [gift_card(f"{shop.run}-GC-2", 5000), line(_article("CANDLE"), 2)],
            {"kind": "card", "method": "interac"},
        ),
    )
    yield (
        "pos",
        first.event(
            "deposit_received",
            deposit=f"{shop.run}-D-1",
            customer="C-101",
            booking=f"{shop.run}-B-1",
            amount="100.00",
            tenders=[{"kind": "card", "method": "visa", "amount": "100.00"}],
        ),
    )
    yield (
        "pos",
        second.event(
            "deposit_received",
            deposit=f"{shop.run}-D-2",
            customer="C-103",
            amount="40.00",
            tenders=[{"kind": "cash", "amount": "40.00"}],
        ),
    )
    yield (
        "pos",
        first.sale(
            [line(_article("SCARF-SILK"))],
            {"kind": "gift_card", "gift_card": f"{shop.run}-GC-1", "amount": "60.00"},
            {"kind": "card", "method": "interac"},
            tip="4.00",
        ),
    )


def midday(shop: Shop) -> Iterator[Scene]:
    """Take back, exchange, give credit, sell on account, break a mug, take back a mistake."""
    first, second = shop.tills
    bought = first.sale(
        [line(_article("HAT-FELT")), line(_article("MUG"), 2)], {"kind": "card", "method": "visa"}
    )
    yield "pos", bought
    back = part(bought["lines"][1], 1)
    yield (
        "pos",
        first.event(
            "refund_issued",
            sale=bought["id"],
            lines=[{"sale_line": 1, "quantity": "1"}],
            restock="damaged",
            reason="A handle was loose",
            tenders=[{"kind": "card", "method": "visa", "amount": text(back)}],
        ),
    )
    yield from _exchange(shop, bought)
    hotel = [line(_article("CANDLE"), 24, discount=4548), line(_article("SOAP"), 48)]
    yield "pos", second.sale(hotel, {"kind": "on_account"}, customer="C-106")
    yield (
        "bookkeeper",
        shop.office.event(
            "store_credit_issued", customer="C-102", amount="25.00", reason="A late delivery"
        ),
    )
    yield (
        "pos",
        second.sale(
            [line(_article("GLOVES"))],
            {"kind": "store_credit", "amount": "25.00"},
            {"kind": "cash"},
            customer="C-102",
        ),
    )
    yield (
        "pos",
        shop.office.event(
            "stock_adjusted", lines=[{"item": "MUG", "quantity": "-1"}], reason="Broken"
        ),
    )
    wrong = second.sale([line(_article("CARDS"), 5)], {"kind": "cash"})
    yield "pos", wrong
    yield "pos", second.reversal(wrong, "Keyed twice")


def _exchange(shop: Shop, bought: Event) -> Iterator[Scene]:
    """Take the felt hat back for a straw hat: each leg pays the other through `exchange`."""
    first = shop.tills[0]
    worth, price = due([line(_article("HAT-FELT"))]), due([line(_article("HAT-STRAW"))])
    refund = first.event(
        "refund_issued",
        sale=bought["id"],
        lines=[{"sale_line": 0, "quantity": "1"}],
        restock="yes",
        tenders=[
            {"kind": "other", "method": "exchange", "amount": text(price)},
            {"kind": "card", "method": "visa", "amount": text(worth - price)},
        ],
    )
    other = {"kind": "other", "method": "exchange", "amount": text(price)}
    yield "pos", refund, first.sale([line(_article("HAT-STRAW"))], other)


def afternoon(shop: Shop) -> Iterator[Scene]:
    """Hand over the hat that the deposit was for; empty a gift card; give a present."""
    first, second = shop.tills
    yield (
        "pos",
        first.sale(
            [line(MADE_TO_MEASURE), line(FITTING)],
            {"kind": "deposit", "deposit": f"{shop.run}-D-1", "amount": "100.00"},
            {"kind": "card", "method": "visa"},
            customer="C-101",
            booking=f"{shop.run}-B-1",
            tip="20.00",
        ),
    )
    yield (
        "pos",
        second.event(
            "deposit_refunded",
            deposit=f"{shop.run}-D-2",
            customer="C-103",
            tenders=[{"kind": "cash", "amount": "40.00"}],
        ),
    )
    yield (
        "pos",
        second.sale(
            [line(_article("BOOK-MTL")), line(_article("SOAP"), 2)],
            {"kind": "gift_card", "gift_card": f"{shop.run}-GC-1", "amount": "40.00"},
            {"kind": "cash"},
        ),
    )
    yield from _presents(shop)
    yield (
        "pos",
        first.event(
            "cash_moved",
            kind="paid_out",
            amount="18.40",
            account="promotion_expense",
            reason="Coffee for a visitor",
        ),
    )


def _presents(shop: Shop) -> Iterator[Scene]:
    """Give a soap away; take a present back without its receipt, for store credit that is spent."""
    first, second = shop.tills
    gift = {"kind": "goods", "item": "SOAP", "quantity": "1", "unit_price": "0"}
    yield "pos", first.sale([gift], customer="C-105")
    yield (
        "bookkeeper",
        shop.office.event(
            "refund_issued",
            lines=[line(_article("TUQUE"))],
            restock="yes",
            reason="A present, without its receipt",
            tenders=[{"kind": "store_credit", "voucher": f"{shop.run}-V-1", "amount": "43.69"}],
        ),
    )
    yield (
        "pos",
        second.sale(
            [line(_article("SCARF-WOOL"))],
            {"kind": "store_credit", "voucher": f"{shop.run}-V-1", "amount": "43.69"},
            {"kind": "card", "method": "mastercard"},
        ),
    )


def closing(shop: Shop) -> Iterator[Scene]:
    """Count the drawers, one of them two dollars short; write a fee in the office."""
    for till in shop.tills:
        yield (
            "pos",
            till.event("cash_moved", 30, kind="drop", amount="100.00", reason="To the safe"),
        )
    for till, short in zip(shop.tills, (0, 200), strict=True):
        counted = [{"method": "cash", "amount": text(till.drawer - short)}]
        yield "pos", till.event("register_closed", 5, counted=counted)
    yield (
        "bookkeeper",
        shop.office.event(
            "journal_posted",
            600,
            reason="Terminals, this month",
            lines=[
                {"account": "merchant_fees", "debit": "39.00"},
                {"account": "bank", "credit": "39.00"},
            ],
        ),
    )
