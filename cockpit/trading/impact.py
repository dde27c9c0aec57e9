"""What a taker pays beyond the price that stands: half the spread, and the impact of its own size.

Plain Python over floats and ints, compiled unchanged.
"""

from math import floor, inf, isnan, sqrt

from cockpit.trading.fills import nearest_tick

NO_LIMIT = 2**53
"""Lots; as many as the ledger can count."""

_PARKINSON = 0.6005612043932249
"""1 / (2 √ln 2)."""

_ROUNDING_LOTS = 1e-6


def bar_volatility(high: float, low: float) -> float:
    """The volatility of a price over its bar, as a fraction, from the bar's range.

    The logarithm is its series in (high − low) / (high + low), good to 1e-9 where the high is up to 1.5 × the
    low, since C libraries differ in the last bit of theirs.

    Args:
        high: Highest price; positive.
        low: Lowest price; positive.

    Source: M. Parkinson (1980), The Extreme Value Method for Estimating the Variance of the Rate of Return.
    """
    ratio = (high - low) / (high + low)
    square = ratio * ratio
    series = 1.0 + square * (1.0 / 3.0 + square * (0.2 + square * (1.0 / 7.0 + square / 9.0)))
    return 2.0 * ratio * series * _PARKINSON


def impact_fraction(lots: int, volume_lots: float, volatility: float, coefficient: float) -> float:
    """How far a trade moves the price against itself, as a fraction: coefficient × σ × √(lots / volume).

    σ grows with the root of the horizon and volume with the horizon, so their quotient σ / √volume, and with
    it the law, is the same for a bar as for a day.

    Args:
        lots: Traded, unsigned.
        volume_lots: Traded by all in the bar. Where nobody traded, the trade counts as the whole volume.
        volatility: Of the bar, as a fraction.
        coefficient: Of order one.

    Source: B. Tóth et al. (2011), Anomalous Price Impact and the Critical Nature of Liquidity in Financial
    Markets, on the root over six decades of size; R. Almgren et al. (2005), Direct Estimation of Equity
    Market Impact, with a nearby exponent of 0.6.
    """
    share = lots / volume_lots if volume_lots > 0.0 else 1.0
    return coefficient * volatility * sqrt(share)


def taker_price(
    here: float, signed_lots: int, slippage_fraction: float, limit: float, tick_size: float
) -> float:
    """The price a taker gets, on a tick: worse than the one that stands, never worse than its limit.

    It may lie outside the bar's range, which knows nothing of this trade.

    Args:
        here: The price that stands, quote per base unit.
        signed_lots: > 0 buys.
        slippage_fraction: Half the spread and the impact together, of the price.
        limit: The worst price allowed; NaN where there is none.
        tick_size: Quote per base unit.
    """
    if signed_lots > 0:
        price = nearest_tick(here * (1.0 + slippage_fraction), tick_size)
        return price if isnan(limit) else min(price, limit)
    price = max(nearest_tick(here * (1.0 - slippage_fraction), tick_size), tick_size)
    return price if isnan(limit) else max(price, limit)


def fillable_lots(volume: float, lot_size: float, participation: float) -> int:
    """How many lots of a bar's volume one account may trade, rounded down.

    Args:
        volume: Base units traded in the bar.
        lot_size: Base units per lot.
        participation: Fraction of the volume; infinity where volume is no limit.
    """
    if participation == inf:
        return NO_LIMIT
    # 0.3 / 0.1 is a hair less than three lots.
    return floor(min(participation * volume / lot_size + _ROUNDING_LOTS, NO_LIMIT * 1.0))
