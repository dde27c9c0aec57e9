"""Who leads: one row per agent, ranked by return."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from cockpit.arena.model_figures import MindRecord, ModelFigures, mind_record
from cockpit.arena.net_standings import Earned, NetStanding, net_standings
from cockpit.domain.market import Micros
from cockpit.domain.ranks import rank_words, ranks_of
from cockpit.trading.agent_state import AgentState
from cockpit.trading.metrics import sharpe_from
from cockpit.trading.series import RunningMoments
from cockpit.trading.state import ArenaState

_MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardRow:
    """One agent's standing.

    Attributes:
        rank: From 1; agents with the same equity share a rank. None for one that can't take part and never
            decided: that it lost nothing is no merit.
        agent: Name.
        kind: Kind of agent.
        return_fraction: Profit as a fraction of the capital it was given; None before it has any.
        equity: Micro-units.
        pnl: Equity − capital, micro-units.
        trades: Round trips.
        win_rate: Fraction of round trips with a profit; None before the first.
        errors: Failed decisions.
        cost: Spent on models, micro-dollars; None for agents that ask none, and where the price of a call is
            unknown (`models` then says what is known).
        max_drawdown: Fraction of the peak.
        sharpe: Of returns from round to round, annualised over a 365-day year; None below 20 rounds.
        benched: Whether one of its breakers keeps it from trading.
        grounded: Why it can't take part, and what is to be done about it; empty: it can.
        equities: Its equity curve, micro-units, oldest first.
        fees: Paid, micro-units.
        best_trade: Profit of the best round trip, micro-units; None before the first.
        worst_trade: Profit of the worst; None before the first.
        alpha: P&L above buy & hold with the same capital, micro-units; None where that is unknown.
        net_pnl: P&L less what its models cost; None where that is unknown, or other money than the quote.
        net_rank: By net return, from 1; None where net P&L is.
        models: What its models did and cost; None for agents that ask none.
    """

    rank: int | None
    agent: str
    kind: str
    return_fraction: float | None
    equity: Micros
    pnl: Micros
    trades: int
    win_rate: float | None
    errors: int
    cost: Micros | None
    max_drawdown: float
    sharpe: float | None
    benched: bool
    grounded: str
    equities: tuple[int, ...]
    fees: Micros
    best_trade: Micros | None
    worst_trade: Micros | None
    alpha: Micros | None
    net_pnl: Micros | None
    net_rank: int | None
    models: ModelFigures | None

    @property
    def name(self) -> str:
        """The agent, by the word other tables have for it."""
        return self.agent

    @property
    def biggest_win(self) -> Micros | None:
        """Profit of the best round trip; None where none won."""
        return self.best_trade if self.best_trade is not None and self.best_trade > 0 else None

    @property
    def biggest_loss(self) -> Micros | None:
        """Profit of the worst round trip; None where none lost."""
        return self.worst_trade if self.worst_trade is not None and self.worst_trade < 0 else None

    @property
    def medal(self) -> str:
        """For the first three, if they earned anything; empty otherwise."""
        return _MEDALS.get(self.rank, "") if self.rank is not None and self.pnl > 0 else ""

    @property
    def place(self) -> str:
        """The medal, else the rank, for people; ``–`` where there is none."""
        return self.medal or rank_words(self.rank)


def asks_models(state: ArenaState) -> bool:
    """Whether any agent has asked a model so far."""
    return any(agent.model_use.calls for agent in state.agents.values())


def leaderboard(state: ArenaState, minds: Mapping[str, MindRecord] | None = None) -> list[LeaderboardRow]:
    """The rows of all agents, best first, those without a rank last; equals stand in start-list order.

    Args:
        state: The arena.
        minds: What each agent did to decide, by name, where more is known of that than the state keeps.
    """
    if state.run is None:
        return []
    kinds = {contestant.name: contestant.kind for contestant in state.run.contestants}
    nets = _net_standings(state, minds or {})
    ranks = ranks_of({name: each.watch.equity for name, each in state.agents.items() if each.is_ranked})
    ordered = sorted(state.agents, key=lambda name: ranks.get(name, inf))
    interval_ms = state.run.round_interval_ms
    return [
        _row(ranks.get(name), name, kinds[name], state.agents[name], nets[name], interval_ms)
        for name in ordered
    ]


def _net_standings(state: ArenaState, minds: Mapping[str, MindRecord]) -> dict[str, NetStanding]:
    earned = [
        Earned(
            name=name,
            base=agent.capital,
            pnl=agent.watch.equity - agent.capital,
            mind=minds.get(name) or mind_record(agent) if agent.model_use.calls else None,
            is_ranked=agent.is_ranked,
        )
        for name, agent in state.agents.items()
    ]
    return net_standings(earned, state.agreement, state.first_marks, state.marks)


def sharpe_of(returns: RunningMoments, interval_ms: int) -> float | None:
    """Annualised Sharpe ratio of returns per interval, over a riskless rate of zero.

    Source: W. F. Sharpe (1994), The Sharpe Ratio; annualised by the square root of time.
    """
    return sharpe_from(returns.count, returns.mean, returns.deviation, interval_ms)


def _row(
    rank: int | None, name: str, kind: str, agent: AgentState, net: NetStanding, interval_ms: int
) -> LeaderboardRow:
    pnl = agent.watch.equity - agent.capital
    return LeaderboardRow(
        rank=rank,
        agent=name,
        kind=kind,
        return_fraction=pnl / agent.capital if agent.capital else None,
        equity=agent.watch.equity,
        pnl=Micros(pnl),
        trades=agent.trades,
        win_rate=agent.wins / agent.trades if agent.trades else None,
        errors=agent.failures,
        cost=None if net.models is None else net.models.cost,
        max_drawdown=agent.watch.max_drawdown,
        sharpe=sharpe_of(agent.returns, interval_ms),
        benched=agent.benched,
        grounded=agent.grounded,
        equities=tuple(equity for _, equity in agent.curve.points),
        fees=agent.fees,
        best_trade=agent.best_trade,
        worst_trade=agent.worst_trade,
        alpha=net.alpha,
        net_pnl=net.net_pnl,
        net_rank=net.net_rank,
        models=net.models,
    )
