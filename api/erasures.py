"""The list of erasures, in a file beside the database.

An older backup brings people back; the list makes it forget them again before anybody is served.
"""

import os
from pathlib import Path

import msgspec

from api.problems import Refusal
from api.settings import Settings
from ledger.customers.store import Erasure


def remember(settings: Settings, erasure: Erasure) -> None:
    """Add an erasure to the list; a Refusal (503) where that cannot be done, and nothing is."""
    path = Path(settings.erasures_file)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(msgspec.json.encode(erasure) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as wrong:
        raise Refusal("erasures-away", 503, reason=wrong.strerror or "") from wrong


def read(path: Path) -> list[Erasure]:
    """Return the erasures of a list, the last of each reference; ValueError names a bad line.

    There are none where there is no file.
    """
    if not path.exists():
        return []
    found: dict[tuple[int, str], Erasure] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            erasure = msgspec.json.decode(line, type=Erasure)
        except msgspec.MsgspecError as wrong:
            raise ValueError(f"{path}, line {number}: {wrong}") from None
        found[erasure.book, erasure.customer] = erasure
    return list(found.values())
