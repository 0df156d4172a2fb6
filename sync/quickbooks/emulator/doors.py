"""The addresses outside the company API: discovery, consent, tokens."""

from urllib.parse import parse_qsl

import msgspec

from sync.quickbooks.emulator.exchange import Answer, Request, answer
from sync.quickbooks.emulator.hub import Hub
from sync.quickbooks.emulator.oauth import Denied, discovery

_DISCOVERY = (
    "/.well-known/openid_configuration",
    "/.well-known/openid_configuration/",
    "/.well-known/openid_sandbox_configuration",
)


def knock(hub: Hub, request: Request) -> Answer:
    """Answer a call outside /v3."""
    try:
        match request.method, request.path:
            case "GET", path if path in _DISCOVERY:
                return answer(discovery(hub.settings.public_url))
            case "GET", "/connect/oauth2":
                return _consent(hub, request)
            case "POST", "/oauth2/v1/tokens/bearer":
                form = dict(parse_qsl(request.body.decode()))
                return answer(hub.tokens.exchange(form, request.headers))
            case "POST", "/v2/oauth2/tokens/revoke":
                hub.tokens.revoke(_token(request), request.headers)
                return Answer()
            case _:
                return Answer(status=404, body=b"{}")
    except Denied as denied:
        return answer(denied.body, denied.status)


def _consent(hub: Hub, request: Request) -> Answer:
    """Consent at once for the company asked for, or the only one; `deny=1` refuses."""
    realm = request.query.get("realm") or next(iter(hub.companies), "")
    several = "realm" not in request.query and len(hub.companies) > 1
    if realm not in hub.companies or several:
        return Answer(status=400, media="text/plain", body=b"Name the company: ?realm=...")
    if "redirect_uri" not in request.query or request.query.get("response_type") != "code":
        return Answer(status=400, media="text/plain", body=b"redirect_uri and response_type=code")
    target = hub.tokens.authorise(realm, request.query, denied=request.query.get("deny") == "1")
    return Answer(status=302, media="text/plain", headers=(("location", target),))


def _token(request: Request) -> str:
    if "json" not in request.headers.get("content-type", ""):
        return dict(parse_qsl(request.body.decode())).get("token", "")
    try:
        return str(msgspec.json.decode(request.body, type=dict[str, str]).get("token", ""))
    except msgspec.DecodeError as cause:
        raise Denied("invalid_request") from cause
