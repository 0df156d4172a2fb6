"""A shop, its outbox and an emulated QuickBooks together: equal on every day, whatever broke."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest

from ledger.database import snapshot, transaction
from ledger.recorder import now_us
from sync.assemble import Desk, open_desk
from sync.connections import store as connections
from sync.connections.tokens import TARGET
from sync.mending import store as mending
from sync.outbox import SETTLED
from sync.quickbooks.emulator.app import create_app
from sync.quickbooks.emulator.settings import EmulatorSettings, Replay
from sync.quickbooks.emulator.transport import EmulatorTransport
from sync.quickbooks.mapping import QuickBooksMapping
from sync.settings import BRISK, QuickBooksSettings
from sync.status import store as status
from sync.vault import Vault
from tests.builders import (
    a_deposit,
    a_gift_card,
    a_journal,
    a_refund,
    a_sale,
    card,
    cash,
    gift_card,
    hat,
    policy,
    reversal,
    taxes,
)
from tests.conftest import Shop

VAULT = Vault((bytes(32),))


def application(emulator: EmulatorSettings) -> QuickBooksSettings:
    """Return how to reach an emulator."""
    url = emulator.public_url
    return QuickBooksSettings(
        api_url=url,
        authorize_url=f"{url}/connect/oauth2",
        token_url=f"{url}/oauth2/v1/tokens/bearer",
        revoke_url=f"{url}/v2/oauth2/tokens/revoke",
        client_id=emulator.client_id,
        client_secret=emulator.client_secret,
        redirect_uri="https://shop.example/callback",
    )


class Rehearsal:
    """A desk whose QuickBooks is an emulator in this process."""

    def __init__(self, shop: Shop, desk: Desk, http: httpx.AsyncClient) -> None:
        self.shop, self.desk, self.http = shop, desk, http

    async def fault(self, **rule: Any) -> None:
        """Put a fault into force."""
        (await self.http.post("/_emulator/faults", json=rule)).raise_for_status()

    async def drain(self, through: date | None = None) -> None:
        """Bring everything there."""
        await self.desk.worker.drain([self.shop.book], through=through)

    def states(self) -> dict[str, str]:
        """Return the state of every document that is not where it should be, with its cause."""
        with snapshot(self.shop.database) as connection:
            found = status.list_documents(connection, self.shop.book.id)
        return {d.key: f"{d.state} {d.cause} {d.detail}" for d in found if d.state not in SETTLED}

    def map(self, mapping: QuickBooksMapping) -> None:
        """Say what stands for what."""
        with transaction(self.shop.database) as connection:
            body = msgspec.json.encode(mapping)
            connections.put_mapping(connection, self.shop.book.id, TARGET, body)

    def mend(self, cause: str) -> None:
        """Let what a cause stopped go again."""
        with transaction(self.shop.database) as connection:
            mending.retry_cause(connection, self.shop.book.id, cause, None, now_us(), 0)

    async def assert_in_step(self, first: date, last: date) -> None:
        """Assert that both trial balances agree on every day, and nothing is lost or doubled."""
        assert self.states() == {}
        reconciler = await self.desk.reconciler(self.shop.book)
        async for comparison in reconciler.every_day(first, last):
            assert [row for row in comparison.rows if row.difference] == []
        arrivals = await reconciler.arrivals(first, last)
        assert (arrivals.lost, arrivals.doubled, arrivals.strange) == ((), (), ())
        assert arrivals.there > 0


def rehearse(
    shop: Shop,
    scenario: Callable[[Rehearsal], Awaitable[None]],
    *,
    replay: Replay = "atomic",
    **company: Any,
) -> None:
    """Play a scenario with a shop that is connected to a new company of its country."""

    async def main() -> None:
        settings = EmulatorSettings(
            per_second=100_000, per_minute=100_000, rotate_after_seconds=0, replay=replay
        )
        transport = EmulatorTransport(create_app(settings))
        async with (
            httpx.AsyncClient(transport=transport, base_url=settings.public_url) as http,
            open_desk(shop.database, application(settings), BRISK, VAULT, now_us, http) as desk,
        ):
            book = shop.book
            made = {"country": book.country, "currency": book.currency, "realm": str(book.id)}
            answer = await http.post("/_emulator/companies", json=made | company)
            answer.raise_for_status()
            realm = answer.json()["realmId"]
            await desk.office.connect_unattended(shop.book, realm)
            await scenario(Rehearsal(shop, desk, http))

    asyncio.run(main())


def trade(shop: Shop, day: str, tag: str) -> None:
    """Record a varied day of a shop in Montréal."""
    shop.record(a_sale(f"S-1{tag}", on=day))
    shop.record(a_sale(f"S-2{tag}", tenders=[card("25.99", "visa"), cash("20.00")], on=day))
    shop.record(a_gift_card(f"GC{tag}", "50.00", on=day))
    paid = [gift_card(f"GC{tag}", "20.00"), card("25.99", None)]
    shop.record(a_sale(f"S-3{tag}", tenders=paid, on=day))
    shop.record(a_refund(f"R-1{tag}", f"S-1{tag}", on=day))
    shop.record(a_deposit(f"D-1{tag}", f"D{tag}", on=day))
    lines = [
        {"account": "6200", "debit": "3.10"},
        {"account": "1050", "holder": "main", "credit": "3.10"},
    ]
    shop.record(a_journal(f"J-1{tag}", *lines, on=day))
    shop.record(a_sale(f"S-4{tag}", on=day))
    shop.record(reversal(f"S-4{tag}", on=day))


FIRST, LAST = date(2025, 12, 30), date(2026, 1, 3)


@pytest.mark.parametrize("posting", ["per_transaction", "per_day"])
def test_it_is_equal_on_every_day_across_the_end_of_the_year(shop: Shop, posting: str) -> None:
    shop.record(policy("posting", posting, from_=FIRST.isoformat()))
    for number, day in enumerate(("2025-12-30", "2025-12-31", "2026-01-01", "2026-01-03")):
        trade(shop, day, f"-{number}")

    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.drain(through=LAST)
        await rehearsal.assert_in_step(FIRST, LAST)

    rehearse(shop, scenario)


@pytest.mark.parametrize("posting", ["per_transaction", "per_day"])
def test_a_tax_on_which_they_insist_is_named_and_nothing_else_is_off(
    shop: Shop, posting: str
) -> None:
    """GST of 2.01 where it is 2.00 and QST of 3.98 where it is 3.99; then a cent of GST alone."""
    shop.record(policy("posting", posting, from_=FIRST.isoformat()))
    swapped = hat(taxes=taxes(GST="2.01", QST="3.98"))
    more = hat(taxes=taxes(GST="2.01", QST="3.99"))
    shop.record(a_sale("S-1", [swapped], on="2026-01-01"))
    shop.record(a_sale("S-2", [more], [card("46.00")], on="2026-01-02"))

    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.drain(through=LAST)
        reconciler = await rehearsal.desk.reconciler(shop.book)
        compared = await reconciler.at(LAST)
        assert rehearsal.states() == {}
        assert compared.explained
        off = {row.account: row.difference for row in compared.rows if row.difference}
        assert sorted(off.values()) == [-2, 1, 1]
        kinds = {r.kind for row in compared.rows for r in row.reasons}
        assert kinds == {"tax"}
        arrivals = await reconciler.arrivals(FIRST, LAST)
        assert arrivals.whole

    rehearse(shop, scenario, insists_on_tax=True)


FAULTS: dict[str, list[dict[str, Any]]] = {
    "time-outs after the commit": [{"kind": "timeout_after", "method": "POST", "count": 5}],
    "time-outs before the commit": [{"kind": "timeout_before", "method": "POST", "count": 3}],
    "errors around the commit": [
        {"kind": "5xx_after", "method": "POST", "count": 3, "skip": 2},
        {"kind": "5xx_before", "count": 3},
    ],
    "answers cut": [{"kind": "cut_body", "method": "POST", "count": 4}],
    "throttled": [{"kind": "429", "count": 3}],
    "down": [{"kind": "down", "count": 12}],
}


@pytest.mark.parametrize("name", FAULTS)
def test_it_is_equal_whatever_broke(shop: Shop, name: str) -> None:
    trade(shop, "2026-03-14", "")

    async def scenario(rehearsal: Rehearsal) -> None:
        for rule in FAULTS[name]:
            await rehearsal.fault(**rule)
        await rehearsal.drain()
        await rehearsal.assert_in_step(date(2026, 3, 14), date(2026, 3, 14))

    rehearse(shop, scenario)


@pytest.mark.parametrize("on", ["2026-03-14", "2026-03-16"])
def test_what_is_taken_back_after_it_was_sent_is_taken_back_there(shop: Shop, on: str) -> None:
    trade(shop, "2026-03-14", "")

    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.drain()
        for event in ("S-2", "J-1", "D-1", "R-1"):
            shop.record(reversal(event, on=on, business_date=on))
        await rehearsal.drain()
        await rehearsal.assert_in_step(date(2026, 3, 14), date(2026, 3, 17))

    rehearse(shop, scenario)


@pytest.mark.parametrize("replay", ["racy", "forgotten", "ignored", "refused"])
def test_it_does_not_stand_on_request_ids_alone(shop: Shop, replay: Replay) -> None:
    trade(shop, "2026-03-14", "")

    async def scenario(rehearsal: Rehearsal) -> None:
        await rehearsal.fault(kind="timeout_after", method="POST", probability=0.3, seed=7)
        await rehearsal.drain()
        await rehearsal.assert_in_step(date(2026, 3, 14), date(2026, 3, 14))

    rehearse(shop, scenario, replay=replay)


def test_what_a_closed_period_refused_goes_when_it_is_open_again(shop: Shop) -> None:
    shop.record(a_sale("S-1"))

    async def scenario(rehearsal: Rehearsal) -> None:
        company = f"/_emulator/companies/{shop.book.id}"
        await rehearsal.http.patch(company, json={"close_date": "2026-03-31"})
        await rehearsal.drain()
        refused = rehearsal.states()
        assert [(key, state.split()[:2]) for key, state in refused.items()] == [
            ("sale:S-1", ["needs_attention", "period-closed"])
        ]
        await rehearsal.http.patch(company, json={"close_date": None})
        rehearsal.mend("period-closed")
        await rehearsal.drain()
        await rehearsal.assert_in_step(date(2026, 3, 14), date(2026, 3, 14))

    rehearse(shop, scenario)


def test_what_had_no_account_goes_when_it_is_mapped(shop: Shop) -> None:
    shop.record(a_sale("S-1"))

    async def scenario(rehearsal: Rehearsal) -> None:
        rehearsal.map(QuickBooksMapping(create_missing=False))
        await rehearsal.drain()
        states = rehearsal.states()
        assert states["account:1010:card"].startswith("needs_attention account-unmapped")
        assert states["sale:S-1"].startswith("waiting")

        rehearsal.map(QuickBooksMapping())
        for cause in mending.MENDED_BY_MAPPING:
            rehearsal.mend(cause)
        await rehearsal.drain()
        await rehearsal.assert_in_step(date(2026, 3, 14), date(2026, 3, 14))

    rehearse(shop, scenario)
