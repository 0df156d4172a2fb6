"""PackageExpired: what a package still holds lapses, where the law lets it (5.5)."""

from collections.abc import Iterable

from ledger.errors import Conflict
from ledger.events.base import BusinessEvent, Earlier, Reference
from ledger.events.expiry import refuse_expiry
from ledger.events.package_story import PACKAGES, package_left
from ledger.money import MILLION
from ledger.postings import Caveat, Posting


class PackageExpired(BusinessEvent, frozen=True, kw_only=True, tag="package_expired"):
    """All uses of a package that were sold in the event's currency, at once."""

    tills_may_record = False

    package: Reference

    def postings(self, earlier: Earlier) -> Iterable[Posting | Caveat]:
        """Yield Dr packages / Cr package_breakage at the location of sale.

        Conflict where expiry is forbidden, or nothing is left (offline: an exception).
        """
        left = package_left(self.package, earlier).of(self.currency or "")
        lots = [lot for lot in left if lot.uses or lot.value]
        if not lots and not self.happened_offline:
            raise Conflict("package-empty", pointer="/package", package=self.package)
        refuse_expiry(self, "packages", self.package, (lot.day for lot in lots), earlier)
        if not lots:
            yield Caveat("overdrawn-offline", f"{PACKAGES}:{self.package}")
        for lot in lots:
            yield Posting(PACKAGES, lot.value, self.package, quantity=lot.uses * MILLION)
            yield Posting("package_breakage", -lot.value, location=lot.location)

    def subjects(self) -> Iterable[tuple[str, str]]:
        """Yield the package."""
        yield "package", self.package
