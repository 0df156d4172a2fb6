"""Faults by script: which calls go wrong, in which way, how often and how long."""

import fnmatch
import random
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from sync.quickbooks.emulator.exchange import Request

Kind = Literal[
    "down",
    "timeout_before",
    "timeout_after",
    "timeout_late",
    "429",
    "5xx_before",
    "5xx_after",
    "cut_body",
    "stale_token",
    "latency",
]
"""What goes wrong:

- down: the connection closes without an answer; nothing is done;
- timeout_before, timeout_after: no answer comes; nothing is done, or all of it is;
- timeout_late: no answer comes, and the request is carried out `delay` seconds later;
- 429, 5xx_before: refused by the gateway; nothing is done;
- 5xx_after: all of it is done, and the gateway answers with an error;
- cut_body: all of it is done, and half of the answer's body comes;
- stale_token: the access token that was sent dies at once, so that the answer is 401;
- latency: the answer comes `delay` seconds later.
"""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scripted fault; what is not stated matches every call, without end."""

    kind: Kind
    path: str = "*"
    """A shell pattern over the path."""
    query: str = "*"
    """A shell pattern over the query, as `*operation=void*`."""
    method: str | None = None
    entity: str | None = None
    """The segment after the realm, in any case: `salesreceipt`, `query`, `batch`, `reports`."""
    realm: str | None = None
    count: int | None = None
    """How many calls it hits."""
    skip: int = 0
    """How many matching calls pass before it begins."""
    seconds: float | None = None
    """How long it lasts from now."""
    probability: float = 1.0
    seed: int | None = None
    status: int = 503
    """Of 5xx faults."""
    delay: float = 0.0
    """Seconds of a latency or timeout_late fault."""


class Script:
    """The faults in force. `/_emulator` itself is never hit."""

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self._clock = clock
        self._seed = seed
        self._running: list[_Running] = []

    def add(self, rules: list[Rule]) -> None:
        """Put rules into force, after those that are already."""
        for rule in rules:
            seed = self._seed + len(self._running) if rule.seed is None else rule.seed
            until = None if rule.seconds is None else self._clock() + rule.seconds
            self._running.append(_Running(rule, random.Random(seed), until))  # noqa: S311 - chance, not secrecy

    def clear(self) -> None:
        """End all faults."""
        self._running.clear()

    def listed(self) -> list[dict[str, object]]:
        """Return the rules in force with how often each has hit."""
        now = self._clock()
        return [{"rule": each.rule, "hits": each.hits} for each in self._running if each.alive(now)]

    def strike(self, request: Request) -> Rule | None:
        """Return the rule that hits this call, or None; the first match decides."""
        now = self._clock()
        for each in self._running:
            if each.alive(now) and _matches(each.rule, request) and each.hit():
                return each.rule
        return None


class _Running:
    """A rule with its counters."""

    def __init__(self, rule: Rule, chance: random.Random, until: float | None) -> None:
        self.rule = rule
        self.hits = 0
        self._chance = chance
        self._until = until
        self._skipped = 0

    def alive(self, now: float) -> bool:
        spent = self.rule.count is not None and self.hits >= self.rule.count
        return not spent and (self._until is None or now < self._until)

    def hit(self) -> bool:
        if self._skipped < self.rule.skip:
            self._skipped += 1
            return False
        if self._chance.random() >= self.rule.probability:
            return False
        self.hits += 1
        return True


def _matches(rule: Rule, request: Request) -> bool:
    parts = request.path.strip("/").split("/")
    company = parts[:2] == ["v3", "company"]
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    return (
        fnmatch.fnmatchcase(request.path, rule.path)
        and fnmatch.fnmatchcase(query, rule.query)
        and rule.method in (None, request.method)
        and (rule.realm is None or (company and rule.realm in parts[2:3]))
        and (rule.entity is None or (company and rule.entity.lower() in parts[3:4]))
    )
