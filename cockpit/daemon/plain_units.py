"""From the ledger's units to those of the control API; what is undefined stays so."""

from cockpit.domain.formats import time_of
from cockpit.domain.market import MICROS_PER_UNIT


def units(micros: float | None) -> float | None:
    """Money in units of quote."""
    return None if micros is None else micros / MICROS_PER_UNIT


def times(value: float | None, factor: float) -> float | None:
    """A figure in a unit so many times smaller."""
    return None if value is None else value * factor


def time_or_none(ts_ms: int | None) -> str | None:
    """ISO 8601 in UTC."""
    return None if ts_ms is None else time_of(ts_ms)
