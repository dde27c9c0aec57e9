"""What an execution and funding do to an account, as events."""

from collections.abc import Mapping

from cockpit.arena.recorder import Recorder
from cockpit.domain.events import FundingPaid, OrderFilled, ShortfallCovered, TradeClosed
from cockpit.domain.market import Micros
from cockpit.domain.orders import Fill, Order
from cockpit.domain.reports import Executed, Report
from cockpit.trading.accounting import apply_fill, funding_micros, notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.state import ArenaState


def owner_of(state: ArenaState, order_id: int) -> str | None:
    """Whose order it is, if it still works or is remembered; None otherwise."""
    for name, agent in state.agents.items():
        if order_id in agent.working or order_id in agent.gone:
            return name
    return None


def known_executions(state: ArenaState, report: Report, agent: AgentState | None) -> tuple[str, ...]:
    """The venue's id of the execution that a report repeats; empty where it is news, or about none.

    Args:
        state: The arena as it is.
        report: What the venue says.
        agent: Whose order it is about; None where the order is forgotten, and anybody's it may have been.
    """
    if not isinstance(report, Executed):
        return ()
    accounts = state.agents.values() if agent is None else (agent,)
    return (report.trade_id,) if any(each.has_counted(report.trade_id) for each in accounts) else ()


def record_execution(recorder: Recorder, order: Order, report: Executed) -> None:
    """Records a fill, the trade it closes, and the loss that the account could not bear.

    Args:
        recorder: Where events go.
        order: The one that is filled, as it stands.
        report: What the venue said, found true.
    """
    state = recorder.draft
    agent = state.agents[order.agent]
    fill = Fill(
        fill_id=state.next_fill_id,
        order_id=order.order_id,
        agent=order.agent,
        symbol=order.symbol,
        ts_ms=report.ts_ms,
        signed_lots=report.signed_lots,
        price=report.price,
        fee_micros=report.fee,
        liquidity=report.liquidity,
        trade_id=report.trade_id,
        slippage=report.slippage,
    )
    instrument = state.instrument(order.symbol)
    excursion = agent.excursions.get(order.symbol)
    seen = None if excursion is None else (excursion.lowest, excursion.highest)
    outcome = apply_fill(agent.account, fill, instrument, order.purpose, order.decision_id, seen)
    notional = abs(notional_micros(fill.signed_lots, instrument.lot_size, fill.price))
    recorder.emit(OrderFilled(fill=fill, notional=Micros(notional), realized=outcome.realized))
    if outcome.trade is not None:
        recorder.emit(TradeClosed(trade=outcome.trade))
    account = agent.account
    if not account.positions and account.cash < 0:
        recorder.emit(ShortfallCovered(agent=order.agent, amount=Micros(-account.cash)))


def settle_funding(recorder: Recorder, rates: Mapping[str, float]) -> None:
    """Settles funding of all positions at the mark price.

    Args:
        recorder: Where events go.
        rates: Symbol → fraction of notional that longs pay.
    """
    state = recorder.draft
    for name, agent in state.agents.items():
        for position in list(agent.account.positions.values()):
            rate = rates.get(position.symbol, 0.0)
            lot_size = state.instrument(position.symbol).lot_size
            paid = Micros(funding_micros(position.signed_lots, lot_size, state.marks[position.symbol], rate))
            if paid:
                recorder.emit(FundingPaid(agent=name, symbol=position.symbol, rate=rate, paid=paid))
