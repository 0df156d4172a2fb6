"""GET /openapi.json: the API's description (OpenAPI 3.1), made from the routes themselves.

litestar describes paths and parameters; bodies, answers and problems are described here, from the
same Structs that decode and encode them.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from inspect import isclass
from typing import Any, Final, get_origin

import msgspec
from litestar import Request, Response, Router
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

from api.access import Require, open_to_all
from api.bodies import JSON, NDJSON
from api.example_facts import BY_KIND
from api.examples import EXAMPLES
from api.problems import MEDIA_TYPE, Problem
from ledger.events import Event
from ledger.money import Number

_REF: Final = "#/components/schemas/{name}"
_EVENT: Final = {"$ref": "#/components/schemas/Event"}
_ANY_EVENT: Final = {"anyOf": [_EVENT, {"description": "Anything else is refused by itself."}]}
_SCHEME: Final = "key"

_MEANINGS: Final = {
    200: "Done.",
    201: "Recorded.",
    204: "Done; there is nothing to answer.",
    302: "The way leads on.",
    400: "The request cannot be read.",
    401: "The key is missing or does not work.",
    403: "Not for this key's role.",
    404: "There is no such thing in this book.",
    406: "Not in any of the forms that are asked for.",
    409: "The book's state forbids it.",
    412: "Somebody changed it meanwhile.",
    413: "The body is too large.",
    415: "The body's form is not supported.",
    422: "The content can never be right; every fault is named.",
    503: "Not just now; the same request later does it.",
}


def config() -> OpenAPIConfig:
    """Return how the API is described."""
    return OpenAPIConfig(
        title="Daybook",
        version=version("daybook"),
        description=(
            "A ledger for shops that keeps QuickBooks Online in step. Amounts are decimal text "
            "in major units; keys are sent as `Authorization: Bearer dbk_...`, each opens one "
            "book in one role. Refusals are problem details (RFC 9457) with a stable `code`, in "
            "English or French by `Accept-Language`."
        ),
        components=Components(
            security_schemes={_SCHEME: SecurityScheme(type="http", scheme="bearer")}
        ),
        use_handler_docstrings=True,
        openapi_router=Router(
            "/openapi.json", route_handlers=[], include_in_schema=False, guards=[open_to_all]
        ),
        render_plugins=[_Description(path="/")],
    )


class _Description(OpenAPIRenderPlugin):
    """Serves the finished description, and it alone."""

    def __init__(self, *, path: str) -> None:
        super().__init__(path=path, media_type=MediaType.JSON)
        self._text: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the description's text."""
        if self._text is None:
            self._text = msgspec.json.encode(finished(openapi_schema, request.app.routes))
        return self._text

    def receive_router(self, router: Router) -> None:
        """Drop the pages that litestar serves beside."""
        router.routes = [route for route in router.routes if route.path == router.path]


def finished(description: dict[str, Any], routes: list[Any]) -> dict[str, Any]:
    """Return litestar's description with every body, answer, problem and role in it."""
    operations = list(_operations(description, routes))
    types = list(dict.fromkeys([Problem, *(t for _, h in operations for t in _types(h))]))
    schemas, components = msgspec.json.schema_components(
        types, schema_hook=_number_schema, ref_template=_REF
    )
    known = dict(zip(types, schemas, strict=True))
    components["Event"] = _one_of(known.get(Event) or {})
    for operation, handler in operations:
        if "given" in handler.opt:
            _ease(handler, known, components)
        _describe(operation, handler, known)
    description["components"]["schemas"] = components
    return description


def _operations(
    description: dict[str, Any], routes: list[Any]
) -> Iterator[tuple[dict[str, Any], HTTPRouteHandler]]:
    for route in routes:
        path = description["paths"].get(route.path_format or "/")
        if path is None or not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            if method.lower() in path and handler.resolve_include_in_schema():
                yield path[method.lower()], handler


def _types(handler: HTTPRouteHandler) -> list[Any]:
    stated = [handler.opt.get("body"), _answer(handler), *handler.opt.get("answers", {}).values()]
    found = [kind for kind in stated if kind is not None]
    return [Event if kind == list[Event] else kind for kind in found]


def _answer(handler: HTTPRouteHandler) -> Any:
    """Return the type of the answer, None when there is none or it is no JSON."""
    if "answer" in handler.opt:
        return handler.opt["answer"]
    kind = handler.parsed_fn_signature.return_type.annotation
    bare = get_origin(kind) or kind
    has_none = bare in (None, type(None)) or (isclass(bare) and issubclass(bare, Response))
    return None if has_none else kind


def _describe(
    operation: dict[str, Any], handler: HTTPRouteHandler, known: dict[Any, dict[str, Any]]
) -> None:
    opt, example = handler.opt, EXAMPLES.get(str(handler.operation_id), {})
    responses = {
        status: answer
        for status, answer in operation["responses"].items()
        if status.startswith(("2", "3"))
    }
    kind = _answer(handler)
    if kind is not None:
        responses[str(handler.status_code)] = _response(handler.status_code, known[kind])
    for status, other in opt.get("answers", {}).items():
        responses[str(status)] = _response(status, known[other])
    _adorn(responses, opt)
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _where_stated(parameter["schema"])
    if "text" in opt:
        form = {opt["text"]: {"schema": {"type": "string"}}}
        responses["200"] = {"description": _MEANINGS[200], "content": form}
    if opt.get("csv"):
        responses["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}
    if "answer" in example:
        _content(responses, handler.status_code)["example"] = example["answer"]
    if "body" in opt:
        operation["requestBody"] = _body(handler, known, example.get("body"))
    for status in _problems(operation, handler):
        responses[str(status)] = _problem(_MEANINGS[status])
    for status in opt.get("refused", ()):
        responses[str(status)]["content"][JSON] = {"schema": known[kind]}
    responses["default"] = _problem("Any other refusal.")
    operation["responses"] = responses
    _guard(operation, handler)


def _where_stated(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a parameter says where it is stated: one that may be left out is never null."""
    (choice,) = (one for one in schema.get("oneOf", ({},)) if one != {"type": "null"})
    stated: dict[str, Any] = {**choice, **schema}
    stated.pop("oneOf", None)
    if "enum" in stated:
        stated["enum"] = [value for value in stated["enum"] if value is not None]
    if isinstance(stated["type"], list):
        (stated["type"],) = (kind for kind in stated["type"] if kind != "null")
    return stated


def _adorn(responses: dict[str, Any], opt: Mapping[str, Any]) -> None:
    """Add the headers of answers, and the calls that answers lead to."""
    for status, headers in opt.get("headers", {}).items():
        responses[str(status)]["headers"] = {
            name: {"description": told, "schema": {"type": "string"}}
            for name, told in headers.items()
        }
    for status, names in opt.get("leads_to", {}).items():
        responses[str(status)]["links"] = {
            name: {"operationId": name, "parameters": parameters}
            for name, parameters in names.items()
        }


def _ease(
    handler: HTTPRouteHandler, known: dict[Any, dict[str, Any]], components: dict[str, Any]
) -> None:
    """Describe a body that may leave out what the path or the service states."""
    kind, given = handler.opt["body"], handler.opt["given"]
    whole = components[kind.__name__]
    name = f"{kind.__name__}Stated"
    components[name] = {
        **whole,
        "title": name,
        "required": [field for field in whole["required"] if field not in given],
        "description": f"The path and the service state {', '.join(given)} where left out.",
    }
    known[kind, "given"] = {"$ref": _REF.format(name=name)}


def _content(responses: dict[str, Any], status: int) -> dict[str, Any]:
    content: dict[str, Any] = responses[str(status)]["content"][JSON]
    return content


def _response(status: int, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": _MEANINGS[status], "content": {JSON: {"schema": schema}}}


def _problem(meaning: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name="Problem")}
    return {"description": meaning, "content": {MEDIA_TYPE: {"schema": schema}}}


def _body(
    handler: HTTPRouteHandler, known: dict[Any, dict[str, Any]], example: Any
) -> dict[str, Any]:
    kind = handler.opt["body"]
    if kind == list[Event]:
        content: dict[str, Any] = {"schema": {"type": "array", "items": _ANY_EVENT}}
    elif kind == Event:
        examples = {name: {"value": fact} for name, fact in BY_KIND.items()}
        content, example = {"schema": _EVENT, "examples": examples}, None
    else:
        content = {"schema": known[(kind, "given") if "given" in handler.opt else kind]}
    if example is not None:
        content["example"] = example
    body = {"required": True, "content": {JSON: content}}
    if handler.opt.get("lines"):
        body["content"] = {JSON: content, NDJSON: {"schema": {"type": "string"}}}
    return body


def _problems(operation: dict[str, Any], handler: HTTPRouteHandler) -> list[int]:
    """Return the statuses of the refusals that a route has to reckon with."""
    found = set(handler.opt.get("problems", ()))
    if _roles(handler) is not None:
        found |= {401, 403, 503}
    if operation.get("parameters"):
        found.add(400)
    if "body" in handler.opt:
        found |= {400, 413, 415, 422}
    if handler.opt.get("body") in (Event, list[Event]) or "given" in handler.opt:
        found.add(409)
    return sorted(found - set(handler.opt.get("answers", {})))


def _guard(operation: dict[str, Any], handler: HTTPRouteHandler) -> None:
    roles = _roles(handler)
    operation["security"] = [] if roles is None else [{_SCHEME: []}]
    if roles is not None:
        operation["x-roles"] = list(roles)


def _roles(handler: HTTPRouteHandler) -> tuple[str, ...] | None:
    guards = handler.resolve_guards()
    found = [guard.roles for guard in map(_inner, guards) if isinstance(guard, Require)]
    return found[0] if found else None


def _inner(guard: Any) -> Any:
    """Return a guard as it was stated, without litestar's wrapping."""
    return getattr(guard, "func", guard)


def _one_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Name the kinds of event as what they are: exactly one of them."""
    schema = dict(schema)
    if "anyOf" in schema:
        schema["oneOf"] = schema.pop("anyOf")
    return schema


def _number_schema(kind: type) -> dict[str, Any]:
    if issubclass(kind, Number):
        told = (kind.__doc__ or "").strip()
        return {"type": "string", "pattern": kind.schema, "description": told}
    raise NotImplementedError(kind)
