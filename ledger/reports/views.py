"""Which postings a report reads: of which days, as known when, of which part of the shop."""

from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace


class Cut(Struct, frozen=True, kw_only=True):
    """A part of the shop; None does not limit. A posting's location wins over its fact's."""

    location: str | None = None
    register: str | None = None
    channel: str | None = None
    staff: str | None = None

    def stated(self) -> dict[str, str]:
        """Return what is limited, by its word."""
        words = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: word for name, word in words.items() if word is not None}

    @property
    def whole(self) -> bool:
        """Tell whether nothing is limited."""
        return not self.stated()


class View(Struct, frozen=True, kw_only=True):
    """Business dates from `since` (None: the first) through `through`, as known at `known`.

    `known` is a place in the log, that event included; None is its end.
    """

    through: date
    since: date | None = None
    known: int | None = None
    cut: Cut = Cut()

    def before(self) -> "View | None":
        """Return everything before this view's first day; None where there is no such day."""
        if self.since is None or self.since == date.min:
            return None
        return replace(self, since=None, through=self.since - timedelta(days=1))

    def until(self) -> "View":
        """Return everything through this view's last day."""
        return replace(self, since=None)
