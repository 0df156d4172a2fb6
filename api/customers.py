"""Customers: personal data beside the log, so that a person can be erased."""

import asyncio
from typing import Annotated

from litestar import Response, delete, get, put
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from api.access import BOOKKEEPERS, SHOP, TILLS
from api.answers import PAGE, Page, page
from api.caller import signed_in
from api.decoding import read_json
from api.parameters import Limit, bad_parameter, unescaped
from api.problems import Refusal
from api.service import Call, service_of
from ledger.customers.store import (
    Customer,
    erase_customer,
    find_customer,
    put_customer,
    search_customers,
)
from ledger.database import snapshot, transaction
from ledger.errors import Invalid
from ledger.text import text_faults

CustomerId = Annotated[str, Meta(min_length=1, max_length=64)]


class CustomerStated(Struct, frozen=True, forbid_unknown_fields=True):
    """A person or business, as the shop knows them."""

    name: Annotated[str, Meta(min_length=1, max_length=500)]
    email: Annotated[str, Meta(min_length=3, max_length=254)] | None = None
    phone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


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


@put(
    "/v1/customers/{customer_id:str}",
    operation_id="putCustomer",
    tags=["Customers"],
    summary="Write a customer",
    guards=[TILLS],
    opt={"body": CustomerStated, "answer": Customer, "answers": {201: Customer}},
)
async def write_customer(request: Call, customer_id: FromPath[str]) -> Response[Customer]:
    """Write a customer under the shop's own reference: 201 when new, else 200.

    In the path write `~1` for a slash and `~0` for a tilde.
    """
    stated = await read_json(request, CustomerStated)
    customer = Customer(unescaped(customer_id), stated.name, stated.email, stated.phone)
    faults = [*text_faults(customer)]
    if not 0 < len(customer.id) <= 64 or any(part.pointer == "/id" for part in faults):
        raise bad_parameter("customer_id")
    if faults:
        raise Invalid(faults)
    new = await asyncio.to_thread(_write, request, customer)
    return Response(customer, status_code=201 if new else 200)


def _write(request: Call, customer: Customer) -> bool:
    service = service_of(request)
    with transaction(service.database) as connection:
        book_id = signed_in(request.scope).book.id
        return put_customer(connection, book_id, customer, service.clock())


@delete(
    "/v1/customers/{customer_id:str}",
    operation_id="eraseCustomer",
    tags=["Customers"],
    summary="Erase a customer",
    guards=[BOOKKEEPERS],
    sync_to_thread=True,
    opt={"problems": (404,)},
)
def remove_customer(request: Call, customer_id: FromPath[str]) -> None:
    """Erase a person; the log keeps the bare reference, which then means nobody."""
    reference = unescaped(customer_id)
    with transaction(service_of(request).database) as connection:
        if not erase_customer(connection, signed_in(request.scope).book.id, reference):
            raise Refusal("customer-not-found", 404, customer=reference)
