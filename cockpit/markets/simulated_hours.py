"""The simulated market inside a day: hours inside the day, minutes inside the hour.

A path's variance is first shared out over the slots of a period (by time of day, lasting bursts and
fat-tailed single ones); then normal moves of these variances are drawn, and what their sum lacks to the
move the longer period has decided is spread over the slots by variance. Since the slots' variances add up
to the period's, this is exactly the law of independent moves (a Brownian bridge with a random end): no
return foretells the next. Jumps are no part of the bridge, or the rest of the hour would undo them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt

from cockpit.domain.market import HOUR_MS, MINUTE_MS, Bar
from cockpit.markets.draws import EXPONENTIAL, MEDIUM_TAIL, MILD_TAIL, normals, raw_bytes
from cockpit.markets.simulated_days import Day, MarketModel, PathDay
from cockpit.markets.simulated_instruments import Coin

HOURS_PER_DAY = 24
MINUTES_PER_HOUR = 60

HOUR_ACTIVITY = (
    1.05, 0.90, 0.85, 0.80, 0.75, 0.72, 0.75, 0.85, 0.95, 0.95, 0.92, 0.95,
    1.10, 1.40, 1.75, 1.65, 1.45, 1.25, 1.10, 1.05, 1.00, 0.95, 0.85, 0.90,
)  # fmt: skip
"""Variance and volume by UTC hour, around 1: a trough in the European night, the peak as New York opens."""

MINUTE_ACTIVITY = tuple(
    1.6 if minute == 0 else 1.25 if minute % 15 == 0 else 0.97 for minute in range(MINUTES_PER_HOUR)
)
"""Likewise by minute of the hour: schedules start at full and quarter hours."""

_OPEN_OFFSETS = tuple((-1, 1, 0, 0)[byte % 4] for byte in range(256))
"""Ticks between a close and the next open: half of all opens differ."""

_WICK_VARIANCE = 0.5
"""Share of a minute's variance its extremes are drawn with: trades see less than a continuous path would."""

_VOLUME_FLOOR = 0.4
"""Weight in volume of activity; the rest goes with the size of the minute's move."""
_VOLUME_MOVE = 0.6
_MEAN_VOLUME = 0.84
"""Mean of the volume formula at mean variance, which it is divided by."""


@dataclass(frozen=True, slots=True)
class Slots:
    """A path's moves over the slots of a period, fractions of the day's open; jumps are counted.

    Attributes:
        variances: Of each slot's diffusive move.
        diffusions: The diffusive moves.
        moves: The whole ones.
    """

    variances: list[float]
    diffusions: list[float]
    moves: list[float]


def hour_slots(seed: int, path: PathDay, day: int, model: MarketModel) -> Slots:
    """The 24 hours of a path's day; `day` is the day's index."""
    jumps = [(minute // MINUTES_PER_HOUR, move) for minute, move in path.jumps]
    variances = _shared_out(
        path.variance,
        HOUR_ACTIVITY,
        _tails(seed, f"{path.label}/hour bursts", day, HOURS_PER_DAY, MILD_TAIL),
        _tails(seed, f"{path.label}/hour bursts", day - 1, HOURS_PER_DAY, MILD_TAIL),
        {hour for hour, _ in jumps},
        model,
    )
    draws = normals(raw_bytes(seed, f"{path.label}/hour moves", day, 8 * HOURS_PER_DAY))
    return _bridged(variances, draws, path.variance, path.move, jumps)


def minute_slots(seed: int, path: PathDay, hours: Slots, hour: int, model: MarketModel) -> Slots:
    """The 60 minutes of a path's hour; `hour` is the hour's index since the epoch."""
    of_day = hour % HOURS_PER_DAY
    first = of_day * MINUTES_PER_HOUR
    jumps = [
        (minute - first, move) for minute, move in path.jumps if first <= minute < first + MINUTES_PER_HOUR
    ]
    variance = hours.variances[of_day]
    variances = _shared_out(
        variance,
        MINUTE_ACTIVITY,
        _tails(seed, f"{path.label}/bursts", hour, MINUTES_PER_HOUR, MEDIUM_TAIL),
        _tails(seed, f"{path.label}/bursts", hour - 1, MINUTES_PER_HOUR, MEDIUM_TAIL),
        {minute for minute, _ in jumps},
        model,
    )
    draws = normals(raw_bytes(seed, f"{path.label}/moves", hour, 8 * MINUTES_PER_HOUR))
    return _bridged(variances, draws, variance, hours.diffusions[of_day], jumps)


def _tails(seed: int, label: str, index: int, count: int, table: Sequence[float]) -> list[float]:
    return [table[byte] for byte in raw_bytes(seed, label, index, count)]


def _shared_out(
    total: float,
    activity: Sequence[float],
    tails: list[float],
    previous_tails: list[float],
    jump_slots: Collection[int],
    model: MarketModel,
) -> list[float]:
    """`total` variance over the slots: activity × what lasts of earlier bursts × this slot's burst."""
    lasts, fresh = model.persistence, 1 - model.persistence
    level = 1.0
    for tail in previous_tails:
        level = lasts * level + fresh * tail
    weights = []
    weight_sum = 0.0
    for slot, (share, tail) in enumerate(zip(activity, tails, strict=True)):
        weight = share * level * tail
        weights.append(weight)
        weight_sum = weight_sum + weight
        level = lasts * level + fresh * tail
        if slot in jump_slots:
            level = level + model.aftershock
    scale = total / weight_sum
    return [weight * scale for weight in weights]


def _bridged(
    variances: list[float], draws: list[float], total: float, move: float, jumps: list[tuple[int, float]]
) -> Slots:
    diffusions = [sqrt(variance) * draw for variance, draw in zip(variances, draws, strict=True)]
    reached = 0.0
    for step in diffusions:
        reached = reached + step
    lack = (move - reached) / total
    diffusions = [step + lack * variance for step, variance in zip(diffusions, variances, strict=True)]
    moves = diffusions
    if jumps:
        moves = list(diffusions)
        for slot, jump in jumps:
            moves[slot] = moves[slot] + jump
    return Slots(variances, diffusions, moves)


@dataclass(frozen=True, slots=True)
class CoinDay:
    """What a coin's minutes are made from on one day.

    Attributes:
        coin: Which.
        opened: Its price as the day begins.
        own: Its own part of the day.
        hours: The hours of that part.
        knots: Its price at each full hour, 25 of them.
        ticks_per_unit: Price steps in one quote unit.
        lots_per_unit: Lots in one base unit.
        volume_scale: Base units that go with a standard deviation of one minute.
    """

    coin: Coin
    opened: float
    own: PathDay
    hours: Slots
    knots: tuple[float, ...]
    ticks_per_unit: int
    lots_per_unit: int
    volume_scale: float


def coin_day(
    seed: int, day: Day, position: int, coin: Coin, market_hours: Slots, model: MarketModel
) -> CoinDay:
    """The day of the coin at `position` among the day's coins."""
    opened = day.opens[position]
    own = day.own[position]
    hours = hour_slots(seed, own, day.index, model)
    knots = [opened]
    total = 0.0
    for market_move, own_move in zip(market_hours.moves, hours.moves, strict=True):
        total = total + (coin.beta * market_move + own_move)
        knots.append(opened * (1 + total))
    knots[-1] = day.closes[position]
    market_deviation = coin.beta * model.market_volatility
    mean_variance = market_deviation * market_deviation + coin.own_volatility * coin.own_volatility
    minutes = HOURS_PER_DAY * MINUTES_PER_HOUR
    mean_deviation = sqrt(mean_variance / minutes)
    return CoinDay(
        coin,
        opened,
        own,
        hours,
        tuple(knots),
        round(1 / coin.instrument.tick_size),
        round(1 / coin.instrument.lot_size),
        coin.daily_turnover / (minutes * opened * mean_deviation * _MEAN_VOLUME),
    )


def coin_bars(seed: int, day: CoinDay, market: Slots, hour: int, model: MarketModel) -> list[Bar]:
    """The 60 bars of a coin's hour.

    The extremes of a bar have the law of a Brownian bridge's from its open to its close: P(high > m) =
    exp(−2 (m − open)(m − close)/σ²), solved for m (Glasserman, Monte Carlo Methods, section 6.4).

    Args:
        seed: The market's.
        day: The coin's day.
        market: The common factor's minutes in this hour.
        hour: The hour's index since the epoch.
        model: How the market behaves.
    """
    own = minute_slots(seed, day.own, day.hours, hour, model)
    raw = raw_bytes(seed, f"{day.coin.instrument.base}/bars", hour, 4 * MINUTES_PER_HOUR)
    of_day = hour % HOURS_PER_DAY
    opened, beta, ticks, lots = day.opened, day.coin.beta, day.ticks_per_unit, day.lots_per_unit
    beta_squared = beta * beta
    price = day.knots[of_day]
    shown = max(1, round(price * ticks))
    scale = day.volume_scale * HOUR_ACTIVITY[of_day] * lots
    open_ms = hour * HOUR_MS
    bars = []
    for market_variance, own_variance, market_move, own_move, up, down, burst, offset in zip(
        market.variances, own.variances, market.moves, own.moves, raw[0::4], raw[1::4], raw[2::4], raw[3::4],
        strict=True,
    ):  # fmt: skip
        variance = beta_squared * market_variance + own_variance
        move = beta * market_move + own_move
        step = move * opened
        middle = price + price + step
        price = price + step
        gap, spread = step * step, 2 * _WICK_VARIANCE * variance * opened * opened
        first = max(1, shown + _OPEN_OFFSETS[offset])
        shown = max(1, round(price * ticks))
        high = round((middle + sqrt(gap + spread * EXPONENTIAL[up])) / 2 * ticks)
        low = round((middle - sqrt(gap + spread * EXPONENTIAL[down])) / 2 * ticks)
        volume = scale * MEDIUM_TAIL[burst] * (_VOLUME_FLOOR * sqrt(variance) + _VOLUME_MOVE * abs(move))
        bars.append(
            Bar(
                open_ms,
                first / ticks,
                max(high, first, shown) / ticks,
                max(1, min(low, first, shown)) / ticks,
                shown / ticks,
                max(1, round(volume)) / lots,
            )
        )
        open_ms += MINUTE_MS
    return bars


def funding_rate(
    seed: int, day: Day, position: int, coin_day: CoinDay, hour: int, model: MarketModel
) -> float:
    """What longs pay at the end of an hour, as a fraction of notional, in steps of 1e-8.

    Interest, and a lean towards where the price has gone this day and the last: who chases a trend
    pays for it.
    """
    closed = coin_day.knots[hour % HOURS_PER_DAY + 1]
    trend = (closed - day.opens[position]) / day.opens[position]
    before = (day.opens[position] - day.previous_opens[position]) / day.previous_opens[position]
    noise = normals(raw_bytes(seed, f"{coin_day.coin.instrument.base}/funding", hour, 8))[0]
    rate = model.funding_interest + model.funding_lean * (trend + before) / 2 + model.funding_noise * noise
    bounded = min(max(rate, -model.funding_bound), model.funding_bound)
    return round(bounded * 100_000_000) / 100_000_000
