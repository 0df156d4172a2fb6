"""The floor of this stack over HTTP: a litestar endpoint that decodes a sale and answers."""

from typing import Any

from litestar import Litestar, Request, Response, post

from ledger import codec


@post("/v1/events", status_code=201, sync_to_thread=False)
async def decode_and_answer(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Decode the fact and answer with as little as a ledger could."""
    event = codec.decode(await request.body())
    answer = b'{"id":"%s","seq":1,"entry":[]}' % event.id.encode()
    return Response(answer, media_type="application/json")


app = Litestar([decode_and_answer], openapi_config=None)
