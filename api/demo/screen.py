"""What a person sees of the demonstration."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.commands.comparison import balances
from api.commands.output import ERR, OUT, Told, count, done, progress
from api.demo.stage import Played, Theatre
from api.demo.story import Part
from api.proof import Proof, read_settings

PARTS: Final[dict[Part, tuple[str, str]]] = {
    "opening": ("Opening", "floats in both tills, two deliveries"),
    "morning": ("Morning", "sales, gift cards, deposits"),
    "midday": ("Midday", "returns, an exchange, store credit, a sale on account"),
    "afternoon": ("Afternoon", "a hat made to measure, a gift card emptied"),
    "closing": ("Closing", "both tills counted, one of them 2.00 short"),
}


class Screen:
    """Shows the day as it goes: a line when a part is over, a bar while it goes on."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._told: Told | None = None
        self._most = 0

    def opens(self, theatre: Theatre) -> None:
        """Show whose day it is."""
        book = theatre.book
        ERR.print(
            Panel(
                Text.assemble(
                    (f"A day at {book.name}, Montréal", "bold"),
                    "\nEvery sale goes through the HTTP API; the worker brings it to QuickBooks.\n",
                    "In the middle of the day QuickBooks is taken away, then the worker is killed.",
                ),
                title="Daybook",
                expand=False,
                border_style="cyan",
            )
        )
        done(f"Book {book.id} is open ({book.currency}, GST and QST) and connected to QuickBooks.")

    def part(self, part: Part, calls: int) -> Callable[[int], None]:
        """Show a part of the day."""
        name, what = PARTS[part]

        def told(made: int) -> None:
            if made == calls:
                done(f"{name:<10} {what}: {calls} calls")

        return told

    def remark(self, text: str) -> None:
        """Show what happens besides."""
        ERR.print(Text.assemble(("! ", "bold yellow"), text))

    def catches_up(self, open_documents: int) -> None:
        """Show how QuickBooks catches up, with a bar while it does."""
        if self._told is None and open_documents == 0:
            done("QuickBooks is in step.")
            return
        if self._told is None:
            ERR.print(f"  {count(open_documents)} documents wait for QuickBooks", style="dim")
            bar = progress("QuickBooks catches up", open_documents, "documents")
            self._most, self._told = open_documents, self._stack.enter_context(bar)
        self._most = max(self._most, open_documents)
        self._told(self._most - open_documents, self._most)
        if not open_documents:
            self._stack.close()
            done("QuickBooks is in step.")


def show(theatre: Theatre, proof: Proof, played: Played | None = None) -> None:
    """Show what stands on both sides, with both trial balances."""
    arrivals = proof.arrivals
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="bold")
    facts.add_column(justify="right")
    facts.add_column(style="dim")
    meanwhile, twice = _remarks(played) if played else ("", "")
    facts.add_row("Events recorded", count(proof.events), meanwhile)
    facts.add_row("Documents in QuickBooks", count(arrivals.there), "")
    facts.add_row("Lost", _none(len(arrivals.lost) + len(arrivals.waiting)), "")
    facts.add_row("Doubled", _none(len(arrivals.doubled) + len(arrivals.strange)), twice)
    known = read_settings(theatre.machine.database, theatre.book)
    OUT.print()
    OUT.print(Group(facts, Text(), balances(proof.balances, known), Text()))
    if proof.holds:
        OUT.print("[bold green]Nothing lost, nothing doubled, equal to the cent.[/]")
    else:
        OUT.print("[bold red]Something does not hold.[/] `daybook doctor` and var/log say more.")


def _remarks(played: Played) -> tuple[str, str]:
    away = f"{played.away_seconds:.0f} s"
    return (
        f"{count(played.recorded_meanwhile)} of them while QuickBooks was away for {away}",
        f"{played.sent_twice} calls were made twice",
    )


def show_addresses(theatre: Theatre, console: Console) -> None:
    """Show where everything is, and a call to try."""
    address = theatre.machine.settings.address
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("API", address)
    table.add_row("Documentation", f"{address}/docs")
    if theatre.machine.stand_in is not None:
        table.add_row("QuickBooks", f"{theatre.machine.settings.qbo.api_url} (a stand-in)")
    console.print(table)
    console.print("\nTry it:", style="bold")
    key = theatre.keys["bookkeeper"]
    console.print(
        f"curl -H 'Authorization: Bearer {key}' {address}/v1/reports/trial-balance",
        soft_wrap=True,
        markup=False,
    )


def _none(number: int) -> Text:
    return Text(count(number), style="bold red" if number else "bold green")
