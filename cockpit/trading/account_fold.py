"""How fills, trades, funding and losses change the accounts in the arena's state."""

from collections.abc import Callable
from typing import Any

from cockpit.domain.accounts import Account, Position, Trade
from cockpit.domain.events import (
    AccountSynced,
    Event,
    FundingPaid,
    OrderFilled,
    ShortfallCovered,
    TradeClosed,
)
from cockpit.domain.market import Micros
from cockpit.domain.orders import Fill, Order, OrderPurpose, OrderStatus
from cockpit.trading.accounting import apply_fill, apply_funding, notional_micros
from cockpit.trading.agent_state import RECENT_TRADE_IDS, RECENT_TRADES, AgentState, ClosedTrade, Excursion
from cockpit.trading.fold_checks import FoldError, agent_of, expect_id, instruments_of
from cockpit.trading.lifecycle import TERMINAL, check_transition, status_after_fill
from cockpit.trading.mind_fold import forget_thesis
from cockpit.trading.order_fold import changed, remember_gone
from cockpit.trading.state import ArenaState


def _order_filled(state: ArenaState, event: OrderFilled, ts_ms: int) -> None:
    fill = event.fill
    agent = agent_of(state, fill.agent)
    order = _order_of(agent, fill)
    expect_id("fill", fill.fill_id, state.next_fill_id)
    filled_order = _filled(order, fill)
    instrument = instruments_of(state).get(fill.symbol)
    if instrument is None:
        raise FoldError(f"{fill.symbol} is not traded in this run")
    outcome = apply_fill(agent.account, fill, instrument, order.purpose, order.decision_id)
    if outcome.realized != event.realized:
        raise FoldError(f"fill {fill.fill_id} realized {outcome.realized}, the journal says {event.realized}")
    is_entry = _opens_an_entry(agent, order)
    _keep(agent, filled_order)
    _add_to_parent(agent, order, fill.signed_lots)
    _watch_prices(agent, fill, outcome.account.positions.get(fill.symbol), state.marks.get(fill.symbol))
    agent.account = outcome.account
    agent.revision += 1
    agent.fills += 1
    agent.realized = Micros(agent.realized + event.realized)
    agent.fees = Micros(agent.fees + fill.fee_micros)
    agent.slippage = Micros(agent.slippage + fill.slippage)
    agent.costs_today = Micros(agent.costs_today + fill.fee_micros + fill.slippage)
    agent.turnover = Micros(agent.turnover + event.notional)
    _remember_trade_id(agent, fill)
    if is_entry:
        agent.entries_today += 1
        state.entries_today += 1
    state.next_fill_id = fill.fill_id + 1
    state.emergency_idle_steps = 0


def _opens_an_entry(agent: AgentState, order: Order) -> bool:
    """Whether a fill is the first of an order that opens or enlarges; shares of one order count once."""
    if order.purpose is not OrderPurpose.REBALANCE or order.reduce_only or order.filled_lots:
        return False
    parent = None if order.parent_id is None else agent.working.get(order.parent_id)
    return parent is None or not parent.filled_lots


def _order_of(agent: AgentState, fill: Fill) -> Order:
    order = agent.working.get(fill.order_id) or agent.gone.get(fill.order_id)
    if order is None:
        raise FoldError(f"{fill.agent} has no working order {fill.order_id}")
    if fill.trade_id and agent.has_counted(fill.trade_id):
        raise FoldError(f"execution {fill.trade_id} counts already")
    return order


def _filled(order: Order, fill: Fill) -> Order:
    if fill.symbol != order.symbol or fill.signed_lots * order.signed_lots <= 0:
        raise FoldError(f"fill {fill.fill_id} is not of what order {order.order_id} asks for")
    if order.is_split:
        raise FoldError(f"order {order.order_id} is the sum of its children, which alone are filled")
    filled = order.filled_lots + fill.signed_lots
    if abs(filled) > abs(order.signed_lots):
        raise FoldError(f"fill {fill.fill_id} takes order {order.order_id} past its {order.signed_lots} lots")
    after = status_after_fill(order.status, is_complete=filled == order.signed_lots)
    check_transition(order.order_id, order.status, after)
    resume = None if order.resume_status is None else OrderStatus.PARTIALLY_FILLED
    return changed(order, status=after, cancel_ms=order.cancel_ms, resume_status=resume, filled_lots=filled)


def _keep(agent: AgentState, order: Order) -> None:
    if order.status not in TERMINAL:
        agent.working[order.order_id] = order
        return
    agent.working.pop(order.order_id, None)
    if order.status is OrderStatus.FILLED:
        agent.gone.pop(order.order_id, None)
        agent.older_trade_ids.pop(order.order_id, None)
    else:
        remember_gone(agent, order)


def _add_to_parent(agent: AgentState, order: Order, signed_lots: int) -> None:
    if order.parent_id is None:
        return
    orders = agent.working if order.parent_id in agent.working else agent.gone
    parent = orders.get(order.parent_id)
    if parent is not None and parent.is_split:
        orders[parent.order_id] = changed(
            parent,
            status=parent.status,
            cancel_ms=None,
            resume_status=None,
            filled_lots=parent.filled_lots + signed_lots,
        )


def _watch_prices(agent: AgentState, fill: Fill, after: Position | None, mark: float | None) -> None:
    before = agent.account.positions.get(fill.symbol)
    if after is None or before is None or before.signed_lots * after.signed_lots < 0:
        agent.excursions.pop(fill.symbol, None)
        agent.unguarded_ms.pop(fill.symbol, None)
    if after is not None and fill.symbol not in agent.excursions:
        agent.excursions[fill.symbol] = Excursion(lowest=fill.price, highest=fill.price)
    if mark is not None:
        agent.worst_fill_today = max(agent.worst_fill_today, abs(fill.price / mark - 1.0))


def _remember_trade_id(agent: AgentState, fill: Fill) -> None:
    if not fill.trade_id:
        return
    agent.trade_ids[fill.trade_id] = fill.order_id
    if len(agent.trade_ids) > RECENT_TRADE_IDS:
        oldest = next(iter(agent.trade_ids))
        order_id = agent.trade_ids.pop(oldest)
        if order_id in agent.working or order_id in agent.gone:
            agent.older_trade_ids.setdefault(order_id, []).append(oldest)


def _trade_closed(state: ArenaState, event: TradeClosed, ts_ms: int) -> None:
    agent = agent_of(state, event.trade.agent)
    pnl = event.trade.pnl
    agent.trades += 1
    if pnl > 0:
        agent.wins += 1
        agent.consecutive_losses = 0
        agent.gross_profit = Micros(agent.gross_profit + pnl)
    else:
        agent.consecutive_losses = agent.consecutive_losses + 1 if pnl < 0 else 0
        agent.gross_loss = Micros(agent.gross_loss + pnl)
    agent.best_trade = pnl if agent.best_trade is None else max(agent.best_trade, pnl)
    agent.worst_trade = pnl if agent.worst_trade is None else min(agent.worst_trade, pnl)
    forget_thesis(agent, event.trade.symbol)
    agent.closed_trades.append(_brief(state, event.trade))
    if len(agent.closed_trades) > RECENT_TRADES:
        del agent.closed_trades[0]


def _brief(state: ArenaState, trade: Trade) -> ClosedTrade:
    lot_size = instruments_of(state)[trade.symbol].lot_size
    invested = abs(notional_micros(trade.signed_lots, lot_size, trade.entry_price))
    return ClosedTrade(
        symbol=trade.symbol,
        closed_ms=trade.closed_ms,
        pnl=trade.pnl,
        return_fraction=trade.pnl / invested if invested else 0.0,
        exit_purpose=trade.exit_purpose,
        is_long=trade.signed_lots > 0,
    )


def _funding_paid(state: ArenaState, event: FundingPaid, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    if event.symbol not in agent.account.positions:
        raise FoldError(f"{event.agent} has no position in {event.symbol} to pay funding for")
    agent.account = apply_funding(agent.account, event.symbol, event.paid)
    agent.revision += 1
    agent.funding = Micros(agent.funding + event.paid)
    agent.costs_today = Micros(agent.costs_today + event.paid)
    agent.watch.mark(Micros(agent.watch.equity - event.paid), new_day=False)
    state.watch.mark(Micros(state.watch.equity - event.paid), new_day=False)


def _shortfall_covered(state: ArenaState, event: ShortfallCovered, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    account = agent.account
    if event.amount <= 0:
        raise FoldError(f"a loss of {event.amount} is none that a venue could bear for {event.agent}")
    cash = Micros(account.cash + event.amount)
    agent.account = Account(agent=account.agent, cash=cash, positions=account.positions)
    agent.covered = Micros(agent.covered + event.amount)
    agent.revision += 1
    if cash <= 0 and not account.positions:
        agent.closed = "bankrupt"


def _account_synced(state: ArenaState, event: AccountSynced, ts_ms: int) -> None:
    agent_of(state, event.agent).unsynced = ""


ACCOUNT_FOLDS: dict[type[Event], Callable[[ArenaState, Any, int], None]] = {
    OrderFilled: _order_filled,
    TradeClosed: _trade_closed,
    FundingPaid: _funding_paid,
    ShortfallCovered: _shortfall_covered,
    AccountSynced: _account_synced,
}
"""Event type → what it does to the state, given market time; each checks everything, then changes."""
