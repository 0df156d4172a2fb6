"""What a caller likes best, as its Accept and Accept-Language headers say it (RFC 9110 12.4)."""

from typing import Final

LONGEST: Final = 400
"""How much of such a header is looked at."""


def preferences(header: str) -> list[str]:
    """Return what a header names, in small letters, best liked first; what it rules out is not."""
    weighed = [_weighed(part) for part in header[:LONGEST].lower().split(",") if part.strip()]
    liked = [pair for pair in weighed if pair[0] > 0]
    return [name for _, name in sorted(liked, key=lambda pair: -pair[0])]


def _weighed(part: str) -> tuple[float, str]:
    name, *parameters = (word.strip() for word in part.split(";"))
    stated = next((word[2:] for word in parameters if word.startswith("q=")), "1")
    try:
        return float(stated), name
    except ValueError:
        return 0.0, name
