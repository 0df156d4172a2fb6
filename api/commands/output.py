"""What commands say: answers on standard output, progress and troubles on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final, NoReturn, Protocol

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

FAILED: Final = 1
OLD_SCHEMA: Final = 3
DIFFERS: Final = 4
UNREACHABLE: Final = 5

PLAIN_EVERY_SECONDS: Final = 5.0
"""How often a long work says how far it is where there is no terminal."""

_PLAIN_WIDTH: Final = 110
"""How wide tables are where there is no terminal."""

OUT: Final = Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
ERR: Final = Console(
    stderr=True, highlight=False, width=None if sys.stderr.isatty() else _PLAIN_WIDTH
)

as_json = click.option("--json", "json_", is_flag=True, help="Answer as JSON.")
"""The option that every command takes."""


def answer(value: Any) -> None:
    """Print *value* as JSON."""
    text = msgspec.json.encode(value, enc_hook=_plain)
    sys.stdout.write(msgspec.json.format(text, indent=2).decode() + "\n")


def fail(message: str, *, code: int = FAILED, hint: str = "") -> NoReturn:
    """Say what went wrong and what to do about it, and leave with *code*."""
    ERR.print(Text.assemble(("✗ ", "bold red"), message), soft_wrap=True)
    if hint:
        ERR.print(Text.assemble("  ", hint), style="dim", soft_wrap=True)
    raise SystemExit(code)


def done(message: str) -> None:
    """Say that a step is done."""
    ERR.print(Text.assemble(("✓ ", "bold green"), message), soft_wrap=True)


def count(number: int) -> str:
    """Return a whole number as people write it."""
    return f"{number:,}"


def money(minor: int, decimals: int = 2) -> str:
    """Return minor units as people write an amount."""
    return f"{Decimal(minor).scaleb(-decimals):,.{decimals}f}"


class Told(Protocol):
    """Takes how far a work is, and how far it goes where that has changed."""

    def __call__(self, finished: int, total: int | None = None) -> None:
        """Show it."""


@contextmanager
def progress(what: str, total: int, unit: str) -> Iterator[Told]:
    """Show how far a work of *total* steps is: rate and time left. Yields what to tell it with."""
    if ERR.is_terminal:
        with _bar() as bar:
            task = bar.add_task(what, total=total, rate="")
            started = time.monotonic()

            def told(finished: int, total: int | None = None) -> None:
                rate = finished / max(time.monotonic() - started, 0.001)
                bar.update(task, completed=finished, total=total, rate=f"{rate:,.0f} {unit}/s")

            yield told
    else:
        yield _plain_progress(what, total, unit)


def _bar() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=ERR,
        transient=True,
    )


def _plain_progress(what: str, whole: int, unit: str) -> Told:
    started = said = time.monotonic()

    def told(finished: int, total: int | None = None) -> None:
        nonlocal said, whole
        whole = total or whole
        now = time.monotonic()
        if now - said < PLAIN_EVERY_SECONDS or not finished:
            return
        said = now
        rate = finished / (now - started)
        left = (whole - finished) / rate
        ERR.print(
            f"{what}: {finished:,} of {whole:,} {unit}, {rate:,.0f} a second, {left:,.0f} s left"
        )

    return told


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise NotImplementedError(type(value))
