"""The `state` of a consent: who asked for which book, signed, and of no use after a while."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from ledger.errors import Conflict
from sync.settings import SECOND
from sync.vault import Vault

LIFETIME_SECONDS: Final = 600


class Asked(Struct, frozen=True):
    """Who wants which book connected; `nonce` makes every consent another."""

    book_id: int
    key: str
    until_us: int
    nonce: str

    @property
    def asked_us(self) -> int:
        """Return when it was asked for."""
        return self.until_us - LIFETIME_SECONDS * SECOND


def ask(
    vault: Vault,
    book_id: int,
    key: str,
    now_us: int,
    nonce: Callable[[], str] = secrets.token_urlsafe,
) -> str:
    """Return the state that goes out with a consent and comes back with its code."""
    asked = Asked(book_id, key, now_us + LIFETIME_SECONDS * SECOND, nonce())
    text = msgspec.json.encode(asked)
    return f"{_wrapped(text)}.{_wrapped(vault.sign(text, 'consent'))}"


def answered(vault: Vault, state: str, now_us: int) -> Asked:
    """Return who asked; a Conflict when nobody here did, or too long ago."""
    text, _, signature = state.partition(".")
    try:
        stated, signed = _unwrapped(text), _unwrapped(signature)
    except (binascii.Error, ValueError):
        raise Conflict("consent-unknown") from None
    if not hmac.compare_digest(vault.sign(stated, "consent"), signed):
        raise Conflict("consent-unknown")
    asked = msgspec.json.decode(stated, type=Asked)
    if asked.until_us < now_us:
        raise Conflict("consent-expired", minutes=LIFETIME_SECONDS // 60)
    return asked


def _wrapped(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _unwrapped(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
