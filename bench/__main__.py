"""Every figure of docs/performance.md, from one command.

python -m bench [--only sales,soak,...] [--rounds 5] [--seconds 1.5] [--scale 1] [--json FILE]
"""

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from bench.figures import Figure, Options, Report, lines
from bench.ground import POSTGRES, Ground, ground, version_of
from bench.machine import described
from bench.steps import dearest, over_http

PARTS: Final = ("steps", "sales", "overload", "soak", "telling", "reads", "syncing")
"""Each part is a module that offers `measure(options, ground)`."""

Measure = Callable[[Options, Ground], list[Figure]]

_WHY: Final = ("Reach", "Sales over HTTP")
"""Sections whose figures fall short for what a sale costs."""


def main() -> None:
    """Measure, print, and write the figures where `--json` says."""
    arguments = _arguments()
    options = Options(arguments.seconds, arguments.rounds, arguments.scale)
    report = run(options, arguments.only, lambda so_far: _write(so_far, arguments.json))
    for name, value in report.machine.items():
        print(f"{name:<12} {value}")
    print(f"\n{options.rounds} rounds; the load generator shares the cores with what it measures.")
    print("\n".join(lines(report.figures)))


def _write(report: Report, where: Path | None) -> None:
    if where is not None:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))


def run(
    options: Options,
    parts: Sequence[str] = PARTS,
    keep: Callable[[Report], None] = lambda _: None,
) -> Report:
    """Return the report of some parts; what is measured so far is given to *keep* at each step."""
    began = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    machine, figures = described(), list[Figure]()
    with ground() as prepared:
        machine["PostgreSQL"] = version_of(prepared.database("postgresql", "version"))
        if prepared.postmaster is not None:
            machine["PostgreSQL"] += "".join(f", {n} {v}" for n, v in POSTGRES.items())
        for part in parts:
            before = time.monotonic()
            figures += _measure(part)(options, prepared)
            report = _report(machine, options, figures, began)
            keep(report)
            print(f"{part}: {time.monotonic() - before:.0f} s", flush=True)
    return report


def _report(
    machine: dict[str, str], options: Options, measured: Sequence[Figure], began: str
) -> Report:
    figures = [*measured, *over_http(measured)]
    costs = dearest(figures)
    return Report(machine, options, [_explained(each, costs) for each in figures], began)


def _measure(part: str) -> Measure:
    found: Measure = import_module(f"bench.{part}").measure
    return found


def _explained(figure: Figure, costs: str) -> Figure:
    """Return a figure that falls short with the steps that cost most."""
    short = figure.missing > 0 and not figure.note and figure.section.startswith(_WHY)
    return replace(figure, note=costs) if short else figure


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=_parts, default=PARTS, help="parts, by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each run")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of each long part")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    return parser.parse_args()


def _parts(text: str) -> list[str]:
    asked = text.split(",")
    if unknown := set(asked) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not of {PARTS}")
    return asked


if __name__ == "__main__":
    main()
