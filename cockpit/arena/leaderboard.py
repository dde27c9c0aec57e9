"""Who leads: one row per agent, ranked by return."""

from dataclasses import dataclass

from cockpit.domain.market import Micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.metrics import sharpe_from
from cockpit.trading.series import RunningMoments
from cockpit.trading.state import ArenaState

_MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardRow:
    """One agent's standing.

    Attributes:
        rank: From 1; agents with the same equity share a rank.
        agent: Name.
        kind: Kind of agent.
        return_fraction: Profit as a fraction of the capital it was given; None before it has any.
        equity: Micro-units.
        pnl: Equity − capital, micro-units.
        trades: Round trips.
        win_rate: Fraction of round trips with a profit; None before the first.
        errors: Failed decisions.
        cost: Spent on models, micro-units; None for agents that ask none.
        max_drawdown: Fraction of the peak.
        sharpe: Of returns from round to round, annualised over a 365-day year; None below 20 rounds.
        benched: Whether one of its breakers keeps it from trading.
        equities: Its equity curve, micro-units, oldest first.
    """

    rank: int
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
    equities: tuple[int, ...]

    @property
    def medal(self) -> str:
        """For the first three, if they earned anything; empty otherwise."""
        return _MEDALS.get(self.rank, "") if self.pnl > 0 else ""


def leaderboard(state: ArenaState) -> list[LeaderboardRow]:
    """The rows of all agents, best first; equals stand in start-list order."""
    if state.run is None:
        return []
    kinds = {contestant.name: contestant.kind for contestant in state.run.contestants}
    ordered = sorted(state.agents.items(), key=lambda item: -item[1].watch.equity)
    rows: list[LeaderboardRow] = []
    for place, (name, agent) in enumerate(ordered, start=1):
        tied = rows and rows[-1].equity == agent.watch.equity
        rank = rows[-1].rank if tied else place
        rows.append(_row(rank, name, kinds[name], agent, state.run.round_interval_ms))
    return rows


def sharpe_of(returns: RunningMoments, interval_ms: int) -> float | None:
    """Annualised Sharpe ratio of returns per interval, over a riskless rate of zero.

    Source: W. F. Sharpe (1994), The Sharpe Ratio; annualised by the square root of time.
    """
    return sharpe_from(returns.count, returns.mean, returns.deviation, interval_ms)


def _row(rank: int, name: str, kind: str, agent: AgentState, interval_ms: int) -> LeaderboardRow:
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
        cost=None,
        max_drawdown=agent.watch.max_drawdown,
        sharpe=sharpe_of(agent.returns, interval_ms),
        benched=agent.benched,
        equities=tuple(equity for _, equity in agent.curve.points),
    )
