"""The longest text that each property takes."""

_OF_TYPE = {
    ("Line", "Description"): 4000,
    ("MemoRef", "value"): 1000,
    ("PhysicalAddress", "Line1"): 500,
    ("PhysicalAddress", "Line2"): 500,
    ("PhysicalAddress", "Line3"): 500,
    ("PhysicalAddress", "Line4"): 500,
    ("PhysicalAddress", "Line5"): 500,
    ("PhysicalAddress", "City"): 255,
    ("PhysicalAddress", "CountrySubDivisionCode"): 255,
    ("PhysicalAddress", "PostalCode"): 30,
    ("PhysicalAddress", "Country"): 255,
    ("EmailAddress", "Address"): 100,
    ("TelephoneNumber", "FreeFormNumber"): 30,
    ("WebSiteAddress", "URI"): 1000,
    ("CustomField", "StringValue"): 31,
}

_OF_ENTITY = {
    ("RefundReceipt", "PaymentRefNum"): 100,
    ("Customer", "Notes"): 2000,
    ("Customer", "DisplayName"): 500,
    ("Vendor", "DisplayName"): 500,
    ("Item", "Description"): 4000,
    ("Item", "PurchaseDesc"): 1000,
    ("Item", "Sku"): 100,
    ("PaymentMethod", "Name"): 31,
    ("Term", "Name"): 31,
    ("Account", "AcctNum"): 20,
}

_ANYWHERE = {
    "DocNumber": 21,
    "PrivateNote": 4000,
    "PaymentRefNum": 21,
    "Name": 100,
    "DisplayName": 100,
    "GivenName": 100,
    "MiddleName": 100,
    "FamilyName": 100,
    "Title": 16,
    "Suffix": 16,
    "CompanyName": 100,
    "PrintOnCheckName": 110,
    "ResaleNum": 16,
    "AcctNum": 100,
}


def limit(root: str, owner: str, name: str) -> int | None:
    """Return the most characters that `name` of `owner`, within the entity `root`, takes."""
    if owner != root:
        return _OF_TYPE.get((owner, name))
    return _OF_ENTITY.get((owner, name), _ANYWHERE.get(name))
