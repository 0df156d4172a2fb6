"""What a booking has open is found in the database too, by a process that starts later."""

from sqlalchemy import Engine

from ledger.recorder import Recorder
from tests.builders import a_deposit, fact, reversal, taxes
from tests.conftest import Shop
from tests.notation import booked, journal

SERVICE = {"kind": "service", "net": "46.67", "taxes": taxes(GST="2.33", QST="4.66")}


def test_a_booking_ends_as_it_would_have_in_the_same_process(database: Engine, shop: Shop) -> None:
    """A deposit that was moved twice, once by a cancellation, and an invoice."""
    shop.record(a_deposit(booking="B-1"))
    shop.record(fact("deposit_moved", "M-1", deposit="D-7", to_booking="B-2"))
    shop.record(fact("booking_cancelled", "X-1", booking="B-2", deposit="move", to_booking="B-3"))
    shop.record(fact("invoice_issued", "I-1", invoice="I-1", lines=[SERVICE], booking="B-3"))
    later = Recorder(database)
    try:
        again = Shop(database, later, shop.book)
        assert booked(again.record(fact("no_show_recorded", "N-0", booking="B-1"))) == []
        ended = again.record(fact("no_show_recorded", "N-1", booking="B-3"))
        assert booked(ended) == journal(
            """
            Dr sales service 46.67 / Dr sales_tax GST 2.33 / Dr sales_tax QST 4.66
            Cr receivable I-1 53.66
            Dr deposits D-7 16.10
            Cr sales_tax GST 0.77 / Cr sales_tax QST 1.46 / Cr forfeited_deposits 13.87
            """
        )
        again.record(reversal("N-1"))
    finally:
        later.close()
    back = shop.record(fact("booking_cancelled", "X-2", booking="B-3"))
    assert "Cr clearing card 16.10" in booked(back)
    assert "Cr receivable I-1 53.66" in booked(back)
