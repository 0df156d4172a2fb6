"""GET /docs: the viewer of the API's description, shipped with it; nothing comes from elsewhere."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from api.access import open_to_all
from api.problems import Refusal

_FOLDER: Final = Path(__file__).with_name("viewer")
_TYPES: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "start.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI sets style attributes; scripts are only those that are shipped."""


@get("/docs", include_in_schema=False, guards=[open_to_all])
async def get_viewer() -> Response[bytes]:
    """Answer the page."""
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
    return Response(_file("index.html"), media_type="text/html", headers=headers)


@get("/docs/{name:str}", include_in_schema=False, guards=[open_to_all])
async def get_viewer_file(name: FromPath[str]) -> Response[bytes]:
    """Answer a file of the page; only those that the page names exist."""
    if name not in _TYPES:
        raise Refusal("path-unknown", 404)
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(_file(name), media_type=_TYPES[name], headers=headers)


@lru_cache(maxsize=16)
def _file(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


ROUTES: Final[tuple[Any, ...]] = (get_viewer, get_viewer_file)
