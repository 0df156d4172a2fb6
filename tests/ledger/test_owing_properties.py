"""Whatever is done to invoices, in whatever order: they add up, and reversals undo it all (5.6)."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Conflict, LedgerError
from ledger.events import Event
from ledger.events.invoice_state import invoice_state
from tests.builders import Json, a_receipt, a_refund, a_sale, hat, item, reversal, tender
from tests.ledger.memory import Memory
from tests.ledger.owing import (
    an_invoice,
    bounced,
    cheque,
    hats,
    on_account,
    paid,
    recovered,
    revised,
    voided,
    work,
    written_off,
)

INVOICES = ("INV-1", "INV-2", "S-1")
AMOUNTS = st.sampled_from(("0.01", "9.99", "20.00", "45.99", "149.46"))
LINES = st.lists(
    st.one_of(
        st.just(work()),
        st.just(hats("1")),
        st.just(hats("2", discount="3.00", category="Gifts")),
        st.just(hats("3", "13.33", location="rachel")),
        st.just(hat()),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def facts(draw: st.DrawFn) -> list[Event]:
    """Return a story of invoices; most of it makes sense."""
    story = [item(stocked=True), a_receipt("G-1", ("HAT", "5", "3.335"))]
    for number in range(draw(st.integers(3, 14))):
        story.append(_one(draw, str(number), [event.id for event in story]))
    return story


def _one(draw: st.DrawFn, id_: str, known: list[str]) -> Event:
    invoice, amount = draw(st.sampled_from(INVOICES)), draw(AMOUNTS)
    payment = draw(st.sampled_from(("P-1", "P-2")))
    offline: dict[str, Any] = {"happened_offline": draw(st.sampled_from((None, None, True)))}
    customer = draw(st.sampled_from(("C-1", "C-1", None)))
    on = [on_account("45.99", invoice=invoice)]
    beyond = [cheque(amount), tender("customer_credit", "9.99")]
    part: list[Json] = [{"invoice": invoice, "amount": amount}]
    choices = {
        "issue": lambda: an_invoice(id_, invoice, draw(LINES), customer=customer, **offline),
        "revise": lambda: revised(*draw(LINES), id_=id_, invoice=invoice, **offline),
        "void": lambda: voided(id_, invoice, **offline),
        "sale": lambda: a_sale(id_, [hat()], on, customer=customer),
        "credit": lambda: a_refund(
            id_, None, [tender("on_account", amount, invoice=invoice)], amount=amount
        ),
        "pay": lambda: paid(amount, payment, id_=id_, applied=part, **offline),
        "pay beyond": lambda: paid(
            amount, payment, beyond, id_=id_, applied=part, customer="C-1", **offline
        ),
        "bounce": lambda: bounced(payment, id_, fee="5.00", **offline),
        "write off": lambda: written_off(
            draw(st.sampled_from((None, amount))), id_, invoice, **offline
        ),
        "recover": lambda: recovered(amount, id_, invoice, **offline),
        "reverse": lambda: reversal(draw(st.sampled_from(known)), id_),
        "receive": lambda: a_receipt(id_, ("HAT", "2", "12.01")),
        "sell": lambda: a_sale(id_, [hats("4")], [cheque("160.00")]),
    }
    return choices[draw(st.sampled_from(list(choices)))]()


def told(story: list[Event]) -> Memory:
    """Return the book that a story leaves; what is refused changes nothing."""
    ledger = Memory()
    for event in story:
        before = ledger.balances()
        try:
            ledger.record(event)
        except LedgerError:
            assert ledger.balances() == before
    return ledger


@settings(max_examples=200, deadline=None)
@given(facts())
def test_an_invoice_adds_up(story: list[Event]) -> None:
    """Billed is paid, given back, lost or open; no more is recovered than was lost."""
    ledger = told(story)
    for invoice in INVOICES:
        state = invoice_state(invoice, ledger)
        if state is None:
            continue
        settled = state.paid + state.credited + state.written_off
        assert state.billed - settled == state.open >= 0
        assert 0 <= state.recovered <= state.written_off
        assert sum(tax for _, tax in state.taxes) <= max(0, state.billed)
        if state.voided:
            assert (state.billed, state.open) == (0, 0)


@settings(max_examples=200, deadline=None)
@given(facts())
def test_taking_everything_back_leaves_nothing(story: list[Event]) -> None:
    """In the opposite order; where some was taken back before, a guard may refuse the rest."""
    ledger = told(story)
    undone = {getattr(entry.event, "reverses", None) for entry in ledger.entries} - {None}
    for number, entry in enumerate(reversed(tuple(ledger.entries))):
        event = entry.event
        if event.id in undone or getattr(event, "reverses", None) or event.id == "item-HAT":
            continue
        try:
            ledger.record(reversal(event.id, f"back-{number}"))
        except Conflict as refusal:
            if undone and refusal.code == "overdrawn":
                return
            raise
    assert ledger.balances() == {}
    assert (ledger.stock("HAT").quantity, ledger.stock("HAT").value) == (0, 0)
