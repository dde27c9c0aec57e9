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

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import fsum

from cockpit.domain.debates import Debate, Stance, SymbolStance

NOTHING_KNOWN = 2 / 3
"""The score of who gives all three the same probability: what any forecaster should stay below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceForecast:
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
        return stance_brier_score(self.stance, self.confidence, outcome)


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


class ForecastBook:
    """What roles forecast in debates, scored by the prices that later debates note.

    The price at the end of a horizon is the first that a debate of the run noted from then on, of whichever
    agent, and none that was noted more than another horizon later.

    Args:
        taker_fee_rates: By symbol, fractions of notional.
    """

    def __init__(self, taker_fee_rates: Mapping[str, float]) -> None:
        self._taker_fee_rates = taker_fee_rates
        self._made: list[tuple[StanceForecast, int]] = []  # each with its horizon, ms
        self._times_ms: dict[str, list[int]] = {}
        self._marks: dict[str, list[float]] = {}

    def note(self, ts_ms: int, agent: str, debate: Debate) -> None:
        """A debate was held: every role's last word on each instrument counts, and so do the prices.

        Args:
            ts_ms: When, UTC milliseconds of market time; not before the last one.
            agent: Whose debate.
            debate: What was said.
        """
        marks = {each.symbol: each.mark for each in debate.consensus}
        for symbol, mark in marks.items():
            if mark is not None:
                self._times_ms.setdefault(symbol, []).append(ts_ms)
                self._marks.setdefault(symbol, []).append(mark)
        for role, each in _last_words(debate):
            if each.symbol not in marks or each.symbol not in self._taker_fee_rates:
                continue
            forecast = StanceForecast(
                agent=agent,
                role=role,
                symbol=each.symbol,
                ts_ms=ts_ms,
                stance=each.stance,
                confidence=each.confidence,
                mark=marks.get(each.symbol),
                mark_after=None,
                taker_fee_rate=self._taker_fee_rates[each.symbol],
            )
            self._made.append((forecast, debate.horizon_ms))

    def forecasts(self) -> Iterator[StanceForecast]:
        """All of them, oldest first, with what is known by now of the prices they were about."""
        for forecast, horizon_ms in self._made:
            yield replace(forecast, mark_after=self._mark_after(forecast, horizon_ms))

    def _mark_after(self, forecast: StanceForecast, horizon_ms: int) -> float | None:
        times_ms = self._times_ms.get(forecast.symbol, [])
        place = bisect_left(times_ms, forecast.ts_ms + horizon_ms)
        if place == len(times_ms) or times_ms[place] > forecast.ts_ms + 2 * horizon_ms:
            return None
        return self._marks[forecast.symbol][place]


def _last_words(debate: Debate) -> list[tuple[str, SymbolStance]]:
    """Every role's last word on each instrument, in the order in which they were said."""
    said: dict[tuple[str, str], tuple[str, SymbolStance]] = {}
    shadow = () if debate.shadow is None else (debate.shadow,)
    for message in (*debate.messages, *shadow):
        for each in sorted(message.stances, key=lambda stance: stance.symbol):
            said.pop((message.role, each.symbol), None)
            said[message.role, each.symbol] = message.role, each
    return list(said.values())


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


def stance_brier_score(stance: Stance, confidence: float, outcome: Stance) -> float:
    """The score of one forecast, 0 … 2.

    Args:
        stance: What was forecast.
        confidence: Its probability, 0 … 1; what is left of it is shared by the other two.
        outcome: What came about.
    """
    others = (1 - confidence) / 2
    forecast = {each: confidence if each is stance else others for each in Stance}
    return fsum((probability - (each is outcome)) ** 2 for each, probability in forecast.items())


def role_scores(forecasts: Iterable[StanceForecast]) -> tuple[RoleScore, ...]:
    """How right each role of each agent was, in the order in which they first said anything."""
    grouped: dict[tuple[str, str], list[StanceForecast]] = {}
    for forecast in forecasts:
        grouped.setdefault((forecast.agent, forecast.role), []).append(forecast)
    return tuple(_score(agent, role, own) for (agent, role), own in grouped.items())


def _score(agent: str, role: str, forecasts: list[StanceForecast]) -> RoleScore:
    scored = [(each, brier) for each in forecasts if (brier := each.brier) is not None]
    return RoleScore(
        agent=agent,
        role=role,
        forecasts=len(forecasts),
        scored=len(scored),
        brier=_mean(brier for _, brier in scored),
        hit_rate=_mean(float(each.stance is each.outcome) for each, _ in scored),
        confidence=_mean(each.confidence for each, _ in scored),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return fsum(given) / len(given) if given else None
