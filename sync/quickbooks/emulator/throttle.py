"""How often a realm may be called: sliding windows over the injected clock."""

from collections import defaultdict, deque
from collections.abc import Callable


class Throttle:
    """Counts calls by realm; a call that is refused does not count."""

    def __init__(self, clock: Callable[[], float], limits: dict[str, tuple[float, int]]) -> None:
        self._clock = clock
        self._limits = limits
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def admits(self, realm: str, names: tuple[str, ...], calls: int = 1) -> bool:
        """Count the calls against the named limits (window in seconds, most); False = refused."""
        now = self._clock()
        windows = [(self._window(realm, name, now), self._limits[name][1]) for name in names]
        if any(window and len(window) + calls > most for window, most in windows):
            return False
        for window, _ in windows:
            window.extend([now] * calls)
        return True

    def _window(self, realm: str, name: str, now: float) -> deque[float]:
        window = self._calls[realm, name]
        while window and window[0] <= now - self._limits[name][0]:
            window.popleft()
        return window
