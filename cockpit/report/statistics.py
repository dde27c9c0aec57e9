"""The figures of a report: one row per agent, and one for the arena."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import fsum, inf
from typing import TypedDict

from cockpit.domain.accounts import Trade
from cockpit.domain.market import Micros
from cockpit.domain.orders import OrderStatus
from cockpit.domain.ranks import ranks_of
from cockpit.report.outcome_notes import OutcomeCounts
from cockpit.report.session import Record, Session
from cockpit.trading.metrics import (
    ConfidenceDistribution,
    cagr,
    calmar,
    confidence_distribution,
    expectancy,
    fraction_of,
    gross_exposure,
    profit_factor,
    sharpe,
    sortino,
    time_in_market,
    win_rate,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What a record comes to; `cockpit/trading/metrics.py` has the definitions. Undefined is None.

    Attributes:
        rank: By return, from 1; equals share a rank. None for the arena, and for an agent that can't take
            part and never decided.
        name: Whose.
        kind: Kind of agent.
        capital: What profit is measured against.
        equity: At the end.
        pnl: Equity − capital: realized and unrealized, after fees and funding.
        return_fraction: P&L ÷ capital.
        trades: Round trips; their P&L counts fees and funding.
        win_rate: Fraction of them.
        profit_factor: Gross profit ÷ gross loss.
        expectancy: Mean P&L of a round trip, micro-units.
        best_trade: P&L.
        worst_trade: P&L.
        max_drawdown: Fraction of the peak, measured at every step of the market.
        max_drawdown_duration_ms: From the peak to the recovery, or to the end.
        sharpe: Of returns from round to round, annualised.
        sortino: The same over the downside deviation.
        cagr: Compound annual growth rate.
        calmar: CAGR ÷ maximum drawdown.
        realized: Profit of all fills before fees and funding; slippage is in it.
        fees: Paid.
        slippage: Lost (> 0) to the prices of fills.
        funding: Paid; negative when received.
        costs: Fees, slippage and funding together.
        fees_fraction: Of turnover.
        slippage_fraction: Of turnover.
        funding_fraction: Of turnover.
        costs_fraction: Of turnover.
        covered: Losses that the venue bore.
        liquidations: Positions closed because their margin was used up.
        wins: Round trips with a profit.
        losses: Round trips with a loss.
        pending: Positions that are open at the end.
        adverse_excursion: Mean over the round trips (MAE), as a fraction of the entry price.
        favorable_excursion: The same the other way (MFE).
        turnover: Sum of the notionals of all fills.
        exposure: Mean gross notional ÷ equity at the ends of rounds.
        time_in_market: Fraction of rounds that ended with a position.
        fills: Executions.
        intents: Orders that its decisions asked for; shares of split ones are not counted again.
        intents_filled: With an execution, if only of a part.
        intents_won: That led into positions which brought a profit.
        intents_lost: Which brought a loss.
        intents_pending: Which are open.
        decisions: Rounds in which it decided.
        errors: Rounds in which it failed to.
        confidence: Distribution over its decisions.
        orders: Created.
        denied: By the risk gate.
        held: By the kill switch.
        trips: Breakers tripped.
        benched: Whether a breaker keeps it from trading at the end.
        cost: Spent on models, micro-dollars; None for agents that ask none, and where the price of a call is
            unknown: `models.statistics` says what is known then.
    """

    rank: int | None
    name: str
    kind: str
    capital: Micros
    equity: Micros
    pnl: Micros
    return_fraction: float | None
    trades: int
    win_rate: float | None
    profit_factor: float | None
    expectancy: float | None
    best_trade: Micros | None
    worst_trade: Micros | None
    max_drawdown: float | None
    max_drawdown_duration_ms: int | None
    sharpe: float | None
    sortino: float | None
    cagr: float | None
    calmar: float | None
    realized: Micros
    fees: Micros
    slippage: Micros
    funding: Micros
    costs: Micros
    fees_fraction: float | None
    slippage_fraction: float | None
    funding_fraction: float | None
    costs_fraction: float | None
    covered: Micros
    liquidations: int
    wins: int
    losses: int
    pending: int
    adverse_excursion: float | None
    favorable_excursion: float | None
    turnover: Micros
    exposure: float | None
    time_in_market: float | None
    fills: int
    intents: int
    intents_filled: int
    intents_won: int
    intents_lost: int
    intents_pending: int
    decisions: int
    errors: int
    confidence: ConfidenceDistribution
    orders: int
    denied: int
    held: int
    trips: int
    benched: bool
    cost: Micros | None

    @property
    def biggest_win(self) -> Micros | None:
        """P&L of the best round trip; None where none won."""
        return self.best_trade if self.best_trade is not None and self.best_trade > 0 else None

    @property
    def biggest_loss(self) -> Micros | None:
        """P&L of the worst round trip; None where none lost."""
        return self.worst_trade if self.worst_trade is not None and self.worst_trade < 0 else None


def statistics_of(record: Record, round_interval_ms: int) -> Statistics:
    """The figures of one record, not ranked."""
    pnl = Micros(record.equity - record.capital)
    costs = Micros(record.fees + record.slippage + record.funding)
    drawdown = record.drawdown
    growth = cagr(record.returns, round_interval_ms)
    return Statistics(
        rank=None,
        name=record.name,
        kind=record.kind,
        capital=record.capital,
        equity=record.equity,
        pnl=pnl,
        return_fraction=fraction_of(pnl, record.capital),
        **_trade_figures(record.trades),
        max_drawdown=drawdown.fraction if drawdown else None,
        max_drawdown_duration_ms=drawdown.duration_ms if drawdown else None,
        sharpe=sharpe(record.returns, round_interval_ms),
        sortino=sortino(record.returns, round_interval_ms),
        cagr=growth,
        calmar=calmar(growth, drawdown.fraction if drawdown else None),
        realized=record.realized,
        fees=record.fees,
        slippage=record.slippage,
        funding=record.funding,
        costs=costs,
        fees_fraction=fraction_of(record.fees, record.turnover),
        slippage_fraction=fraction_of(record.slippage, record.turnover),
        funding_fraction=fraction_of(record.funding, record.turnover),
        costs_fraction=fraction_of(costs, record.turnover),
        covered=record.covered,
        liquidations=record.liquidations,
        pending=len(record.positions),
        turnover=record.turnover,
        exposure=gross_exposure(record.exposures),
        time_in_market=time_in_market(record.exposures),
        fills=record.fills,
        **_intent_figures(record.noted.outcomes),
        decisions=record.decisions,
        errors=sum(record.failures.values()),
        confidence=confidence_distribution(record.confidences),
        orders=record.orders_created,
        denied=record.orders_ended.get(OrderStatus.DENIED, 0),
        held=record.orders_ended.get(OrderStatus.HELD, 0),
        trips=record.trips,
        benched=record.benched,
        cost=None if record.noted.mind is None else record.noted.mind.cost,
    )


class _TradeFigures(TypedDict):
    trades: int
    win_rate: float | None
    profit_factor: float | None
    expectancy: float | None
    best_trade: Micros | None
    worst_trade: Micros | None
    wins: int
    losses: int
    adverse_excursion: float | None
    favorable_excursion: float | None


def _trade_figures(trades: Sequence[Trade]) -> _TradeFigures:
    """What round trips come to; see `Statistics`."""
    pnls = [trade.pnl for trade in trades]
    return {
        "trades": len(pnls),
        "win_rate": win_rate(pnls),
        "profit_factor": profit_factor(pnls),
        "expectancy": expectancy(pnls),
        "best_trade": max(pnls, default=None),
        "worst_trade": min(pnls, default=None),
        "wins": sum(each > 0 for each in pnls),
        "losses": sum(each < 0 for each in pnls),
        "adverse_excursion": _mean(trade.adverse_excursion for trade in trades),
        "favorable_excursion": _mean(trade.favorable_excursion for trade in trades),
    }


class _IntentFigures(TypedDict):
    intents: int
    intents_filled: int
    intents_won: int
    intents_lost: int
    intents_pending: int


def _intent_figures(counts: OutcomeCounts) -> _IntentFigures:
    """What became of the orders that decisions asked for; see `Statistics`."""
    return {
        "intents": counts.intents,
        "intents_filled": counts.filled,
        "intents_won": counts.won,
        "intents_lost": counts.lost,
        "intents_pending": counts.pending,
    }


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) / len(known) if known else None


def ranked(session: Session) -> list[Statistics]:
    """The figures of all agents, best return first, those without a rank last; equals stand in start-list
    order.
    """
    figures = [statistics_of(record, session.run.round_interval_ms) for record in session.agents]
    ranked_names = {record.name for record in session.agents if record.is_ranked}
    ranks = ranks_of({each.name: _merit(each) for each in figures if each.name in ranked_names})
    rows = [replace(each, rank=ranks.get(each.name)) for each in figures]
    return sorted(rows, key=lambda each: ranks.get(each.name, inf))


def arena_statistics(session: Session) -> Statistics:
    """The figures of all agents together."""
    return statistics_of(session.arena, session.run.round_interval_ms)


def _merit(row: Statistics) -> float:
    """What ranks go by: the return; who had nothing to begin with stands behind all who did."""
    return -inf if row.return_fraction is None else row.return_fraction
