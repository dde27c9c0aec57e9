"""At what price an order fills inside one bar.

Plain Python over floats and ints. A bar tells no path, so whatever it leaves open is answered
against the trader: a stop is looked at before a target, and slippage always costs.
"""

from math import nan


def slipped_price(price: float, signed_lots: int, slippage_fraction: float) -> float:
    """The price a taker gets: higher for a buyer, lower for a seller.

    Args:
        price: Quote per base unit, before slippage.
        signed_lots: > 0 buys.
        slippage_fraction: Of the price; ≥ 0.
    """
    if signed_lots > 0:
        return price * (1.0 + slippage_fraction)
    return price * (1.0 - slippage_fraction)


def stop_price(signed_lots: int, trigger: float, bar_open: float, bar_high: float, bar_low: float) -> float:
    """Where a stop order (buying above the market, selling below it) trades in a bar, or NaN if it doesn't.

    A bar that opens beyond the trigger fills at its open: a gap is not filled at the trigger.
    """
    if signed_lots > 0:
        if bar_open >= trigger:
            return bar_open
        return trigger if bar_high >= trigger else nan
    if bar_open <= trigger:
        return bar_open
    return trigger if bar_low <= trigger else nan


def target_price(signed_lots: int, trigger: float, bar_open: float, bar_high: float, bar_low: float) -> float:
    """Where a take-profit order (selling above the market, buying below it) trades in a bar, or NaN."""
    if signed_lots > 0:
        if bar_open <= trigger:
            return bar_open
        return trigger if bar_low <= trigger else nan
    if bar_open >= trigger:
        return bar_open
    return trigger if bar_high >= trigger else nan
