"""Customer and Vendor, which share one space of names, and the small lists."""

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.amounts import Json
from sync.quickbooks.emulator.company import DELETED, NAMES, Company
from sync.quickbooks.emulator.drafts import Draft
from sync.quickbooks.emulator.records import Record

_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_FORBIDDEN = (":", "\t", "\n")
_DEEPEST = 5


def require(draft: Draft) -> None:
    """Refuse (6080) a person without any name."""
    if not any(draft.body.get(name) for name in ("DisplayName", *_PARTS)):
        raise errors.simple(6080, "You must provide at least one name")


def refer(draft: Draft) -> None:
    """Refuse (2500) a parent that is not of the same list."""
    parent = draft.ref("ParentRef")
    if parent is not None:
        draft.found(draft.entity, parent, "ParentRef")


def finish(draft: Draft) -> Record:
    """Return the customer or vendor with its defaults."""
    parts = [draft.body[name] for name in _PARTS if draft.body.get(name)]
    draft.body.setdefault("DisplayName", " ".join(parts))
    claim_name(draft)
    email = draft.body.get("PrimaryEmailAddr", {}).get("Address", "@.")
    if "@" not in email or "." not in email:
        raise errors.business("Email Address does not conform to the syntax rules of RFC 822.")
    name = draft.body["DisplayName"]
    defaults: Json = {
        "PrintOnCheckName": name,
        "Active": True,
        "CurrencyRef": draft.home_currency(),
    }
    if draft.entity == "Customer":
        defaults |= {
            "Taxable": True,
            "Job": False,
            "BillWithParent": False,
            "PreferredDeliveryMethod": "Print",
            "FullyQualifiedName": path_of(draft, "DisplayName"),
        }
        if draft.company.profile.country == "US":
            group = next(each for each in draft.company.all("TaxCode") if each.body["TaxGroup"])
            defaults["DefaultTaxCodeRef"] = {"value": group.id}
    else:
        defaults["Vendor1099"] = False
    return draft.record({**defaults, **draft.body})


def require_name(draft: Draft) -> None:
    """Refuse (2020) an object of a small list without its name."""
    draft.require("Name")


def finish_named(draft: Draft) -> Record:
    """Return a payment method, class, department or term with its defaults."""
    defaults: dict[str, Json] = {
        "PaymentMethod": {"Type": "NON_CREDIT_CARD"},
        "Class": {"SubClass": "ParentRef" in draft.body},
        "Department": {"SubDepartment": "ParentRef" in draft.body},
        "Term": {"Type": "STANDARD" if "DueDays" in draft.body else "DATE_DRIVEN"},
    }
    if draft.entity in ("Class", "Department"):
        draft.body["FullyQualifiedName"] = path_of(draft, "Name")
    claim_name(draft)
    return draft.record({"Active": True, **defaults[draft.entity], **draft.body})


def path_of(draft: Draft, name: str) -> str:
    """Return the name with those of its parents before it."""
    path = str(draft.body[name])
    parent, depth = draft.ref("ParentRef"), 1
    while parent is not None:
        record = draft.found(draft.entity, parent, "ParentRef")
        depth += 1
        if parent == draft.id or depth > _DEEPEST:
            raise errors.simple(900, "Invalid Parent", element="ParentRef")
        path = f"{record.body[name]}:{path}"
        parent = (record.body.get("ParentRef") or {}).get("value")
    return path


def claim_name(draft: Draft) -> None:
    """Mark an inactive object's name, and refuse (6240) one that another object holds."""
    space, key = NAMES[draft.entity]
    _mark(draft, key)
    plain = "Name" if key == "FullyQualifiedName" else key
    if any(each in draft.body[plain] for each in _FORBIDDEN):
        raise errors.business(f"The {plain} may not hold a colon, tab or new line.")
    name = str(draft.body[key])
    names = [name]
    if not draft.company.profile.deleted_frees_name:
        names.append(name + DELETED)
    for each in names:
        if draft.company.named(space, each) not in (None, (draft.entity, draft.id)):
            raise errors.duplicate_name()


def _mark(draft: Draft, key: str) -> None:
    """Give inactive objects the suffix, and take it from those that are active again."""
    inactive = draft.body.get("Active") is False
    for name in {key, "Name" if "Name" in draft.body else key}:
        plain = str(draft.body[name]).removesuffix(DELETED)
        if not inactive:
            draft.body[name] = plain
            continue
        draft.body[name] = plain + DELETED
        if key == name and _held(draft.company, draft, draft.body[name]):
            draft.body[name] = f"{plain} (deleted {draft.id})"


def _held(company: Company, draft: Draft, name: str) -> bool:
    return company.named(NAMES[draft.entity][0], name) not in (None, (draft.entity, draft.id))
