"""One agent's orders of one instrument against one bar: what happens to them, in the order it happens."""

from collections.abc import Iterator
from heapq import heappop, heappush
from math import inf, nan
from typing import TypeAlias

from cockpit.domain.market import Lots
from cockpit.domain.orders import (
    IMMEDIATE,
    Liquidity,
    Order,
    OrderKind,
    OrderPurpose,
    OrderStatus,
    TimeInForce,
)
from cockpit.domain.reports import Canceled, Rejected, Report, Triggered, TriggerMoved
from cockpit.trading.state import ArenaState
from cockpit.venues.bar_market import BarMarket, Supply
from cockpit.venues.happenings import Action, Happening, Place, next_happening, rank_of, trailed
from cockpit.venues.liquidation import MarginWatch
from cockpit.venues.reach import reached

NOTHING_TO_REDUCE = "nothing is left to reduce"

_Key: TypeAlias = tuple[float, int, int]
"""Position on the path, rank among what happens there, order id."""


class BarMatch:
    """Walks a bar's path and reports what an agent's orders meet on it.

    Whoever iterates acts on each report before asking for the next, so orders are looked up anew after each.
    """

    __slots__ = (
        "_at",
        "_idle",
        "_market",
        "_missed",
        "_next_new_id",
        "_now_ms",
        "_open",
        "_pending",
        "_queue",
        "_starts",
        "_state",
        "_supply",
        "_trails",
        "_watch",
    )

    def __init__(self, state: ArenaState, market: BarMarket, watch: MarginWatch) -> None:
        self._state = state
        self._market = market
        self._watch = watch
        self._supply = Supply(market)
        self._open = self._at = Place(0.0, market.price(0.0))
        self._queue: list[_Key] = []
        self._pending: dict[int, tuple[_Key, Happening, Order]] = {}
        self._starts: dict[int, Place] = {}
        self._trails: dict[int, float] = {}
        self._idle: set[int] = set()
        self._missed: list[Order] = []
        self._next_new_id = state.next_order_id
        self._now_ms = market.bar.open_ms

    def reports(self, orders: list[Order]) -> Iterator[Report]:
        """Everything that happens to some working orders, and to what they lead to, in order."""
        self._take_in(orders)
        while True:
            due = self._due()
            until = inf if due is None else due[0].position
            position, price = self._watch.next_call(self._market.path, *self._at)
            if position <= until and position < inf and self._market.has_trades:
                self._at = Place(position, price)
                yield self._watch.call(self._stamp(), price)
            elif due is not None:
                happening, order = due
                del self._pending[order.order_id]
                self._at = Place(happening.position, self._standing_price(happening))
                yield from self._happen(happening, order)
                self._look_again(order)
            else:
                break
            self._catch_up()
        yield from self._moved_triggers()

    def _standing_price(self, happening: Happening) -> float:
        # A limit gapped through fills at its limit, but the market stands where it stands.
        if happening.action in {Action.REST, Action.CANCEL}:
            return self._market.price(happening.position)
        return happening.price

    @property
    def _working(self) -> dict[int, Order]:
        return self._watch.agent.working

    def _take_in(self, orders: list[Order]) -> None:
        met, missed = reached(orders, self._market.bar, self._market.close_ms)
        for order in met:
            self._consider(order)
        self._missed += missed

    def _due(self) -> tuple[Happening, Order] | None:
        while self._queue:
            key = self._queue[0]
            order_id = key[-1]
            pending = self._pending.get(order_id)
            if pending is None or pending[0] != key:
                heappop(self._queue)
            elif self._working.get(order_id) is pending[2]:
                return pending[1:]
            else:
                del self._pending[order_id]
                self._reconsider(order_id)
        return None

    def _consider(self, order: Order) -> None:
        happening = self._next_of(order)
        if happening is None:
            return
        held = self._watch.held
        rank = rank_of(order, happening.action, held.signed_lots if held else 0)
        key = happening.position, rank, order.order_id
        self._pending[order.order_id] = key, happening, order
        heappush(self._queue, key)

    def _reconsider(self, order_id: int) -> None:
        order = self._working.get(order_id)
        if order is not None and order_id not in self._idle:
            self._take_in([order])

    def _next_of(self, order: Order) -> Happening | None:
        happening = None
        if order.live_ms < self._market.close_ms:
            happening = self._own_happening(order)
        if order.cancel_ms is not None and order.cancel_ms < self._market.close_ms:
            position = max(self._at.position, self._market.position_of(order.cancel_ms))
            if happening is None or position <= happening.position:
                return Happening(position, nan, Action.CANCEL)
        return happening

    def _own_happening(self, order: Order) -> Happening | None:
        start = self._start_of(order)
        if order.kind is OrderKind.TRAILING_STOP and not order.is_triggered:
            # From where it came to work, not from here: the best price it has seen lies between.
            happening, self._trails[order.order_id] = trailed(order, self._market, start)
            if happening is not None:
                position = max(happening.position, self._at.position)
                return Happening(position, happening.price, happening.action)
            return None
        is_past = self._at.position > start.position
        has_rested = is_past or order.live_ms < self._market.met_ms
        at = self._at if is_past else start
        return next_happening(order, self._market, self._supply, at, has_rested=has_rested)

    def _start_of(self, order: Order) -> Place:
        if order.order_id in self._starts:
            return self._starts[order.order_id]
        if order.live_ms <= self._market.bar.open_ms:
            return self._open
        position = self._market.position_of(order.live_ms)
        return Place(position, self._market.price(position))

    def _catch_up(self) -> None:
        """Takes in the orders that the last report led to, and guards that were resized."""
        new: list[Order] = []
        for order in reversed(self._working.values()):
            if order.order_id < self._next_new_id:
                break
            new.append(order)
        if new:
            self._next_new_id = new[0].order_id + 1
        here = [order for order in reversed(new) if order.symbol == self._market.instrument.symbol]
        for order in here:
            if self._market.position_of(order.live_ms) <= self._at.position:
                self._starts[order.order_id] = self._at
        changed = [each for each in self._missed if self._working.get(each.order_id) is not each]
        if changed:
            self._missed = [each for each in self._missed if self._working.get(each.order_id) is each]
        self._take_in(here)
        for order in changed:
            self._reconsider(order.order_id)

    def _look_again(self, order: Order) -> None:
        if self._working.get(order.order_id) is order:
            # Nothing came of it: no volume is left, or the report was refused.
            self._idle.add(order.order_id)
        else:
            self._reconsider(order.order_id)

    def _moved_triggers(self) -> Iterator[Report]:
        for order_id, trigger in self._trails.items():
            order = self._working.get(order_id)
            if order is not None and not order.is_triggered and order.trigger_price != trigger:
                yield TriggerMoved(order_id=order_id, trigger_price=trigger)

    def _happen(self, happening: Happening, order: Order) -> Iterator[Report]:
        match happening.action:
            case Action.CANCEL:
                yield Canceled(order_id=order.order_id, reason="as asked")
            case Action.WAKE:
                yield from self._wake(order)
            case Action.ARRIVE:
                yield from self._arrive(order)
            case Action.TAKE:
                yield from self._take(order)
            case Action.REST:
                yield from self._provide(order, happening.price)

    def _wake(self, order: Order) -> Iterator[Report]:
        if self._fillable(order) == 0:
            yield Canceled(order_id=order.order_id, reason=NOTHING_TO_REDUCE)
            return
        yield Triggered(order_id=order.order_id)
        awake = self._working.get(order.order_id)
        if awake is None or awake is order:
            return
        yield from self._take(awake) if awake.limit_price is None else self._arrive(awake)

    def _arrive(self, order: Order) -> Iterator[Report]:
        limit, lots = _limit_of(order), self._fillable(order)
        is_immediate = order.time_in_force in IMMEDIATE
        if not self._supply.is_marketable(order.signed_lots, limit, self._at.here):
            if is_immediate:
                yield Canceled(order_id=order.order_id, reason="nothing of it could be filled at once")
        elif order.time_in_force is TimeInForce.POST_ONLY:
            yield _refused(order, "it would take liquidity")
        elif order.time_in_force is TimeInForce.FOK and self._supply.offered(lots, limit) < abs(lots):
            yield Canceled(order_id=order.order_id, reason="not all of it could be filled at once")
        else:
            yield from self._take(order)
            # What volume or the book did not give waits for the next bar.
            self._idle.add(order.order_id)
            if is_immediate and order.order_id in self._working:
                yield Canceled(order_id=order.order_id, reason="the rest could not be filled at once")

    def _take(self, order: Order) -> Iterator[Report]:
        lots = self._fillable(order)
        if lots == 0:
            yield Canceled(order_id=order.order_id, reason=NOTHING_TO_REDUCE)
            return
        is_forced = order.purpose is OrderPurpose.LIQUIDATION
        taken = self._supply.take(lots, _limit_of(order), self._at.here, forced=is_forced)
        if taken is not None:
            price = self._watch.takeover_price(taken.price) if is_forced else taken.price
            yield from self._execute(order, taken.signed_lots, price, taken.stood, Liquidity.TAKER)

    def _provide(self, order: Order, price: float) -> Iterator[Report]:
        fillable = self._fillable(order)
        if fillable == 0:
            yield Canceled(order_id=order.order_id, reason=NOTHING_TO_REDUCE)
            return
        lots = self._supply.provide(fillable)
        if lots:
            yield from self._execute(order, lots, price, price, Liquidity.MAKER)

    def _execute(
        self, order: Order, lots: Lots, price: float, stood: float, liquidity: Liquidity
    ) -> Iterator[Report]:
        trade_id, ts_ms = f"paper-{self._state.next_fill_id}", self._stamp(order.live_ms)
        yield self._market.execution(order, trade_id, ts_ms, lots, price, stood, liquidity)
        now = self._working.get(order.order_id)
        if now is order:
            self._idle.add(order.order_id)  # The report was refused.
        elif now is not None and self._fillable(now) == 0:
            yield Canceled(order_id=order.order_id, reason=NOTHING_TO_REDUCE)

    def _stamp(self, since_ms: int = 0) -> int:
        """The instant of where the walk has come to: never before another told, nor before `since_ms`."""
        # An instant turned into a place and back may come out a millisecond early.
        self._now_ms = max(self._market.ts_of(self._at.position), self._now_ms, since_ms)
        return self._now_ms

    def _fillable(self, order: Order) -> Lots:
        """What of an order may be filled: of a reduce-only one, no more than there is to reduce."""
        if not order.reduce_only:
            return order.open_lots
        position = self._watch.held
        held = position.signed_lots if position else 0
        if held * order.signed_lots >= 0:
            return Lots(0)
        size = min(abs(order.open_lots), abs(held))
        return Lots(size if order.signed_lots > 0 else -size)


def _limit_of(order: Order) -> float:
    return nan if order.limit_price is None else order.limit_price


def _refused(order: Order, reason: str) -> Report:
    # What is being cancelled already can only be cancelled.
    if order.status is OrderStatus.PENDING_CANCEL:
        return Canceled(order_id=order.order_id, reason=reason)
    return Rejected(order_id=order.order_id, reason=reason)
