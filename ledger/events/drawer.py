"""Where money stands: cash in its drawer, the rest in clearing by method (`accounting.md` 5.7)."""

from ledger.events.base import BusinessEvent, Earlier
from ledger.events.standing import standing

UNASSIGNED = "unassigned"
"""The drawer of cash that no register took."""


def drawer_of(event: BusinessEvent, earlier: Earlier) -> str:
    """Return the drawer that an event's cash goes to or comes from."""
    return event.register or drawer_of_session(event.session, earlier)


def drawer_of_session(session: str | None, earlier: Earlier, before: int | None = None) -> str:
    """Return the drawer that a session was opened on, as known before a place in the log."""
    opened = standing(earlier, "session", session, "register_opened") if session else []
    drawers = [entry.event.register for entry in opened if before is None or entry.seq < before]
    return (drawers[0] if drawers else None) or UNASSIGNED


def place_of(method: str, drawer: str, event: BusinessEvent, earlier: Earlier) -> tuple[str, str]:
    """Return (role, holder) of where the money of a method stands; suspense when it is unknown."""
    known = earlier.settings.methods.get(method, event.day())
    if known is None:
        return "suspense", f"method:{method}"
    return ("cash", drawer) if known.kind == "cash" else ("clearing", method)
