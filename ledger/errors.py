"""What the ledger refuses, and the faults by which it says why.

LedgerError
├── Invalid           content that can never be right; every fault, by pointer
├── Forbidden         not for this role
└── Conflict          what the ledger's state forbids

`code` is stable and keys the catalogue that holds title, detail and remedy in both languages;
`facts` fill the catalogue's sentences.
"""

from collections.abc import Iterable

from msgspec import Struct


class Fault(Struct, frozen=True):
    """One thing that is wrong with a body: where (RFC 6901), which rule, and the facts."""

    pointer: str
    code: str
    facts: dict[str, str] = {}


def fault(pointer: str, code: str, **facts: object) -> Fault:
    """Return a fault whose facts are text."""
    return Fault(pointer, code, {name: str(value) for name, value in facts.items()})


class LedgerError(Exception):
    """A refusal: nothing was recorded."""

    def __init__(self, code: str, *, pointer: str = "", **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.pointer = pointer
        self.facts = {name: str(value) for name, value in facts.items()}


class Invalid(LedgerError):
    """Content that can never be right."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("invalid")


class Forbidden(LedgerError):
    """Not for this role."""


class Conflict(LedgerError):
    """What the ledger's state forbids: an id used for something else, an overdrawn holder."""
