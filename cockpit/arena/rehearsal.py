"""What would become of a decision's orders now, without one of them being placed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NoReturn

from cockpit.agents.agent import MarketView
from cockpit.arena.acting import act_on
from cockpit.arena.blotter import Blotter
from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.recorder import Recorder
from cockpit.domain.decisions import Decision
from cockpit.domain.events import Event, OrderCreated, OrderMoved
from cockpit.domain.formats import price
from cockpit.domain.market import Instrument, Lots
from cockpit.domain.orders import Order, OrderStatus
from cockpit.trading.allocation import Sizing
from cockpit.trading.fill_model import REALISTIC
from cockpit.trading.state import ArenaState, branch_for
from cockpit.venues.paper import PaperVenue


def rehearse(
    decision: Decision, view: MarketView, state: ArenaState, desk: OrderDesk, sizing: Sizing
) -> tuple[str, ...]:
    """The orders that a decision would make now and what would become of each, a line each.

    It is acted upon in a branch of the arena, where orders go to a paper venue: nothing is left of it.

    Args:
        decision: Checked.
        view: What it was made on.
        state: The arena as it is.
        desk: Whose limits and order styles count.
        sizing: From targets to sizes.
    """
    stage = Recorder(sink=_Nowhere(), committed=ArenaState(ts_ms=state.ts_ms), monotonic=float)
    stage.draft = branch_for(state, decision.agent)
    venue = PaperVenue(model=replace(REALISTIC, latency_ms=desk.venue.latency_ms))
    copy = OrderDesk(blotter=Blotter(recorder=stage), venue=venue, limits=desk.limits, styles=desk.styles)
    act_on(decision, view, stage, copy, sizing)
    instruments = {each.symbol: each for each in state.agreement.instruments}
    return tuple(_lines(stage.pending, instruments))


class _Nowhere:
    """Where events of a rehearsal would go, were they ever committed."""

    async def commit(self, run_id: str, ts_ms: int, events: Sequence[Event]) -> NoReturn:
        raise AssertionError("a rehearsal is never committed")


def _lines(events: Sequence[Event], instruments: dict[str, Instrument]) -> Iterator[str]:
    made = [each.order for each in events if isinstance(each, OrderCreated)]
    ends = {each.order_id: each for each in events if isinstance(each, OrderMoved)}
    for order in made:
        if order.strategy is None or order.is_split:
            yield f"{_words(order, instruments[order.symbol])}: {_fate(ends.get(order.order_id))}"


def _words(order: Order, instrument: Instrument) -> str:
    quantity = instrument.quantity(Lots(abs(order.signed_lots)))
    if order.trigger_price is not None:
        where = f"{order.kind.replace('_', ' ')} at {price(order.trigger_price)}"
    elif order.limit_price is not None:
        where = f"limit {price(order.limit_price)}"
    else:
        where = "at the market"
    closing = ", only to reduce" if order.reduce_only else ""
    return f"{order.side} {quantity:.10g} {order.symbol} {where}{closing}"


def _fate(last: OrderMoved | None) -> str:
    if last is not None and last.after in {OrderStatus.DENIED, OrderStatus.HELD}:
        return f"{last.after}: {last.reason}"
    return "passes"
