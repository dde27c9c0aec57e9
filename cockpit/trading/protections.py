"""Protections: after what went wrong, an agent opens no positions for a while.

Names, parameters and meaning are those of freqtrade's protections, with four decisions of our own:

- `MaxDrawdown` is measured on equity, open positions included, not on the profits of closed trades.
- A lock's end is a function of what caused it: the close of the newest trade that counts, or the
  moment of the deepest equity, plus the duration. So the same trades never lock twice. As in freqtrade,
  a trade counts as long as it lies in the lookback, also if it has caused a lock before.
- With `only_per_side`, `LowProfitPairs` counts trades of that side alone: a side that has not traded
  can't have disappointed.
- A global `StoplossGuard` sets no locks per pair beside its own, which hold them already.

As in freqtrade a lock ends with the candle after its duration is over: a trade that closed at a
candle's open and one that closed within it are locked out for the same candles.

Source: freqtrade documentation, "Protections".
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cockpit.domain.events import EntriesLocked
from cockpit.domain.formats import duration
from cockpit.domain.orders import OrderPurpose
from cockpit.domain.safety_events import side_word
from cockpit.trading.agent_state import AgentState, ClosedTrade, EntryLock
from cockpit.trading.state import ArenaState

STOPPED_OUT = frozenset({OrderPurpose.STOP.value, OrderPurpose.LIQUIDATION.value})
"""What counts as a stop: stops, trailing ones among them, and liquidations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoplossGuard:
    """Locks entries after too many stops.

    Attributes:
        lookback_ms: How far back stops count.
        trade_limit: So many stops are too many.
        stop_ms: How long entries are locked after the newest of them.
        required_profit: Only stops that returned less than this fraction count.
        only_per_pair: Count and lock each pair by itself, rather than all together.
        only_per_side: Count and lock longs and shorts by themselves.
    """

    lookback_ms: int
    trade_limit: int
    stop_ms: int
    required_profit: float = 0.0
    only_per_pair: bool = False
    only_per_side: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxDrawdown:
    """Locks all entries after a fall of equity.

    Attributes:
        lookback_ms: How far back the peak may lie.
        trade_limit: Fewer closed trades than this in the lookback prove nothing.
        max_allowed_drawdown: A fall by more than this fraction of the peak is too much.
        stop_ms: How long entries are locked after the deepest moment.
    """

    lookback_ms: int
    trade_limit: int
    max_allowed_drawdown: float
    stop_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CooldownPeriod:
    """Locks a pair after each trade in it.

    Attributes:
        stop_ms: How long.
    """

    stop_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LowProfitPairs:
    """Locks a pair that does not earn enough.

    Attributes:
        lookback_ms: How far back trades count.
        trade_limit: Fewer trades than this prove nothing.
        required_profit: What their returns have to sum up to at least, as a fraction.
        stop_ms: How long the pair is locked after the newest of them.
        only_per_side: Count and lock longs and shorts by themselves.
    """

    lookback_ms: int
    trade_limit: int
    required_profit: float
    stop_ms: int
    only_per_side: bool = False


Protection = StoplossGuard | MaxDrawdown | CooldownPeriod | LowProfitPairs

PROTECTION_DOCS = {
    "StoplossGuard": "locks entries after `trade_limit` stops within the lookback",
    "MaxDrawdown": "locks entries after equity fell by more than `max_allowed_drawdown` within the lookback",
    "CooldownPeriod": "locks a pair after each trade in it",
    "LowProfitPairs": "locks a pair whose trades within the lookback returned less than `required_profit`",
}
"""What each does, on one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cause:
    """Why a lock is due; it lasts from `since_ms` on, on one symbol or all, for one side or both."""

    since_ms: int
    reason: str
    symbol: str | None = None
    is_long: bool | None = None


def locks_due(state: ArenaState, protections: Sequence[Protection]) -> Iterator[EntriesLocked]:
    """The locks that have to be set now, each agent's in start-list order; to be asked after every bar.

    A lock is due unless one of the same protection and side, on the same symbol or on all, lasts as long
    already.
    """
    for name, agent in state.agents.items() if protections else ():
        held = list(agent.locks)
        for protection in protections:
            for lock in _locks(state, protection, agent):
                if lock.until_ms > state.ts_ms and not any(_outlasts(other, lock) for other in held):
                    held.append(lock)
                    yield EntriesLocked(
                        agent=name,
                        symbol=lock.symbol,
                        protection=lock.protection,
                        reason=lock.reason,
                        until_ms=lock.until_ms,
                        is_long=lock.is_long,
                    )


def is_locked_out(locks: Iterable[EntryLock], symbol: str, signed_lots: int, now_ms: int) -> EntryLock | None:
    """The lock that keeps an entry of `signed_lots` out of `symbol` now; None where it may go ahead."""
    for lock in locks:
        covers = lock.symbol in (None, symbol) and lock.is_long in (None, signed_lots > 0)
        if covers and now_ms < lock.until_ms:
            return lock
    return None


def _outlasts(lock: EntryLock, other: EntryLock) -> bool:
    return (
        (lock.protection, lock.is_long) == (other.protection, other.is_long)
        and lock.symbol in (None, other.symbol)
        and lock.until_ms >= other.until_ms
    )


def _locks(state: ArenaState, protection: Protection, agent: AgentState) -> Iterator[EntryLock]:
    start_ms, candle_ms = state.agreement.start_ms, state.agreement.market_interval_ms
    for cause in _causes(protection, agent, state.ts_ms):
        candles = (cause.since_ms + protection.stop_ms - start_ms) // candle_ms + 1
        yield EntryLock(
            symbol=cause.symbol,
            protection=type(protection).__name__,
            reason=cause.reason,
            until_ms=start_ms + candles * candle_ms,
            is_long=cause.is_long,
        )


def _causes(protection: Protection, agent: AgentState, now_ms: int) -> Iterator[_Cause]:
    match protection:
        case StoplossGuard():
            return _too_many_stops(protection, agent, now_ms)
        case MaxDrawdown():
            return _too_deep(protection, agent, now_ms)
        case CooldownPeriod():
            return _just_traded(protection, agent)
        case LowProfitPairs():
            return _too_poor(protection, agent, now_ms)


def _too_many_stops(guard: StoplossGuard, agent: AgentState, now_ms: int) -> Iterator[_Cause]:
    stops = [
        trade
        for trade in _closed_within(agent, now_ms, guard.lookback_ms)
        if trade.exit_purpose in STOPPED_OUT and trade.return_fraction < guard.required_profit
    ]
    for symbol in _symbols(stops) if guard.only_per_pair else (None,):
        for is_long in _sides(guard.only_per_side):
            counted = _of(stops, symbol, is_long)
            if len(counted) >= guard.trade_limit:
                yield _Cause(
                    since_ms=max(trade.closed_ms for trade in counted),
                    symbol=symbol,
                    is_long=is_long,
                    reason=(
                        f"{len(counted)} stops{_where(symbol, is_long)} within {duration(guard.lookback_ms)} "
                        f"returned less than {guard.required_profit:.1%}; {guard.trade_limit} are too many"
                    ),
                )


def _too_deep(guard: MaxDrawdown, agent: AgentState, now_ms: int) -> Iterator[_Cause]:
    if len(_closed_within(agent, now_ms, guard.lookback_ms)) < guard.trade_limit:
        return
    deepest, since_ms = _deepest_fall(_equity_within(agent, now_ms, guard.lookback_ms))
    if deepest > guard.max_allowed_drawdown:
        yield _Cause(
            since_ms=since_ms,
            reason=(
                f"equity fell by {deepest:.1%} within {duration(guard.lookback_ms)}; "
                f"{guard.max_allowed_drawdown:.1%} is allowed"
            ),
        )


def _just_traded(guard: CooldownPeriod, agent: AgentState) -> Iterator[_Cause]:
    newest = {trade.symbol: trade.closed_ms for trade in agent.closed_trades}
    for symbol, closed_ms in newest.items():
        reason = f"a trade in {symbol} closed; the next waits for {duration(guard.stop_ms)}"
        yield _Cause(since_ms=closed_ms, symbol=symbol, reason=reason)


def _too_poor(guard: LowProfitPairs, agent: AgentState, now_ms: int) -> Iterator[_Cause]:
    trades = _closed_within(agent, now_ms, guard.lookback_ms)
    for symbol in _symbols(trades):
        for is_long in _sides(guard.only_per_side):
            counted = _of(trades, symbol, is_long)
            earned = sum(trade.return_fraction for trade in counted)
            if len(counted) >= guard.trade_limit and earned < guard.required_profit:
                yield _Cause(
                    since_ms=max(trade.closed_ms for trade in counted),
                    symbol=symbol,
                    is_long=is_long,
                    reason=(
                        f"{len(counted)} trades{_where(symbol, is_long)} within "
                        f"{duration(guard.lookback_ms)} returned {earned:.1%} together; "
                        f"{guard.required_profit:.1%} is required"
                    ),
                )


def _closed_within(agent: AgentState, now_ms: int, lookback_ms: int) -> list[ClosedTrade]:
    """A trade that closed at a candle's open belongs to that candle: n candles back are n candles."""
    return [trade for trade in agent.closed_trades if trade.closed_ms >= now_ms - lookback_ms]


def _of(trades: Iterable[ClosedTrade], symbol: str | None, is_long: bool | None) -> list[ClosedTrade]:
    return [
        trade
        for trade in trades
        if symbol in (None, trade.symbol) and (is_long is None or trade.is_long in (None, is_long))
    ]


def _symbols(trades: Iterable[ClosedTrade]) -> Iterable[str]:
    return dict.fromkeys(trade.symbol for trade in trades)


def _sides(only_per_side: bool) -> tuple[bool | None, ...]:
    return (True, False) if only_per_side else (None,)


def _where(symbol: str | None, is_long: bool | None) -> str:
    side = "" if is_long is None else f" {side_word(is_long)}"
    return f"{side} in {symbol}" if symbol else side


def _equity_within(agent: AgentState, now_ms: int, lookback_ms: int) -> list[tuple[int, int]]:
    """(UTC milliseconds, equity) since the lookback began, and now.

    The curve is thinned as a run grows long, so the last point before counts too: a peak between two
    points may be missed, one is never forgotten for lying just outside.
    """
    points = agent.curve.points
    first = max(0, bisect_right(points, now_ms - lookback_ms, key=lambda point: point[0]) - 1)
    return [*points[first:], (now_ms, agent.watch.equity)]


def _deepest_fall(points: Iterable[tuple[int, int]]) -> tuple[float, int]:
    """The largest fall from a peak as a fraction of it, and when it was first that deep."""
    peak, deepest, since_ms = 0, 0.0, 0
    for ts_ms, equity in points:
        if equity >= peak:
            peak = equity
        elif peak > 0 and (fall := (peak - equity) / peak) > deepest:
            deepest, since_ms = fall, ts_ms
    return deepest, since_ms
