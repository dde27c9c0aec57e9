"""What an arena must have become, worked out slowly and exactly from nothing but its journal."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from cockpit.domain.events import (
    AccountSynced,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    DecisionMade,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    FundingPaid,
    KillSwitchSet,
    MarketAdvanced,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    ReportRefused,
    RoundClosed,
    RunStarted,
    ShortfallCovered,
    TradeClosed,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.domain.orders import Liquidity, Order, OrderKind, OrderPurpose, OrderStatus, TimeInForce
from cockpit.trading.guards import PROTECTIVE
from cockpit.trading.lifecycle import TERMINAL, TRANSITIONS
from tests.trading.exact_ledger import ROUNDING, ExactLedger, spelled

S = OrderStatus
CLOCK_MS = 1
"""A place on a bar's path is told to the millisecond, rounded down."""

FORCED = {OrderPurpose.FLATTEN, OrderPurpose.LIQUIDATION}


@dataclass
class Mirror:
    """An order, as its events tell it."""

    made: Order
    status: OrderStatus = S.CREATED
    lots: int = 0
    filled: int = 0
    limit: float | None = None
    trigger: float | None = None
    cancel_ms: int | None = None
    fills: int = 0
    triggers: list[float] = field(default_factory=list)

    @property
    def is_alive(self):
        return self.status not in TERMINAL


class JournalOracle:
    """Reads events one by one and objects to the first that can't be.

    Attributes:
        orders: By id.
        trade_ids: The venue's names of each agent's executions, oldest first.
    """

    def __init__(self):
        self.orders: dict[int, Mirror] = {}
        self.trade_ids = defaultdict(list)
        self.sums, self.realized, self.cash, self.covered = Counter(), Counter(), Counter(), Counter()
        self.exact = defaultdict(ExactLedger)
        self.peaks = Counter()
        self.equities = {}
        self.marks, self.alerts, self.closed = {}, [], set()
        self.killed, self.mode, self.emergency = False, TradingMode.ACTIVE, None
        self.tripped, self.unsynced, self.locks = set(), set(), defaultdict(list)
        self.targets, self.just_filled = {}, set()
        self.pnl = Counter()
        self.trades, self.fills = Counter(), 0
        self.now_ms = 0

    def learn(self, recorded):
        self.now_ms = recorded.ts_ms
        reader = _READERS.get(type(recorded.event))
        if reader is not None:
            reader(self, recorded.event)

    # Runs, money and marks

    def _run_started(self, event):
        self.treasury = event.capital_in
        self.capital_in = event.capital_in
        self.listed = {each.symbol: each for each in event.instruments}
        self.names = [each.name for each in event.contestants]

    def _capital_allocated(self, event):
        self.treasury -= event.amount
        self.cash[event.agent] += event.amount
        self.pnl[event.agent] += event.amount
        assert self.treasury >= 0
        self.peaks[event.agent] = 0

    def _funding_paid(self, event):
        assert self.sums[event.agent, event.symbol] != 0
        self.cash[event.agent] -= event.paid

    def _shortfall_covered(self, event):
        assert not any(self.sums[event.agent, symbol] for symbol in self.listed)
        assert self.cash[event.agent] == -event.amount < 0, "what was covered is not what was missing"
        self.cash[event.agent] = 0
        self.covered[event.agent] += event.amount
        self.closed.add(event.agent)

    def _market_advanced(self, event):
        for symbol, mark in zip(self.listed, event.marks, strict=True):
            if mark is not None:
                self.marks[symbol] = mark

    def _round_closed(self, event):
        for name, equity in zip(self.names, event.equities, strict=True):
            exact, allowed = self.equity(name)
            assert abs(equity - exact) <= allowed, f"{name}'s equity is not cash and unrealized profit"
            self.equities[name] = equity

    def equity(self, name):
        """Cash and unrealized profit at the marks, exactly, and how far rounding may be off."""
        equity, allowed = Fraction(self.cash[name]), Fraction(0)
        for symbol, listed in self.listed.items():
            ledger = self.exact[name, symbol]
            if ledger.lots:
                value = ledger.lots * spelled(listed.lot_size) * spelled(self.marks[symbol]) * MICROS_PER_UNIT
                equity += value - ledger.cost
            allowed += (ledger.roundings + 1) * ROUNDING
        return equity, allowed

    # Orders

    def _order_created(self, event):
        order = event.order
        assert order.order_id == len(self.orders) + 1
        assert order.status is S.CREATED
        assert order.live_ms >= order.created_ms or order.reduce_only
        self.orders[order.order_id] = Mirror(
            made=order, lots=order.signed_lots, limit=order.limit_price, trigger=order.trigger_price
        )

    def _order_moved(self, event):
        mirror = self.orders[event.order_id]
        assert event.before is mirror.status
        assert event.after in TRANSITIONS[event.before]
        assert event.agent == mirror.made.agent
        if event.after is S.SUBMITTED and event.before is S.CREATED:
            self._sent(mirror)
        mirror.status = event.after
        mirror.cancel_ms = event.cancel_ms or (mirror.cancel_ms if event.after is S.PENDING_CANCEL else None)

    def _sent(self, mirror):
        """What may leave the house at all."""
        order = mirror.made
        is_forced = order.purpose is OrderPurpose.LIQUIDATION or (
            order.purpose is OrderPurpose.FLATTEN and self.emergency is not None
        )
        assert is_forced or not self.killed, "an order left while the kill switch was on"
        if self.mode is TradingMode.HALTED or self.emergency is EmergencyStage.HALTED:
            assert is_forced, "an order left while trading was halted"
        if self.mode is TradingMode.REDUCING or self.emergency is not None or ("arena" in self.tripped):
            assert order.reduce_only, "exposure was asked for where it may only fall"
        if order.agent in self.closed:
            assert order.purpose in FORCED, "a closed account trades"
        if not order.reduce_only:
            assert order.agent not in self.tripped, "a benched agent opens positions"
            assert order.agent not in self.unsynced, "an account that may not be the venue's opens positions"
            assert not any(
                lock.until_ms > self.now_ms and lock.symbol in {None, order.symbol}
                for lock in self.locks[order.agent]
            ), "an entry left in spite of a lock"

    def _order_amended(self, event):
        mirror = self.orders[event.order_id]
        assert mirror.is_alive
        assert abs(event.signed_lots) > abs(mirror.filled)
        assert event.signed_lots * mirror.lots > 0
        trailing = mirror.made.kind is OrderKind.TRAILING_STOP
        if trailing and mirror.status is not S.TRIGGERED:
            better = 1 if mirror.lots < 0 else -1
            assert (event.trigger_price - mirror.trigger) * better >= 0, "a trailing stop was loosened"
        mirror.lots, mirror.trigger, mirror.limit = event.signed_lots, event.trigger_price, event.limit_price

    def _order_filled(self, event):
        fill = event.fill
        mirror, key = self.orders[fill.order_id], (fill.agent, fill.symbol)
        self.fills += 1
        assert fill.fill_id == self.fills
        assert (mirror.made.agent, mirror.made.symbol) == key
        assert not mirror.made.is_split
        assert fill.signed_lots * mirror.lots > 0
        assert fill.trade_id not in self.trade_ids[fill.agent][-32:], "an execution counts twice"
        if fill.trade_id.startswith("paper-"):
            self._check_honesty(fill, mirror)
        mirror.filled += fill.signed_lots
        assert abs(mirror.filled) <= abs(mirror.lots), "an order was overfilled"
        mirror.fills += 1
        after = self._after_fill(mirror)
        assert after in TRANSITIONS[mirror.status]
        mirror.status = after
        self.trade_ids[fill.agent].append(fill.trade_id)
        self.sums[key] += fill.signed_lots
        self.realized[key] += event.realized
        self.cash[fill.agent] += event.realized - fill.fee_micros
        self.exact[key].fill(fill.signed_lots, self.listed[fill.symbol], fill.price)
        self.just_filled.add(key)

    def _after_fill(self, mirror):
        if mirror.filled == mirror.lots:
            return S.FILLED
        stays = {S.PENDING_CANCEL, S.CANCELED, S.EXPIRED}
        return mirror.status if mirror.status in stays else S.PARTIALLY_FILLED

    def _check_honesty(self, fill, mirror):
        """What a venue of ours never does."""
        order = mirror.made
        buys = fill.signed_lots > 0
        assert mirror.is_alive, "an order was filled that was over"
        assert order.reduce_only or fill.agent not in self.closed, "a bankrupt account opens a position"
        assert fill.ts_ms >= order.live_ms - CLOCK_MS, "an order was filled before it was live"
        assert mirror.cancel_ms is None or fill.ts_ms <= mirror.cancel_ms, "filled after it was cancelled"
        if mirror.limit is not None:
            assert (fill.price <= mirror.limit) if buys else (fill.price >= mirror.limit), "past its limit"
        if order.time_in_force is TimeInForce.POST_ONLY:
            assert fill.liquidity is Liquidity.MAKER
        if order.time_in_force is TimeInForce.FOK and not order.reduce_only:
            assert fill.signed_lots == mirror.lots - mirror.filled, "filled, but not all at once"
        if order.reduce_only:
            held = self.sums[fill.agent, fill.symbol]
            assert fill.signed_lots * held < 0
            assert abs(fill.signed_lots) <= abs(held), "a reduce-only order opened a position"

    def _trade_closed(self, event):
        trade = event.trade
        self.trades[trade.agent] += 1
        self.pnl[trade.agent] += trade.pnl
        assert trade.opened_ms <= trade.closed_ms or self.is_disturbed(trade.agent)
        assert trade.lowest_price is None or trade.lowest_price <= trade.highest_price
        for excursion in (trade.adverse_excursion, trade.favorable_excursion):
            assert excursion is None or excursion >= 0

    def is_disturbed(self, agent):
        """Whether executions of an agent came that its venue made up."""
        return any(not each.startswith("paper-") for each in self.trade_ids[agent])

    # Switches

    def _kill_switch_set(self, event):
        self.killed = event.on
        if not event.on:
            self.emergency = None

    def _mode_set(self, event):
        self.mode = event.mode

    def _emergency_advanced(self, event):
        order = [EmergencyStage.CANCELING, EmergencyStage.FLATTENING, EmergencyStage.HALTED]
        begins = self.emergency in {None, EmergencyStage.HALTED} and event.stage is EmergencyStage.CANCELING
        assert begins or order.index(event.stage) - order.index(self.emergency) in {0, 1}
        if event.stage is EmergencyStage.HALTED:
            assert not any(each.is_alive for each in self.orders.values()), "halted with orders at work"
            assert not any(self.sums.values()), "halted with positions open"
        self.emergency = event.stage

    def _breaker_tripped(self, event):
        self.tripped.add(event.scope)
        self._armed[event.scope].add(event.breaker)

    def _breaker_reset(self, event):
        self._armed[event.scope].discard(event.breaker)
        if not self._armed[event.scope]:
            self.tripped.discard(event.scope)

    @property
    def _armed(self):
        if not hasattr(self, "_tripped_by_scope"):
            self._tripped_by_scope = defaultdict(set)
        return self._tripped_by_scope

    def _decision_made(self, event):
        assert event.agent not in self.closed, "a bankrupt agent was asked"
        assert event.agent not in self.tripped, "a benched agent was asked"
        for target in event.targets:
            self.targets[event.agent, target.symbol] = target

    def _entries_locked(self, event):
        self.locks[event.agent].append(event)

    def _report_refused(self, event):
        if event.agent in self.names:
            self.unsynced.add(event.agent)

    def _account_synced(self, event):
        self.unsynced.discard(event.agent)

    # What the arena's state has to say of all that

    def compare(self, state):
        self._compare_money(state)
        self._compare_positions(state)
        self._compare_orders(state)
        self._compare_guards()
        self._find_unguarded()
        self._compare_parents(state)

    def _compare_money(self, state):
        assert state.treasury == self.treasury
        for name, agent in state.agents.items():
            assert agent.account.cash == self.cash[name]
            assert agent.covered == self.covered[name]
            assert agent.watch.peak >= agent.watch.equity
            assert agent.watch.guard_peak >= agent.watch.equity
            assert agent.watch.max_drawdown >= 0
            assert bool(agent.closed) == (name in self.closed)
            assert bool(agent.unsynced) == (name in self.unsynced)
            open_profit = sum(
                each.realized - each.fees - each.funding for each in agent.account.positions.values()
            )
            told = self.pnl[name] + open_profit + self.covered[name]
            assert agent.account.cash == told, "trades and positions don't tell where the cash went"
        earned = sum(
            agent.realized - agent.fees - agent.funding + agent.covered for agent in state.agents.values()
        )
        assert self.treasury + sum(self.cash.values()) == self.capital_in + earned
        assert state.watch.equity == sum(agent.watch.equity for agent in state.agents.values())

    def _compare_positions(self, state):
        for name, agent in state.agents.items():
            for symbol in self.listed:
                position = agent.account.positions.get(symbol)
                lots, cost = (position.signed_lots, position.cost) if position else (0, 0)
                assert lots == self.sums[name, symbol]
                assert (position is None) == (lots == 0)
                assert self.exact[name, symbol].agrees(lots, cost, self.realized[name, symbol])
            assert agent.realized == sum(self.realized[name, symbol] for symbol in self.listed)
            assert agent.trades == self.trades[name]

    def _compare_orders(self, state):
        working = {
            order_id: (order.status, order.signed_lots, order.trigger_price, order.limit_price)
            for agent in state.agents.values()
            for order_id, order in agent.working.items()
        }
        alive = {
            order_id: (each.status, each.lots, each.trigger, each.limit)
            for order_id, each in self.orders.items()
            if each.is_alive
        }
        assert working == alive

    def _compare_guards(self):
        guards = [each for each in self.orders.values() if each.is_alive and each.made.purpose in PROTECTIVE]
        per_position = Counter()
        for each in guards:
            order = each.made
            held, left = self.sums[order.agent, order.symbol], each.lots - each.filled
            assert left * held < 0, "a guard without a position, which could open one"
            is_leaving = each.status is S.PENDING_CANCEL
            assert is_leaving or abs(left) <= abs(held), "a guard larger than its position"
            assert order.reduce_only
            per_position[order.agent, order.symbol, order.purpose] += each.status is not S.PENDING_CANCEL
        assert all(count <= 1 for count in per_position.values()), "two guards of one kind"

    def _find_unguarded(self):
        """A position that just changed has the stop its agent asked for, of its size."""
        filled, self.just_filled = self.just_filled, set()
        if self.killed or self.emergency is not None or self.mode is TradingMode.HALTED:
            return
        for agent, symbol in filled:
            held, target = self.sums[agent, symbol], self.targets.get((agent, symbol))
            mine = [
                each
                for each in self.orders.values()
                if each.is_alive and (each.made.agent, each.made.symbol) == (agent, symbol)
            ]
            is_closing = any(each.made.purpose in FORCED for each in mine)
            if target is None or target.stop is None or target.exposure * held <= 0 or is_closing:
                continue
            if agent in self.closed:
                continue
            stops = [
                each.lots - each.filled
                for each in mine
                if each.made.purpose is OrderPurpose.STOP and each.status is not S.PENDING_CANCEL
            ]
            assert stops == [-held], "a position has no stop of its size"

    def _compare_parents(self, state):
        for order_id, each in self.orders.items():
            if not each.made.is_split:
                continue
            shares = [one for one in self.orders.values() if one.made.parent_id == order_id]
            assert each.is_alive == any(one.is_alive for one in shares), "a sum outlives its shares"
            if each.is_alive:
                parent = state.agents[each.made.agent].working[order_id]
                assert parent.filled_lots == sum(one.filled for one in shares)
            if each.status is S.FILLED:
                assert each.lots == sum(one.filled for one in shares)
            if each.status is not S.DENIED or shares:
                assert each.lots == sum(one.lots for one in shares)


_READERS = {
    RunStarted: JournalOracle._run_started,
    CapitalAllocated: JournalOracle._capital_allocated,
    FundingPaid: JournalOracle._funding_paid,
    ShortfallCovered: JournalOracle._shortfall_covered,
    MarketAdvanced: JournalOracle._market_advanced,
    RoundClosed: JournalOracle._round_closed,
    OrderCreated: JournalOracle._order_created,
    OrderMoved: JournalOracle._order_moved,
    OrderAmended: JournalOracle._order_amended,
    OrderFilled: JournalOracle._order_filled,
    TradeClosed: JournalOracle._trade_closed,
    KillSwitchSet: JournalOracle._kill_switch_set,
    TradingModeSet: JournalOracle._mode_set,
    EmergencyAdvanced: JournalOracle._emergency_advanced,
    BreakerTripped: JournalOracle._breaker_tripped,
    BreakerReset: JournalOracle._breaker_reset,
    EntriesLocked: JournalOracle._entries_locked,
    ReportRefused: JournalOracle._report_refused,
    AccountSynced: JournalOracle._account_synced,
    DecisionMade: JournalOracle._decision_made,
}
