"""What an arena must have become, worked out slowly and exactly from nothing but its journal."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from cockpit.domain.events import OrderAmended, OrderCreated, OrderFilled, OrderMoved, TradingMode
from cockpit.domain.orders import Liquidity, Order, OrderKind, OrderPurpose, OrderStatus, TimeInForce
from cockpit.trading.agent_state import RECENT_TRADE_IDS
from cockpit.trading.guards import PROTECTIVE
from cockpit.trading.lifecycle import TERMINAL, TRANSITIONS
from tests.machines.safety_oracle import WAY_OUT, SafetyOracle

S = OrderStatus
UNMOVED_BY_PARTS = {S.PENDING_CANCEL, S.CANCELED, S.EXPIRED}


@dataclass
class Mirror:
    """An order, as its events tell it."""

    made: Order
    lots: int
    limit: float | None
    trigger: float | None
    status: OrderStatus = S.CREATED
    filled: int = 0
    cancel_ms: int | None = None

    @property
    def is_alive(self):
        return self.status not in TERMINAL

    @property
    def left(self):
        return self.lots - self.filled


class JournalOracle(SafetyOracle):
    """Reads events one by one, objects to the first that can't be, and holds the state against them all.

    Attributes:
        orders: By id.
        trade_ids: The venue's names of each agent's executions, oldest first.
        parts: Whose part each of them is: an order's id.
    """

    def __init__(self):
        super().__init__()
        self.orders: dict[int, Mirror] = {}
        self.trade_ids, self.parts = defaultdict(list), {}
        self.just_filled, self.fills = set(), 0

    def learn(self, recorded):
        self.now_ms = recorded.ts_ms
        reader = self.readers.get(type(recorded.event))
        if reader is not None:
            reader(self, recorded.event)

    def compare(self, state):
        """Holds the arena's state against all that was read."""
        self.compare_money(state)
        self.compare_positions(state)
        self.compare_safety(state)
        self._compare_orders(state)
        self._compare_guards()
        self._find_unguarded()
        self._compare_parents(state)

    def alive(self, agent=None, symbol=None):
        return [
            each
            for each in self.orders.values()
            if each.is_alive and agent in {None, each.made.agent} and symbol in {None, each.made.symbol}
        ]

    # What events say

    def order_created(self, event):
        order = event.order
        assert order.order_id == len(self.orders) + 1
        assert order.status is S.CREATED
        assert order.live_ms >= order.created_ms or order.reduce_only
        self.orders[order.order_id] = Mirror(
            made=order, lots=order.signed_lots, limit=order.limit_price, trigger=order.trigger_price
        )

    def order_moved(self, event):
        mirror = self.orders[event.order_id]
        assert (event.agent, event.before) == (mirror.made.agent, mirror.status)
        assert event.after in TRANSITIONS[event.before]
        if (event.before, event.after) == (S.CREATED, S.SUBMITTED):
            self.check_sending(mirror.made)
        mirror.status = event.after
        still_pending = mirror.cancel_ms if event.after is S.PENDING_CANCEL else None
        mirror.cancel_ms = event.cancel_ms or still_pending

    def order_amended(self, event):
        mirror = self.orders[event.order_id]
        assert mirror.is_alive
        assert abs(event.signed_lots) > abs(mirror.filled)
        assert event.signed_lots * mirror.lots > 0
        if mirror.made.kind is OrderKind.TRAILING_STOP:
            tighter = 1 if mirror.lots < 0 else -1
            assert (event.trigger_price - mirror.trigger) * tighter >= 0, "a trailing stop was loosened"
        mirror.lots, mirror.trigger, mirror.limit = event.signed_lots, event.trigger_price, event.limit_price

    def order_filled(self, event):
        fill, mirror = event.fill, self.orders[event.fill.order_id]
        self.fills += 1
        assert fill.fill_id == self.fills
        assert (mirror.made.agent, mirror.made.symbol) == (fill.agent, fill.symbol)
        assert not mirror.made.is_split
        assert fill.signed_lots * mirror.lots > 0
        assert fill.trade_id not in self.trade_ids[fill.agent][-RECENT_TRADE_IDS:], "it counts twice"
        assert self.parts.get(fill.trade_id) != fill.order_id, "it counts twice"
        if fill.trade_id.startswith("paper-"):
            self._check_honesty(fill, mirror)
        assert abs(fill.signed_lots) <= abs(mirror.left), "an order was overfilled"
        mirror.filled += fill.signed_lots
        stays = mirror.status if mirror.status in UNMOVED_BY_PARTS else S.PARTIALLY_FILLED
        after = stays if mirror.left else S.FILLED
        assert after in TRANSITIONS[mirror.status]
        mirror.status = after
        self.trade_ids[fill.agent].append(fill.trade_id)
        self.parts[fill.trade_id] = fill.order_id
        self.take_fill(fill, event.realized)
        self.just_filled.add((fill.agent, fill.symbol))

    def _check_honesty(self, fill, mirror):
        """What the paper venue never does."""
        order, held = mirror.made, self.sums[fill.agent, fill.symbol]
        assert mirror.is_alive, "an order was filled that was over"
        assert fill.ts_ms >= order.live_ms, "an order was filled before it was live"
        assert mirror.cancel_ms is None or fill.ts_ms <= mirror.cancel_ms, "filled after it was cancelled"
        if mirror.limit is not None:
            slack = mirror.limit - fill.price if fill.signed_lots > 0 else fill.price - mirror.limit
            assert slack >= 0, "filled past its limit"
        if order.time_in_force is TimeInForce.POST_ONLY:
            assert fill.liquidity is Liquidity.MAKER
        if order.reduce_only:
            assert fill.signed_lots * held < 0
            assert abs(fill.signed_lots) <= abs(held), "a reduce-only order opened a position"
        else:
            assert fill.agent not in self.closed, "a bankrupt account opens a position"
            is_whole = fill.signed_lots == mirror.left
            assert is_whole or order.time_in_force is not TimeInForce.FOK, "filled, but not all at once"

    # What the state says

    def _compare_orders(self, state):
        working = {
            order_id: (order.status, order.signed_lots, order.trigger_price, order.limit_price)
            for agent in state.agents.values()
            for order_id, order in agent.working.items()
        }
        alive = {
            each.made.order_id: (each.status, each.lots, each.trigger, each.limit) for each in self.alive()
        }
        assert working == alive

    def _compare_guards(self):
        at_work = Counter()
        for each in self.alive():
            order, held = each.made, self.sums[each.made.agent, each.made.symbol]
            if order.purpose not in PROTECTIVE:
                continue
            assert order.reduce_only
            assert each.left * held < 0, "a guard without a position, which could open one"
            if each.status is not S.PENDING_CANCEL:
                assert abs(each.left) <= abs(held), "a guard larger than its position"
                at_work[order.agent, order.symbol, order.purpose] += 1
        assert all(count == 1 for count in at_work.values()), "two guards of one kind"

    def _find_unguarded(self):
        """A position that just changed has the stop its agent asked for, of its size."""
        filled, self.just_filled = self.just_filled, set()
        if self.killed or self.emergency is not None or self.mode is TradingMode.HALTED:
            return
        for agent, symbol in filled:
            held, target = self.sums[agent, symbol], self.targets.get((agent, symbol))
            mine = self.alive(agent, symbol)
            is_leaving = agent in self.closed or any(each.made.purpose in WAY_OUT for each in mine)
            if target is None or target.stop is None or target.exposure * held <= 0 or is_leaving:
                continue
            stops = [
                each.left
                for each in mine
                if each.made.purpose is OrderPurpose.STOP and each.status is not S.PENDING_CANCEL
            ]
            assert stops == [-held], "a position has no stop of its size"

    def _compare_parents(self, state):
        for order_id, each in self.orders.items():
            if not each.made.is_split:
                continue
            shares = [one for one in self.orders.values() if one.made.parent_id == order_id]
            filled = sum(one.filled for one in shares)
            assert each.is_alive == any(one.is_alive for one in shares), "a sum outlives its shares"
            assert not shares or each.lots == sum(one.lots for one in shares)
            assert each.status is not S.FILLED or filled == each.lots
            agent = state.agents[each.made.agent]
            parent = agent.working.get(order_id) or agent.gone.get(order_id)
            assert parent is None or parent.filled_lots == filled


JournalOracle.readers = SafetyOracle.readers | {
    OrderCreated: JournalOracle.order_created,
    OrderMoved: JournalOracle.order_moved,
    OrderAmended: JournalOracle.order_amended,
    OrderFilled: JournalOracle.order_filled,
}
