"""All companies and everything they share: state, tokens, throttle, faults, counters."""

import gc
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from msgspec.structs import replace

from sync.quickbooks.emulator import batch, errors
from sync.quickbooks.emulator.amounts import Json, decode
from sync.quickbooks.emulator.clock import Clock
from sync.quickbooks.emulator.company import Company
from sync.quickbooks.emulator.exchange import XML, Answer, Request, answer
from sync.quickbooks.emulator.faults import Script
from sync.quickbooks.emulator.oauth import Tokens
from sync.quickbooks.emulator.records import Profile
from sync.quickbooks.emulator.replay import Replays
from sync.quickbooks.emulator.service import Service
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.quickbooks.emulator.starter import found
from sync.quickbooks.emulator.store import Store
from sync.quickbooks.emulator.throttle import Throttle

_FIRST_REALM = 9_130_350_000_000_000


class Hub:
    """The emulator without its transport. One thread at a time."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self.settings = settings
        self.clock = Clock(settings.clock)
        self.store = Store(settings.state)
        self.tokens = Tokens(self.store, settings)
        self.script = Script(settings.clock, settings.seed)
        self.calls: dict[str, Counter[str]] = defaultdict(Counter)
        with _no_collection():
            self.companies = {
                profile.realm: Company(profile, self.store.records(profile.realm))
                for profile in self.store.profiles()
            }
        self._service = Service(Replays(self.store, settings), self.clock)
        limits = {
            "second": (1.0, settings.per_second),
            "minute": (60.0, settings.per_minute),
            "batch": (60.0, settings.batches_per_minute),
        }
        self._throttle = Throttle(settings.clock, limits)

    def found(self, profile: Profile) -> Company:
        """Make a company with its starter data; an empty realm gets the next free one."""
        if not profile.realm:
            realm = str(_FIRST_REALM + len(self.companies) + 1)
            profile = replace(profile, realm=realm)
        company, records = found(profile, self.clock)
        self.store.write_company(profile, records)
        self.companies[profile.realm] = company
        return company

    def change(self, company: Company, profile: Profile) -> None:
        """Change a company's switches."""
        self.store.write_company(profile)
        company.profile = profile

    def call(self, request: Request) -> Answer:
        """Answer a call under /v3 and count it by its outcome."""
        parts = request.path.strip("/").split("/")
        if parts[:2] != ["v3", "company"] or len(parts) < 4:
            return Answer(status=404, body=b"{}")
        realm = parts[2]
        refused = self._refused(realm, parts[3:], request)
        if refused is not None:
            self.count(realm, str(refused.status))
            return refused
        result = self._handled(realm, parts[3:], request)
        self.count(realm, _outcome(result))
        return result

    def _handled(self, realm: str, parts: list[str], request: Request) -> Answer:
        """Answer a call; when it breaks halfway, memory goes back to what was committed."""
        company, answered = self.companies[realm], None
        try:
            answered = self._service.handle(company, parts, request)
        finally:
            if answered is None:
                self.companies[realm] = Company(company.profile, self.store.records(realm))
        return answered

    def count(self, realm: str, outcome: str) -> None:
        """Count a call's outcome."""
        self.calls[realm][outcome] += 1

    def throttled(self) -> Answer:
        """Return the gateway's 429, which is XML whatever was asked for."""
        message = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
        detail = "The request limit was reached.  Try again later"
        body = errors.gateway_xml(3001, message, detail, "SERVICE", self.clock.answered())
        return Answer(status=429, media=XML, body=body)

    def unavailable(self, status: int) -> Answer:
        """Return a gateway's 5xx."""
        message, detail = f"message=ServiceUnavailable; statusCode={status}", "Try again later"
        if status == 500:
            message = "An application error has occurred while processing your request"
            fault = errors.Refusal(10000, message, "System Failure Error", kind="SystemFault")
            return answer({"Fault": fault.fault(), "time": self.clock.answered()}, 500)
        body = errors.gateway_xml(status, message, detail, "SERVICE", self.clock.answered())
        return Answer(status=status, media=XML, body=body)

    def summary(self, company: Company) -> Json:
        """Return what a company holds and how its calls went."""
        counts = {entity: sum(1 for _ in company.all(entity)) for entity in company.entities()}
        calls = self.calls[company.profile.realm]
        return {
            "realmId": company.profile.realm,
            "profile": msgspec.to_builtins(company.profile),
            "entities": counts,
            "calls": dict(sorted(calls.items())),
        }

    def _refused(self, realm: str, parts: list[str], request: Request) -> Answer | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        allowed = self.tokens.realm_of(token) if scheme.lower() == "bearer" else None
        if allowed is None:
            return self._unauthorised()
        if allowed != realm or realm not in self.companies:
            message = "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"
            return self._gateway(403, 3100, message, "The token is for another company.")
        admitted = self._admits(realm, parts, request)
        return None if admitted else self.throttled()

    def _admits(self, realm: str, parts: list[str], request: Request) -> bool:
        """Count a call against its limits; a batch item by item within the minute."""
        if parts != ["batch"]:
            return self._throttle.admits(realm, ("second", "minute"))
        if not self._throttle.admits(realm, ("batch", "second")):
            return False
        return self._throttle.admits(realm, ("minute",), max(1, _items(request)))

    def _unauthorised(self) -> Answer:
        message = "message=AuthenticationFailed; errorCode=003200; statusCode=401"
        return self._gateway(401, 3200, message, "Token expired: REDACTED")

    def _gateway(self, status: int, code: int, message: str, detail: str) -> Answer:
        kind = "AUTHENTICATION"
        if self.settings.xml_faults:
            body = errors.gateway_xml(code, message, detail, kind, self.clock.answered())
            return Answer(status=status, media=XML, body=body)
        milliseconds = int(self.settings.clock() * 1000)
        fault = errors.gateway_fault(code, message, detail, kind, milliseconds)
        return answer(fault, status)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector out while a large state is read: nothing of it is garbage."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _items(request: Request) -> int:
    try:
        return len(batch.items_of(decode(request.body)))
    except (errors.Refusal, msgspec.DecodeError):
        return 1


def _outcome(result: Answer) -> str:
    """Return the status, with the fault's code where there is one."""
    if result.status == 200:
        return "200"
    return f"{result.status}/{decode(result.body)['Fault']['Error'][0]['code']}"
