"""What the simulated market trades, and how each coin behaves."""

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.domain.market import HOUR_MS, Instrument
from cockpit.markets.market import MarketError
from cockpit.markets.rules import DOLLAR_MIN_NOTIONAL, MAKER_FEE_RATE, TAKER_FEE_RATE

QUOTE = "USDC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """A simulated perpetual.

    Attributes:
        instrument: What venues need to know.
        anchor_price: Where its price began, and what it is weakly drawn to; quote per base unit.
        beta: Its move for a move of the market factor.
        own_volatility: Standard deviation of its own part of a daily return, a fraction.
        daily_turnover: Traded on an average day, quote units.
    """

    instrument: Instrument
    anchor_price: float
    beta: float
    own_volatility: float
    daily_turnover: float


def _coin(
    base: str,
    *,
    tick_size: float,
    lot_size: float,
    max_leverage: float,
    anchor_price: float,
    beta: float,
    own_volatility: float,
    daily_turnover: float,
) -> Coin:
    instrument = Instrument(
        symbol=f"{base}/{QUOTE}:{QUOTE}",
        base=base,
        quote=QUOTE,
        tick_size=tick_size,
        lot_size=lot_size,
        min_notional=DOLLAR_MIN_NOTIONAL,
        maker_fee_rate=MAKER_FEE_RATE,
        taker_fee_rate=TAKER_FEE_RATE,
        max_leverage=max_leverage,
        funding_interval_ms=HOUR_MS,
    )
    return Coin(
        instrument=instrument,
        anchor_price=anchor_price,
        beta=beta,
        own_volatility=own_volatility,
        daily_turnover=daily_turnover,
    )


COINS = (
    _coin(
        "BTC",
        tick_size=1.0,
        lot_size=0.00001,
        max_leverage=50.0,
        anchor_price=94_000.0,
        beta=1.0,
        own_volatility=0.010,
        daily_turnover=3.0e9,
    ),
    _coin(
        "ETH",
        tick_size=0.1,
        lot_size=0.0001,
        max_leverage=50.0,
        anchor_price=3_350.0,
        beta=1.2,
        own_volatility=0.017,
        daily_turnover=2.0e9,
    ),
    _coin(
        "SOL",
        tick_size=0.01,
        lot_size=0.01,
        max_leverage=20.0,
        anchor_price=192.0,
        beta=1.35,
        own_volatility=0.025,
        daily_turnover=7.0e8,
    ),
    _coin(
        "BNB",
        tick_size=0.01,
        lot_size=0.001,
        max_leverage=10.0,
        anchor_price=690.0,
        beta=0.8,
        own_volatility=0.014,
        daily_turnover=6.0e7,
    ),
    _coin(
        "DOGE",
        tick_size=0.00001,
        lot_size=1.0,
        max_leverage=10.0,
        anchor_price=0.32,
        beta=1.35,
        own_volatility=0.032,
        daily_turnover=2.0e8,
    ),
    _coin(
        "XRP",
        tick_size=0.0001,
        lot_size=1.0,
        max_leverage=20.0,
        anchor_price=2.1,
        beta=1.0,
        own_volatility=0.028,
        daily_turnover=3.0e8,
    ),
)
"""Rules as venues with hourly funding set them, sizes of early 2025."""


def coins_named(symbols: Sequence[str] | None) -> tuple[Coin, ...]:
    """The coins asked for, in the order asked; all of them for None.

    Args:
        symbols: Unified symbols (``BTC/USDC:USDC``) or bases (``BTC``).

    Raises:
        MarketError: If one is unknown or named twice, or none is named.
    """
    if symbols is None:
        return COINS
    known = {coin.instrument.symbol: coin for coin in COINS} | {coin.instrument.base: coin for coin in COINS}
    unknown = [symbol for symbol in symbols if symbol not in known]
    if unknown:
        names = ", ".join(coin.instrument.symbol for coin in COINS)
        raise MarketError(f"the simulated market has no {unknown[0]}; it has {names}")
    coins = tuple(known[symbol] for symbol in symbols)
    if not coins or len(set(coins)) < len(coins):
        raise MarketError("name each symbol of the simulated market once, and at least one")
    return coins
