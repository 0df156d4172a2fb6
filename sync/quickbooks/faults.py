"""What an answer means: done, surely not done, refused, or unknown. The default is unknown."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct

from sync.protocol import Failure, Rejected, Unavailable, Unknown

_JSON: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)

THROTTLED: Final = "3001"
EXPIRED: Final = "3200"
STALE: Final = "5010"
NAME_TAKEN: Final = "6240"
NUMBER_TAKEN: Final = "6140"
REPEATED_ID: Final = "600"
VALIDATION: Final = "6000"
NOT_FOUND: Final = "610"

REFUSALS: Final[dict[str, str]] = {
    "500": "malformed",
    REPEATED_ID: "request-repeated",
    NOT_FOUND: "reference-inactive",
    "620": "link-refused",
    "630": "name-taken",
    NAME_TAKEN: "name-taken",
    "700": "malformed",
    "900": "malformed",
    "1050": "malformed",
    "2010": "malformed",
    "2020": "malformed",
    "2030": "malformed",
    "2050": "malformed",
    "2080": "malformed",
    "2170": "malformed",
    "2500": "reference-inactive",
    "4000": "malformed",
    "4001": "malformed",
    STALE: "changed-meanwhile",
    "5020": "not-in-subscription",
    "5030": "not-in-subscription",
    VALIDATION: "refused",
    "6010": "malformed",
    "6070": "malformed",
    "6080": "malformed",
    "6090": "malformed",
    "6100": "tax-model-differs",
    NUMBER_TAKEN: "number-taken",
    "6210": "period-closed",
    "6480": "reconciled-there",
    "6540": "deposited-there",
}
"""Codes that surely mean "refused", with our words for them; any other code is unknown."""

STANDSTILLS: Final[dict[str, str]] = {
    "100": "connection-dead",
    "110": "connection-dead",
    "120": "connection-dead",
    "3100": "connection-dead",
    EXPIRED: "connection-dead",
    "130": "maintenance",
    "140": "company-locked",
    "150": "maintenance",
    "6190": "subscription-ended",
}
"""Codes of those who turn every request away at the door, whatever is in it."""

_THROTTLE_SECONDS: Final = 60.0
_NO_REFUSAL: Final = re.compile(
    r"unexpected error|erreur inattendue|saving your data", re.IGNORECASE
)
_XML_ERROR: Final = re.compile(
    r"<error\s[^>]*?code=[\"']([0-9]+)[\"'][^>]*>(.*?)</error>"
    r"|<error>\s*<code>\s*([0-9]+)\s*</code>(.*?)</error>",
    re.IGNORECASE | re.DOTALL,
)
_XML_TEXT: Final = re.compile(r"<[^>]+>")


class Fault(Struct, frozen=True):
    """One complaint of an answer; branch on the code, texts are in the company's language."""

    code: str
    text: str = ""
    element: str = ""


class Refusal(Rejected):
    """A refusal with QuickBooks' own code, for those who know what to do about it."""

    def __init__(self, fault: Fault, cause: str, *, trace: str, status: int) -> None:
        detail = f"{fault.code}: {fault.text}"
        super().__init__(cause, subject=fault.element, detail=detail, trace=trace, status=status)
        self.code = fault.code


def body_of(content: bytes) -> dict[str, Any] | None:
    """Return a JSON object with its numbers as `Decimal` or `int`; None when it is none."""
    try:
        return _JSON.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def faults_of(content: bytes) -> list[Fault]:
    """Return every fault of an answer: JSON in either spelling, or XML, whatever was asked for."""
    body = body_of(content)
    if body is None:
        return list(_xml_faults(content.decode("utf-8", "replace")))
    fault = body.get("Fault") or body.get("fault")
    errors = (fault.get("Error") or fault.get("error")) if isinstance(fault, dict) else None
    return [_fault(error) for error in errors or () if isinstance(error, dict)]


def failure_of(
    status: int, headers: Mapping[str, str], content: bytes, *, writing: bool = True
) -> Failure | None:
    """Return how a call failed; None when it succeeded, its body still to be read."""
    trace = headers.get("intuit_tid", "")
    if 200 <= status < 300 and not faults_of(content):
        return None
    faults = faults_of(content)
    codes = [fault.code for fault in faults]
    if status == 429 or THROTTLED in codes:
        after = _seconds(headers.get("retry-after"))
        return Unavailable("throttled", trace=trace, status=status, after_seconds=after)
    if status < 500:
        refused = _refusal(status, faults, trace)
        if refused is not None:
            return refused
    detail = "; ".join(f"{fault.code}: {fault.text}" for fault in faults)
    kind = Unknown if writing else Unavailable
    return kind("no-clear-answer", detail=detail, trace=trace, status=status)


def _refusal(status: int, faults: list[Fault], trace: str) -> Failure | None:
    if any(fault.code == VALIDATION and _NO_REFUSAL.search(fault.text) for fault in faults):
        return None
    for fault in faults:
        if cause := STANDSTILLS.get(fault.code):
            return Unavailable(cause, detail=fault.text, trace=trace, status=status)
        if cause := REFUSALS.get(fault.code):
            return Refusal(fault, cause, trace=trace, status=status)
    if status == 401:
        return Unavailable("connection-dead", trace=trace, status=status)
    return None


def _fault(error: dict[str, Any]) -> Fault:
    said = {name.lower(): value for name, value in error.items() if value}
    texts = dict.fromkeys(str(said[name]) for name in ("message", "detail") if name in said)
    code = str(said.get("code", "")).lstrip("0")
    return Fault(code, ": ".join(texts), str(said.get("element", "")))


def _xml_faults(text: str) -> list[Fault]:
    found = []
    for match in _XML_ERROR.finditer(text):
        words = " ".join(_XML_TEXT.sub(" ", match[2] or match[4] or "").split())
        found.append(Fault((match[1] or match[3]).lstrip("0"), words))
    return found


def _seconds(text: str | None) -> float:
    try:
        return max(0.0, float(text or _THROTTLE_SECONDS))
    except ValueError:
        return _THROTTLE_SECONDS
