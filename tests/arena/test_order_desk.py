"""The desk: intents in, orders and fills out, every position guarded."""

import asyncio
from collections import Counter, defaultdict

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.recorder import Recorder
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    ARENA,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    DecisionMade,
    FundingPaid,
    KillSwitchSet,
    MarketAdvanced,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    TradeClosed,
)
from cockpit.domain.market import MINUTE_MS, Bar, Lots
from cockpit.domain.orders import OrderIntent, OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.accounting import unrealized_micros
from cockpit.trading.allocation import Sizing, intents_for
from cockpit.trading.fold import apply
from cockpit.trading.guards import PROTECTIVE
from cockpit.trading.lifecycle import TERMINAL, TRANSITIONS
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState, conserved_difference
from cockpit.venues.paper import PaperVenue
from tests.arena.memory_journal import MemoryJournal
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, run_started, usd
from tests.trading.exact_ledger import ExactLedger

LISTED = {BTC.symbol: BTC, ETH.symbol: ETH}
SIZING = Sizing(leverage=2.0, rebalance_band=0.1)


class Floor:
    """A desk with its recorder and journal; each step gives it bars and tells it what became of the market.

    Attributes:
        now_ms: Market time.
        prices: The last closes by symbol.
    """

    def __init__(self, slippage=0.0, limits=None, **run):
        self.journal = MemoryJournal()
        self.recorder = Recorder(sink=self.journal, committed=ArenaState(), monotonic=lambda: 0.0)
        self.desk = OrderDesk(
            recorder=self.recorder,
            venue=PaperVenue(slippage_fraction=slippage),
            limits=limits or RiskLimits(max_gross_leverage=10.0),
        )
        self.now_ms = self.recorder.now_ms = START_MS
        self.recorder.emit(run_started(**run), run_id="run-1")
        for name in ("ann", "bob"):
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

    def step(self, btc=None, eth=None):
        """One minute: bars of (open, high, low, close), or None where a symbol had none."""
        bars = {
            symbol: Bar(self.now_ms, *prices, volume=1.0)
            for symbol, prices in ((BTC.symbol, btc), (ETH.symbol, eth))
            if prices is not None
        }
        self.now_ms = self.recorder.now_ms = self.now_ms + MINUTE_MS
        self.desk.fill(bars)
        self.prices |= {symbol: bar.close for symbol, bar in bars.items()}
        fresh = tuple(symbol in bars for symbol in LISTED)
        self.recorder.emit(MarketAdvanced(marks=tuple(self.prices.values()), fresh=fresh))
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
            mine.account, mine.watch.equity, (target,), LISTED, self.state.marks, SIZING, decision_id
        ):
            self.desk.place(intent)
        self.desk.protect(agent, symbol)

    def events(self, *types):
        self.commit()
        return self.journal.events(*types)

    def story(self, order_id):
        """The statuses an order went through, as the journal tells them."""
        told = []
        for event in self.events(OrderCreated, OrderMoved, OrderFilled):
            match event:
                case OrderCreated(order=order) if order.order_id == order_id:
                    told.append("created")
                case OrderMoved(order_id=moved, after=after) if moved == order_id:
                    told.append(str(after))
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


@pytest.fixture
def floor():
    return Floor()


CALM = (50_000.0, 50_100.0, 49_900.0, 50_000.0)


# --- Orders out


def test_an_order_is_created_asked_about_sent_and_accepted(floor):
    order_id = floor.place(100, decision_id=3)
    assert floor.story(order_id) == ["created", "submitted", "accepted"]
    order = floor.agent().working[order_id]
    assert (order.client_order_id, order.decision_id, order.created_ms) == ("cockpit-1", 3, START_MS)
    assert floor.agent().account.positions == {}


def test_an_order_the_gate_refuses_is_denied_with_rule_and_reason_and_never_sent(floor):
    order_id = floor.place(1_000_000)
    assert floor.story(order_id) == ["created", "denied"]
    (denied,) = floor.events(OrderMoved)
    assert (denied.rule, denied.reason) == ("order_notional", "notional $50,000,000.00 is over $250,000.00")
    assert floor.agent().working == {}


def test_while_the_kill_switch_is_on_orders_are_created_and_held(floor):
    floor.recorder.emit(KillSwitchSet(on=True, by="a test"))
    order_id = floor.place(100)
    assert floor.story(order_id) == ["created", "held"]
    floor.step(CALM)
    assert floor.fills() == []


def test_what_is_denied_is_denied_even_under_the_kill_switch(floor):
    floor.recorder.emit(KillSwitchSet(on=True, by="a test"))
    assert floor.story(floor.place(0)) == ["created", "denied"]


# --- Fills


def test_a_market_order_fills_at_the_open_of_the_next_bar(floor):
    order_id = floor.place(100)
    floor.step((50_200.0, 50_300.0, 50_100.0, 50_250.0))
    assert floor.story(order_id) == ["created", "submitted", "accepted", "fill +100 @ 50200"]
    (filled,) = floor.events(OrderFilled)
    assert filled.fill.ts_ms == START_MS
    assert filled.notional == usd(5_020)
    assert filled.fill.fee_micros == 2_510_000
    assert floor.agent().account.cash == CAPITAL - 2_510_000
    assert floor.agent().watch.equity == CAPITAL + usd(5) - 2_510_000


def test_an_order_waits_for_a_bar_of_its_own_symbol(floor):
    floor.place(100)
    floor.step(None, (2_000.0, 2_000.0, 2_000.0, 2_000.0))
    assert floor.fills() == []
    floor.step(CALM)
    assert floor.fills() == [("ann", 100, 50_000.0)]


def test_agents_fill_in_start_list_order(floor):
    floor.place(10, agent="bob")
    floor.place(20, agent="ann")
    floor.step(CALM)
    assert floor.fills() == [("ann", 20, 50_000.0), ("bob", 10, 50_000.0)]


# fmt: off
EXITS = [
    # bars after the entry's                                           what closed it, at
    ("a stop inside a bar",       [(50_000.0, 50_100.0, 48_900.0, 49_000.0)], "stop", 49_000.0),
    ("a stop gapped at the open", [(48_500.0, 48_600.0, 48_400.0, 48_500.0)], "stop", 48_500.0),
    ("a target inside a bar",     [(50_000.0, 52_100.0, 49_900.0, 52_000.0)], "target", 52_000.0),
    ("a target gapped in favour", [(52_500.0, 52_600.0, 52_400.0, 52_500.0)], "target", 52_500.0),
    ("a bar that reaches both",   [(50_000.0, 52_500.0, 48_500.0, 50_000.0)], "stop", 49_000.0),
    ("a later bar",               [CALM, CALM, (50_000.0, 52_100.0, 49_900.0, 52_000.0)], "target", 52_000.0),
]
# fmt: on


@pytest.mark.parametrize(
    ("bars", "purpose", "price"), [row[1:] for row in EXITS], ids=[row[0] for row in EXITS]
)
def test_a_guarded_position_ends_at_its_stop_or_target_and_leaves_no_order_behind(
    floor, bars, purpose, price
):
    floor.decide(0.5, stop=49_000.0, take_profit=52_000.0)
    floor.step(CALM)
    assert floor.guards() == [("stop", -100, 49_000.0), ("target", -100, 52_000.0)]
    for bar in bars:
        floor.step(bar)
    (closed,) = floor.events(TradeClosed)
    assert (closed.trade.exit_purpose, closed.trade.exit_price) == (purpose, price)
    assert floor.agent().account.positions == {}
    assert floor.agent().working == {}


def test_a_stop_that_is_hit_is_triggered_before_it_is_filled(floor):
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    floor.step((50_000.0, 50_100.0, 48_900.0, 49_000.0))
    assert floor.story(2) == ["created", "submitted", "accepted", "triggered", "fill -100 @ 49000"]


def test_an_entry_can_be_stopped_out_within_its_own_bar(floor):
    floor.decide(0.5, stop=49_000.0, take_profit=52_000.0)
    floor.step((50_000.0, 52_500.0, 48_500.0, 50_000.0))
    assert floor.fills() == [("ann", 100, 50_000.0), ("ann", -100, 49_000.0)]
    assert floor.agent().working == {}


def test_a_short_is_guarded_the_other_way_round(floor):
    floor.decide(-0.5, stop=51_000.0, take_profit=48_000.0)
    floor.step(CALM)
    assert floor.guards() == [("stop", 100, 51_000.0), ("target", 100, 48_000.0)]
    floor.step((50_000.0, 51_500.0, 49_900.0, 51_000.0))
    assert floor.fills()[-1] == ("ann", 100, 51_000.0)


def test_a_resized_position_is_guarded_at_its_new_size(floor):
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    floor.decide(1.0, stop=49_000.0)
    floor.step(CALM)
    assert floor.guards() == [("stop", -floor.lots(), 49_000.0)]
    floor.decide(0.25, stop=49_500.0)
    floor.step(CALM)
    assert floor.guards() == [("stop", -floor.lots(), 49_500.0)]
    assert 40 < floor.lots() < 60


def test_a_flip_sheds_the_old_guards_and_brings_its_own(floor):
    floor.decide(0.5, stop=49_000.0, take_profit=52_000.0)
    floor.step(CALM)
    floor.decide(-0.5, stop=51_000.0)
    floor.step(CALM)
    assert floor.lots() < 0
    assert floor.guards() == [("stop", -floor.lots(), 51_000.0)]


def test_a_stop_never_sells_more_than_is_held(floor):
    floor.place(100)
    floor.step(CALM)
    floor.place(-100, kind=OrderKind.STOP_MARKET, trigger_price=49_000.0, reduce_only=True)
    floor.place(-60)
    floor.step((48_000.0, 48_000.0, 48_000.0, 48_000.0))
    assert floor.fills()[1:] == [("ann", -60, 48_000.0), ("ann", -40, 48_000.0)]
    assert floor.story(2)[-2:] == ["fill -40 @ 48000", "canceled"]
    assert floor.agent().account.positions == {}


def test_a_reduce_only_order_with_nothing_left_to_reduce_is_taken_back(floor):
    floor.place(100)
    floor.step(CALM)
    stop = floor.place(-100, kind=OrderKind.STOP_MARKET, trigger_price=49_000.0, reduce_only=True)
    floor.place(-100)
    floor.step(CALM)
    floor.step(CALM)
    assert floor.story(stop)[-1] == "canceled"
    assert floor.lots() == 0


def test_a_stop_that_another_stop_s_fill_took_back_does_not_fill_in_the_same_bar(floor):
    floor.place(100)
    floor.step(CALM)
    stop = {"kind": OrderKind.STOP_MARKET, "purpose": OrderPurpose.STOP, "reduce_only": True}
    floor.place(-100, trigger_price=49_000.0, **stop)
    second = floor.place(-100, trigger_price=48_900.0, **stop)
    floor.step((50_000.0, 50_100.0, 48_500.0, 49_000.0))
    assert floor.fills()[1:] == [("ann", -100, 49_000.0)]
    assert floor.story(second)[-1] == "canceled"


# --- Newer words


def test_a_newer_word_takes_back_the_orders_of_the_older_and_leaves_the_guards(floor):
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    older = floor.place(50)
    floor.desk.supersede("ann", BTC.symbol)
    assert floor.story(older)[-1] == "canceled"
    assert floor.guards() == [("stop", -100, 49_000.0)]


def test_a_word_on_one_symbol_or_agent_leaves_the_others_alone(floor):
    floor.place(50, symbol=ETH.symbol)
    floor.place(50, agent="bob")
    floor.desk.supersede("ann", BTC.symbol)
    assert len(floor.agent("ann").working) == len(floor.agent("bob").working) == 1


# --- Flattening


def test_flattening_cancels_every_order_and_closes_every_position(floor):
    floor.decide(0.5, stop=49_000.0)
    floor.decide(-0.5, symbol=ETH.symbol, take_profit=1_900.0)
    floor.step(CALM, (2_000.0, 2_010.0, 1_990.0, 2_000.0))
    floor.place(10)
    floor.desk.flatten("ann", "breaker drawdown tripped")
    assert floor.guards() == []
    assert {order.purpose for order in floor.agent().working.values()} == {OrderPurpose.FLATTEN}
    floor.step(CALM, (2_000.0, 2_010.0, 1_990.0, 2_000.0))
    assert floor.agent().account.positions == {}
    assert floor.agent().working == {}
    assert {event.trade.exit_purpose for event in floor.events(TradeClosed)} == {"flatten"}


def test_a_benched_agent_can_still_be_flattened(floor):
    floor.decide(0.5)
    floor.step(CALM)
    tripped = {"value": 1.0, "limit": 0.5, "reason": "r", "stopped": "s"}
    floor.recorder.emit(BreakerTripped(scope="ann", breaker="drawdown", **tripped))
    floor.recorder.emit(BreakerTripped(scope=ARENA, breaker="drawdown", **tripped))
    floor.desk.flatten("ann", "breaker drawdown tripped")
    floor.step(CALM)
    assert floor.lots() == 0


# --- Funding


def test_funding_is_paid_on_every_position_at_its_mark(floor):
    floor.decide(0.5)
    floor.decide(-0.5, agent="bob")
    floor.step(CALM)
    floor.desk.pay_funding({BTC.symbol: 0.0001, ETH.symbol: 0.5})
    paid = [(event.agent, event.paid) for event in floor.events(FundingPaid)]
    assert paid == [("ann", 500_000), ("bob", -500_000)]


def test_funding_of_nothing_is_no_event(floor):
    floor.decide(0.5)
    floor.step(CALM)
    floor.desk.pay_funding({})
    assert floor.events(FundingPaid) == []


# --- Anything that can happen, in any order

AGENTS = st.sampled_from(["ann", "bob"])
SYMBOLS = st.sampled_from([BTC.symbol, ETH.symbol])
MOVES = st.floats(-0.08, 0.08)
RATES = st.floats(-0.001, 0.001)
DISTANCES = st.none() | st.floats(0.001, 0.1)
WORDS = st.lists(
    st.tuples(AGENTS, SYMBOLS, st.sampled_from([-1.0, -0.5, 0.0, 0.3, 0.5, 1.0]), DISTANCES, DISTANCES),
    max_size=4,
)
"""Agent, symbol, exposure, and how far from the mark its stop and target are."""


@st.composite
def moves(draw):
    """Open, high, low and close of a bar as changes against the close before; None: no bar."""
    if draw(st.integers(0, 7)) == 0:
        return None
    opened, one, other, closed = (draw(MOVES) for _ in range(4))
    return opened, max(opened, one, other, closed), min(opened, one, other, closed), closed


class Trading(RuleBasedStateMachine):
    """Drives a desk, and holds it against an oracle that reads nothing but the journal."""

    @initialize(slippage=st.sampled_from([0.0, 0.0005]))
    def open(self, slippage):
        self.floor = Floor(slippage, capital_in=usd(30_000))
        self.seen = 0
        self.statuses = {}
        self.orders = {}
        self.sums = Counter()
        self.exact = defaultdict(ExactLedger)
        self.realized = Counter()
        self.killed = False

    # What can happen

    @rule(words=WORDS, btc=moves(), eth=moves(), rates=st.none() | st.tuples(*[RATES] * 2))
    def a_round_is_played(self, words, btc, eth, rates):
        for word in words:
            self._decide(*word)
        if rates is not None:
            self.floor.desk.pay_funding(dict(zip(LISTED, rates, strict=True)))
        self.floor.step(self._bar(BTC, btc), self._bar(ETH, eth))
        total = 0
        for agent in self.floor.state.agents.values():
            unrealized = sum(
                unrealized_micros(position, LISTED[symbol], self.floor.prices[symbol])
                for symbol, position in agent.account.positions.items()
            )
            assert agent.watch.equity == agent.account.cash + unrealized
            total += agent.watch.equity
        assert self.floor.state.watch.equity == total

    def _decide(self, agent, symbol, exposure, stop, take_profit):
        mark, side = self.floor.prices[symbol], 1 if exposure > 0 else -1
        self.floor.decide(
            exposure,
            agent,
            symbol,
            stop=stop and mark * (1 - side * stop),
            take_profit=take_profit and mark * (1 + side * take_profit),
        )

    def _bar(self, listed, move):
        if move is None:
            return None
        # Near its first price, so that no walk leaves the range in which prices make sense.
        base = min(max(self.floor.prices[listed.symbol], 500.0), 100_000.0)
        return tuple(listed.round_price(base * (1 + change)) for change in move)

    @rule(agent=AGENTS, symbol=SYMBOLS, lots=st.integers(-400, 400), reduce_only=st.booleans())
    def anyone_asks_for_anything(self, agent, symbol, lots, reduce_only):
        self.floor.place(lots, agent, symbol, reduce_only=reduce_only)

    @rule(agent=AGENTS, data=st.data())
    def an_order_is_taken_back(self, agent, data):
        working = self.floor.agent(agent).working
        if working:
            order = working[data.draw(st.sampled_from(sorted(working)))]
            self.floor.desk.cancel(order, "a test said so")
            if order.purpose in PROTECTIVE and data.draw(st.booleans()):
                self.floor.desk.protect(agent, order.symbol)

    @rule(agent=AGENTS)
    def an_agent_is_flattened(self, agent):
        before = self.floor.guards(agent)
        self.floor.desk.flatten(agent, "a test said so")
        assert self.floor.guards(agent) == (before if self.floor.state.killed else [])

    @rule(scope=st.sampled_from(["kill switch", "ann", "bob", ARENA]), chance=st.integers(0, 3))
    def somebody_or_something_stops_trading(self, scope, chance):
        if chance:
            return
        if scope == "kill switch":
            self.floor.recorder.emit(KillSwitchSet(on=True, by="a test"))
            return
        tripped = {"breaker": "drawdown", "value": 1.0, "limit": 0.5, "reason": "r", "stopped": "s"}
        self.floor.recorder.emit(BreakerTripped(scope=scope, **tripped))

    @precondition(lambda self: self._is_stopped())
    @rule()
    def trading_is_let_go_on(self):
        if self.floor.state.killed:
            self.floor.recorder.emit(KillSwitchSet(on=False, by="a test"))
        for scope in ("ann", "bob", ARENA):
            self.floor.recorder.emit(BreakerReset(scope=scope, breaker="drawdown", by="a test"))

    def _is_stopped(self):
        state = self.floor.state
        return state.killed or state.halted or any(agent.benched for agent in state.agents.values())

    @precondition(lambda self: self.floor.state.treasury >= usd(1_000))
    @rule(agent=AGENTS)
    def capital_is_added(self, agent):
        self.floor.recorder.emit(CapitalAllocated(agent=agent, amount=usd(1_000)))

    # What has to hold whatever happened

    @invariant()
    def everything_agrees(self):
        assert conserved_difference(self.floor.state) == 0
        self.floor.commit()
        assert self.floor.recorder.committed == self.floor.recorder.draft
        for recorded in self.floor.journal.recorded[self.seen :]:
            self._learn(recorded)
        self.seen = len(self.floor.journal.recorded)
        self._compare_positions()
        self._compare_orders()

    def _learn(self, recorded):
        match recorded.event:
            case KillSwitchSet(on=on):
                self.killed = on
            case OrderCreated(order=order):
                assert order.order_id == len(self.orders) + 1
                self.orders[order.order_id], self.statuses[order.order_id] = order, OrderStatus.CREATED
            case OrderMoved(order_id=order_id, before=before, after=after):
                assert before is self.statuses[order_id]
                assert after in TRANSITIONS[before]
                assert not (self.killed and after in {OrderStatus.SUBMITTED, OrderStatus.ACCEPTED})
                self.statuses[order_id] = after
            case OrderFilled(fill=fill, realized=realized):
                self._learn_fill(fill, realized)

    def _learn_fill(self, fill, realized):
        order, key = self.orders[fill.order_id], (fill.agent, fill.symbol)
        assert self.statuses[fill.order_id] in {OrderStatus.ACCEPTED, OrderStatus.TRIGGERED}
        assert fill.ts_ms >= order.created_ms or order.purpose in PROTECTIVE
        if order.reduce_only:
            assert fill.signed_lots * self.sums[key] < 0
            assert abs(fill.signed_lots) <= abs(self.sums[key])
        self.statuses[fill.order_id] = (
            OrderStatus.FILLED if fill.signed_lots == order.signed_lots else OrderStatus.PARTIALLY_FILLED
        )
        self.sums[key] += fill.signed_lots
        self.realized[key] += realized
        self.exact[key].fill(fill.signed_lots, LISTED[fill.symbol], fill.price)

    def _compare_positions(self):
        for name, agent in self.floor.state.agents.items():
            for symbol in LISTED:
                position = agent.account.positions.get(symbol)
                lots, cost = (position.signed_lots, position.cost) if position else (0, 0)
                assert lots == self.sums[name, symbol]
                assert (position is None) == (lots == 0)
                assert self.exact[name, symbol].agrees(lots, cost, self.realized[name, symbol])
            assert agent.realized == sum(self.realized[name, symbol] for symbol in LISTED)

    def _compare_orders(self):
        working = {}
        for name, agent in self.floor.state.agents.items():
            working |= {order_id: order.status for order_id, order in agent.working.items()}
            guards = [order for order in agent.working.values() if order.purpose in PROTECTIVE]
            for order in guards:
                held = self.sums[name, order.symbol]
                assert order.open_lots * held < 0, "an orphan that could open a position"
                assert abs(order.open_lots) <= abs(held)
                assert order.reduce_only
            per_position = Counter((order.symbol, order.purpose) for order in guards)
            assert all(count == 1 for count in per_position.values())
        still = {order_id: each for order_id, each in self.statuses.items() if each not in TERMINAL}
        assert working == still

    def teardown(self):
        if not hasattr(self, "floor"):
            return
        replayed = ArenaState()
        for recorded in self.floor.journal.recorded:
            apply(replayed, recorded)
        assert replayed == self.floor.recorder.committed


class TestTrading(Trading.TestCase):
    settings = settings(
        max_examples=40,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
