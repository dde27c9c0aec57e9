"""What breakers measure: plain functions of the state; None where there is nothing to measure."""

from collections.abc import Sequence

from cockpit.domain.orders import OrderPurpose
from cockpit.trading.agent_state import AgentState
from cockpit.trading.series import EquityWatch
from cockpit.trading.state import ArenaState

MIN_DECISIONS_FOR_RATE = 5
"""An error rate over fewer decisions than this is no rate."""


def drawdown(watch: EquityWatch) -> float | None:
    """Fall from the peak at the last known marks, as a fraction of it."""
    return (watch.guard_peak - watch.equity) / watch.guard_peak if watch.guard_peak > 0 else None


def daily_loss(watch: EquityWatch) -> float | None:
    """Loss since the UTC day began at the last known marks, as a fraction of what there was; ≥ 0."""
    return max(0.0, (watch.day_start - watch.equity) / watch.day_start) if watch.day_start > 0 else None


def error_rate(failures: Sequence[bool]) -> float | None:
    """Failed decisions as a fraction of the latest; None over fewer than `MIN_DECISIONS_FOR_RATE`."""
    return sum(failures) / len(failures) if len(failures) >= MIN_DECISIONS_FOR_RATE else None


def arena_error_rate(state: ArenaState) -> float | None:
    """The same over the latest decisions of all agents."""
    return error_rate([failed for agent in state.agents.values() for failed in agent.recent_failures])


def costs(costs_today: int, watch: EquityWatch) -> float | None:
    """Fees, slippage and funding of the UTC day, as a fraction of the equity it began with; ≥ 0."""
    return max(0.0, costs_today / watch.day_start) if watch.day_start > 0 else None


def arena_costs(state: ArenaState) -> float | None:
    """The same of all agents together."""
    return costs(sum(agent.costs_today for agent in state.agents.values()), state.watch)


def stale_ms(state: ArenaState) -> float | None:
    """Market time since any instrument had a bar, or since the run began; None before any run."""
    if state.run is None:
        return None
    return float(state.ts_ms - max(state.fresh_ms.values(), default=state.run.start_ms))


def blind_ms(agent: AgentState, state: ArenaState) -> float | None:
    """Market time since the last bar of the held symbol that has gone longest without; None when flat.

    A symbol that never had a bar is counted from when the position was opened.
    """
    ages = (
        state.ts_ms - state.fresh_ms.get(symbol, position.opened_ms)
        for symbol, position in agent.account.positions.items()
    )
    oldest = max(ages, default=None)
    return None if oldest is None else float(oldest)


def missing_stop_ms(agent: AgentState, state: ArenaState) -> float | None:
    """Market time since a position lost its stop, of the one longest without; None where none is.

    The state notes it with each bar; a stop that has come to work since then counts at once.
    """
    if not agent.unguarded_ms:
        return None
    guarded = {order.symbol for order in agent.working.values() if order.purpose is OrderPurpose.STOP}
    since_ms = [
        since
        for symbol, since in agent.unguarded_ms.items()
        if symbol in agent.account.positions and symbol not in guarded
    ]
    return float(state.ts_ms - min(since_ms)) if since_ms else None


def feed_age_ms(state: ArenaState) -> float | None:
    """Real time since a live feed last spoke; None on markets without one."""
    return None if state.feed_age_ms is None else float(state.feed_age_ms)


def clock_skew_ms(state: ArenaState) -> float | None:
    """How far the venue's clock and ours are apart, either way; None on markets without a live feed."""
    return None if state.clock_skew_ms is None else float(abs(state.clock_skew_ms))
