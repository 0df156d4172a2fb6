"""Visit cards, packages, memberships and gift cards: owed when sold, earned when used."""

from typing import Any

from tests.builders import a_gift_card, a_sale, card, fact, gift_card, hat, taxes
from tests.notation import booked, journal
from tests.plan.till import Till
from tests.scenarios.shop import all_told, balances, kinds, planned

TEN: dict[str, Any] = {
    "kind": "package",
    "package": "PK-1",
    "uses": 10,
    "net": "500.00",
    "taxes": taxes(GST="25.00", QST="49.88"),
}
VISIT = {"kind": "service", "category": "Massage"}
USE = {"kind": "package", "package": "PK-1"}


def ten_visits(**fields: Any) -> Till:
    """Return a shop that sold ten visits."""
    shop = Till()
    shop.record(a_sale("S-1", [TEN], [card("574.88", None)], **fields))
    return shop


def test_a_card_of_ten_visits_is_owed_until_it_is_used() -> None:
    """The tax is due at the sale, the income is not there yet."""
    shop = ten_visits()
    assert balances(shop) == {
        "clearing card": "574.88",
        "packages PK-1": "-500.00",
        "sales_tax GST": "-25.00",
        "sales_tax QST": "-49.88",
    }
    assert kinds(planned(shop)) == ["SalesReceipt"]


def test_a_card_sold_online_or_at_the_desk_is_the_same_fact() -> None:
    online = ten_visits(channel="web", source={"system": "booking page"})
    desk = ten_visits(channel="shop", register="till-3", staff="Ana")
    assert balances(online) == balances(desk)
    assert [e.event.channel for e in (*online.entries, *desk.entries)] == ["web", "shop"]


def test_each_visit_earns_its_share_where_it_is_used() -> None:
    """50.00 of income on the day and at the place of the visit, without new tax."""
    shop = ten_visits(location="laurier")
    visit = shop.record(a_sale("S-2", [VISIT], [USE], location="plateau", on="2026-04-02"))
    assert booked(visit) == journal("Dr packages PK-1 50.00 x 1 / Cr sales Massage 50.00")
    assert visit.event.location == "plateau"
    all_told(shop)


def test_an_eleventh_visit_is_not_on_the_card() -> None:
    shop = ten_visits()
    for number in range(10):
        shop.record(a_sale(f"U-{number}", [VISIT], [USE]))
    assert balances(shop, "packages", "sales") == {"sales Massage": "-500.00"}
    last = shop.preview(a_sale("U-11", [VISIT], [USE], happened_offline=True))
    assert {p.role for p in last.postings} <= {"suspense", "sales"}


def test_what_lies_ahead_is_owed_wherever_it_is_sold() -> None:
    """Packages and gift cards ordered on the web are liabilities, each with its document."""
    shop = ten_visits(channel="web")
    shop.record(a_gift_card("GC-1", "50.00", channel="web"))
    assert balances(shop, "packages", "gift_cards", "sales") == {
        "packages PK-1": "-500.00",
        "gift_cards GC-1": "-50.00",
    }
    assert kinds(planned(shop)) == ["SalesReceipt", "SalesReceipt"]


def test_what_a_code_pays_is_worth_what_it_was_sold_for() -> None:
    """A booking paid by a gift code has its full price and tax, not 0.00."""
    shop = Till()
    shop.record(a_gift_card("GC-1", "50.00"))
    shop.record(a_sale("S-1", [hat()], [gift_card("GC-1", "45.99")]))
    assert balances(shop, "sales", "gift_cards") == {
        "sales Hats": "-40.00",
        "gift_cards GC-1": "-4.01",
    }


def test_every_months_charge_has_its_document() -> None:
    """The first payment of a subscription and each that follows."""
    shop = Till()
    fee = {"kind": "service", "category": "Membership", "net": "40.00"}
    fee |= {"taxes": taxes(GST="2.00", QST="3.99")}  # type: ignore[dict-item]  # JSON
    for month in ("03", "04", "05"):
        shop.record(a_sale(f"M-{month}", [fee], on=f"2026-{month}-14", customer="C-1"))
    assert kinds(planned(shop)) == ["SalesReceipt"] * 3


def test_a_membership_paid_ahead_is_earned_month_by_month() -> None:
    """A year for 1,200.00 holds twelve uses: each month takes one, the liability rolls down."""
    shop = Till()
    year = {"kind": "package", "package": "Y-1", "uses": 12, "net": "1200.00"}
    shop.record(a_sale("S-1", [year], [card("1200.00", None)]))
    for month in (4, 5, 6):
        dues = {"kind": "service", "category": "Membership"}
        use = {"kind": "package", "package": "Y-1"}
        shop.record(a_sale(f"M-{month}", [dues], [use], on=f"2026-{month:02}-01"))
    assert balances(shop, "packages", "sales") == {
        "packages Y-1": "-900.00",
        "sales Membership": "-300.00",
    }


def test_a_package_does_not_lapse_in_quebec_unless_a_bookkeeper_says_why() -> None:
    shop = ten_visits()
    lapsed = fact("package_expired", "X-1", package="PK-1", override="client left no address")
    assert booked(shop.record(lapsed)) == journal(
        "Dr packages PK-1 500.00 x 10 / Cr package_breakage 500.00"
    )
