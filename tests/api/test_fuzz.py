"""Whatever is sent, nobody gets a 5xx, and what is refused changes nothing."""

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.decoding import read_event
from api.problems import Refusal
from ledger.codec import decode
from ledger.errors import Invalid
from tests.api.conftest import Office
from tests.api.facts import a_sale

words = st.sampled_from(
    sorted({*a_sale(), *a_sale()["lines"][0], "amount", "kind", "", "a/b~c", "é"})
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | words
    | st.decimals(allow_nan=True).map(str)
)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(words | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)
FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every part of a JSON value."""
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [at, *(place for key, part in inside for place in places(part, (*at, key)))]


def put(value: Any, at: tuple[Any, ...], part: Any) -> Any:
    """Return *value* with another part at a place."""
    if not at:
        return part
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = put(value[at[0]], at[1:], part)
    return copy


@FEW
@given(at=st.sampled_from(places(a_sale())), part=anything)
def test_a_sale_with_anything_anywhere(office: Office, at: tuple[Any, ...], part: Any) -> None:
    before = office.head()
    answer = office.call(
        "POST",
        "/v1/events",
        content=json.dumps(put(a_sale(), at, part)),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["detail"]
        assert office.head() == before


@FEW
@given(body=st.binary(max_size=200) | anything.map(json.dumps).map(str.encode))
def test_any_bytes(office: Office, body: bytes) -> None:
    for path in ("/v1/events", "/v1/events/batch", "/v1/events/preview"):
        answer = office.call(
            "POST", path, content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code < 500, answer.text


@FEW
@given(text=st.text(max_size=30))
def test_any_parameter(office: Office, text: str) -> None:
    for path, name in (
        ("/v1/events", "q"),
        ("/v1/events", "after"),
        ("/v1/events", "from"),
        ("/v1/events", "limit"),
        ("/v1/customers", "q"),
        ("/v1/accounts/1010/postings", "after"),
        ("/v1/accounts", "as_of"),
        ("/v1/accounts/1010/holders", "after"),
        ("/v1/accounts/1010/postings", "holder"),
    ):
        answer = office.call("GET", path, "bookkeeper", params={name: text})
        assert answer.status_code < 500, (path, name, answer.text)


@FEW
@given(text=st.text(min_size=1, max_size=30))
def test_any_path(office: Office, text: str) -> None:
    for path in ("/v1/events/", "/v1/customers/", "/v1/accounts/", "/problems/", "/docs/"):
        answer = office.call("GET", path + quote(text, safe=""), "bookkeeper")
        assert answer.status_code < 500, (path, answer.text)
    answer = office.call("PUT", "/v1/customers/" + quote(text, safe=""), json={"name": "x"})
    assert answer.status_code < 500, answer.text


@settings(max_examples=300, deadline=None)
@given(value=anything)
def test_the_strict_door_lets_in_what_the_ledger_reads_and_nothing_else(value: Any) -> None:
    body = json.dumps(value).encode()
    try:
        event = read_event(body)
    except (Invalid, Refusal):
        return
    assert decode(body) == event


@settings(max_examples=200, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["id", "memo", "type", "é", "a\\b"]), st.text(max_size=3)),
        max_size=5,
    )
)
def test_a_key_that_stands_twice_is_always_found(pairs: list[tuple[str, str]]) -> None:
    text = "{" + ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in pairs) + "}"
    try:
        read_event(text.encode())
    except (Invalid, Refusal) as refusal:
        found = refusal.code
    twice = len(pairs) != len({key for key, _ in pairs})
    assert (found == "duplicate-key") == twice
