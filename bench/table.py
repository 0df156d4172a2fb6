"""The tables of a run in Markdown, for docs/performance.md.

python -m bench.table FILE.json
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.figures import Report, Row, sections


def main() -> None:
    """Print the tables of the report that the first argument names."""
    report = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Report)
    print("\n".join(markdown(report)))


def markdown(report: Report) -> Iterator[str]:
    """Yield the lines of a report in Markdown."""
    yield f"Run of {report.began}. " + ", ".join(f"{k} {v}" for k, v in report.machine.items())
    options = report.options
    yield ""
    yield f"{options.rounds} rounds, {options.seconds:g} s a run; minimum, median, maximum."
    for section, rows in sections(report.figures).items():
        yield from ("", f"### {section}", "")
        has_goals = any(row.first.goal() for row in rows)
        columns = [figure.column for figure in rows[0].others]
        heads = [rows[0].first.column if columns else "", "min", "median", "max", *columns]
        heads += ["goal", "reach"] if has_goals else []
        yield _cells(heads)
        yield _cells(["---", *["---:"] * (3 + len(columns)), *["---"] * (2 * has_goals)])
        for row in rows:
            yield _cells(_row(row, has_goals=has_goals))


def _row(row: Row, *, has_goals: bool) -> list[str]:
    first = row.first
    unit = "" if first.unit == "ratio" or row.others else f", {first.unit}"
    shown = [f"{first.name}{unit}", *first.spread()]
    shown += [figure.shown(figure.middle) for figure in row.others]
    return [*shown, first.goal(), first.verdict()] if has_goals else shown


def _cells(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
