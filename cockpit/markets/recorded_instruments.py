"""The instrument behind recorded candles: rules from settings, the rest from the recording's decimals."""

from collections.abc import Mapping

from cockpit.domain.market import MICROS_PER_UNIT, Instrument, Micros
from cockpit.markets.recorded import MOST_VOLUME_DECIMALS, Recording
from cockpit.markets.rules import (
    DOLLAR_MIN_NOTIONAL,
    DOLLARS,
    MAKER_FEE_RATE,
    PERPETUAL_LEVERAGE,
    SPOT_LEVERAGE,
    TAKER_FEE_RATE,
    InstrumentRules,
)

_OPEN = InstrumentRules()


def recorded_instrument(
    symbol: str, recording: Recording, rules: Mapping[str, InstrumentRules]
) -> tuple[Instrument, list[str]]:
    """The instrument of a recording, and what a person should know of how its rules were found.

    Args:
        symbol: Unified.
        recording: Its candles.
        rules: From settings, by unified symbol or base. What they leave open: the tick is the last
            decimal of the prices, the lot that of the volumes (finer where one such lot were worth more
            than the smallest order); fees, leverage and smallest order are usual ones. Recordings bring
            no funding.
    """
    base, _, quoted = symbol.partition("/")
    quote, _, settled = quoted.partition(":")
    given = rules.get(symbol) or rules.get(base) or _OPEN
    usual_notional = DOLLAR_MIN_NOTIONAL if quote in DOLLARS else Micros(0)
    min_notional = usual_notional if given.min_notional is None else given.min_notional
    tick_size = _or(given.tick_size, float(f"1e-{recording.price_decimals}"))
    lot_size = _or(given.lot_size, _lot_size(recording, min_notional))
    instrument = Instrument(
        symbol=symbol,
        base=base,
        quote=quote,
        tick_size=tick_size,
        lot_size=lot_size,
        min_notional=min_notional,
        maker_fee_rate=_or(given.maker_fee_rate, MAKER_FEE_RATE),
        taker_fee_rate=_or(given.taker_fee_rate, TAKER_FEE_RATE),
        max_leverage=_or(given.max_leverage, PERPETUAL_LEVERAGE if settled else SPOT_LEVERAGE),
    )
    taken = [f"tick {tick_size:.10g}"] if given.tick_size is None else []
    taken += [f"lot {lot_size:.10g}"] if given.lot_size is None else []
    if not taken:
        return instrument, []
    return instrument, [f"{symbol}: {' and '.join(taken)} are taken from the decimals of the recording"]


def _or(given: float | None, found: float) -> float:
    return found if given is None else given


def _lot_size(recording: Recording, min_notional: Micros) -> float:
    decimals = recording.volume_decimals
    worth = recording.close[-1] * MICROS_PER_UNIT
    while min_notional and decimals < MOST_VOLUME_DECIMALS and worth / 10**decimals > min_notional:
        decimals += 1
    return float(f"1e-{decimals}")
