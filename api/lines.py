"""The lines of a body that is still coming in: read ahead so far and no further, taken in pieces.

Who reads the answers while sending may send without end. Who reads them only after the last byte
was sent (most clients do) may send as much as is read ahead.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from litestar.types import Receive

from api.bodies import BATCH_BYTES, BODY_SECONDS, EVENT_BYTES, ROOM, part
from api.problems import Refusal

_TOO_LONG: Final = EVENT_BYTES + 1
"""How much is kept of a line that is longer than a fact may be."""
_OF_A_LINE: Final = 64
"""What keeping a line takes beside its bytes."""


class Lines:
    """Reads ahead in a task of its own; `pieces` gives the lines, `close` ends the reading."""

    def __init__(self, receive: Receive, *, ahead: int = BATCH_BYTES) -> None:
        self._receive, self._ahead = receive, ahead
        self._lines: deque[bytes] = deque()
        self._rest = bytearray()
        self._held = 0
        self._ended = False
        self._changed = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Read no further."""
        self._reading.cancel()
        await asyncio.wait([self._reading])
        self._hold(-self._held)

    async def pieces(self, most: int) -> AsyncIterator[list[bytes]]:
        """Yield what has come, up to *most* lines at once; a Refusal when nothing comes for long.

        Of a caller who is gone nothing more is taken: nobody would hear what became of it.
        """
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._lines or self._ended)
                piece = [self._lines.popleft() for _ in range(min(most, len(self._lines)))]
                self._hold(-sum(map(len, piece)) - len(piece) * _OF_A_LINE)
                self._changed.notify_all()
            if not piece:
                await self._reading
                return
            yield piece

    async def _read(self) -> None:
        try:
            while await self._read_on():
                pass
        except Refusal:
            self._lines.clear()
            raise
        finally:
            async with self._changed:
                self._ended = True
                self._changed.notify_all()

    async def _read_on(self) -> bool:
        """Take in the body's next part; False when it was the last."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                text, more = await part(self._receive)
        except TimeoutError:
            raise Refusal("body-late", 408, seconds=BODY_SECONDS) from None
        async with self._changed:
            self._split(text, last=not more)
            self._changed.notify_all()
            await self._changed.wait_for(self._has_room)
        return more

    def _has_room(self) -> bool:
        return not self._lines or (self._held < self._ahead and not ROOM.full)

    def _split(self, text: bytes, *, last: bool) -> None:
        *whole, rest = text.split(b"\n")
        for line in whole:
            self._add(line)
            self._end_line()
        self._add(rest)
        if last:
            self._end_line()

    def _add(self, text: bytes) -> None:
        """Add to the line that is coming in; of one that is too long the rest is dropped."""
        kept = text[: _TOO_LONG - len(self._rest)]
        self._rest += kept
        self._hold(len(kept))

    def _end_line(self) -> None:
        line = bytes(self._rest).strip()
        self._hold(len(line) - len(self._rest))
        self._rest.clear()
        if line:
            self._hold(_OF_A_LINE)
            self._lines.append(line)

    def _hold(self, size: int) -> None:
        self._held += size
        ROOM.take(size)
