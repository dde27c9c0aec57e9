"""Who leads when everything is paid for: models too, and against what buy & hold would have earned.

P&L is in the run's quote currency, fees, funding and slippage counted, and what models cost is in US dollars.
The two are set off against each other only where the quote currency is the dollar, or a coin that stands for
one and is counted at par.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

from cockpit.arena.model_figures import MindRecord, ModelFigures, model_figures
from cockpit.domain.events import RunStarted
from cockpit.domain.market import Micros
from cockpit.domain.ranks import ranks_of
from cockpit.strategies.buy_and_hold import BuyAndHold

DOLLARS = frozenset({"USD", "USDC", "USDT", "USDE", "USDP", "FDUSD", "PYUSD", "TUSD", "BUSD", "DAI"})
"""Quote currencies that are counted as US dollars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What an agent earned over a stretch of market time, and what it did to decide.

    Attributes:
        name: Whose.
        base: What it began with, micro-units.
        pnl: Of the stretch: fees, funding and slippage counted, models not.
        mind: What it did to decide; None where it asks no models.
        is_ranked: Whether it has a place among others.
    """

    name: str
    base: int
    pnl: int
    mind: MindRecord | None = None
    is_ranked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NetStanding:
    """What is left of it. Undefined is None.

    Attributes:
        alpha: P&L above that of buy & hold with the same capital over the same time, micro-units.
        net_pnl: P&L less what its models cost, micro-units; None where that cost is unknown or other money.
        net_rank: By net P&L per unit it began with, from 1 among those who have one; equals share a rank.
        models: What its models did and cost; None where it asked none.
    """

    alpha: Micros | None
    net_pnl: Micros | None
    net_rank: int | None
    models: ModelFigures | None


def net_standings(
    earned: Sequence[Earned],
    run: RunStarted,
    first_marks: Mapping[str, float] | None,
    last_marks: Mapping[str, float],
) -> dict[str, NetStanding]:
    """The net standing of every agent, by name; for the arguments see `buy_and_hold_return`."""
    growth = buy_and_hold_return(earned, run, first_marks, last_marks)
    unranked = {each.name: net_standing(each, run, growth) for each in earned}
    ranks = _ranks(earned, unranked)
    return {name: replace(standing, net_rank=ranks.get(name)) for name, standing in unranked.items()}


def buy_and_hold_return(
    earned: Sequence[Earned],
    run: RunStarted,
    first_marks: Mapping[str, float] | None,
    last_marks: Mapping[str, float],
) -> float | None:
    """What buy & hold returned over a stretch of market time, as a fraction; None where nobody knows.

    That is the control agent of that name where it is on the start list, with its fees and fills. Otherwise
    it is what equal shares of all instruments would have given, without fees.

    Args:
        earned: Of every agent of the run.
        run: For the start list and the instruments.
        first_marks: Mark price by symbol when the stretch began; None where nobody knows.
        last_marks: Mark price by symbol when it ended.
    """
    growth = _control_growth(earned, run)
    if growth is None and first_marks is not None:
        return _market_growth(run, first_marks, last_marks)
    return growth


def net_standing(each: Earned, run: RunStarted, growth: float | None) -> NetStanding:
    """The net standing of one agent, or of all together, without a rank.

    Args:
        each: What was earned.
        run: For the quote currency and the interval of rounds.
        growth: What buy & hold returned over the same time.
    """
    is_dollars = run.quote.upper() in DOLLARS
    alpha = None if growth is None else Micros(each.pnl - round(each.base * growth))
    if each.mind is None:
        return NetStanding(alpha=alpha, net_pnl=Micros(each.pnl), net_rank=None, models=None)
    models = model_figures(each.mind, run.round_interval_ms, alpha if is_dollars else None)
    is_known = is_dollars and models.cost is not None
    return NetStanding(
        alpha=alpha,
        net_pnl=Micros(each.pnl - models.priced_cost) if is_known else None,
        net_rank=None,
        models=models,
    )


def _control_growth(earned: Sequence[Earned], run: RunStarted) -> float | None:
    """The return of buy & hold's own agent; None where it does not compete, or had nothing."""
    controls = {each.name for each in run.contestants if each.is_control and each.name == BuyAndHold.name}
    for each in earned:
        if each.name in controls and each.base > 0:
            return each.pnl / each.base
    return None


def _market_growth(
    run: RunStarted, first_marks: Mapping[str, float], last_marks: Mapping[str, float]
) -> float | None:
    """The mean return of the instruments that had a price; None where none had."""
    growths = [
        last_marks[each.symbol] / first_marks[each.symbol] - 1
        for each in run.instruments
        if each.symbol in last_marks and first_marks.get(each.symbol, 0.0) > 0
    ]
    return fsum(growths) / len(growths) if growths else None


def _ranks(earned: Sequence[Earned], standings: Mapping[str, NetStanding]) -> dict[str, int]:
    returns = {
        each.name: net / each.base
        for each in earned
        if each.is_ranked and (net := standings[each.name].net_pnl) is not None and each.base > 0
    }
    return ranks_of(returns)
