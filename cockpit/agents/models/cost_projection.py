"""What deciding costs by the round and by the day."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from cockpit.domain.market import DAY_MS, Micros


def round_cost(call_costs: Iterable[Micros | None]) -> Micros | None:
    """What the calls of one round cost together, micro-dollars; None if one's cost is unknown."""
    total = 0
    for cost in call_costs:
        if cost is None:
            return None
        total += cost
    return Micros(total)


def rounds_per_day(interval_ms: int) -> Fraction:
    """How many rounds begin in a day.

    Raises:
        ValueError: If the interval is not positive.
    """
    if interval_ms <= 0:
        raise ValueError(f"rounds can't be {interval_ms} ms apart")
    return Fraction(DAY_MS, interval_ms)


def projected_daily_cost(round_costs: Sequence[Micros | None], daily_rounds: Fraction) -> Micros | None:
    """Micro-dollars a day: the mean cost of recent rounds × rounds per day, rounded half to even.

    Args:
        round_costs: Of recent rounds, as `round_cost` gives them; rounds without a call cost 0.
        daily_rounds: Rounds per day.

    Returns:
        None where there is no round yet, or one's cost is unknown.
    """
    total = round_cost(round_costs)
    if total is None or not round_costs:
        return None
    return Micros(round(Fraction(total, len(round_costs)) * daily_rounds))
