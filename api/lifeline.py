"""A child process that ends when its parent does, however the parent ends."""

import ctypes
import os
import signal
import sys
import threading
import time
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_LOOK_EVERY_SECONDS: Final = 0.5


def tie_to(parent: int) -> None:
    """Let this process be told to end (SIGTERM) when *parent* is no longer its parent.

    On Linux the kernel sees to it; elsewhere, and in between, a thread looks.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    threading.Thread(target=_watch, args=(parent,), name="lifeline", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
