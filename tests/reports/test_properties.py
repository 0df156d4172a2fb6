"""Whatever happens in a shop, every report adds up to its accounts, on any day, as known then."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.book import Book
from ledger.database import Connection, Engine, snapshot, transaction
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.base import Entry
from ledger.log.store import load_settings
from ledger.postings import Posting
from ledger.recorder import Recorder
from ledger.reports.aging import aging
from ledger.reports.balance_sheet import balance_sheet
from ledger.reports.balances import Place, by_account, part_of_shop
from ledger.reports.daily import daily_sales
from ledger.reports.general import Balance, Ledger, Start
from ledger.reports.income import income_statement
from ledger.reports.inventory import inventory
from ledger.reports.liabilities import KINDS, rolls, rolls_by_holder
from ledger.reports.store import trial_balance
from ledger.reports.taxes import by_code, sales_tax
from ledger.reports.views import Cut, View
from ledger.settings import Settings
from ledger.statements.issuing import issue
from ledger.statements.statement import Subject, digest_of
from ledger.statements.store import content_of
from tests.conftest import BOOKKEEPER, OpenBook, Shop
from tests.strategies import events

FEW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
EARNING = ("income", "expense")


class Posted:
    """What a view sees of a log, posting by posting: the other way to every figure."""

    def __init__(self, entries: list[Entry], kept: Settings, view: View) -> None:
        self._kept = kept
        known = len(entries) if view.known is None else view.known
        seen = [entry for entry in entries if entry.seq <= known]
        self.before = list(_of(seen, date.min, (view.since or date.min)))
        self.during = list(_of(seen, view.since or date.min, view.through + timedelta(days=1)))
        self.all = self.before + self.during

    def balance(self, *roles: str) -> int:
        """Return what roles have at the end, in home money, debit positive."""
        return sum(posting.at_home for posting in self.all if posting.role in roles)

    def moved(self, *roles: str) -> int:
        """Return what roles moved in the period, in home money, debit positive."""
        return sum(posting.at_home for posting in self.during if posting.role in roles)

    def earned(self) -> int:
        """Return what the period earned."""
        accounts = {p.account: self._kept.accounts.get(p.account, date.max) for p in self.during}
        of_income = {code for code, a in accounts.items() if a is not None and a.type in EARNING}
        return -sum(posting.at_home for posting in self.during if posting.account in of_income)


def _of(entries: Iterable[Entry], since: date, before: date) -> Iterable[Posting]:
    return (p for e in entries if since <= e.event.day() < before for p in e.postings)


def told(database: Engine, recorder: Recorder, book: Book, facts: list[Event]) -> Shop:
    """Record what can be recorded."""
    shop = Shop(database, recorder, book)
    for fact in facts:
        with suppress(LedgerError):
            shop.record(fact, BOOKKEEPER)
    return shop


@FEW
@given(facts=events(5, 25, foreign=True), data=st.data())
def test_every_report_adds_up_to_its_accounts(
    facts: list[Event],
    data: st.DataObject,
    database: Engine,
    recorder: Recorder,
    open_book: OpenBook,
) -> None:
    shop = told(database, recorder, open_book(), facts)
    entries = shop.entries()
    days = sorted({entry.event.day() for entry in entries}) or [date(2026, 3, 14)]
    since, through = sorted(data.draw(st.tuples(st.sampled_from(days), st.sampled_from(days))))
    known = data.draw(st.none() | st.integers(0, len(entries)))
    view = View(since=since, through=through, known=known)
    with snapshot(database) as connection:
        kept = load_settings(connection, shop.book)
        posted = Posted(entries, kept, view)
        check_money(connection, shop.book, kept, view, posted)
        check_taxes_and_sales(connection, shop.book, kept, view, posted)
        check_holders(connection, shop.book, kept, view, posted)
        check_ledger(connection, shop.book, kept, view)


def check_money(
    connection: Connection, book: Book, kept: Settings, view: View, posted: Posted
) -> None:
    moved = by_account(connection, book.id, kept, view)
    assert income_statement(kept, moved).net_income == posted.earned()
    standing = by_account(connection, book.id, kept, view.until())
    year = View(through=book.fiscal_year_start(view.through) - timedelta(days=1), known=view.known)
    sheet = balance_sheet(kept, standing, by_account(connection, book.id, kept, year))
    assert sheet.elsewhere == 0
    by_hand = part_of_shop(connection, book, kept, view.until(), by_holder=False)
    assert by_hand == trial_balance(connection, book, kept, view.through, view.known)


def check_taxes_and_sales(
    connection: Connection, book: Book, kept: Settings, view: View, posted: Posted
) -> None:
    for per in ("month", "quarter", "period"):
        rows = sales_tax(connection, book.id, kept, view, per)
        assert sum(row.net for row in rows) == -posted.moved("sales_tax", "tax_recoverable")
        assert sum(row.net for row in by_code(rows)) == sum(row.net for row in rows)
    sold = 0
    for day in daily_sales(connection, book.id, kept, view):
        assert day.charged == day.tendered, day
        sold += day.all("net") + day.all("adjusted")
    assert sold == -posted.moved("sales", "sales_returns", "discounts")


def check_holders(
    connection: Connection, book: Book, kept: Settings, view: View, posted: Posted
) -> None:
    owed = aging(connection, book.id, kept, view)
    assert sum(debtor.total for debtor in owed.debtors) == posted.balance("receivable")
    assert sum(each.home for each in owed.disputes) == posted.balance("disputes_receivable")
    held = inventory(connection, book.id, kept, view)
    assert sum(item.value for item in held) == posted.balance("inventory")
    for item in held:
        assert item.quantity == sum(quantity for _, quantity in item.places)
    whole = {roll.role: roll for roll in rolls(connection, book.id, kept, view)}
    parts = rolls_by_holder(connection, book.id, kept, view)
    for kind in KINDS:
        assert whole[kind].closing == -posted.balance(kind)
        assert sum(part.home_closing for part in parts if part.role == kind) == whole[kind].closing
    for part in parts:
        of_holder = [p for p in posted.all if (p.role, p.holder) == (part.role, part.holder)]
        amounts = [p.amount for p in of_holder if p.currency == part.currency]
        assert part.closing == -sum(amounts)


def check_ledger(connection: Connection, book: Book, kept: Settings, view: View) -> None:
    made = Ledger(connection, book.id, kept, view)
    start: Start | None = None
    closing: dict[Place, Balance] = {}
    while True:
        sections, start = made.page(start, 3)
        closing |= {section.place: section.closing for section in sections}
        if start is None:
            break
    rows = trial_balance(connection, book, kept, view.through, view.known)
    standing = {
        (row.account.code, row.currency): Balance(row.sums.balance, row.sums.home_balance)
        for row in rows
    }
    assert {place: each for place, each in closing.items() if each != Balance(0, 0)} == standing


@FEW
@given(facts=events(5, 25, foreign=True))
def test_a_part_of_the_shop_has_what_its_facts_posted(
    facts: list[Event], database: Engine, recorder: Recorder, open_book: OpenBook
) -> None:
    shop = told(database, recorder, open_book(), facts)
    entries = shop.entries()
    through = max([entry.event.day() for entry in entries], default=date(2026, 3, 14))
    with snapshot(database) as connection:
        kept = load_settings(connection, shop.book)
        for name in Cut.__struct_fields__:
            for word in {part for e in entries for p in e.postings if (part := _part(name, e, p))}:
                view = View(through=through, cut=Cut(**{name: word}))
                posted: dict[str, int] = defaultdict(int)
                for entry in entries:
                    for posting in entry.postings:
                        if _part(name, entry, posting) == word:
                            posted[posting.account] += posting.at_home
                summed: dict[str, int] = defaultdict(int)
                for (code, _), sums in by_account(connection, shop.book.id, kept, view).items():
                    summed[code] += sums.home_balance
                assert dict(summed) == dict(posted)


def _part(name: str, entry: Entry, posting: Posting) -> str | None:
    """Return which part of the shop a posting is of."""
    stated: str | None = getattr(entry.event, name)
    return posting.location or stated if name == "location" else stated


@FEW
@given(facts=events(5, 25), cut=st.integers(1, 20), later=st.integers(0, 5))
def test_no_posting_is_on_two_statements_and_none_on_no_statement(
    facts: list[Event],
    cut: int,
    later: int,
    database: Engine,
    recorder: Recorder,
    open_book: OpenBook,
) -> None:
    shop = told(database, recorder, open_book(), facts[:cut])
    days = [fact.business_date or fact.occurred_at.date() for fact in facts]
    first = min(days) + timedelta(days=later)
    subjects = [Subject("account", code) for code in ("1000", "1010", "4000")]
    subjects += [Subject("customer", n) for n in sorted({f.customer for f in facts if f.customer})]
    made = []
    for through, rest in ((first, facts[cut:]), (max(days) + timedelta(days=9), [])):
        with transaction(database) as connection:
            for number, subject in enumerate(subjects):
                name = f"{number}-{through}"
                made.append(
                    issue(connection, shop.book, name, subject, None, through, now_us=1)[:2]
                )
        told(database, recorder, shop.book, rest)
    with snapshot(database) as connection:
        kept = load_settings(connection, shop.book)
        for statement, content in made:
            again = content_of(connection, shop.book.id, kept, statement)
            assert again == content
            assert digest_of(statement, again) == statement.digest
    for subject in subjects:
        one, two = (content for statement, content in made if statement.subject == subject)
        assert two.opening == one.closing
        assert not {(x.seq, x.line) for x in one.lines} & {(x.seq, x.line) for x in two.lines}
