"""The arena's state in the words and units of the control API."""

from collections.abc import Iterator, Sequence

from cockpit.arena.leaderboard import LeaderboardRow
from cockpit.daemon.api_models import BreakerLine, Breakers, Leaderboard, LeaderboardLine, PositionLine
from cockpit.domain.accounts import Position
from cockpit.domain.events import ARENA
from cockpit.domain.formats import time_of
from cockpit.domain.market import MICROS_PER_UNIT, MINUTE_MS, Lots
from cockpit.domain.orders import OrderPurpose, Side
from cockpit.trading.accounting import entry_price, notional_micros, unrealized_micros
from cockpit.trading.agent_state import AgentState, BreakerState
from cockpit.trading.breakers import arena_value
from cockpit.trading.state import ArenaState

_PERCENT = (100.0, "percent")
_UNITS: dict[str, tuple[float, str]] = {
    "drawdown": _PERCENT,
    "daily_loss": _PERCENT,
    "errors": _PERCENT,
    "stale_data": (1 / MINUTE_MS, "minutes"),
}
"""Breaker → what its figures are multiplied by, and the unit they then have; the others count."""


def leaderboard_answer(state: ArenaState, window: str, rows: Sequence[LeaderboardRow]) -> Leaderboard:
    """The leaderboard over a window."""
    return Leaderboard(
        run_id=state.run_id,
        window=window,
        quote=None if state.run is None else state.run.quote,
        ts_ms=state.ts_ms,
        time=time_of(state.ts_ms),
        rows=[_leaderboard_line(row) for row in rows],
    )


def positions_answer(state: ArenaState) -> list[PositionLine]:
    """The open positions of all agents."""
    return [
        _position_line(state, name, agent, position)
        for name, agent in state.agents.items()
        for position in agent.account.positions.values()
    ]


def breakers_answer(state: ArenaState) -> Breakers:
    """Every breaker, the arena's first."""
    return Breakers(killed=state.killed, killed_by=state.killed_by, breakers=list(_breaker_lines(state)))


def _breaker_lines(state: ArenaState) -> Iterator[BreakerLine]:
    for name, breaker in state.breakers.items():
        yield _breaker_line(ARENA, name, breaker, value_of(ARENA, name, state))
    for scope, agent in state.agents.items():
        for name, breaker in agent.breakers.items():
            yield _breaker_line(scope, name, breaker, value_of(scope, name, state))


def _breaker_line(scope: str, name: str, breaker: BreakerState, value: float | None) -> BreakerLine:
    factor, unit = _UNITS.get(name, (1.0, "count"))
    return BreakerLine(
        scope=scope,
        breaker=name,
        status=breaker.status.value,
        value=_times(value, factor),
        limit=_times(breaker.limit, factor),
        unit=unit,
        reason=breaker.reason,
        stopped=breaker.stopped,
        tripped_time=_time_or_none(breaker.tripped_ms),
        until_time=_time_or_none(breaker.until_ms),
        trips=breaker.trips,
    )


def _leaderboard_line(row: LeaderboardRow) -> LeaderboardLine:
    return LeaderboardLine(
        rank=row.rank,
        agent=row.agent,
        kind=row.kind,
        return_percent=_times(row.return_fraction, 100),
        equity=row.equity / MICROS_PER_UNIT,
        pnl=row.pnl / MICROS_PER_UNIT,
        trades=row.trades,
        win_rate_percent=_times(row.win_rate, 100),
        errors=row.errors,
        cost=None if row.cost is None else row.cost / MICROS_PER_UNIT,
        max_drawdown_percent=row.max_drawdown * 100,
        sharpe=row.sharpe,
        benched=row.benched,
        equities=[equity / MICROS_PER_UNIT for equity in row.equities],
    )


def _position_line(state: ArenaState, name: str, agent: AgentState, position: Position) -> PositionLine:
    instrument = state.instrument(position.symbol)
    lots = Lots(abs(position.signed_lots))
    mark = state.marks.get(position.symbol)
    unrealized = None if mark is None else unrealized_micros(position, instrument, mark)
    notional = None if mark is None else notional_micros(lots, instrument.lot_size, mark)
    return PositionLine(
        agent=name,
        symbol=position.symbol,
        side="long" if Side.of(position.signed_lots) is Side.BUY else "short",
        quantity=instrument.quantity(lots),
        entry_price=entry_price(position, instrument),
        mark_price=mark,
        notional=_units(notional),
        unrealized_pnl=_units(unrealized),
        stop=_protection(agent, position.symbol, OrderPurpose.STOP),
        take_profit=_protection(agent, position.symbol, OrderPurpose.TARGET),
        opened_time=time_of(position.opened_ms),
        decision_id=position.decision_id,
    )


def _protection(agent: AgentState, symbol: str, purpose: OrderPurpose) -> float | None:
    orders = (
        order for order in agent.working.values() if order.symbol == symbol and order.purpose is purpose
    )
    return next((order.trigger_price for order in orders), None)


def _units(micros: int | None) -> float | None:
    return None if micros is None else micros / MICROS_PER_UNIT


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _time_or_none(ts_ms: int | None) -> str | None:
    return None if ts_ms is None else time_of(ts_ms)
