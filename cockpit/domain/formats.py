"""Money, percentages, durations and times as people read them: the same everywhere."""

from datetime import UTC, datetime

from cockpit.domain.market import DAY_MS, HOUR_MS, MICROS_PER_UNIT, MINUTE_MS

NOT_AVAILABLE = "n/a"


def money(micros: float | None, *, signed: bool = False, decimals: int = 2) -> str:
    """``$1,234.50`` from micro-units; ``+$5.00`` or ``−$5.00`` when signed; ``n/a`` for None."""
    if micros is None:
        return NOT_AVAILABLE
    amount = round(micros / MICROS_PER_UNIT, decimals)
    sign = "−" if amount < 0 else "+" if signed and amount > 0 else ""
    return f"{sign}${abs(amount):,.{decimals}f}"


def percent(fraction: float | None, *, signed: bool = False, decimals: int = 2) -> str:
    """``12.50%`` from a fraction; ``n/a`` for None."""
    if fraction is None:
        return NOT_AVAILABLE
    value = round(fraction * 100, decimals)
    sign = "−" if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{abs(value):.{decimals}f}%"


def size_words(exposure: float, quantity: float | None) -> str:
    """What is wanted held: ``+80%`` of an instrument's share; ``+0.05`` base units where a quantity is named,
    and the exposure says no more than on which side; else ``0%``.
    """
    if not exposure or quantity is None:
        return percent(exposure, signed=True, decimals=0)
    digits = f"{quantity:,.8f}".rstrip("0").rstrip(".")
    return f"{'+' if exposure > 0 else '−'}{digits}"


def ratio(value: float | None, decimals: int = 2) -> str:
    """A plain number such as a Sharpe ratio; ``n/a`` for None."""
    if value is None:
        return NOT_AVAILABLE
    rounded = round(value, decimals)
    return f"{'−' if rounded < 0 else ''}{abs(rounded):.{decimals}f}"


def price(value: float | None) -> str:
    """A price in full, thousands grouped, without trailing zeros beyond cents; ``n/a`` for None."""
    if value is None:
        return NOT_AVAILABLE
    text = f"{value:,.8f}".rstrip("0")
    whole, _, cents = text.partition(".")
    return f"{whole}.{cents:0<2}" if value < 10_000 or cents else whole


def duration(length_ms: int | None) -> str:
    """The two largest units of a duration, such as ``2d 4h`` or ``3m 5s``; ``n/a`` for None."""
    if length_ms is None:
        return NOT_AVAILABLE
    parts: list[str] = []
    rest = max(0, length_ms)
    for word, unit_ms in (("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS), ("s", 1_000)):
        count, rest = divmod(rest, unit_ms)
        if count or (parts and len(parts) < 2):
            parts.append(f"{count}{word}")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if not part.startswith("0")) or "0s"


def time_of(ts_ms: int, *, seconds: bool = True) -> str:
    """``2025-01-31T12:00:00Z`` from UTC milliseconds."""
    form = "%Y-%m-%dT%H:%M:%SZ" if seconds else "%Y-%m-%dT%H:%MZ"
    return datetime.fromtimestamp(ts_ms / 1000, UTC).strftime(form)


def clock(ts_ms: int) -> str:
    """``01-31 12:00`` from UTC milliseconds: short, for lists."""
    return datetime.fromtimestamp(ts_ms / 1000, UTC).strftime("%m-%d %H:%M")


def short_symbol(symbol: str) -> str:
    """``BTC`` from ``BTC/USDC:USDC``: the base coin, for narrow places."""
    return symbol.partition("/")[0]
