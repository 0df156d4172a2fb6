"""Customers: personal data beside the log, so that a person can be erased."""

import asyncio
from datetime import datetime
from typing import Annotated, Final

from litestar import Response, delete, get, put
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from api.access import BOOKKEEPERS, OFFICE, SHOP, TILLS
from api.answers import PAGE, EventShown, Page, page
from api.caller import signed_in
from api.decoding import read_json
from api.documents import events_shown
from api.erasing import Erased, erase, mentions, person_of
from api.parameters import Limit, bad_parameter, today, unescaped
from api.problems import Refusal
from api.service import Call, service_of
from ledger.customers.store import (
    Customer,
    erased_us,
    find_customer,
    forget_erasure,
    put_customer,
    search_customers,
)
from ledger.database import snapshot, transaction
from ledger.errors import Conflict, Forbidden, Invalid
from ledger.log.store import entries_at
from ledger.privacy import personal_faults
from ledger.store import instant
from ledger.text import text_faults
from ledger.views.store import facts_of_customer

_AT_ONCE: Final = 500
"""How many facts are read at a time."""


class CustomerStated(Struct, frozen=True, forbid_unknown_fields=True):
    """A person or business, as the shop knows them."""

    name: Annotated[str, Meta(min_length=1, max_length=500)]
    email: Annotated[str, Meta(min_length=3, max_length=254)] | None = None
    phone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class CustomerExport(Struct, frozen=True):
    """What a person may ask to have: their data, and every fact of theirs with its entry.

    `mentioned_in` are the facts whose words (memo, reason, description) name the person.
    """

    customer: Customer
    exported_at: datetime
    events: list[EventShown]
    mentioned_in: list[str]


@get(
    "/v1/customers",
    operation_id="listCustomers",
    tags=["Customers"],
    summary="Find customers",
    guards=[SHOP],
    sync_to_thread=True,
)
def list_customers(
    request: Call,
    *,
    text: Annotated[
        str, QueryParameter(name="q", max_length=64, description="Part of any field.")
    ] = "",
    limit: Limit = PAGE,
    after: Annotated[
        str, QueryParameter(max_length=64, description="`next` of the page before.")
    ] = "",
) -> Page[Customer]:
    """Answer the customers whose id, name, e-mail or phone contains a text."""
    with snapshot(service_of(request).database) as connection:
        found = search_customers(
            connection, signed_in(request.scope).book.id, text, after=after, limit=limit + 1
        )
    return page(found, limit, lambda customer: customer, lambda customer: customer.id)


@get(
    "/v1/customers/{customer_id:str}",
    operation_id="getCustomer",
    tags=["Customers"],
    summary="Read a customer",
    guards=[SHOP],
    sync_to_thread=True,
    opt={"problems": (404,)},
)
def get_customer(request: Call, customer_id: FromPath[str]) -> Customer:
    """Answer one customer. In the path write `~1` for a slash and `~0` for a tilde."""
    reference = unescaped(customer_id)
    with snapshot(service_of(request).database) as connection:
        found = find_customer(connection, signed_in(request.scope).book.id, reference)
    if found is None:
        raise Refusal("customer-not-found", 404, customer=reference)
    return found


@get(
    "/v1/customers/{customer_id:str}/export",
    operation_id="exportCustomer",
    tags=["Customers"],
    summary="Everything about a customer",
    guards=[OFFICE],
    sync_to_thread=True,
    opt={"problems": (404,)},
)
def export_customer(request: Call, customer_id: FromPath[str]) -> CustomerExport:
    """Answer a person's data, every fact that names them, and those that speak of them in words.

    In the path write `~1` for a slash and `~0` for a tilde.
    """
    reference, service = unescaped(customer_id), service_of(request)
    book_id = signed_in(request.scope).book.id
    with snapshot(service.database) as connection:
        found = find_customer(connection, book_id, reference)
        if found is None:
            raise Refusal("customer-not-found", 404, customer=reference)
        seqs = facts_of_customer(connection, book_id, reference)
        shown = [
            event
            for start in range(0, len(seqs), _AT_ONCE)
            for event in events_shown(
                request,
                connection,
                entries_at(connection, book_id, seqs[start : start + _AT_ONCE]),
            )
        ]
        named = list(mentions(connection, book_id, reference, person_of(found)))
    return CustomerExport(found, instant(service.clock()), shown, named)


@put(
    "/v1/customers/{customer_id:str}",
    operation_id="putCustomer",
    tags=["Customers"],
    summary="Write a customer",
    guards=[TILLS],
    opt={
        "body": CustomerStated,
        "answer": Customer,
        "answers": {201: Customer},
        "problems": (409,),
        "leads_to": {
            status: {
                name: {"customer_id": "$request.path.customer_id"}
                for name in ("getCustomer", "exportCustomer", "eraseCustomer")
            }
            for status in (200, 201)
        },
    },
)
async def write_customer(
    request: Call,
    customer_id: FromPath[str],
    *,
    anew: Annotated[
        bool, QueryParameter(description="Let an erased reference mean somebody again.")
    ] = False,
) -> Response[Customer]:
    """Write a customer under the shop's own reference: 201 when new, else 200.

    A reference that was erased is refused, so that no till brings a person back unawares; a
    bookkeeper may write it `anew`. In the path write `~1` for a slash and `~0` for a tilde.
    """
    caller = signed_in(request.scope)
    stated = await read_json(request, CustomerStated)
    customer = Customer(unescaped(customer_id), stated.name, stated.email, stated.phone)
    faults = [*text_faults(customer)]
    if any(part.pointer == "/id" for part in faults) or not _is_reference(customer.id):
        raise bad_parameter("customer_id")
    if faults:
        raise Invalid(faults)
    if anew and caller.role != "bookkeeper":
        raise Forbidden("bookkeepers-only", role=caller.role, what="anew")
    new = await asyncio.to_thread(_write, request, customer, anew=anew)
    return Response(customer, status_code=201 if new else 200)


def _is_reference(text: str) -> bool:
    """Tell whether events may name a customer so: short, and nobody's address or number."""
    return 0 < len(text) <= 64 and not any(personal_faults({"customer": text}))


def _write(request: Call, customer: Customer, *, anew: bool) -> bool:
    service, book = service_of(request), signed_in(request.scope).book
    with transaction(service.database) as connection:
        erased = erased_us(connection, book.id, customer.id)
        if erased is not None and not anew:
            day = today(book, erased)
            raise Conflict("customer-erased", customer=customer.id, day=day)
        forget_erasure(connection, book.id, customer.id)
        return put_customer(connection, book.id, customer, service.clock())


@delete(
    "/v1/customers/{customer_id:str}",
    operation_id="eraseCustomer",
    tags=["Customers"],
    summary="Erase a customer",
    guards=[BOOKKEEPERS],
    sync_to_thread=True,
    status_code=200,
    opt={"problems": (404,)},
)
def remove_customer(request: Call, customer_id: FromPath[str]) -> Erased:
    """Erase a person, here and in what waits for QuickBooks, and tell where words still name them.

    The log keeps the bare reference, which then means nobody. In the path write `~1` for a slash
    and `~0` for a tilde.
    """
    reference = unescaped(customer_id)
    erased = erase(service_of(request), signed_in(request.scope).book.id, reference)
    if erased is None:
        raise Refusal("customer-not-found", 404, customer=reference)
    return erased
