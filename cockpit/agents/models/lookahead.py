"""Whether a model may have read about the very market it is tested on."""

from cockpit.domain.formats import percent, time_of


def lookahead_warning(
    model: str, cutoff_ms: int | None, tested_from_ms: int, tested_to_ms: int
) -> str | None:
    """One line of warning where a model's knowledge reaches into a tested period; None where it does not.

    Args:
        model: Its name.
        cutoff_ms: Until when the texts it was trained on reach, UTC milliseconds; None: nobody knows.
        tested_from_ms: Begin of the period.
        tested_to_ms: Its end.

    Raises:
        ValueError: If the period ends before it begins.
    """
    if tested_to_ms < tested_from_ms:
        raise ValueError(f"a period can't go from {tested_from_ms} to {tested_to_ms}")
    if cutoff_ms is None:
        return (
            f"look-ahead: how far {model}'s knowledge reaches is unknown, so it may know how the tested"
            " market went; declare its knowledge cut-off in the settings"
        )
    if cutoff_ms <= tested_from_ms:
        return None
    until = _day(cutoff_ms)
    if cutoff_ms >= tested_to_ms:
        return (
            f"look-ahead: {model} knows the world until {until}, and the test ends on {_day(tested_to_ms)}:"
            " all of its results may come from memory; test on a later period"
        )
    known = percent((cutoff_ms - tested_from_ms) / (tested_to_ms - tested_from_ms), decimals=0)
    return (
        f"look-ahead: {model} knows the world until {until}, which is {known} of the tested period: results"
        " of that part may come from memory; test from that day on"
    )


def _day(ts_ms: int) -> str:
    return time_of(ts_ms)[:10]
