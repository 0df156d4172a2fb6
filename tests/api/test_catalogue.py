"""The one catalogue: every code that the sources raise, in both languages, with its facts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from api.catalogue import LANGUAGES, Sentence, catalogue, explain, written
from ledger.accounts import ROLES
from ledger.events import Event
from sync.mending.store import MENDED_BY_MAPPING
from sync.quickbooks.faults import REFUSALS, STANDSTILLS

SOURCES = Path(__file__).parents[2]
RAISING = (
    "fault",
    "Fault",
    "Conflict",
    "Forbidden",
    "Caveat",
    "Refusal",
    "Unavailable",
    "Rejected",
    "Unknown",
    "_unauthorized",
    "_refused",
)
"""What the sources call with a code."""

NO_FACTS = ("pointer", "faults", "headers", "detail", "subject", "after_seconds", "trace", "status")
"""Keywords of these calls that are no facts of the case."""

FREE = {"code"}
"""Facts that every sentence may use."""

OF_EXCEPTIONS = {"subject", "name", "amount", "currency", "event"}


def calls() -> Iterator[tuple[str, str, set[str], bool]]:
    """Yield (kind, code, facts, whole) of each call with a code; whole unless facts are spread."""
    for folder in ("ledger", "sync", "api"):
        for path in (SOURCES / folder).rglob("*.py"):
            if "emulator" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield from _coded(node)


def _coded(node: ast.Call) -> Iterator[tuple[str, str, set[str], bool]]:
    kind = getattr(node.func, "id", getattr(node.func, "attr", ""))
    place = 1 if kind in ("fault", "Fault") else 0
    if kind not in RAISING or len(node.args) <= place:
        return
    facts = {word.arg for word in node.keywords if word.arg not in (None, *NO_FACTS)}
    whole = all(word.arg is not None for word in node.keywords)
    stated = node.args[place]
    for text in (stated.body, stated.orelse) if isinstance(stated, ast.IfExp) else (stated,):
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield kind, text.value, {str(fact) for fact in facts}, whole


def facts_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def whole(sentence: Sentence) -> str:
    """Return everything that a sentence says."""
    return f"{sentence.title} {sentence.detail} {sentence.remedy}"


def test_the_sources_are_found() -> None:
    codes = {code for _, code, _, _ in calls()}
    assert len(codes) > 80
    assert codes >= {"overdrawn", "required", "key-missing", "unknown-method", "throttled"}


def test_every_code_is_in_the_catalogue() -> None:
    known = catalogue().sentences
    words = {code for _, code, _, _ in calls() if re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code)}
    assert sorted(words - set(known)) == []


def test_what_is_the_bookkeepers_alone_is_said_in_words() -> None:
    kinds = {kind.__struct_config__.tag for kind in Event.__args__ if not kind.tills_may_record}
    assert sorted(kinds - set(catalogue().words)) == []


def test_what_quickbooks_may_answer_is_in_the_catalogue() -> None:
    causes = {*REFUSALS.values(), *STANDSTILLS.values(), *MENDED_BY_MAPPING}
    assert sorted(causes - set(catalogue().sentences)) == []


def test_every_code_has_both_languages() -> None:
    for code, sentences in catalogue().sentences.items():
        assert set(sentences) == set(LANGUAGES), code
        texts = [
            getattr(s, part) for s in sentences.values() for part in ("title", "detail", "remedy")
        ]
        assert all(texts), code
        assert sentences["en"] != sentences["fr"], code
        assert facts_in(sentences["en"].detail + sentences["en"].remedy) == facts_in(
            sentences["fr"].detail + sentences["fr"].remedy
        ), code


def test_a_sentence_uses_only_facts_that_its_code_has() -> None:
    for kind, code, facts, whole in calls():
        sentences = catalogue().sentences.get(code)
        if sentences is None or not whole or kind in ("Rejected", "Unknown", "Unavailable"):
            continue
        used = facts_in(sentences["en"].detail + sentences["en"].remedy)
        given = facts | FREE | (OF_EXCEPTIONS if kind == "Caveat" else set())
        assert used <= given, (kind, code, used - given)


def test_english_is_told_without_blame_or_begging() -> None:
    for code, sentences in catalogue().sentences.items():
        text = whole(sentences["en"])
        assert not re.search(r"\bplease\b|!|\binvalid\b|\billegal\b", text, re.IGNORECASE), code


def test_french_is_set_as_french_is() -> None:
    for code, sentences in catalogue().sentences.items():
        french = sentences["fr"]
        text = whole(french)
        assert "'" not in text, code
        assert not re.search(r" [:;!?»]|« ", text), code
        assert not re.search(r"\bQBO\b|\bun email\b", text), code


@pytest.mark.parametrize(
    ("amount", "english", "french"),
    [
        ("1234567.80", "1,234,567.80", "1\u202f234\u202f567,80"),
        ("-0.05", "-0.05", "-0,05"),
        ("1500", "1,500", "1\u202f500"),
        ("S-1.2", "S-1.2", "S-1.2"),
    ],
)
def test_amounts_are_written_as_people_write_them(amount: str, english: str, french: str) -> None:
    assert (written(amount, "en"), written(amount, "fr")) == (english, french)


def test_facts_are_put_into_the_sentence() -> None:
    facts = {"role": "gift_cards", "holder": "GC-1", "available": "1234.50", "currency": "CAD"}
    assert explain("overdrawn", facts, "en").detail.startswith(
        "Gift cards: GC-1 has 1,234.50 CAD left"
    )
    assert explain("overdrawn", facts, "fr").detail.startswith(
        "Cartes-cadeaux\u00a0: il reste 1\u202f234,50"
    )
    assert explain("overdrawn", facts | {"role": "other"}, "en").detail.startswith("other: ")
    assert "gift_cards" in ROLES


def test_what_is_missing_or_endless_does_no_harm() -> None:
    assert explain("overdrawn", {}, "en").detail.startswith("—: — has — — left")
    told = explain("unknown-field", {"field": "x" * 10_000}, "en").detail
    assert len(told) < 400
    assert explain("no-such-code", {}, "fr").detail.endswith("no-such-code.")
