"""The floor of this stack over HTTP: litestar endpoints that decode a sale and answer.

Twice: `app` takes the body as it came and gives bytes back, `typed` is as litestar's own pages
have it, with a Struct in and a Struct out.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from litestar import Litestar, Request, Response, post
from msgspec import Struct

from ledger import codec


@post("/v1/events", status_code=201, sync_to_thread=False)
async def decode_and_answer(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Decode the fact and answer with as little as a ledger could."""
    event = codec.decode(await request.body())
    answer = b'{"id":"%s","seq":1,"entry":[]}' % event.id.encode()
    return Response(answer, media_type="application/json")


class Source(Struct):
    """Where a sale comes from."""

    system: str
    document: str


class Tax(Struct):
    """A tax of a line."""

    tax: str
    amount: Decimal


class Line(Struct):
    """What was sold."""

    kind: str
    description: str
    category: str
    quantity: Decimal
    unit_price: Decimal
    taxes: list[Tax]
    item: str | None = None
    discount: Decimal = Decimal(0)


class Tender(Struct):
    """How it was paid."""

    kind: str
    amount: Decimal
    method: str | None = None
    reference: str | None = None


class Sale(Struct):
    """A sale, as the workload states it."""

    type: str
    id: str
    occurred_at: datetime
    location: str
    register: str
    staff: str
    channel: str
    source: Source
    lines: list[Line]
    tip: Decimal
    rounding: Decimal
    tenders: list[Tender]


class Answer(Struct):
    """As little as a ledger could answer."""

    id: str
    seq: int
    entry: list[str]


@post("/v1/events", status_code=201, sync_to_thread=False)
async def typed_in_and_out(data: Sale) -> Answer:
    """Answer a sale that the framework has decoded."""
    return Answer(data.id, 1, [])


app = Litestar([decode_and_answer], openapi_config=None)
typed = Litestar([typed_in_and_out], openapi_config=None)
