"""The paper venue: fills orders from bars or an order book, never before the next bar's open.

It holds nothing: working orders are part of the arena's state, so a bot that was killed finds them
where it left them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cockpit.domain.market import Bar, Instrument
from cockpit.domain.orders import Order, OrderKind
from cockpit.domain.reports import Accepted, Canceled, Report
from cockpit.trading.agent_state import AgentState
from cockpit.trading.book import Book
from cockpit.trading.fill_model import REALISTIC, FillModel
from cockpit.trading.state import ArenaState
from cockpit.venues.bar_market import BarMarket, assumed_path
from cockpit.venues.glance import Glance
from cockpit.venues.liquidation import MarginWatch
from cockpit.venues.matching import BarMatch
from cockpit.venues.reach import reached


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVenue:
    """Executes against recorded or simulated bars.

    Attributes:
        model: How believable its fills are.
    """

    model: FillModel = REALISTIC
    name: str = "paper"
    mode: str = "paper"

    @property
    def latency_ms(self) -> int:
        """See `Venue`."""
        return self.model.latency_ms

    def submit(self, order: Order) -> Iterator[Report]:
        """See `Venue`: every order is accepted at once."""
        yield Accepted(order_id=order.order_id)

    def cancel(self, order: Order) -> Iterator[Report]:
        """See `Venue`: a request that takes no time is answered at once, another on the way in `reports`."""
        if self.model.latency_ms == 0:
            yield Canceled(order_id=order.order_id, reason="as asked")

    def reports(
        self,
        state: ArenaState,
        bars: Mapping[str, Bar],
        ts_ms: int,
        books: Mapping[str, Book] | None = None,
    ) -> Iterator[Report]:
        """See `Venue`; to be asked before the state knows the bars' closes as its marks.

        Args:
            state: The arena as it is at each moment of the iteration.
            bars: The bars that closed, by symbol; nothing where an instrument had none.
            ts_ms: When they closed, UTC milliseconds.
            books: Order books as they stood at the bars' open, by symbol. Where there is one, market orders
                and marketable limits walk it; everything else is met by the bar.
        """
        instruments = {each.symbol: each for each in state.agreement.instruments}
        for name in list(state.agents):
            yield from self._reports_of(name, state, instruments, bars, ts_ms, books or {})

    def _reports_of(
        self,
        name: str,
        state: ArenaState,
        instruments: Mapping[str, Instrument],
        bars: Mapping[str, Bar],
        ts_ms: int,
        books: Mapping[str, Book],
    ) -> Iterator[Report]:
        agent = state.agents[name]
        glance = Glance.at(agent, instruments, bars, state.marks, self.model.margin_terms)
        for symbol, instrument in instruments.items():
            orders = glance.orders.get(symbol, [])
            bar = bars.get(symbol)
            if bar is None:
                yield from _canceled_without_bar(orders, ts_ms)
                continue
            if glance.is_safe and not reached(orders, bar, ts_ms)[0]:
                continue
            watch = MarginWatch(
                agent=agent,
                name=name,
                instrument=instrument,
                instruments=instruments,
                marks=state.marks,
                terms=self.model.margin_terms,
            )
            market = self._market(state, agent, instrument, bar, ts_ms, books.get(symbol), orders)
            has_reported = False
            for report in BarMatch(state, market, watch).reports(orders):
                has_reported = True
                yield report
            if has_reported:
                glance = Glance.at(agent, instruments, bars, state.marks, self.model.margin_terms)

    def _market(
        self,
        state: ArenaState,
        agent: AgentState,
        instrument: Instrument,
        bar: Bar,
        close_ms: int,
        book: Book | None,
        orders: list[Order],
    ) -> BarMarket:
        symbol = instrument.symbol
        return BarMarket(
            instrument=instrument,
            bar=bar,
            close_ms=close_ms,
            path=assumed_path(bar, self.model.intrabar, lambda: _is_falling_worse(agent, symbol, orders)),
            book=book,
            met_ms=min(state.fresh_ms.get(symbol, bar.open_ms), bar.open_ms),
            model=self.model,
        )


def _canceled_without_bar(orders: list[Order], ts_ms: int) -> Iterator[Report]:
    for order in orders:
        if order.cancel_ms is not None and order.cancel_ms <= ts_ms:
            yield Canceled(order_id=order.order_id, reason="as asked")


def _is_falling_worse(agent: AgentState, symbol: str, orders: list[Order]) -> bool:
    """Whether the low of a bar before its high is worse for an agent than the other way round.

    It is for a long position, held or about to be bought at once. Where a position is still to be entered
    inside the bar it is the other way: having bought on its way, the price should not rise any more.
    """
    position = agent.account.positions.get(symbol)
    held = position.signed_lots if position else 0
    entries = [order for order in orders if not order.reduce_only]
    soon = held + sum(order.open_lots for order in entries if order.kind is OrderKind.MARKET)
    return soon > 0 or (soon == 0 and sum(order.open_lots for order in entries) <= 0)
