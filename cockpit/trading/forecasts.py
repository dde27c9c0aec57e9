"""How right forecasts of a price's direction were: Brier scores.

A forecast is a stance and the probability that it proves right, over a fixed horizon that its maker was told
of. The horizon does not end with a position: when that closes is decided by others, and by the very move that
was forecast. Three things can happen: the price ends higher, or lower, by more than the fees of a round trip
(two taker fees), which makes long or short right; or it does neither, which makes flat right.

Source: G. W. Brier (1950), Verification of Forecasts Expressed in Terms of Probability, Monthly Weather
Review 78 (1), eq. 2: the sum over all classes of (forecast − occurrence)², meaned over the forecasts. 0 is
perfect, 2 is certain and wrong. What a forecast leaves of probability goes to the other two classes in equal
shares, so that a confidence of a third, which says nothing, scores 2/3 whatever happens.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

from cockpit.domain.debates import Stance

NOTHING_KNOWN = 2 / 3
"""The score of who gives all three the same probability: what any forecaster should stay below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One role's last word on one instrument in one debate, and what became of the price.

    Attributes:
        agent: In whose debate.
        role: Whose word.
        symbol: Of which instrument.
        ts_ms: When, UTC milliseconds of market time.
        stance: Which way.
        confidence: Probability that it proves right, 0 … 1; None where none was given.
        mark: Mark price then, quote per base unit; None where there was none.
        mark_after: Mark price at the end of the horizon; None while nobody knows.
        taker_fee_rate: Fraction of notional.
    """

    agent: str
    role: str
    symbol: str
    ts_ms: int
    stance: Stance
    confidence: float | None
    mark: float | None
    mark_after: float | None
    taker_fee_rate: float

    @property
    def outcome(self) -> Stance | None:
        """The stance that proved right; None while nobody knows."""
        if not self.mark or self.mark_after is None:
            return None
        return direction_of(self.mark, self.mark_after, self.taker_fee_rate)

    @property
    def brier(self) -> float | None:
        """Its score; None while nobody knows, or where it had no confidence."""
        outcome = self.outcome
        if outcome is None or self.confidence is None:
            return None
        return brier_score(self.stance, self.confidence, outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleScore:
    """How right one role was over many forecasts; None where nothing can be said yet.

    Attributes:
        agent: In whose debates.
        role: Which.
        forecasts: How many it made.
        scored: How many of them could be scored.
        brier: Mean score of those, 0 … 2; lower is better.
        hit_rate: Fraction of those whose stance proved right.
        confidence: Mean confidence of those: above the hit rate is too sure.
    """

    agent: str
    role: str
    forecasts: int
    scored: int
    brier: float | None
    hit_rate: float | None
    confidence: float | None


def direction_of(mark: float, mark_after: float, taker_fee_rate: float) -> Stance:
    """The stance that proved right.

    Args:
        mark: Price at the time of the forecast, quote per base unit; positive.
        mark_after: At the end of its horizon.
        taker_fee_rate: Fraction of notional.
    """
    change, band = mark_after / mark - 1, 2 * taker_fee_rate
    if change > band:
        return Stance.LONG
    return Stance.SHORT if change < -band else Stance.FLAT


def brier_score(stance: Stance, confidence: float, outcome: Stance) -> float:
    """The score of one forecast, 0 … 2.

    Args:
        stance: What was forecast.
        confidence: Its probability, 0 … 1; what is left of it is shared by the other two.
        outcome: What came about.
    """
    others = (1 - confidence) / 2
    forecast = {each: confidence if each is stance else others for each in Stance}
    return fsum((probability - (each is outcome)) ** 2 for each, probability in forecast.items())


def role_scores(forecasts: Iterable[Forecast]) -> tuple[RoleScore, ...]:
    """How right each role of each agent was, in the order in which they first said anything."""
    grouped: dict[tuple[str, str], list[Forecast]] = {}
    for forecast in forecasts:
        grouped.setdefault((forecast.agent, forecast.role), []).append(forecast)
    return tuple(_score(agent, role, own) for (agent, role), own in grouped.items())


def _score(agent: str, role: str, forecasts: list[Forecast]) -> RoleScore:
    scored = [each for each in forecasts if each.brier is not None]
    return RoleScore(
        agent=agent,
        role=role,
        forecasts=len(forecasts),
        scored=len(scored),
        brier=_mean(each.brier for each in scored),
        hit_rate=_mean(float(each.stance is each.outcome) for each in scored),
        confidence=_mean(each.confidence for each in scored),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return fsum(given) / len(given) if given else None
