"""The simulated market from day to day: regimes, volatility, each day's open, close and jumps.

One cheap step leads from a day to the next, so that any day is reached quickly. What happens inside a
day is drawn in `simulated_hours.py`, and ends where this chain says.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from math import sqrt

from cockpit.markets.draws import normals, raw_bytes, uniforms
from cockpit.markets.simulated_instruments import Coin

MINUTES_PER_DAY = 1_440
MARKET_PATH = "market"
"""Label of the common factor's draws; a coin's are labelled with its base."""


class Regime(IntEnum):
    """What kind of days the whole market has."""

    RANGE = 0
    TREND_UP = 1
    TREND_DOWN = 2
    TURBULENT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketModel:
    """How the simulated market behaves.

    Sources: the stylised facts are those of Cont, "Empirical properties of asset returns" (Quantitative
    Finance 1, 2001). Daily variance: GARCH with the leverage term of Glosten, Jagannathan & Runkle (Journal
    of Finance 48, 1993). Regimes: Hamilton (Econometrica 57, 1989). Jumps: Merton (Journal of Financial
    Economics 3, 1976). Volatility on several horizons at once: Müller et al. (Journal of Empirical Finance
    4, 1997) and Corsi (Journal of Financial Econometrics 7, 2009). Funding on premium and interest: the
    usual terms of perpetual contracts.

    Attributes:
        market_volatility: Mean daily standard deviation of the common factor, a fraction.
        arch: Weight of yesterday's squared return in today's variance.
        leverage_arch: What a fall weighs more.
        garch: Weight of yesterday's variance.
        variance_low: Least daily variance, in units of its mean.
        variance_high: Greatest, likewise.
        leave_probability: Chance that a regime ends with the day, by `Regime`.
        variance_factor: Multiplies the day's variance, by `Regime`.
        drift: Daily drift in standard deviations of the common factor, by `Regime`.
        range_pull: Share of the common factor's move since a range began that is expected back each day.
        anchor_pull: Daily drift towards the anchor for a unit of (anchor/price − price/anchor)/2, which is
            near the logarithm of anchor/price and grows beyond it far away; a fraction.
        jump_slots: Most jumps a path can have in a day.
        jump_probability: Chance that a slot holds one, by `Regime`.
        jump_low: Smallest jump, in daily standard deviations.
        jump_high: Largest.
        daily_move_bound: No coin moves farther from open to close, a fraction.
        persistence: Share of short-lived volatility that lasts until the next minute, or hour.
        aftershock: What a jump adds to short-lived variance, in units of its mean.
        funding_interest: Hourly funding when nothing leans, a fraction.
        funding_lean: Hourly funding for a unit of trend, a fraction.
        funding_noise: Standard deviation of what else moves it.
        funding_bound: Greatest hourly funding either way.
    """

    market_volatility: float = 0.022
    arch: float = 0.05
    leverage_arch: float = 0.06
    garch: float = 0.88
    variance_low: float = 0.25
    variance_high: float = 6.0
    leave_probability: tuple[float, ...] = (0.16, 0.13, 0.15, 0.4)
    variance_factor: tuple[float, ...] = (0.7, 0.95, 1.15, 2.2)
    drift: tuple[float, ...] = (0.0, 0.3, -0.3, 0.0)
    range_pull: float = 0.25
    anchor_pull: float = 0.005
    jump_slots: int = 3
    jump_probability: tuple[float, ...] = (0.06, 0.09, 0.1, 0.3)
    jump_low: float = 0.2
    jump_high: float = 0.7
    daily_move_bound: float = 0.45
    persistence: float = 0.9
    aftershock: float = 5.0
    funding_interest: float = 0.0000125
    funding_lean: float = 0.0006
    funding_noise: float = 0.000004
    funding_bound: float = 0.0005


MODEL = MarketModel()

_MOST_LEAN = 4.0
"""Where the pull to the anchor grows no more: at an eighth of it, or eightfold."""


@dataclass(frozen=True, slots=True)
class PathDay:
    """A day of one path: the common factor, or a coin's own part. Moves are fractions of the day's open.

    Attributes:
        label: Names the path's draws.
        variance: Of the diffusive move.
        move: The diffusive move from open to close.
        jumps: Minute of the day and move of each jump.
        next_variance: Tomorrow's, before the regime's factor.
    """

    label: str
    variance: float
    move: float
    jumps: tuple[tuple[int, float], ...]
    next_variance: float

    @property
    def total(self) -> float:
        """The move from open to close, jumps counted."""
        total = self.move
        for _, jump in self.jumps:
            total = total + jump
        return total


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the market.

    Attributes:
        index: Days since the epoch.
        regime: Its kind.
        since_regime: The common factor's move since the regime began, this day's not counted.
        market: The common factor.
        own: Each coin's own part.
        opens: Each coin's price as the day begins.
        closes: As it ends.
        previous_opens: As the day before began.
    """

    index: int
    regime: Regime
    since_regime: float
    market: PathDay
    own: tuple[PathDay, ...]
    opens: tuple[float, ...]
    closes: tuple[float, ...]
    previous_opens: tuple[float, ...]


def first_day(seed: int, index: int, coins: tuple[Coin, ...], model: MarketModel = MODEL) -> Day:
    """The day the market begins with: a range, at mean variance and anchor prices."""
    variance = model.market_volatility * model.market_volatility
    own_variances = tuple(coin.own_volatility * coin.own_volatility for coin in coins)
    opens = tuple(coin.anchor_price for coin in coins)
    return _day(seed, index, coins, model, Regime.RANGE, 0.0, variance, own_variances, opens, opens)


def next_day(seed: int, day: Day, coins: tuple[Coin, ...], model: MarketModel = MODEL) -> Day:
    """The day after `day`."""
    regime = _next_regime(seed, day, model)
    return _day(
        seed,
        day.index + 1,
        coins,
        model,
        regime,
        day.since_regime + day.market.total if regime is day.regime else 0.0,
        day.market.next_variance,
        tuple(own.next_variance for own in day.own),
        day.closes,
        day.opens,
    )


def _next_regime(seed: int, day: Day, model: MarketModel) -> Regime:
    leave, which = uniforms(raw_bytes(seed, "regime", day.index, 8))
    if leave >= model.leave_probability[day.regime]:
        return day.regime
    others = [regime for regime in Regime if regime is not day.regime]
    return others[int(which * len(others))]


def _day(
    seed: int,
    index: int,
    coins: tuple[Coin, ...],
    model: MarketModel,
    regime: Regime,
    since_regime: float,
    variance: float,
    own_variances: tuple[float, ...],
    opens: tuple[float, ...],
    previous_opens: tuple[float, ...],
) -> Day:
    pull = model.range_pull * since_regime if regime is Regime.RANGE else 0.0
    mean = model.market_volatility * model.market_volatility
    market = _path_day(seed, MARKET_PATH, index, variance, mean, model.drift[regime], -pull, regime, model)
    own, closes = [], []
    for coin, own_variance, opened in zip(coins, own_variances, opens, strict=True):
        mean = coin.own_volatility * coin.own_volatility
        lean = (coin.anchor_price / opened - opened / coin.anchor_price) / 2
        drift = model.anchor_pull * min(max(lean, -_MOST_LEAN), _MOST_LEAN)
        part = _path_day(seed, coin.instrument.base, index, own_variance, mean, 0.0, drift, regime, model)
        part = _bounded(part, coin.beta * market.total, model.daily_move_bound)
        own.append(part)
        closes.append(opened * (1 + (coin.beta * market.total + part.total)))
    return Day(index, regime, since_regime, market, tuple(own), opens, tuple(closes), previous_opens)


def _path_day(
    seed: int,
    label: str,
    index: int,
    variance: float,
    mean: float,
    drift_deviations: float,
    drift: float,
    regime: Regime,
    model: MarketModel,
) -> PathDay:
    raw = raw_bytes(seed, f"{label}/day", index, 8 + 12 * model.jump_slots)
    factor = model.variance_factor[regime]
    deviation = sqrt(variance * factor)
    move = drift + deviation * (drift_deviations + normals(raw[:8])[0])
    jumps = _jumps(uniforms(raw[8:]), deviation, regime, model)
    total = move
    for _, jump in jumps:
        total = total + jump
    arch = model.arch + model.leverage_arch if total < 0 else model.arch
    floor = mean * (1 - model.arch - model.leverage_arch / 2 - model.garch)
    ahead = floor + arch * (total * total / factor) + model.garch * variance
    bounded = min(max(ahead, model.variance_low * mean), model.variance_high * mean)
    return PathDay(label, variance * factor, move, jumps, bounded)


def _jumps(
    draws: list[float], deviation: float, regime: Regime, model: MarketModel
) -> tuple[tuple[int, float], ...]:
    jumps = []
    for chance, when, size in zip(draws[0::3], draws[1::3], draws[2::3], strict=True):
        if chance >= model.jump_probability[regime]:
            continue
        lean = 2 * size - 1
        reach = model.jump_low + (model.jump_high - model.jump_low) * abs(lean)
        jumps.append((int(when * MINUTES_PER_DAY), deviation * (reach if lean > 0 else -reach)))
    return tuple(jumps)


def _bounded(part: PathDay, market_move: float, bound: float) -> PathDay:
    """`part`, its diffusive move cut where the coin would move farther than `bound` in the day."""
    total = market_move + part.total
    if -bound <= total <= bound:
        return part
    cut = (bound if total > 0 else -bound) - total
    return replace(part, move=part.move + cut)
