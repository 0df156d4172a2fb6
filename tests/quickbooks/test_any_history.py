"""Any history of a shop, planned and sent, leaves the ledger's own balances there."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from hypothesis import HealthCheck, Phase, given, settings

from sync.documents import AnyDocument, Place, place
from tests.plan.test_properties import ABROAD, BOOKS, KNOWN, LONDON, NEW_YORK, POLICIES, planned
from tests.plan.till import Till
from tests.quickbooks.emulated import Emulated
from tests.quickbooks.shop import AMERICA, BRITAIN, QUEBEC, Shop
from tests.strategies import FIRST


async def send(company: Emulated, documents: Sequence[AnyDocument]) -> None:
    """Push documents, each after those that it needs, as the sender does."""
    waiting = {document.key: document for document in documents}
    while waiting:
        ready = [d for d in waiting.values() if not set(d.needs) & waiting.keys()]
        assert ready, "documents need each other"
        for document in ready:
            sent = await company.target.push(document, 1, company.links)
            assert sent.tax_difference == 0
            company.links[document.key] = sent
            del waiting[document.key]


def balances(till: Till, company: Emulated, through: date) -> dict[str, int]:
    """Return the ledger's balances by their account."""
    places: Counter[Place] = Counter()
    for entry in till.entries:
        for posting in entry.postings if entry.event.day() <= through else ():
            places[place(posting.account, posting.role, posting.holder)] += posting.at_home
    sums: Counter[str] = Counter()
    for where, amount in places.items():
        if amount:
            sums[company.id_of(where)] += amount
    return {account: amount for account, amount in sums.items() if amount}


PROFILE: Final = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


@given(BOOKS, POLICIES, KNOWN)
@PROFILE
def test_the_trial_balances_are_equal_on_every_day(till: Till, posting: str, known: str) -> None:
    agrees(till, posting, known, QUEBEC)


@given(ABROAD, POLICIES, KNOWN)
@PROFILE
def test_they_are_with_foreign_money(till: Till, posting: str, known: str) -> None:
    agrees(till, posting, known, QUEBEC)


@given(LONDON, POLICIES, KNOWN)
@PROFILE
def test_they_are_in_london(till: Till, posting: str, known: str) -> None:
    agrees(till, posting, known, BRITAIN)


@given(NEW_YORK, POLICIES, KNOWN)
@PROFILE
def test_they_are_in_new_york(till: Till, posting: str, known: str) -> None:
    agrees(till, posting, known, AMERICA)


def agrees(till: Till, posting: str, known: str, shop: Shop) -> None:
    """Assert that what is planned is taken, and leaves the same balances on every day."""
    for policy, value in (("posting", posting), ("known_customers", known)):
        since = {"from": FIRST.isoformat()}
        till.state("policy_set", f"P-{policy}", policy=policy, value=value, **since)

    async def compare() -> None:
        async with Emulated(shop) as company:
            await send(company, planned(till))
            for day in {entry.event.day() for entry in till.entries}:
                assert await company.target.trial_balance(day) == balances(till, company, day)

    asyncio.run(compare())
