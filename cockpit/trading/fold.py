"""The fold: how each event changes the arena's state."""

from collections.abc import Callable
from typing import Any, cast

from cockpit.domain.accounts import Account
from cockpit.domain.events import (
    ARENA,
    CapitalAllocated,
    Event,
    FeedMeasured,
    MarketAdvanced,
    PauseSet,
    Recorded,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
)
from cockpit.domain.market import LEDGER_BOUND, Instrument, Micros
from cockpit.domain.orders import OrderPurpose
from cockpit.trading.account_fold import ACCOUNT_FOLDS
from cockpit.trading.accounting import notional_micros
from cockpit.trading.agent_state import AgentState, BreakerState
from cockpit.trading.alerts import ALERTING, raise_alert
from cockpit.trading.allocation import allocate
from cockpit.trading.fold_checks import FoldError, agent_of, instruments_of
from cockpit.trading.mind_fold import MIND_FOLDS
from cockpit.trading.order_fold import ORDER_FOLDS
from cockpit.trading.safety_fold import SAFETY_FOLDS
from cockpit.trading.state import ArenaState, utc_day

__all__ = ["FoldError", "apply"]


def apply(state: ArenaState, recorded: Recorded) -> None:
    """Changes `state` by one event; the events of a journal in order give the arena's state.

    Whatever it raises, the state is as it was.

    Raises:
        FoldError: If the event contradicts the state.
        IllegalTransition: If it moves an order against the table.
        AllocationError: If it gives away capital that is not there.
        LedgerOverflow: If an amount would pass the ledger's bound.
    """
    seq, ts_ms, run_id, event = recorded
    fold = _FOLDS.get(type(event))
    if fold is not None:
        fold(state, event, ts_ms)
    state.seq = seq
    state.ts_ms = ts_ms
    state.run_id = run_id
    if type(event) in ALERTING:
        raise_alert(state, recorded)


def _run_started(state: ArenaState, event: RunStarted, ts_ms: int) -> None:
    names = [contestant.name for contestant in event.contestants]
    if len({ARENA, *names}) != len(names) + 1:
        raise FoldError(f"contestants need names of their own, none of them {ARENA}: {', '.join(names)}")
    fresh = ArenaState(run=event, treasury=event.capital_in)
    fresh.ts_ms = fresh.round_ms = fresh.marked_ms = event.start_ms
    for name in ArenaState.__slots__:
        setattr(state, name, getattr(fresh, name))
    state.breakers = {name: BreakerState(limit=limit) for name, limit in event.arena_limits.items()}
    for contestant in event.contestants:
        state.agents[contestant.name] = AgentState(
            account=Account(agent=contestant.name),
            breakers={
                name: BreakerState(limit=limit)
                for name, limit in (event.agent_limits | contestant.limits).items()
            },
        )


def _run_finished(state: ArenaState, event: RunFinished, ts_ms: int) -> None:
    state.finished = event.reason


def _capital_allocated(state: ArenaState, event: CapitalAllocated, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    state.treasury = allocate(state.treasury, event.amount)
    agent.capital = Micros(agent.capital + event.amount)
    agent.revision += 1
    account = agent.account
    agent.account = Account(
        agent=account.agent, cash=Micros(account.cash + event.amount), positions=account.positions
    )
    agent.watch.begin(agent.watch.equity + event.amount)
    agent.last_round_equity = agent.watch.equity
    state.watch.begin(sum(each.watch.equity for each in state.agents.values()))


def _market_advanced(state: ArenaState, event: MarketAdvanced, ts_ms: int) -> None:
    by_symbol = instruments_of(state)
    marked = _marked(by_symbol, event)
    marks = state.marks | marked
    worth = {symbol: (by_symbol[symbol].lot_size, mark) for symbol, mark in marks.items()}
    bars = _extremes(by_symbol, event)
    since_ms = state.marked_ms
    new_day = utc_day(ts_ms) != utc_day(since_ms)
    total = 0
    for agent in state.agents.values():
        equity = _equity(agent, worth, bars, since_ms)
        agent.watch.mark(equity, new_day)
        total += equity
    state.watch.mark(Micros(total), new_day)
    state.marks = marks
    state.marked_ms = ts_ms
    if state.emergency is not None:
        state.emergency_steps += 1
        state.emergency_idle_steps += 1
    for symbol, mark in marked.items():
        state.first_marks.setdefault(symbol, mark)
    for symbol, is_fresh in zip(by_symbol, event.fresh, strict=True):
        if is_fresh:
            state.fresh_ms[symbol] = ts_ms
    _note_unguarded(state, since_ms)
    if new_day:
        _begin_day(state)


def _extremes(by_symbol: dict[str, Instrument], event: MarketAdvanced) -> dict[str, tuple[float, float]]:
    lows, highs = event.lows or event.marks, event.highs or event.marks
    return {
        symbol: (low, high)
        for symbol, low, high in zip(by_symbol, lows, highs, strict=True)
        if low is not None and high is not None
    }


def _equity(
    agent: AgentState,
    worth: dict[str, tuple[float, float]],
    bars: dict[str, tuple[float, float]],
    since_ms: int,
) -> Micros:
    """Cash and unrealized profit at new marks; on the way, how far the price went is noted.

    One pass does both, since replays do this a million times.

    Args:
        agent: Whose.
        worth: Lot size and mark by symbol.
        bars: Lowest and highest price by symbol.
        since_ms: When the bars opened: of one in which a position was opened, nobody knows what came
            before and what after.
    """
    account, excursions = agent.account, agent.excursions
    equity: int = account.cash
    for symbol, position in account.positions.items():
        lot_size, mark = worth[symbol]
        equity += notional_micros(position.signed_lots, lot_size, mark) - position.cost
        if symbol in bars and position.opened_ms <= since_ms:
            low, high = bars[symbol]
            excursion = excursions[symbol]
            if low < excursion.lowest:  # noqa: PLR1730 - min() is slow
                excursion.lowest = low
            if high > excursion.highest:  # noqa: PLR1730
                excursion.highest = high
    return cast(Micros, equity)


def _note_unguarded(state: ArenaState, since_ms: int) -> None:
    for agent in state.agents.values():
        missing = agent.breakers.get("missing_stop")
        if missing is None or missing.limit is None:
            continue
        guarded = {order.symbol for order in agent.working.values() if order.purpose is OrderPurpose.STOP}
        for symbol in agent.account.positions:
            if symbol in guarded:
                agent.unguarded_ms.pop(symbol, None)
            else:
                agent.unguarded_ms.setdefault(symbol, since_ms)


def _begin_day(state: ArenaState) -> None:
    state.entries_today = 0
    for agent in state.agents.values():
        agent.entries_today = 0
        agent.costs_today = Micros(0)
        agent.worst_fill_today = 0.0


def _marked(by_symbol: dict[str, Instrument], event: MarketAdvanced) -> dict[str, float]:
    if not len(by_symbol) == len(event.marks) == len(event.fresh):
        counts = f"{len(event.marks)} marks, {len(event.fresh)} of them told fresh or not"
        raise FoldError(f"{counts}, for {len(by_symbol)} instruments")
    for prices in (event.lows, event.highs):
        if prices and len(prices) != len(by_symbol):
            raise FoldError(f"{len(prices)} extremes of bars, for {len(by_symbol)} instruments")
    marked = {}
    for symbol, mark in zip(by_symbol, event.marks, strict=True):
        if mark is None:
            continue
        if not 0 < mark < LEDGER_BOUND:
            raise FoldError(f"{symbol} can't be marked at {mark}")
        marked[symbol] = mark
    return marked


def _round_opened(state: ArenaState, event: RoundOpened, ts_ms: int) -> None:
    state.round = event.round
    state.round_ms = ts_ms
    state.view_hash = event.view_hash


def _round_closed(state: ArenaState, event: RoundClosed, ts_ms: int) -> None:
    if len(event.equities) != len(state.agents):
        raise FoldError(
            f"round {event.round} closed with {len(event.equities)} equities of {len(state.agents)} agents"
        )
    state.rounds_closed += 1
    for agent, equity in zip(state.agents.values(), event.equities, strict=True):
        before = agent.last_round_equity
        if before is not None and before > 0:
            agent.returns.add(equity / before - 1)
        agent.last_round_equity = equity
        agent.curve.add(ts_ms, equity)


def _feed_measured(state: ArenaState, event: FeedMeasured, ts_ms: int) -> None:
    state.feed_age_ms = event.age_ms
    state.clock_skew_ms = event.skew_ms


def _pause_set(state: ArenaState, event: PauseSet, ts_ms: int) -> None:
    state.paused = event.on


_FOLDS: dict[type[Event], Callable[[ArenaState, Any, int], None]] = {
    RunStarted: _run_started,
    RunFinished: _run_finished,
    CapitalAllocated: _capital_allocated,
    MarketAdvanced: _market_advanced,
    RoundOpened: _round_opened,
    RoundClosed: _round_closed,
    FeedMeasured: _feed_measured,
    PauseSet: _pause_set,
    **MIND_FOLDS,
    **ORDER_FOLDS,
    **ACCOUNT_FOLDS,
    **SAFETY_FOLDS,
}
