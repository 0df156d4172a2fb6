"""Secrets at rest open for their book and purpose alone."""

import base64
import stat
from pathlib import Path

import pytest

from sync.vault import Sealed, Vault, load_vault

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def test_what_was_sealed_opens_again() -> None:
    vault = Vault((NEW,))
    sealed = vault.seal(b"refresh", 7, "tokens")
    assert b"refresh" not in sealed
    assert vault.open(sealed, 7, "tokens") == b"refresh"
    assert vault.seal(b"refresh", 7, "tokens") != sealed


@pytest.mark.parametrize(("book", "purpose"), [(8, "tokens"), (7, "mapping")])
def test_it_does_not_open_elsewhere(book: int, purpose: str) -> None:
    vault = Vault((NEW,))
    with pytest.raises(Sealed):
        vault.open(vault.seal(b"refresh", 7, "tokens"), book, purpose)


def test_changed_bytes_do_not_open() -> None:
    vault = Vault((NEW,))
    sealed = vault.seal(b"refresh", 7, "tokens")
    for index in range(len(sealed)):
        broken = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises(Sealed):
            vault.open(broken, 7, "tokens")
    with pytest.raises(Sealed):
        vault.open(b"", 7, "tokens")


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    sealed = Vault((OLD,)).seal(b"refresh", 7, "tokens")
    both = Vault((NEW, OLD))
    assert both.open(sealed, 7, "tokens") == b"refresh"
    assert Vault((NEW,)).open(both.seal(b"next", 7, "tokens"), 7, "tokens") == b"next"
    with pytest.raises(Sealed):
        Vault((NEW,)).open(sealed, 7, "tokens")


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret.key"
    first, second = load_vault({}, path), load_vault({}, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["secret.key"]
    assert second.open(first.seal(b"x", 1, "p"), 1, "p") == b"x"


def test_a_stated_key_wins_over_the_file(tmp_path: Path) -> None:
    stated = base64.b64encode(NEW).decode()
    vault = load_vault({"DAYBOOK_SECRET_KEY": stated}, tmp_path / "secret.key")
    assert not (tmp_path / "secret.key").exists()
    assert Vault((NEW,)).open(vault.seal(b"x", 1, "p"), 1, "p") == b"x"


@pytest.mark.parametrize("stated", ["short", base64.b64encode(b"31 bytes").decode(), "é"])
def test_a_key_that_is_none_is_refused(stated: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        load_vault({"DAYBOOK_SECRET_KEY": stated}, tmp_path / "secret.key")


def test_keys_for_other_uses_differ_by_use() -> None:
    vault = Vault((NEW,))
    assert vault.derive("api-keys") != vault.derive("consent") != NEW
    assert vault.sign(b"x", "consent") != vault.sign(b"x", "other")
