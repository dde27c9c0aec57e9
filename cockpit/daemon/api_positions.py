"""Open positions, what stands behind them and what guards them, in the words and units of the control API."""

from math import isnan

from cockpit.daemon.api_models import Answer
from cockpit.daemon.plain_units import times, units
from cockpit.domain.accounts import Position, Trade
from cockpit.domain.formats import time_of
from cockpit.domain.market import MICROS_PER_UNIT, Instrument, Lots
from cockpit.domain.orders import Order, OrderKind, OrderPurpose, OrderStatus, Side
from cockpit.trading.accounting import entry_price, notional_micros, unrealized_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.guards import PROTECTIVE
from cockpit.trading.margin import (
    MarginTerms,
    backing_of,
    initial_margin_micros,
    liquidation_price_of,
    maintenance_margin_micros,
)
from cockpit.trading.state import ArenaState


class GuardLine(Answer):
    """A working order that ends a position: a stop at a loss, a target at a profit."""

    order_id: int
    purpose: OrderPurpose
    kind: OrderKind
    quantity: float
    trigger_price: float | None
    limit_price: float | None
    trail_distance: float | None
    status: OrderStatus


class PositionLine(Answer):
    """An open position.

    Attributes:
        quantity: Unsigned; `side` says which way.
        margin: What it ties up at the mark.
        maintenance_margin: What has to stand behind it, or it is liquidated.
        liquidation_price: The mark at which it is; null where no price gets there.
        realized: Profit of its partial closes, before fees.
        fees: Paid since it was opened.
        funding: Paid since it was opened; negative when received.
        adverse_excursion_percent: The furthest the price went against it so far (MAE), of the entry price.
        favorable_excursion_percent: The furthest it went its way (MFE).
        stop: Where a protective order would end it at a loss.
        take_profit: Where one would end it at a profit.
        guards: All of its protective orders.
    """

    agent: str
    symbol: str
    side: str
    quantity: float
    entry_price: float
    mark_price: float | None
    notional: float | None
    unrealized_pnl: float | None
    margin: float | None
    maintenance_margin: float | None
    liquidation_price: float | None
    realized: float
    fees: float
    funding: float
    adverse_excursion_percent: float | None
    favorable_excursion_percent: float | None
    stop: float | None
    take_profit: float | None
    guards: list[GuardLine]
    opened_time: str
    decision_id: int | None


def positions_answer(state: ArenaState, terms: MarginTerms) -> list[PositionLine]:
    """The open positions of all agents.

    Args:
        state: The arena's.
        terms: What the venue lends on.
    """
    return [
        _line(state, terms, name, agent, position)
        for name, agent in state.agents.items()
        for position in agent.account.positions.values()
    ]


def _line(
    state: ArenaState, terms: MarginTerms, name: str, agent: AgentState, position: Position
) -> PositionLine:
    instrument = state.instrument(position.symbol)
    lots = Lots(abs(position.signed_lots))
    mark = state.marks.get(position.symbol)
    notional = None if mark is None else notional_micros(lots, instrument.lot_size, mark)
    guards = _guards(agent, instrument)
    adverse, favorable = _excursions(agent, position, instrument)
    return PositionLine(
        agent=name,
        symbol=position.symbol,
        side="long" if Side.of(position.signed_lots) is Side.BUY else "short",
        quantity=instrument.quantity(lots),
        entry_price=entry_price(position, instrument),
        mark_price=mark,
        notional=units(notional),
        unrealized_pnl=None if mark is None else units(unrealized_micros(position, instrument, mark)),
        margin=_margin(notional, terms.leverage_on(instrument)),
        maintenance_margin=_maintenance(notional, instrument.max_leverage),
        liquidation_price=_liquidation_price(state, terms, agent, position, instrument),
        realized=position.realized / MICROS_PER_UNIT,
        fees=position.fees / MICROS_PER_UNIT,
        funding=position.funding / MICROS_PER_UNIT,
        adverse_excursion_percent=times(adverse, 100),
        favorable_excursion_percent=times(favorable, 100),
        stop=_trigger(guards, OrderPurpose.STOP),
        take_profit=_trigger(guards, OrderPurpose.TARGET),
        guards=guards,
        opened_time=time_of(position.opened_ms),
        decision_id=position.decision_id,
    )


def _margin(notional: int | None, leverage: float) -> float | None:
    return None if notional is None else units(initial_margin_micros(notional, leverage))


def _maintenance(notional: int | None, max_leverage: float) -> float | None:
    return None if notional is None else units(maintenance_margin_micros(notional, max_leverage))


def _liquidation_price(
    state: ArenaState, terms: MarginTerms, agent: AgentState, position: Position, instrument: Instrument
) -> float | None:
    instruments = {each.symbol: each for each in state.agreement.instruments}
    backing = backing_of(position, agent.account, instruments, state.marks, terms)
    found = liquidation_price_of(position, instrument, backing)
    return None if isnan(found) else found


def _excursions(
    agent: AgentState, position: Position, instrument: Instrument
) -> tuple[float | None, float | None]:
    """MAE and MFE of a position that is still open: those of the trade it would be if it ended now."""
    seen = agent.excursions.get(position.symbol)
    if seen is None:
        return None, None
    entry = entry_price(position, instrument)
    so_far = Trade(
        agent=agent.account.agent,
        symbol=position.symbol,
        signed_lots=position.signed_lots,
        opened_ms=position.opened_ms,
        closed_ms=position.opened_ms,
        entry_price=entry,
        exit_price=entry,
        realized=position.realized,
        fees=position.fees,
        funding=position.funding,
        decision_id=position.decision_id,
        exit_purpose="",
        lowest_price=seen.lowest,
        highest_price=seen.highest,
    )
    return so_far.adverse_excursion, so_far.favorable_excursion


def _guards(agent: AgentState, instrument: Instrument) -> list[GuardLine]:
    return [
        _guard(order, instrument)
        for order in agent.working.values()
        if order.symbol == instrument.symbol and order.purpose in PROTECTIVE
    ]


def _guard(order: Order, instrument: Instrument) -> GuardLine:
    return GuardLine(
        order_id=order.order_id,
        purpose=order.purpose,
        kind=order.kind,
        quantity=instrument.quantity(Lots(abs(order.signed_lots))),
        trigger_price=order.trigger_price,
        limit_price=order.limit_price,
        trail_distance=order.trail_distance,
        status=order.status,
    )


def _trigger(guards: list[GuardLine], purpose: OrderPurpose) -> float | None:
    return next((guard.trigger_price for guard in guards if guard.purpose is purpose), None)
