"""Why a car can't be kept, in a manager's own words: by its field, and what would be right."""

from collections.abc import Mapping

from showroom.range_editing import Fault, FaultKind
from showroom.texts import Translate

NUMBERS = ("position", "range_km", "power_kw", "seats", "boot_litres", "length_mm")
LINES = ("name", "version", "body", "energy")


def reason(fault: Fault, limits: Mapping[str, tuple[int, int]], t: Translate) -> str:
    """Return what is wrong with a field, as a sentence."""
    if fault.kind is not FaultKind.WRONG:
        return t(f"vehicles.fault.{fault.kind}")
    least, most = limits.get(fault.field, (0, 0))
    if fault.field in NUMBERS:
        return t("vehicles.fault.number", least=least, most=most)
    if fault.field in LINES:
        return t("vehicles.fault.line", most=most)
    return t(f"vehicles.fault.{fault.field}")
