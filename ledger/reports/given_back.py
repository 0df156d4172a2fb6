"""What the lines that a refund gives back cost, by tax code, as their sale priced them."""

from ledger.events.lines import Line, price
from ledger.events.sale import SaleCompleted
from ledger.events.sale_left import TakesBack
from ledger.money import share, to_millionths
from ledger.settings import Settings

Taxes = dict[str, tuple[int, int]]
"""(price, tax) by tax code, in minor units of the fact."""


def lines_back(refund: TakesBack, sale: SaleCompleted, settings: Settings) -> Taxes:
    """Return price and tax of what a refund takes back; nothing where its lines do not tell.

    A line that states no price has the share of its line of the sale that its quantity is.
    """
    found: Taxes = {}
    for line in refund.lines or ():
        told = _of_line(line, refund, sale, settings)
        if told is None:
            return {}
        for code, (net, tax) in told.items():
            before = found.get(code, (0, 0))
            found[code] = (before[0] + net, before[1] + tax)
    return found


def _of_line(
    line: Line, refund: TakesBack, sale: SaleCompleted, settings: Settings
) -> Taxes | None:
    if line.states_price:
        priced = price(refund, line, settings)
        return {code: (priced.net, tax) for code, tax in priced.taxes}
    if line.sale_line is None or line.sale_line >= len(sale.lines):
        return None
    sold = sale.lines[line.sale_line]
    if sold.kind == "package" or not sold.states_price or not sold.how_many:
        return None
    priced = price(sale, sold, settings)
    part, whole = to_millionths(line.how_many), priced.quantity
    return {
        code: (share(priced.net, part, whole), share(tax, part, whole))
        for code, tax in priced.taxes
    }
