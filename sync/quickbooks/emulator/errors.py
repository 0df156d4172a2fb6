"""QuickBooks' refusals: one function for each code, with the wording of recorded answers."""

from xml.sax.saxutils import escape

from sync.quickbooks.emulator.amounts import Json

INACTIVE = (
    "Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)
NO_TAX_CODE = {
    "CA": "Make sure all your transactions have a GST/HST rate before you save.",
    "GB": "Make sure all your transactions have a VAT rate before you save.",
}
TAX_CALCULATION = (
    "We're sorry, QuickBooks encountered an error while calculating tax. "
    "Try reselecting the tax rate or restart QuickBooks."
)


class Refusal(Exception):
    """A request that QuickBooks answers with a Fault."""

    def __init__(
        self,
        code: int,
        message: str,
        detail: str,
        element: str | None = None,
        *,
        status: int = 400,
        kind: str = "ValidationFault",
    ) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.status = status
        self.kind = kind
        self.error: Json = {"Message": message, "Detail": detail, "code": str(code)}
        if element is not None:
            self.error["element"] = element

    def fault(self) -> Json:
        """Return the Fault object."""
        return {"Error": [self.error], "type": self.kind}


def unknown_property(name: str, entity: str, known: list[str]) -> Refusal:
    """2010: a property that the schema does not have."""
    listed = ", ".join(f'"{each}"' for each in known[:60])
    detail = (
        f'Property Name:Unrecognized field "{name}" (class com.intuit.schema.finance.v3.{entity}), '
        f"not marked as ignorable ({len(known)} known properties: {listed})\n"
        " specified is unsupported or invalid"
    )
    return Refusal(2010, "Request has invalid or unsupported property", detail)


def required(name: str) -> Refusal:
    """2020: a required property is missing."""
    return Refusal(
        2020,
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        name,
    )


def invalid_id(value: object, element: str = "Id") -> Refusal:
    """2030: an id that is no number."""
    detail = f"Id should be a valid number. Supplied value:{value}"
    return Refusal(2030, "Invalid ID", detail, element)


def too_long(element: str, most: int, length: int) -> Refusal:
    """2050: a text beyond its limit."""
    detail = (
        "String length specified does not match the supported length. "
        f"Min:0 Max:{most} supported. Supplied length:{length}"
    )
    message = "String length is either shorter or longer than supported by specification"
    return Refusal(2050, message, detail, element)


def bad_number(value: object, element: str) -> Refusal:
    """2080: a number or date that cannot be read."""
    return Refusal(2080, "Invalid Number", f"Invalid Number : {value}", element)


def bad_enumeration(value: object, element: str) -> Refusal:
    """2170: a word outside its enumeration."""
    return Refusal(2170, "Invalid Enumeration", f"Invalid Enumeration : {value}", element)


def bad_reference(element: str) -> Refusal:
    """2500: a reference to something unknown, inactive or of the wrong type."""
    return Refusal(2500, "Invalid Reference Id", f"Invalid Reference Id : {INACTIVE}", element)


def not_found() -> Refusal:
    """610: the object itself is not there."""
    return Refusal(610, "Object Not Found", f"Object Not Found : {INACTIVE}", "")


def not_linkable() -> Refusal:
    """620: what a link points to is already paid or closed."""
    detail = "Transaction cannot be linked : it is already paid or closed"
    return Refusal(620, "Transaction cannot be linked", detail, "Line.LinkedTxn")


def stale() -> Refusal:
    """5010: another write came first."""
    detail = (
        "Stale Object Error : You and another user were working on this at the same time. "
        "The other user finished before you did, so your work was not saved."
    )
    return Refusal(5010, "Stale Object Error", detail, "")


def business(text: str) -> Refusal:
    """6000: the catch-all, told apart by its text alone."""
    message = "A business validation error has occurred while processing your request"
    return Refusal(6000, message, f"Business Validation Error: {text}", "")


def wrong_amount(amount: object) -> Refusal:
    """6070: Amount is not quantity times price."""
    detail = (
        "Amount calculation incorrect in the request : "
        f"Amount is not equal to UnitPrice * Qty. Supplied value:{amount}"
    )
    return Refusal(6070, "Amount calculation incorrect in the request", detail, "Line.Amount")


def simple(code: int, message: str, detail: str = "", element: str | None = "") -> Refusal:
    """Any other code whose detail repeats its message."""
    return Refusal(code, message, f"{message} : {detail}" if detail else message, element)


def duplicate_name(detail: str = "null") -> Refusal:
    """6240: the name is taken."""
    detail = f"The name supplied already exists. : {detail}"
    return Refusal(6240, "Duplicate Name Exists Error", detail)


def duplicate_number(number: str, entity: str, identifier: str) -> Refusal:
    """6140: the document number is taken."""
    detail = (
        "Duplicate Document Number Error : You must specify a different number. This number has "
        f"already been used. DocNumber={number} is assigned to TxnType={entity} "
        f"with TxnId={identifier}"
    )
    return Refusal(6140, "Duplicate Document Number Error", detail, "")


def closed() -> Refusal:
    """6210: the books are closed through that day."""
    detail = (
        "The account period has closed and the account books cannot be updated through the "
        "QBO Services API. Please use the QBO website to make these changes."
    )
    message = "Account Period Closed, Cannot Update Through Services API"
    return Refusal(6210, message, detail, "")


def deposited() -> Refusal:
    """6540: a transaction that lies in a Deposit is frozen."""
    return simple(
        6540,
        "Deposited Transaction cannot be changed",
        "This transaction has been deposited. Delete it from the deposit first.",
    )


def unsupported(operation: str) -> Refusal:
    """500: a path, method or JSON type that the service does not know."""
    detail = f"Operation {operation} is not supported."
    return Refusal(500, "Unsupported Operation", detail)


def query_syntax(found: str, column: int, expected: str) -> Refusal:
    """4000: a query that cannot be parsed."""
    detail = (
        f'QueryParserError: Encountered " "{found}" "{found} "" at line 1, column {column}.\n'
        f"Was expecting:\n    {expected} ...\n    "
    )
    return Refusal(4000, "Error parsing query", detail)


def query_invalid(detail: str) -> Refusal:
    """4001: a query that names what is not there or not filterable."""
    return Refusal(4001, "Invalid query", f"QueryValidationError: {detail}")


def gateway_fault(code: int, message: str, detail: str, kind: str, milliseconds: int) -> Json:
    """Return the gateway's own shape: every key in lower case, time in milliseconds."""
    error = {"message": message, "detail": detail, "code": str(code), "element": None}
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": kind},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": milliseconds,
        "status": None,
        "cdcresponse": [],
    }


def gateway_xml(code: int, message: str, detail: str, kind: str, time: str) -> bytes:
    """Return the gateway's XML shape, sent even to those who ask for JSON."""
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse time="{time}" xmlns="http://schema.intuit.com/finance/v3">'
        f'<Fault type="{kind}"><Error code="{code}"><Message>{escape(message)}</Message>'
        f"<Detail>{escape(detail)}</Detail></Error></Fault></IntuitResponse>"
    )
    return text.encode()
