"""OAuth 2.0: consent, codes, access and refresh tokens, and how they die."""

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.quickbooks.emulator.store import Store

HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"


class Family(Struct, frozen=True):
    """All tokens of one consent."""

    realm: str
    scope: str
    refresh: str
    """The refresh token that is good now."""
    rotated_at: float
    expires_at: float
    hard_expires_at: float
    revoked: bool = False


class Grant(Struct, frozen=True):
    """A code, an access token, or a refresh token that was ever given."""

    family: str
    expires_at: float
    redirect: str = ""
    used: bool = False


Kept = TypeVar("Kept", Family, Grant)


class Denied(Exception):
    """The token endpoint's refusal."""

    def __init__(self, error: str, status: int = 400, description: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error}
        if description:
            self.body["error_description"] = description


class Tokens:
    """Every token of every company; what is given is on disk first."""

    def __init__(
        self,
        store: Store,
        settings: EmulatorSettings,
        token: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._store = store
        self._settings = settings
        self._token = token
        self._families = _load(store, "family", Family)
        self._codes = _load(store, "code", Grant)
        self._accesses = _load(store, "access", Grant)
        self._refreshes = _load(store, "refresh", Grant)

    def authorise(self, realm: str, query: Mapping[str, str], *, denied: bool = False) -> str:
        """Consent at once: return the address the browser goes on to."""
        target = query["redirect_uri"]
        if query.get("client_id") != self._settings.client_id:
            raise Denied("invalid_client", 400, "Unknown client_id")
        state = {"state": query["state"]} if "state" in query else {}
        if denied:
            return f"{target}?{urlencode({'error': 'access_denied', **state})}"
        family = self._new_family(realm, query.get("scope", ""))
        code = self._token()
        grant = Grant(family, self._now() + self._settings.code_seconds, target)
        self._keep("code", self._codes, {code: grant})
        return f"{target}?{urlencode({'code': code, **state, 'realmId': realm})}"

    def exchange(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Json:
        """Answer the token endpoint for a code or a refresh token."""
        self._check_client(headers)
        if form.get("grant_type") == "authorization_code":
            family = self._redeem(form.get("code", ""), form.get("redirect_uri", ""))
        elif form.get("grant_type") == "refresh_token":
            family = self._refresh(form.get("refresh_token", ""))
        else:
            raise Denied("unsupported_grant_type")
        return self._answer(family, headers)

    def issue(self, realm: str) -> Json:
        """Return tokens for the realm without a browser (for tests and tools)."""
        return self._answer(self._new_family(realm, "com.intuit.quickbooks.accounting"), {})

    def revoke(self, token: str, headers: Mapping[str, str]) -> None:
        """Kill the family of a refresh or access token."""
        self._check_client(headers)
        grant = self._refreshes.get(token) or self._accesses.get(token)
        if grant is None:
            raise Denied("invalid_request", 400, "Token invalid")
        self._revoke(grant.family)

    def realm_of(self, access: str) -> str | None:
        """Return the realm that the access token opens now, or None."""
        grant = self._accesses.get(access)
        if grant is None or grant.expires_at <= self._now():
            return None
        family = self._families[grant.family]
        return None if family.revoked else family.realm

    def expire(self, access: str) -> None:
        """Let the access token die before its time."""
        grant = self._accesses.get(access)
        if grant is not None:
            self._keep("access", self._accesses, {access: replace(grant, expires_at=0.0)})

    def _new_family(self, realm: str, scope: str) -> str:
        now, name, refresh = self._now(), self._token(), self._token()
        lasts = now + self._settings.refresh_seconds
        hard = now + self._settings.hard_expiry_seconds
        self._keep(
            "family", self._families, {name: Family(realm, scope, refresh, now, lasts, hard)}
        )
        self._keep("refresh", self._refreshes, {refresh: Grant(name, hard)})
        return name

    def _redeem(self, code: str, redirect: str) -> str:
        grant = self._codes.get(code)
        if grant is None or grant.expires_at <= self._now():
            raise Denied("invalid_grant")
        if grant.used:
            self._revoke(grant.family)
            raise Denied("invalid_grant")
        if grant.redirect != redirect:
            raise Denied("invalid_grant")
        self._keep("code", self._codes, {code: replace(grant, used=True)})
        return grant.family

    def _refresh(self, token: str) -> str:
        """Extend the family; a token that was rotated away revokes all of it."""
        grant = self._refreshes.get(token)
        family = self._families[grant.family] if grant is not None else None
        if grant is None or family is None or family.revoked:
            raise Denied("invalid_grant", 400, "Incorrect or invalid refresh token")
        now = self._now()
        if family.refresh != token:
            self._revoke(grant.family)
            raise Denied("invalid_grant", 400, "Incorrect or invalid refresh token")
        if min(family.expires_at, family.hard_expires_at) <= now:
            raise Denied("invalid_grant", 400, "Token invalid")
        family = replace(family, expires_at=now + self._settings.refresh_seconds)
        if now - family.rotated_at >= self._settings.rotate_after_seconds:
            family = replace(family, refresh=self._token(), rotated_at=now)
            lasts = Grant(grant.family, family.hard_expires_at)
            self._keep("refresh", self._refreshes, {family.refresh: lasts})
        self._keep("family", self._families, {grant.family: family})
        return grant.family

    def _answer(self, name: str, headers: Mapping[str, str]) -> Json:
        family, access = self._families[name], self._token()
        lasts = Grant(name, self._now() + self._settings.access_seconds)
        self._forget_dead()
        self._keep("access", self._accesses, {access: lasts})
        body: Json = {
            "token_type": "bearer",
            "access_token": access,
            "expires_in": int(self._settings.access_seconds),
            "refresh_token": family.refresh,
            "x_refresh_token_expires_in": int(family.expires_at - self._now()),
        }
        if headers.get(HARD_EXPIRY_HEADER, "").lower() == "true":
            hard = int(family.hard_expires_at - self._now())
            body["x_refresh_token_hard_expires_in"] = hard
        return body

    def _revoke(self, name: str) -> None:
        revoked = replace(self._families[name], revoked=True)
        self._keep("family", self._families, {name: revoked})

    def _check_client(self, headers: Mapping[str, str]) -> None:
        expected = f"{self._settings.client_id}:{self._settings.client_secret}".encode()
        scheme, _, value = headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(value, validate=True)
        except ValueError:
            given = b""
        if scheme.lower() != "basic" or not hmac.compare_digest(given, expected):
            raise Denied("invalid_client", 401)

    def _forget_dead(self) -> None:
        """Drop access tokens a day after their end."""
        limit = self._now() - 86_400
        dead = [key for key, grant in self._accesses.items() if 0 < grant.expires_at < limit]
        for key in dead:
            del self._accesses[key]
        if dead:
            self._store.write_grants("access", {}, dead)

    def _keep(self, kind: str, held: dict[str, Kept], changed: dict[str, Kept]) -> None:
        encoded = {name: msgspec.json.encode(value) for name, value in changed.items()}
        self._store.write_grants(kind, encoded)
        held.update(changed)

    def _now(self) -> float:
        return self._settings.clock()


def discovery(public_url: str) -> Json:
    """Return the discovery document."""
    return {
        "issuer": "https://oauth.platform.intuit.com/op/v1",
        "authorization_endpoint": f"{public_url}/connect/oauth2",
        "token_endpoint": f"{public_url}/oauth2/v1/tokens/bearer",
        "userinfo_endpoint": f"{public_url}/v1/openid_connect/userinfo",
        "revocation_endpoint": f"{public_url}/v2/oauth2/tokens/revoke",
        "jwks_uri": f"{public_url}/op/v1/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }


def _load(store: Store, kind: str, shape: type[Kept]) -> dict[str, Kept]:
    return {
        name: msgspec.json.decode(body, type=shape) for name, body in store.grants(kind).items()
    }
