"""Anything that can happen to a desk, in any order, against an oracle that reads nothing but the journal."""

from collections import Counter, defaultdict

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cockpit.arena.executions import settle_funding
from cockpit.domain.events import (
    ARENA,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    KillSwitchSet,
    OrderCreated,
    OrderFilled,
    OrderMoved,
)
from cockpit.domain.orders import OrderStatus
from cockpit.trading.accounting import unrealized_micros
from cockpit.trading.fold import apply
from cockpit.trading.guards import PROTECTIVE
from cockpit.trading.lifecycle import TERMINAL, TRANSITIONS
from cockpit.trading.state import ArenaState, conserved_difference
from tests.arena.floor import LISTED, Floor
from tests.trading.arena_facts import BTC, ETH, usd
from tests.trading.exact_ledger import ExactLedger

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
            settle_funding(self.floor.recorder, dict(zip(LISTED, rates, strict=True)))
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
