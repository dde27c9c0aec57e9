"""How money, figures and times are spelled in files for other programs, and their JSON."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from cockpit.domain.formats import time_of

Document = dict[str, object]

SIGNIFICANT_DIGITS = 12
"""Of statistics: what remains of float64 when the last bits differ between C libraries."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(value: object) -> bytes:
    """JSON on one line, decimal numbers as they are."""
    return _ENCODER.encode(value)


def encode_document(document: Mapping[str, object]) -> bytes:
    """JSON with a line for every field, and for every element of a list."""
    lines = []
    for name, value in document.items():
        if isinstance(value, list) and value:
            elements = b",\n  ".join(map(_ENCODER.encode, value))
            text = b"[\n  " + elements + b"\n ]"
        else:
            text = _ENCODER.encode(value)
        lines.append(_ENCODER.encode(name) + b": " + text)
    return b"{\n " + b",\n ".join(lines) + b"\n}\n"


def amount(micros: float | None) -> Decimal | None:
    """Money as an exact decimal number of quote units with six places."""
    return None if micros is None else Decimal(round(micros)).scaleb(-6)


def statistic(value: float | None) -> float | None:
    """A statistic to `SIGNIFICANT_DIGITS`."""
    return None if value is None else float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def instant(ts_ms: int | None) -> str | None:
    """ISO 8601 in UTC, with milliseconds where there are any."""
    if ts_ms is None:
        return None
    text = time_of(ts_ms)
    return f"{text[:-1]}.{ts_ms % 1000:03d}Z" if ts_ms % 1000 else text
