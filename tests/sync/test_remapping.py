"""An account of ours comes to stand for another one over there."""

from datetime import date

import msgspec

from ledger.database import transaction
from ledger.recorder import now_us
from sync.connections import store as connections
from sync.connections.tokens import TARGET
from sync.mending import store as mending
from sync.quickbooks.mapping import QuickBooksMapping
from tests.builders import DAY, a_sale
from tests.conftest import Shop
from tests.sync.test_in_step import Rehearsal, rehearse

TODAY = date.fromisoformat(DAY)


def test_what_is_sold_from_then_on_goes_to_the_new_account(shop: Shop) -> None:
    """The items of an account go with it: by them a sale reaches its account."""

    async def scenario(rehearsal: Rehearsal) -> None:
        shop.record(a_sale("S-1"))
        await rehearsal.drain()
        company = await rehearsal.desk.office.open(shop.book)
        before = await company.trial_balance(TODAY)
        income = await company.api.query("SELECT * FROM Account WHERE AccountType = 'Income'")
        new = next(str(row["Id"]) for row in income if not before.get(str(row["Id"])))
        with transaction(shop.database) as connection:
            body = msgspec.json.encode(QuickBooksMapping(accounts={"account:4000": new}))
            connections.put_mapping(connection, shop.book.id, TARGET, body)
            keys = ["account:4000"]
            mending.renew_masters(connection, shop.book.id, keys, now_us(), 0)

        shop.record(a_sale("S-2"))
        await rehearsal.drain()

        assert rehearsal.states() == {}
        company = await rehearsal.desk.office.open(shop.book)
        after = await company.trial_balance(TODAY)
        moved = {account: after[account] - before.get(account, 0) for account in after}
        assert moved[new] == -4000
        assert sum(moved.values()) == 0
        assert [a for a, amount in before.items() if amount < 0 and moved[a] == -4000] == []

    rehearse(shop, scenario)
