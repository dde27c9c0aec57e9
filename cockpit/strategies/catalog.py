"""Every strategy by name: a new one gets its line here."""

from cockpit.strategies.bollinger_reversion import BollingerReversion
from cockpit.strategies.buy_and_hold import BuyAndHold
from cockpit.strategies.cash import Cash
from cockpit.strategies.donchian_breakout import DonchianBreakout
from cockpit.strategies.ema_cross import EmaCross
from cockpit.strategies.liquidity_sweep import LiquiditySweep
from cockpit.strategies.macd_trend import MacdTrend
from cockpit.strategies.momentum_rank import MomentumRank
from cockpit.strategies.random_control import RandomControl
from cockpit.strategies.rsi_reversion import RsiReversion
from cockpit.strategies.strategy import Strategy, StrategyError
from cockpit.strategies.vwap_reversion import VwapReversion

STRATEGIES: dict[str, type[Strategy]] = {
    strategy.name: strategy
    for strategy in (
        LiquiditySweep,
        EmaCross,
        DonchianBreakout,
        RsiReversion,
        BollingerReversion,
        MacdTrend,
        VwapReversion,
        MomentumRank,
        BuyAndHold,
        Cash,
        RandomControl,
    )
}


def strategy_named(name: str) -> type[Strategy]:
    """The strategy of that name.

    Raises:
        StrategyError: If there is none; the message lists those there are.
    """
    if name not in STRATEGIES:
        raise StrategyError(f"there is no strategy {name}; there are {', '.join(STRATEGIES)}")
    return STRATEGIES[name]
