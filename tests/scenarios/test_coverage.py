"""The table of behaviours: none is missing, each says something, every proof is a test."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
NUMBERS: Final = {"GO": 19, "LS": 30, "AC": 34, "OD": 21, "WX": 15}
"""How many behaviours of each product there are: 119."""

_ROW: Final = re.compile(r"\| ([A-Z]{2}-\d+) \| (.*) \| (.*) \|")
_PROOF: Final = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")


class Row(NamedTuple):
    """One behaviour, what Daybook does about it, and the tests that prove it."""

    name: str
    does: str
    proofs: tuple[tuple[str, str], ...]
    left: str


def rows() -> list[Row]:
    """Return the rows of `docs/coverage.md`."""
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    found = (_ROW.fullmatch(line) for line in text.splitlines())
    return [
        Row(row[1], row[2], tuple(_PROOF.findall(row[3])), _PROOF.sub("", row[3]).strip())
        for row in found
        if row
    ]


@cache
def defined_in(path: str) -> frozenset[str]:
    """Return the names of the tests that a file has."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_every_behaviour_has_one_row_and_none_is_made_up() -> None:
    expected = [
        f"{product}-{number}" for product, most in NUMBERS.items() for number in range(1, most + 1)
    ]
    assert len(expected) == 119
    assert [row.name for row in rows()] == expected


def test_each_row_says_what_is_done_in_words_of_its_own() -> None:
    said = Counter(row.does for row in rows())
    assert [does for does, times in said.items() if times > 1] == []
    assert [row.name for row in rows() if len(row.does) < 10 or not row.does.endswith(".")] == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_what_proves_it_is_there(row: Row) -> None:
    assert row.proofs
    assert row.left == "", "nothing but tests is named"
    missing = [name for path, name in row.proofs if name not in defined_in(path)]
    assert missing == []
