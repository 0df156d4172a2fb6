"""Settings: from `DAYBOOK_*` variables, or a TOML file that `DAYBOOK_CONFIG` names."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from sync.settings import QuickBooksSettings, WorkerSettings
from sync.vault import Vault, load_vault

PREFIX: Final = "DAYBOOK_"
_NOT_SETTINGS: Final = (f"{PREFIX}CONFIG", f"{PREFIX}TEST_")
_TABLES: Final = ("qbo", "worker")
_SECRETS: Final = ("secret_key", "client_secret")
_PASSWORD: Final = re.compile(r"(://[^:/@]*:)[^@]*(?=@)|([?&](?:ssl)?password=)[^&]*")
_DATABASES: Final = ("sqlite", "postgresql", "postgresql+psycopg")

Port = Annotated[int, Meta(ge=1, le=65535)]


class SettingsError(Exception):
    """A setting that cannot be read; its text says which and why."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where everything is. `secret_key` (32 bytes in base64) wins over its file."""

    database_url: str = "sqlite:///var/daybook.db"
    host: str = "127.0.0.1"
    port: Port = 8080
    emulator_port: Port = 8090
    base_url: str | None = None
    secret_key: str | None = None
    secret_key_file: str = "var/secret.key"  # noqa: S105 - the name of a file
    erasures_file: str = "var/erased.jsonl"
    access_log: bool = True
    qbo: QuickBooksSettings = msgspec.field(default_factory=QuickBooksSettings)
    worker: WorkerSettings = msgspec.field(default_factory=WorkerSettings)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in listed(self))
        return f"Settings({shown})"

    @property
    def address(self) -> str:
        """Return the address at which people reach the API."""
        return self.base_url or f"http://{self.host}:{self.port}"

    def vault(self) -> Vault:
        """Return the vault; its key's file is made on first use, readable by its owner alone."""
        stated = {} if self.secret_key is None else {"DAYBOOK_SECRET_KEY": self.secret_key}
        try:
            return load_vault(stated, Path(self.secret_key_file))
        except (ValueError, OSError) as wrong:
            raise SettingsError(f"The secret key: {wrong}") from None

    def pepper(self) -> bytes:
        """Return what the digests of API keys are made with."""
        return self.vault().derive("api-keys")

    def peppers(self) -> tuple[bytes, ...]:
        """Return what they were made with: a pepper for each secret key, the newest first."""
        newest = self.pepper()  # its file is made on first use
        stated = self.secret_key or Path(self.secret_key_file).read_text(encoding="ascii")
        older = (replace(self, secret_key=key).pepper() for key in stated.split(",")[1:])
        return newest, *older


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings; SettingsError names the one that is wrong."""
    stated: dict[str, Any] = {}
    if path := environ.get(f"{PREFIX}CONFIG"):
        stated = _file(Path(path))
    for name, value in environ.items():
        if name.startswith(PREFIX) and not name.startswith(_NOT_SETTINGS) and value != "":
            _put(stated, name.removeprefix(PREFIX).lower(), value)
    try:
        settings = msgspec.convert(stated, Settings, strict=False)
        _check(settings.database_url)
    except ValueError as wrong:  # msgspec's are of that kind
        raise SettingsError(str(wrong)) from None
    return settings


def without_password(url: str) -> str:
    """Return a database's address as it may be shown."""
    return _PASSWORD.sub(r"\1\2…", url)


def listed(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each setting by its variable's name with its value; secrets only as set or not."""
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        if isinstance(value, Struct):
            for part in value.__struct_fields__:
                shown = _shown(part, getattr(value, part))
                yield f"{PREFIX}{name}_{part}".upper(), shown
        else:
            yield f"{PREFIX}{name}".upper(), _shown(name, value)


def _shown(name: str, value: object) -> str:
    if name in _SECRETS:
        return "(set)" if value else "(not set)"
    return "" if value is None else without_password(str(value))


def _check(database_url: str) -> None:
    """Raise ValueError for an address that no database of ours has."""
    try:
        parts = urlsplit(database_url)
        possible = parts.scheme in _DATABASES and parts.port != 0
    except ValueError:  # a port that is no number
        possible = False
    if not possible:
        raise ValueError("DAYBOOK_DATABASE_URL is sqlite:///FILE or postgresql://HOST/NAME")


def _put(stated: dict[str, Any], name: str, value: str) -> None:
    for table in _TABLES:
        if name.startswith(f"{table}_"):
            stated.setdefault(table, {})[name.removeprefix(f"{table}_")] = value
            return
    stated[name] = value


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as wrong:
        raise SettingsError(f"{path}: {wrong}") from None
