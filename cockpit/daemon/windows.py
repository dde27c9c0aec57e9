"""Stretches of market time, as the control API is asked for them: ``all``, or such as ``30m`` or ``7d``."""

ALL = "all"
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def window_ms(window: str) -> int | None:
    """How long a stretch is; None for all there is.

    Raises:
        KeyError, ValueError: If it is written otherwise.
    """
    return None if window == ALL else int(window[:-1]) * _UNIT_MS[window[-1]]
