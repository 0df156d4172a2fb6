"""API, worker and import killed at random moments; then nothing is lost and nothing doubled.

`python -m tests.cli.chaos --kills 50` plays it by itself and prints what was found.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from api.books import open_with_keys
from api.machine import Machine, running
from api.online_retail.prepare import BOOK
from api.outside import found_company, opened
from api.proof import Proof, prove
from api.settings import load
from ledger.book import Book
from ledger.database import snapshot
from ledger.recorder import now_us
from sync.settings import QuickBooksSettings
from sync.status.standing import standing_of

HEADING: Final = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
)
AGAIN_SECONDS: Final = 0.1
"""How long a program that was killed stays away."""

LONGEST_LIFE_SECONDS: Final = 2.0
SETTLES_WITHIN_SECONDS: Final = 300


class Outcome(Struct, frozen=True):
    """Who was killed how often, and what stands on both sides in the end."""

    kills: Mapping[str, int]
    imports: int
    added_by_a_last_import: int
    proof: Proof


class Takings:
    """A file that grows: each edition holds all the documents of the one before, and more."""

    def __init__(self, path: Path, rng: random.Random) -> None:
        self.path, self._rng = path, rng
        self._lines = [HEADING]
        self._number = 900_000
        self._at = datetime(2023, 12, 27, 9, 0)  # noqa: DTZ001 - local, as the file states it

    def grow(self, documents: int) -> None:
        """Write an edition with so many more documents."""
        self._lines += [line for _ in range(documents) for line in self._document()]
        self.path.write_text("".join(self._lines), encoding="utf-8")

    def _document(self) -> list[str]:
        self._number += 1
        self._at += timedelta(minutes=self._rng.randint(5, 90))
        cancels = self._rng.random() < 0.15
        prefix, sign = ("C", "-") if cancels else ("", "")
        return [
            f"{prefix}{self._number},{40000 + self._rng.randrange(200)},LAMP,"
            f"{sign}{self._rng.randint(1, 24)},{self._at:%Y-%m-%d %H:%M},"
            f"{self._rng.randint(42, 1999) / 100:.2f},,United Kingdom\n"
            for _ in range(self._rng.randint(1, 20))
        ]


class Import:
    """Imports edition after edition through the API; killed, it starts again."""

    def __init__(self, machine: Machine, key: str, takings: Takings, documents: int) -> None:
        self._machine, self._key, self._takings = machine, key, takings
        self._documents = documents
        self._process: asyncio.subprocess.Process | None = None
        self.editions = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Import until told to stop; the last edition is imported to its end."""
        while not stop.is_set():
            self._takings.grow(self._documents)
            await self.once()
            self.editions += 1

    async def once(self) -> str:
        """Import the present edition to its end, however often it is killed; return its answer."""
        while True:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "api.cli", "import", "online-retail"),
                *(str(self._takings.path), "--json"),
                *("--url", self._machine.settings.address, "--key", self._key),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            said, troubles = await self._process.communicate()
            if self._process.returncode == 0:
                return said.decode()
            assert self._process.returncode == -9, troubles.decode()

    def kill(self) -> bool:
        """Kill the import, if it runs."""
        if self._process is None or self._process.returncode is not None:
            return False
        self._process.kill()
        return True


async def chaos(
    kills: int, folder: Path, database_url: str, *, seed: int = 1, documents: int = 150
) -> Outcome:
    """Kill so many times while an import and its sync go on, then settle and compare."""
    rng = random.Random(seed)  # noqa: S311 - when to kill is no secret
    stated = replace(
        load(),
        database_url=database_url,
        secret_key=None,
        secret_key_file=str(folder / "secret.key"),
        qbo=QuickBooksSettings(),
    )
    async with running(stated, folder, _unheard, again_most_seconds=AGAIN_SECONDS) as machine:
        book, keys = open_with_keys(
            machine.database, stated.pepper(), replace(BOOK, name="Chaos"), now_us()
        )
        async with opened(machine.settings, machine.database) as desk:
            realm = await found_company(machine.settings.qbo.api_url, book)
            await desk.office.connect_unattended(book, realm)
        takings = Takings(folder / "takings.csv", rng)
        work = Import(machine, keys["bookkeeper"], takings, documents)
        stop = asyncio.Event()
        feeding = asyncio.create_task(work.run(stop))
        killed = await _kill(kills, machine, work, rng, feeding)
        stop.set()
        await feeding
        last = await work.once()
        added = int(last.split('"recorded": ')[1].split(",")[0])
        await _settled(machine, book)
        async with opened(machine.settings, machine.database) as desk:
            proof = await prove(machine.database, book, await desk.reconciler(book))
    return Outcome(killed, work.editions, added, proof)


async def _kill(
    kills: int, machine: Machine, work: Import, rng: random.Random, feeding: "asyncio.Task[None]"
) -> Counter[str]:
    killed: Counter[str] = Counter()
    while killed.total() < kills:
        await asyncio.sleep(rng.uniform(0, LONGEST_LIFE_SECONDS))
        if feeding.done():
            feeding.result()
        victim = rng.choice(("serve", "worker", "worker", "import"))
        hit = work.kill() if victim == "import" else machine.supervisor.kill(victim)
        killed[victim] += hit
    return killed


async def _settled(machine: Machine, book: Book) -> None:
    """Wait until everything that was recorded is in QuickBooks, or wait in vain."""
    for _ in range(SETTLES_WITHIN_SECONDS * 5):
        if not await asyncio.to_thread(_open, machine, book):
            return
        await asyncio.sleep(0.2)


def _open(machine: Machine, book: Book) -> int:
    with snapshot(machine.database) as connection:
        standing = standing_of(connection, book, now_us())
    settled = ("synced", "superseded", "skipped")
    queued = sum(count for state, count in standing.queue.items() if state not in settled)
    return queued + standing.unplanned + len(standing.waiting)


def _unheard(_: str) -> None:
    """Hear of a program that fell: it was meant to."""


def main() -> None:
    """Play it, print what was found, and fail when it does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--database-url")
    stated = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="daybook-chaos-") as name:
        folder = Path(name)
        url = stated.database_url or f"sqlite:///{folder / 'daybook.db'}"
        found = asyncio.run(
            chaos(stated.kills, folder, url, seed=stated.seed, documents=stated.documents)
        )
    arrivals, proof = found.proof.arrivals, found.proof
    lost = len(arrivals.lost) + len(arrivals.waiting)
    doubled = len(arrivals.doubled) + len(arrivals.strange)
    kills = ", ".join(f"{name} {count}" for name, count in sorted(found.kills.items()))
    lines = (
        f"killed {sum(found.kills.values())} times ({kills}) during {found.imports} imports",
        f"events {proof.events}, documents in QuickBooks {arrivals.there}",
        f"added by one more import: {found.added_by_a_last_import}",
        f"lost {lost}, doubled {doubled}",
        f"trial balances equal on {proof.equal_days} of {proof.days} days",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    if not proof.holds or found.added_by_a_last_import:
        raise SystemExit(1)


if __name__ == "__main__":
    os.environ.setdefault("DAYBOOK_PORT", "18680")
    os.environ.setdefault("DAYBOOK_EMULATOR_PORT", "18690")
    main()
