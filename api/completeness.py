"""Is anything missing: the numbers of each device, and the certificate of a day."""

from datetime import date
from typing import Annotated, Final, Literal

from litestar import get
from litestar.params import FromPath, PathParameter, QueryParameter
from msgspec import Struct

from api.access import OFFICE, require
from api.answers import PAGE, Page, page
from api.caller import signed_in
from api.health import HeadShown
from api.parameters import Limit, bad_parameter, today, unescaped
from api.problems import Refusal
from api.service import Call, service_of
from ledger.completeness.store import (
    DayFact,
    Epoch,
    Hole,
    added_up,
    booked_on,
    epochs,
    facts_of_day,
    holes,
)
from ledger.database import Connection, snapshot
from ledger.exceptions.store import count_open
from ledger.money import to_text
from ledger.store import head
from sync.status.arrival import arrived

_WATCHERS: Final = require("bookkeeper", "auditor", "operator")
_EPOCHS: Final = 1000
_HOLES: Final = 200

Lack = Literal["day-not-over", "booked", "planned", "confirmed", "holes"]


class EpochShown(Struct, frozen=True):
    """One device in one epoch of its counter: what was received, and how much is missing."""

    device: str
    epoch: int
    first: int
    highest: int
    received: int
    missing: int


class HoleShown(Struct, frozen=True):
    """Numbers `first` to `last` that were not received; `since` and `until` are the days around."""

    device: str
    epoch: int
    first: int
    last: int
    since: date
    until: date


class DeviceShown(Struct, frozen=True):
    """A device: its epochs, the latest 1,000 of them, and the holes in all of them."""

    device: str
    epochs: list[EpochShown]
    holes: Page[HoleShown]


class SumShown(Struct, frozen=True):
    """An amount in one currency."""

    currency: str
    amount: str


class StageShown(Struct, frozen=True):
    """How many facts came so far, and what their entries debit together."""

    count: int
    sums: list[SumShown]


class Certificate(Struct, frozen=True):
    """How far the facts of a business day have come, and what is missing.

    `received` stand in the log; `booked` balance and are in the balances as the log says; of
    `planned` the documents are made, of `confirmed` they are all in QuickBooks (what needs none
    counts as both). `holes` are numbers of devices next to the day's that were not received: the
    first 200, `missing_numbers` counts those. `complete` is true when the day is over, all four
    agree and there is no hole; else `lacking` says what keeps it from that.
    """

    day: date
    complete: bool
    lacking: list[Lack]
    received: StageShown
    booked: StageShown
    planned: StageShown
    confirmed: StageShown
    holes: list[HoleShown]
    missing_numbers: int
    open_exceptions: int
    head: HeadShown


@get(
    "/v1/devices",
    operation_id="listDevices",
    tags=["Completeness"],
    summary="List the devices and what is missing of them",
    guards=[_WATCHERS],
    sync_to_thread=True,
)
def list_devices(
    request: Call,
    *,
    limit: Limit = PAGE,
    after: Annotated[
        str | None, QueryParameter(max_length=90, description="`next` of the page before.")
    ] = None,
) -> Page[EpochShown]:
    """Answer each device and epoch that stated a `device_seq`, with its highest number."""
    place = _place(after)
    book_id = signed_in(request.scope).book.id
    with snapshot(service_of(request).database) as connection:
        found = epochs(connection, book_id, after=place, limit=limit + 1)
    return page(found, limit, _epoch, lambda epoch: f"{epoch.epoch}.{epoch.device}")


@get(
    "/v1/devices/{device_id:str}",
    operation_id="getDevice",
    tags=["Completeness"],
    summary="Read a device and its holes",
    guards=[_WATCHERS],
    sync_to_thread=True,
    opt={"problems": (404,)},
)
def get_device(
    request: Call,
    device_id: FromPath[str],
    *,
    limit: Limit = PAGE,
    after: Annotated[
        str | None,
        QueryParameter(
            pattern=r"^[0-9]{1,18}\.[0-9]{1,18}$", description="`next` of the page before."
        ),
    ] = None,
) -> DeviceShown:
    """Answer the highest number received in each epoch, and the numbers missing, as ranges.

    In the path write `~1` for a slash and `~0` for a tilde.
    """
    device, book_id = unescaped(device_id), signed_in(request.scope).book.id
    epoch, _, last = (after or "-1.-1").partition(".")
    with snapshot(service_of(request).database) as connection:
        known = epochs(connection, book_id, device=device, limit=_EPOCHS)
        if not known:
            raise Refusal("device-not-found", 404, device=device)
        place = (int(epoch), int(last))
        found = holes(connection, book_id, device=device, after=place, limit=limit + 1)
    return DeviceShown(
        device,
        [_epoch(one) for one in known],
        page(found, limit, _hole, lambda hole: f"{hole.epoch}.{hole.last}"),
    )


@get(
    "/v1/days/{day:str}/certificate",
    operation_id="getCertificate",
    tags=["Completeness"],
    summary="Is a day complete",
    guards=[OFFICE],
    sync_to_thread=True,
)
def get_certificate(
    request: Call,
    day: Annotated[
        str,
        PathParameter(
            pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="A business date, yyyy-mm-dd."
        ),
    ],
) -> Certificate:
    """Answer what was received, booked, planned and confirmed of a business date."""
    on, service, book = _day(day), service_of(request), signed_in(request.scope).book
    with snapshot(service.database) as connection:
        facts = facts_of_day(connection, book.id, on)
        stages, agree = _stages(connection, book.id, on, facts)
        missing = holes(connection, book.id, day=on, limit=_HOLES)
        waiting = count_open(connection, book.id, on)
        end = head(connection, book.id)
    assert end is not None
    lacking: list[Lack] = [] if today(book, service.clock()) > on else ["day-not-over"]
    lacking += agree
    lacking += ["holes"] if missing else []
    return Certificate(
        day=on,
        complete=not lacking,
        lacking=lacking,
        **stages,
        holes=[_hole(hole) for hole in missing],
        missing_numbers=sum(hole.last - hole.first + 1 for hole in missing),
        open_exceptions=waiting,
        head=HeadShown(end.seq, end.hash.hex()),
    )


ROUTES: Final = (list_devices, get_device, get_certificate)


def _stages(
    connection: Connection, book_id: int, day: date, facts: list[DayFact]
) -> tuple[dict[str, StageShown], list[Lack]]:
    """Return each stage, and which of them do not agree with what was received."""
    balanced = [fact for fact in facts if fact.balanced]
    kept = {c: debit for c, debit in booked_on(connection, book_id, day).items() if debit}
    came = arrived(connection, book_id, facts)
    stages = {
        "received": (len(facts), _some(added_up(facts))),
        "booked": (len(balanced), kept),
        "planned": (len(came.planned), _some(added_up(came.planned))),
        "confirmed": (len(came.confirmed), _some(added_up(came.confirmed))),
    }
    names: tuple[Lack, ...] = ("booked", "planned", "confirmed")
    lacking = [name for name in names if stages[name] != stages["received"]]
    return {name: _stage(*stage) for name, stage in stages.items()}, lacking


def _some(sums: dict[str, int]) -> dict[str, int]:
    return {currency: amount for currency, amount in sums.items() if amount}


def _stage(count: int, sums: dict[str, int]) -> StageShown:
    shown = [SumShown(c, to_text(amount, c)) for c, amount in sorted(sums.items())]
    return StageShown(count, shown)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_parameter("day") from None


def _place(after: str | None) -> tuple[str, int]:
    if after is None:
        return "", -1
    epoch, dot, device = after.partition(".")
    if not (dot and epoch.isascii() and epoch.isdecimal() and len(epoch) <= 18):
        raise bad_parameter("after")
    return device, int(epoch)


def _epoch(epoch: Epoch) -> EpochShown:
    return EpochShown(
        epoch.device, epoch.epoch, epoch.first, epoch.highest, epoch.received, epoch.missing
    )


def _hole(hole: Hole) -> HoleShown:
    return HoleShown(hole.device, hole.epoch, hole.first, hole.last, hole.since, hole.until)
