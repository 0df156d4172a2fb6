"""Every operation of the API, called with what its description allows and with what it does not.

Whatever is sent, the answer is one that the description has, in the form that it gives. The length
is set by DAYBOOK_FUZZ_EXAMPLES (`make fuzz`); without it a few calls of each operation are made,
the same ones each time.
"""

import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from msgspec.structs import replace
from schemathesis import GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.example_facts import FACTS
from ledger.book import Book
from ledger.codec import from_json
from ledger.database import Engine
from ledger.recorder import Recorder
from tests.api.conftest import SETTINGS, keys_of
from tests.conftest import BOOKKEEPER, OpenBook

EXAMPLES: Final = int(os.environ.get("DAYBOOK_FUZZ_EXAMPLES", "5"))
LONG: Final = "DAYBOOK_FUZZ_EXAMPLES" in os.environ

CALLS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

KNOWN: Final = {
    "/v1/accounts/{code}/holders": "gift_cards",
    "/v1/accounts/{code}/postings": "1010",
    "/v1/bookings/{reference}": "B-1",
    "/v1/customers/{customer_id}": "c-7",
    "/v1/customers/{customer_id}/export": "c-7",
    "/v1/days/{day}/certificate": "2026-03-14",
    "/v1/deposits/{reference}": "D-1",
    "/v1/devices/{device_id}": "till-3",
    "/v1/events/{event_id}": "S-1002",
    "/v1/gift-cards/{reference}": "GC-88",
    "/v1/invoices/{reference}": "INV-1",
    "/v1/items/{sku}": "HAT",
    "/v1/orders/{reference}": "O-12",
    "/v1/packages/{reference}": "P-5",
    "/v1/sessions/{session_id}": "2026-03-14-till-3",
    "/v1/store-credit/{reference}": "c-7",
    "/problems/{code}": "overdrawn",
}
"""What there is under a path in the book that is called."""


class Described:
    """The API over one database, its description, and the key of a book in which much happened."""

    def __init__(self, database: Engine, book: Book, erasures: str) -> None:
        self.database, self.recorder = database, Recorder(database)
        stated = replace(SETTINGS, erasures_file=erasures)
        app = create_app(stated, database, self.recorder)
        self.schema = schemathesis.openapi.from_asgi("/openapi.json", app)
        self.headers: dict[str, str] = {}
        self.visit(book)
        for fact in FACTS:
            self.recorder.record(book.id, BOOKKEEPER, from_json(fact))

    def visit(self, book: Book) -> None:
        """Call another book from now on."""
        key = keys_of(self.database, book)["bookkeeper"]
        self.headers = {"Authorization": f"Bearer {key}"}

    def send(self, case: Any) -> None:
        """Make a call; fail where the answer is not one of the description's."""
        prepare(case)
        response = case.call(headers=self.headers)
        case.validate_response(response, checks=CHECKS)
        stated_by_name(case, response)


def prepare(case: Any) -> None:
    """Let nobody wait for what does not come."""
    if case.operation.path == "/v1/changes":
        case.query["wait"] = 0


def stated_by_name(case: Any, response: Response) -> None:
    """Fail where a status is only what `default` allows."""
    stated = case.operation.definition.raw["responses"]
    assert str(response.status_code) in stated, (case.operation.label, response.text)


@pytest.fixture
def described(
    database: Engine, open_book: OpenBook, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Described]:
    """Return the API with a book in which everything happened once."""
    erasures = tmp_path_factory.mktemp("erasures") / "erased.jsonl"
    described = Described(database, open_book(), str(erasures))
    yield described
    described.recorder.close()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_answers_as_it_is_described(
    described: Described, mode: GenerationMode
) -> None:
    called = 0
    for found in described.schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # each is described well
        if mode is GenerationMode.NEGATIVE and not can_be_wrong(operation):
            continue
        called += 1

        @CALLS
        @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
        def call(case: Any, *, known: bool) -> None:
            if known and mode is GenerationMode.POSITIVE and case.operation.path in KNOWN:
                case.path_parameters = dict.fromkeys(
                    case.path_parameters, KNOWN[case.operation.path]
                )
            described.send(case)

        try:
            call()
        except Unsatisfiable:  # whatever is stated there is right
            assert mode is GenerationMode.NEGATIVE
            called -= 1
    assert called > 30


def can_be_wrong(operation: Any) -> bool:
    """Tell whether there is anything to state wrongly."""
    return bool(operation.body or operation.query or operation.path_parameters)


def test_one_call_after_another(described: Described, open_book: OpenBook) -> None:
    class Visitor(described.schema.as_state_machine()):  # type: ignore[misc]  # made at run time
        def setup(self) -> None:
            described.visit(open_book())

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            prepare(case)
            return {"headers": described.headers}

        def validate_response(
            self, response: Response, case: Any, additional_checks: Any = (), **_: Any
        ) -> None:
            case.validate_response(response, checks=CHECKS)
            stated_by_name(case, response)

    assert issubclass(Visitor, APIStateMachine)
    Visitor.run(settings=settings(CALLS, max_examples=EXAMPLES, stateful_step_count=10))
