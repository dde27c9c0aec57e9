"""Recorded candles to run arenas on: ten days of hours, of which five are history."""

NEW_YEAR = 1_577_836_800_000
"""2020-01-01T00:00:00Z."""
HOUR_MS = 3_600_000
HISTORY_HOURS, HOURS = 120, 240


def hours_in(folder):
    """A file of them."""
    path = folder / "BTCUSDT-1h.csv"
    rows = [f"{NEW_YEAR + hour * HOUR_MS},10,11,9,{10 + hour % 7 / 10},5" for hour in range(HOURS)]
    path.write_text("\n".join(["timestamp_ms,open,high,low,close,volume", *rows]) + "\n")
    return path
