"""Where on a bar's path an order meets the market, and at what price.

Each function answers for one kind of order, from a position on the path on and the price that stands
there: (position, price), infinity and NaN where nothing happens before the bar's end. What a taker pays
beyond that price is in `impact.py`. Plain Python over floats and ints, compiled unchanged.
"""

from math import inf, nan

from cockpit.trading.path import LAST_LEG, Path, crossing, is_at, through, touch


def nearest_tick(price: float, tick_size: float) -> float:
    """The tick nearest to a finite price, half to even; the bits of `Instrument.round_price`."""
    if tick_size < 1.0:
        ticks_per_unit = round(1.0 / tick_size)
        return round(price * ticks_per_unit) / ticks_per_unit
    return round(price / tick_size) * tick_size


def stop_event(
    path: Path, position: float, here: float, signed_lots: int, trigger: float
) -> tuple[float, float]:
    """Where a stop wakes: buying at its trigger or above it, selling at it or below it.

    Args:
        path: Of the bar.
        position: From where the order is at work.
        here: The price there. Where it is beyond the trigger already, the stop wakes at it: a gap fills at
            the open, not at the trigger.
        signed_lots: > 0 buys.
        trigger: Quote per base unit.
    """
    return _trigger_event(path, position, here, trigger, signed_lots > 0)


def target_event(
    path: Path, position: float, here: float, signed_lots: int, trigger: float
) -> tuple[float, float]:
    """Where a take-profit wakes: selling at its trigger or above it, buying at it or below it.

    Arguments as in `stop_event`; a gap beyond the trigger fills at the open, which is better.
    """
    return _trigger_event(path, position, here, trigger, signed_lots < 0)


def _trigger_event(
    path: Path, position: float, here: float, trigger: float, rising: bool
) -> tuple[float, float]:
    if is_at(here, trigger, rising):
        return position, here
    touched = touch(path, position, trigger, rising)
    return touched, trigger if touched < inf else nan


def trailing_event(
    path: Path,
    position: float,
    here: float,
    signed_lots: int,
    trigger: float,
    distance: float,
    tick_size: float,
) -> tuple[float, float, float]:
    """Where a trailing stop wakes, and where its trigger stands by then.

    The trigger follows the best price seen at a fixed distance, in ticks, and never turns back.

    Args:
        path: Of the bar.
        position: From where the order is at work.
        here: The price there.
        signed_lots: > 0 buys, and trails a falling price.
        trigger: Where it stands at `position`, quote per base unit.
        distance: Quote per base unit.
        tick_size: Quote per base unit.

    Returns:
        Position, price, and the trigger at that position or, where it doesn't wake, at the bar's end.
    """
    buys = signed_lots > 0
    if is_at(here, trigger, buys):
        return position, here, trigger
    trigger = _tightened(trigger, here, distance, tick_size, buys)
    for leg in range(min(int(position), LAST_LEG), LAST_LEG + 1):
        end = path[leg + 1]
        if is_at(end, trigger, buys):
            return max(position, crossing(path, leg, trigger)), trigger, trigger
        trigger = _tightened(trigger, end, distance, tick_size, buys)
    return inf, nan, trigger


def _tightened(trigger: float, price: float, distance: float, tick_size: float, buys: bool) -> float:
    if buys:
        return min(trigger, nearest_tick(price + distance, tick_size))
    return max(trigger, nearest_tick(price - distance, tick_size))


def is_marketable(here: float, signed_lots: int, limit: float) -> bool:
    """Whether a limit order takes liquidity at a price: buying at its limit or below, selling above."""
    return here <= limit if signed_lots > 0 else here >= limit


def resting_event(
    path: Path, position: float, signed_lots: int, limit: float, fills_on_touch: bool
) -> tuple[float, float]:
    """Where a limit order that rests in the book is filled: always at its limit, however far a gap goes.

    Args:
        path: Of the bar.
        position: From where it rests.
        signed_lots: > 0 buys.
        limit: Quote per base unit.
        fills_on_touch: Whether a price that only touches the limit reaches it in the queue; a price that
            goes beyond always does.
    """
    rising = signed_lots < 0
    met = touch(path, position, limit, rising) if fills_on_touch else through(path, position, limit, rising)
    return met, limit if met < inf else nan


_WORD = 4_294_967_296
_FACTOR = 73_244_475


def queue_uniform(seed: int, order_id: int, minute: int) -> float:
    """A number in [0, 1) that belongs to an order in one bar: where it stands in the queue at its price.

    Words of 32 bits, multiplied and shifted; each product stays under 2^63, so compiled integers hold it.

    Args:
        seed: Of the run.
        order_id: Of the order.
        minute: The bar's open time in whole minutes since the epoch.
    """
    word = _mixed(seed % _WORD)
    word = _mixed(word ^ (seed // _WORD % _WORD))
    word = _mixed(word ^ (order_id % _WORD))
    word = _mixed(word ^ (minute % _WORD))
    return word / _WORD


def _mixed(word: int) -> int:
    # An odd constant keeps zero from staying zero.
    word = (word + 2_654_435_769) % _WORD
    word = (word ^ (word >> 16)) * _FACTOR % _WORD
    word = (word ^ (word >> 16)) * _FACTOR % _WORD
    return word ^ (word >> 16)
