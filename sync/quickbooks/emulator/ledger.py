"""A company's general ledger: what its documents posted, by account and day."""

from collections import defaultdict
from collections.abc import Iterator

from sync.quickbooks.emulator.records import Posting, Record


class Ledger:
    """Kept in memory from the postings that the records hold."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], Record] = {}
        self._daily: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._holders: dict[tuple[str, str], int] = defaultdict(int)

    def replace(self, old: Record | None, new: Record | None) -> None:
        """Take out what the object posted before and put in what it posts now."""
        if old is not None and self.records.pop(old.key, None) is not None:
            self._add(old, -1)
        if new is not None and new.postings:
            self.records[new.key] = new
            self._add(new, 1)

    def accounts(self) -> list[str]:
        """Return the ids of all accounts that were ever posted to."""
        return list(self._daily)

    def balance(self, account: str, through: str = "9999", since: str = "") -> int:
        """Return the cents posted on the days since..through, debit positive."""
        days = self._daily.get(account, {})
        return sum(cents for day, cents in days.items() if since <= day <= through)

    def holder_balance(self, account: str, holder: str) -> int:
        """Return the cents posted to the account for one name, debit positive."""
        return self._holders.get((account, holder), 0)

    def entries(self, since: str, through: str) -> Iterator[tuple[Record, Posting]]:
        """Yield the postings of the days, in order of day and id."""
        chosen = [each for each in self.records.values() if since <= each.day <= through]
        for record in sorted(chosen, key=lambda each: (each.day, int(each.id))):
            for posting in record.postings:
                yield record, posting

    def _add(self, record: Record, sign: int) -> None:
        assert sum(posting.cents for posting in record.postings) == 0, record
        for posting in record.postings:
            self._daily[posting.account][record.day] += sign * posting.cents
            if posting.holder:
                self._holders[posting.account, posting.holder] += sign * posting.cents
