"""The one catalogue of refusals and causes: what happened and what to do, in English and French.

The sentences stand in `catalogue.toml`. A fact is named in braces; `{available:amount}` writes
an amount, `{role:account}` the account of a role, `{role:word}` a word of ours and `{roles:words}`
several, as the language does.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, Self

import msgspec
from msgspec import Struct

from ledger.accounts import ROLES

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

_PATH: Final = Path(__file__).with_name("catalogue.toml")
_LONGEST_FACT: Final = 200
_NOTHING: Final = "—"


class Sentence(Struct, frozen=True):
    """What a code means: `title` in general, `detail` for the case, `remedy` what to do."""

    title: str
    detail: str
    remedy: str


class Catalogue(Struct, frozen=True):
    """`sentences` by code, with their facts still in braces; `words` that facts may hold."""

    words: dict[str, dict[Language, str]]
    sentences: dict[str, dict[Language, Sentence]]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Return every code's sentences, read once."""
    stated = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    texts = msgspec.convert(stated["sentences"], dict[str, dict[Language, tuple[str, str, str]]])
    return Catalogue(
        words=msgspec.convert(stated["words"], dict[str, dict[Language, str]]),
        sentences={
            code: {language: Sentence(*parts) for language, parts in of_code.items()}
            for code, of_code in texts.items()
        },
    )


def explain(code: str, facts: Mapping[str, str], language: Language) -> Sentence:
    """Return a code's sentences with the facts of the case in them.

    A code that the catalogue does not know (there is none: a test holds it) is told as such.
    """
    known = catalogue().sentences
    sentence = known.get(code, known["unexplained"])[language]
    words = _Facts({"code": code, **facts}, language)
    return Sentence(
        sentence.title, sentence.detail.format_map(words), sentence.remedy.format_map(words)
    )


class _Facts(dict[str, Any]):
    """Facts that know how a language writes them; one that is missing or empty is a dash."""

    def __init__(self, facts: Mapping[str, str], language: Language) -> None:
        super().__init__({name: _Fact(value, language) for name, value in facts.items()})

    def __missing__(self, name: str) -> str:
        return _Fact(_NOTHING, "en")


class _Fact(str):
    """A fact as text, with the formats that the sentences may ask for."""

    __slots__ = ("_language",)
    _language: Language

    def __new__(cls, value: str, language: Language) -> Self:
        shown = value or _NOTHING
        if len(shown) > _LONGEST_FACT:
            shown = shown[: _LONGEST_FACT - 1] + "…"
        fact = super().__new__(cls, shown)
        fact._language = language
        return fact

    def __format__(self, form: str) -> str:
        match form:
            case "amount":
                return written(self, self._language)
            case "account":
                return account_name(self, self._language)
            case "word":
                return word(self, self._language)
            case "words":
                return ", ".join(word(part, self._language) for part in self.split(", "))
            case _:
                return str(self)


def word(code: str, language: Language) -> str:
    """Return one of our words as a language has it; what is no word of ours as it is."""
    known = catalogue().words.get(str(code))
    return str(code) if known is None else known[language]


def account_name(role: str, language: Language) -> str:
    """Return how a new book calls the account of a role."""
    account = ROLES.get(role)
    if account is None:
        return role
    return account.name_en if language == "en" else account.name_fr


def written(amount: str, language: Language) -> str:
    """Return decimal text as a person writes it: 1,234.56 or 1 234,56."""
    whole, point, decimals = amount.partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    if not (whole.isdecimal() and (not point or decimals.isdecimal())):
        return amount
    grouped = f"{int(whole):,}"
    if language == "fr":
        return sign + grouped.replace(",", "\u202f") + ("," + decimals if point else "")
    return sign + grouped + point + decimals
