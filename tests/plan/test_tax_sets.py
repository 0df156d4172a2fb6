"""Which taxes the categories of a refund bear, told by its sale or found from the rates."""

from decimal import Decimal

import pytest

from ledger.events.lines import Priced
from sync.plan.tax_sets import Bearing, Share, bearing_of, shares

QUEBEC = {"GST": Decimal(5), "QST": Decimal("9.975")}
BOTH = Bearing(("GST", "QST"), "taxable")
GST = Bearing(("GST",), "taxable")
EXEMPT = Bearing()


def line(category: str, net: int, treatment: str = "taxable", **taxes: int) -> Priced:
    return Priced(
        kind="goods",
        category=category,
        treatment=treatment,  # type: ignore[arg-type]  # a literal passed on
        quantity=1_000_000,
        gross=net,
        discount=0,
        taxes=tuple(taxes.items()),
    )


HAT = line("Hats", 4000, GST=200, QST=399)
CARE = line("Care", 2000, "exempt")


def test_a_line_bears_its_codes_and_untaxed_it_keeps_its_treatment() -> None:
    assert bearing_of(HAT) == BOTH
    assert bearing_of(line("Books", 100, "zero")) == Bearing((), "zero")
    assert bearing_of(line("Books", 100, "zero", GST=0)) == Bearing((), "zero")
    assert bearing_of(line("Pins", 1, GST=0, QST=0)) == BOTH
    assert bearing_of(line("Hats", 100)) == EXEMPT


def test_a_category_with_one_bearing_in_the_sale_keeps_it() -> None:
    found = shares({"Hats": 1000, "Care": 500}, {"GST": 50, "QST": 100}, [HAT, CARE], QUEBEC)
    assert found == [Share("Hats", 1000, BOTH), Share("Care", 500, EXEMPT)]


def test_a_category_that_comes_back_whole_is_split_as_it_was_sold() -> None:
    mixed = [HAT, line("Hats", 1000, "zero")]
    found = shares({"Hats": 5000}, {"GST": 200, "QST": 399}, mixed, QUEBEC)
    assert found == [Share("Hats", 4000, BOTH), Share("Hats", 1000, Bearing((), "zero"))]


@pytest.mark.parametrize(
    ("nets", "taxes", "expected"),
    [
        ({"Hats": 4000}, {"GST": 200, "QST": 399}, [Share("Hats", 4000, BOTH)]),
        ({"Hats": 4000}, {}, [Share("Hats", 4000, EXEMPT)]),
        (
            {"Hats": 4000, "Care": 2000},
            {"GST": 200, "QST": 399},
            [Share("Hats", 4000, BOTH), Share("Care", 2000, EXEMPT)],
        ),
        (
            {"Hats": 4000, "Books": 4000},
            {"GST": 400, "QST": 399},
            [Share("Hats", 4000, BOTH), Share("Books", 4000, GST)],
        ),
        ({"Pins": 8}, {"QST": 1}, [Share("Pins", 8, Bearing(("QST",), "taxable"))]),
    ],
)
def test_without_a_sale_the_rates_tell(
    nets: dict[str, int], taxes: dict[str, int], expected: list[Share]
) -> None:
    assert shares(nets, taxes, [], QUEBEC) == expected


def test_taxes_that_exclude_each_other_stand_side_by_side() -> None:
    rates = {"VAT": Decimal(20), "VAT5": Decimal(5)}
    found = shares({"Hats": 10000, "Fuel": 20000}, {"VAT": 2000, "VAT5": 1000}, [], rates)
    assert found == [
        Share("Hats", 10000, Bearing(("VAT",), "taxable")),
        Share("Fuel", 20000, Bearing(("VAT5",), "taxable")),
    ]


def test_a_tax_of_unknown_rate_is_on_everything() -> None:
    found = shares({"Hats": 4000}, {"ECO": 3}, [], {"ECO": Decimal(0)})
    assert found == [Share("Hats", 4000, Bearing(("ECO",), "taxable"))]


def test_a_sale_that_does_not_know_a_tax_is_not_believed() -> None:
    assert shares({"Hats": 4000}, {"GST": 200}, [CARE], QUEBEC) == [Share("Hats", 4000, GST)]
