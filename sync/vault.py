"""Secrets at rest: AES-256-GCM under a key that is not in the database.

A sealed value is `v1`, the id of the key (8 bytes), a nonce (12 bytes) and the ciphertext; what it
is for (book and purpose) is bound to it, so that it opens nowhere else.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC: Final = b"v1"
KEY_BYTES: Final = 32
_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12


class Sealed(Exception):
    """A value that this vault cannot open: another key, another purpose, or changed bytes."""


class Vault:
    """Seals with the first key, opens with any."""

    def __init__(
        self, keys: tuple[bytes, ...], random_bytes: Callable[[int], bytes] = os.urandom
    ) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError("a vault's keys have 32 bytes each")
        self._keys = {key_id(key): key for key in keys}
        self._newest = keys[0]
        self._random_bytes = random_bytes

    def seal(self, value: bytes, book_id: int, purpose: str) -> bytes:
        """Return *value* encrypted for one book and purpose."""
        nonce = self._random_bytes(_NONCE_BYTES)
        name = key_id(self._newest)
        secret = AESGCM(self._newest).encrypt(nonce, value, _bound(book_id, purpose))
        return MAGIC + name + nonce + secret

    def open(self, sealed: bytes, book_id: int, purpose: str) -> bytes:
        """Return what was sealed; Sealed when it is not for this vault, book and purpose."""
        start = len(MAGIC)
        name, rest = sealed[start : start + _ID_BYTES], sealed[start + _ID_BYTES :]
        key = self._keys.get(name)
        if not sealed.startswith(MAGIC) or key is None:
            raise Sealed(f"sealed under the key {name.hex()}, which is not here")
        try:
            return AESGCM(key).decrypt(
                rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(book_id, purpose)
            )
        except InvalidTag:
            raise Sealed(f"not sealed for book {book_id} as {purpose}") from None

    def sign(self, value: bytes, purpose: str) -> bytes:
        """Return a keyed hash of *value* that only holders of the key can make."""
        return hmac.digest(self.derive(purpose), value, "sha256")

    def derive(self, purpose: str) -> bytes:
        """Return a key for another use (a pepper, a signature); it tells nothing of the vault's."""
        return hmac.digest(self._newest, b"daybook " + purpose.encode(), "sha256")


def load_vault(environment: Mapping[str, str], path: Path) -> Vault:
    """Return the vault of `DAYBOOK_SECRET_KEY` (base64; older keys after commas), else of a file.

    The file is made once, readable by its owner alone.
    """
    stated = environment.get("DAYBOOK_SECRET_KEY")
    text = stated or _read_or_make(path)
    return Vault(tuple(_decode(part) for part in text.split(",")))


def key_id(key: bytes) -> bytes:
    """Return the name of a key: it tells keys apart and nothing else."""
    return hashlib.sha256(b"daybook key id " + key).digest()[:_ID_BYTES]


def _bound(book_id: int, purpose: str) -> bytes:
    return f"daybook/{book_id}/{purpose}".encode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raise ValueError("DAYBOOK_SECRET_KEY is base64 of 32 bytes") from None


def _read_or_make(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, path)  # of two processes that start together, one makes the key
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text()
