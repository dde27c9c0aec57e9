"""A desk with its recorder and journal, to be given orders, words and bars."""

import asyncio

from cockpit.arena.blotter import Blotter
from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.recorder import Recorder
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    CapitalAllocated,
    DecisionMade,
    MarketAdvanced,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
)
from cockpit.domain.market import MINUTE_MS, Bar, Lots
from cockpit.domain.orders import OrderIntent, OrderKind
from cockpit.trading.allocation import Sizing, intents_for
from cockpit.trading.fill_model import FillModel, Intrabar
from cockpit.trading.guards import PROTECTIVE
from cockpit.trading.order_style import OrderStyle
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState
from cockpit.venues.paper import PaperVenue
from tests.arena.memory_journal import MemoryJournal
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, run_started

PLAIN = FillModel(
    half_spread_fraction=0.0,
    impact_coefficient=0.0,
    participation=None,
    latency_ms=0,
    intrabar=Intrabar.WORST,
    leverage=20.0,
)
"""Fills at the price that stands, whatever the size: what a test says of prices, it gets."""

STYLE = OrderStyle()
LIMITS = RiskLimits(max_gross_leverage=10.0)
LISTED = {BTC.symbol: BTC, ETH.symbol: ETH}
SIZING = Sizing(leverage=2.0, rebalance_band=0.1)


class Floor:
    """A desk with its recorder and journal; each step gives it bars and tells it what became of the market.

    Attributes:
        now_ms: Market time.
        prices: The last closes by symbol.
    """

    def __init__(self, model=PLAIN, limits=LIMITS, style=STYLE, venue=None, **run):
        self.journal = MemoryJournal()
        self.recorder = Recorder(sink=self.journal, committed=ArenaState(), monotonic=lambda: 0.0)
        names = ("ann", "bob")
        self.desk = OrderDesk(
            blotter=Blotter(recorder=self.recorder),
            venue=venue or PaperVenue(model=model),
            limits=dict.fromkeys(names, limits),
            styles=dict.fromkeys(names, style),
        )
        self.now_ms = self.recorder.now_ms = START_MS
        self.recorder.emit(run_started(**run), run_id="run-1")
        for name in names:
            self.recorder.emit(CapitalAllocated(agent=name, amount=CAPITAL))
        self.prices = {BTC.symbol: 50_000.0, ETH.symbol: 2_000.0}
        self.recorder.emit(MarketAdvanced(marks=tuple(self.prices.values()), fresh=(True, True)))
        self.commit()

    @property
    def state(self):
        return self.recorder.draft

    def agent(self, name="ann"):
        return self.state.agents[name]

    def lots(self, name="ann", symbol=BTC.symbol):
        position = self.agent(name).account.positions.get(symbol)
        return position.signed_lots if position else 0

    def commit(self):
        asyncio.run(self.recorder.commit())

    def step(self, btc=None, eth=None, volume=1_000_000.0):
        """One minute: bars of (open, high, low, close), or None where a symbol had none."""
        bars = {
            symbol: Bar(self.now_ms, *prices, volume=volume)
            for symbol, prices in ((BTC.symbol, btc), (ETH.symbol, eth))
            if prices is not None
        }
        self.now_ms = self.recorder.now_ms = self.now_ms + MINUTE_MS
        self.desk.fill(bars)
        self.prices |= {symbol: bar.close for symbol, bar in bars.items()}
        fresh = tuple(symbol in bars for symbol in LISTED)
        lows = tuple(bars[symbol].low if symbol in bars else None for symbol in LISTED)
        highs = tuple(bars[symbol].high if symbol in bars else None for symbol in LISTED)
        marks = tuple(self.prices.values())
        self.recorder.emit(MarketAdvanced(marks=marks, fresh=fresh, lows=lows, highs=highs))
        self.commit()

    def place(self, lots, agent="ann", symbol=BTC.symbol, **changes):
        given = {"kind": OrderKind.MARKET} | changes
        self.desk.place(OrderIntent(agent=agent, symbol=symbol, signed_lots=Lots(lots), **given))
        return self.state.next_order_id - 1

    def decide(self, exposure, agent="ann", symbol=BTC.symbol, stop=None, take_profit=None):
        """What a round does with an answer: its orders are placed and its positions guarded anew."""
        target = Target(symbol=symbol, exposure=exposure, stop=stop, take_profit=take_profit)
        decision_id = self.state.next_decision_id
        self.recorder.emit(
            DecisionMade(decision_id=decision_id, agent=agent, round=1, confidence=None, targets=(target,))
        )
        self.desk.supersede(agent, symbol)
        mine = self.agent(agent)
        for intent in intents_for(
            mine.account,
            mine.watch.equity,
            (target,),
            LISTED,
            self.state.marks,
            SIZING,
            self.desk.styles[agent],
            decision_id,
        ):
            self.desk.place(intent)
        self.desk.protect(agent, symbol)

    def events(self, *types):
        self.commit()
        return self.journal.events(*types)

    def story(self, order_id):
        """The statuses an order went through, as the journal tells them."""
        told = []
        for event in self.events(OrderCreated, OrderMoved, OrderAmended, OrderFilled):
            match event:
                case OrderCreated(order=order) if order.order_id == order_id:
                    told.append("created")
                case OrderMoved(order_id=moved, after=after) if moved == order_id:
                    told.append(str(after))
                case OrderAmended(order_id=amended) if amended == order_id:
                    told.append(f"amended to {event.signed_lots:+d} @ {event.trigger_price:g}")
                case OrderFilled(fill=fill) if fill.order_id == order_id:
                    told.append(f"fill {fill.signed_lots:+d} @ {fill.price:g}")
        return told

    def fills(self):
        return [
            (event.fill.agent, event.fill.signed_lots, event.fill.price) for event in self.events(OrderFilled)
        ]

    def guards(self, agent="ann"):
        return sorted(
            (str(order.purpose), order.signed_lots, order.trigger_price)
            for order in self.agent(agent).working.values()
            if order.purpose in PROTECTIVE
        )
