"""An arena's events, made up but consistent: the fold takes every one of them."""

from collections.abc import Iterator
from random import Random

from cockpit.domain.accounts import Account
from cockpit.domain.decisions import FailureKind, Target
from cockpit.domain.events import (
    ARENA,
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    Contestant,
    DecisionFailed,
    DecisionMade,
    Event,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    MarketAdvanced,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    PauseSet,
    Recorded,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
    TradeClosed,
)
from cockpit.domain.market import MINUTE_MS, Instrument, Lots, Micros
from cockpit.domain.orders import Fill, Liquidity, Order, OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.accounting import apply_fill, fee_micros, notional_micros
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState

START_MS = 1_760_000_040_000
CAPITAL = 10_000_000_000
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0, "BNB": 600.0, "DOGE": 0.12, "XRP": 0.5}
BARS_PER_ROUND = 3
ORDERS_PER_ROUND = 2


def instrument(base: str, price: float) -> Instrument:
    return Instrument(
        symbol=f"{base}/USDC:USDC",
        base=base,
        quote="USDC",
        tick_size=0.0001 if price < 10 else 0.01,
        lot_size=1.0 if price < 10 else 0.001,
        min_notional=Micros(10_000_000),
        maker_fee_rate=0.00015,
        taker_fee_rate=0.00045,
        max_leverage=10.0,
        funding_interval_ms=60 * MINUTE_MS,
    )


class EventStream:
    """Batches of events, as a coordinator would commit them.

    Attributes:
        state: The fold of everything given out so far.
    """

    def __init__(self, seed: int = 7, agents: int = 11, run_id: str = "run-1", first_seq: int = 1) -> None:
        self.run_id = run_id
        self.state = ArenaState()
        self._random = Random(seed)
        self._seq = first_seq - 1
        self._ts_ms = START_MS
        self._names = [f"agent_{number:02}" for number in range(agents)]
        self._marks = dict(PRICES)
        self._batch: list[Event] = []
        self._last_decision: dict[str, int] = {}

    def batches(self, rounds: int, *, finish: bool = False) -> Iterator[tuple[int, list[Event]]]:
        """Market time and events of one commit after the other."""
        if self.state.run is None:
            self._open()
            yield self._taken()
        for _ in range(rounds):
            yield from self._round()
        if finish:
            self._emit(RunFinished(reason="rounds"))
            self._emit(BotStopped(wall_ms=START_MS, reason="finished"))
            yield self._taken()

    def _emit(self, event: Event) -> None:
        self._seq += 1
        apply(self.state, Recorded(self._seq, self._ts_ms, self.run_id, event))
        self._batch.append(event)

    def _taken(self) -> tuple[int, list[Event]]:
        taken, self._batch = self._batch, []
        return self._ts_ms, taken

    def _open(self) -> None:
        limits = {"drawdown": 0.2, "daily_loss": None}
        self._emit(
            RunStarted(
                bot="arena",
                settings_digest="d1",
                seed=7,
                market="simulated",
                venue="paper",
                mode="paper",
                quote="USDC",
                instruments=tuple(instrument(base, price) for base, price in PRICES.items()),
                contestants=tuple(Contestant(name=name, kind="strategy", summary="") for name in self._names),
                market_interval_ms=MINUTE_MS,
                round_interval_ms=BARS_PER_ROUND * MINUTE_MS,
                start_ms=START_MS,
                capital_in=Micros(CAPITAL * len(self._names)),
                agent_limits=dict(limits),
                arena_limits=dict(limits),
            )
        )
        self._emit(BotStarted(wall_ms=START_MS, recovered_from=""))
        for name in self._names:
            self._emit(CapitalAllocated(agent=name, amount=Micros(CAPITAL)))

    def _round(self) -> Iterator[tuple[int, list[Event]]]:
        for bar in range(BARS_PER_ROUND):
            self._ts_ms += MINUTE_MS
            self._advance()
            self._fill_working()
            if bar == 0:
                self._fund()
            if bar < BARS_PER_ROUND - 1:
                yield self._taken()
        number = self.state.round + 1
        self._emit(RoundOpened(round=number, view_hash=f"{self._random.getrandbits(64):016x}"))
        for name in self._names:
            self._decide(name, number)
        for name in self._random.sample(self._names, min(ORDERS_PER_ROUND, len(self._names))):
            self._order(name)
        self._rarely()
        equities = tuple(agent.watch.equity for agent in self.state.agents.values())
        self._emit(RoundClosed(round=number, equities=equities))
        yield self._taken()

    def _advance(self) -> None:
        for base in self._marks:
            self._marks[base] *= 1 + self._random.uniform(-0.002, 0.002)
        fresh = tuple(self._random.random() < 0.95 for _ in self._marks)
        self._emit(MarketAdvanced(marks=tuple(self._marks.values()), fresh=fresh))

    def _decide(self, name: str, number: int) -> None:
        if self._random.random() < 0.01:
            failure = DecisionFailed(
                agent=name, round=number, failure=FailureKind.CRASH, message="division by zero"
            )
            self._emit(failure)
            return
        targets = tuple(self._target(base) for base in PRICES if self._random.random() < 0.15)
        confidence = targets[0].confidence if targets else None
        self._last_decision[name] = decision_id = self.state.next_decision_id
        self._emit(
            DecisionMade(
                decision_id=decision_id, agent=name, round=number, confidence=confidence, targets=targets
            )
        )

    def _target(self, base: str) -> Target:
        exposure = self._random.uniform(-1, 1)
        price = self._marks[base]
        return Target(
            symbol=f"{base}/USDC:USDC",
            exposure=exposure,
            stop=price * (0.97 if exposure > 0 else 1.03),
            confidence=self._random.random(),
            reason="fast average above slow, volume confirms",
        )

    def _order(self, name: str) -> None:
        base = self._random.choice(list(PRICES))
        listed = instrument(base, PRICES[base])
        held = self.state.agents[name].account.positions.get(listed.symbol)
        held_lots = held.signed_lots if held else 0
        wanted = self._random.choice((-1, 0, 0, 1)) * int(1_000 / self._marks[base] / listed.lot_size)
        wanted += 3 if wanted else 0
        lots = Lots(wanted - held_lots)
        if lots == 0:
            return
        order_id = self.state.next_order_id
        self._emit(
            OrderCreated(
                order=Order(
                    order_id=order_id,
                    client_order_id=f"{self.run_id}-{order_id}",
                    parent_id=None,
                    decision_id=self._last_decision.get(name) if self._random.random() < 0.9 else None,
                    agent=name,
                    symbol=listed.symbol,
                    kind=OrderKind.MARKET,
                    purpose=OrderPurpose.REBALANCE,
                    signed_lots=lots,
                    created_ms=self._ts_ms,
                )
            )
        )
        if self._random.random() < 0.05:
            self._move(name, order_id, OrderStatus.DENIED, rule="max_leverage", reason="leverage 11 above 10")
        elif self._random.random() < 0.02:
            self._move(name, order_id, OrderStatus.HELD)
        else:
            self._move(name, order_id, OrderStatus.SUBMITTED)

    def _move(self, name: str, order_id: int, after: OrderStatus, **said: str) -> None:
        before = self.state.agents[name].working[order_id].status
        self._emit(OrderMoved(agent=name, order_id=order_id, before=before, after=after, **said))

    def _fill_working(self) -> None:
        for name, agent in self.state.agents.items():
            for order in list(agent.working.values()):
                if order.status is OrderStatus.SUBMITTED:
                    self._move(name, order.order_id, OrderStatus.ACCEPTED)
                if self._random.random() < 0.03:
                    self._move(name, order.order_id, OrderStatus.CANCELED, reason="asked to")
                    continue
                part = order.open_lots // 2 if self._random.random() < 0.2 else order.open_lots
                self._fill(agent.account, order, Lots(part or order.open_lots))

    def _fill(self, account: Account, order: Order, lots: Lots) -> None:
        base = order.symbol.split("/")[0]
        listed = instrument(base, PRICES[base])
        price = listed.round_price(self._marks[base])
        notional = abs(notional_micros(lots, listed.lot_size, price))
        fill = Fill(
            fill_id=self.state.next_fill_id,
            order_id=order.order_id,
            agent=order.agent,
            symbol=order.symbol,
            ts_ms=self._ts_ms,
            signed_lots=lots,
            price=price,
            fee_micros=Micros(fee_micros(notional, listed.taker_fee_rate)),
            liquidity=Liquidity.TAKER,
        )
        outcome = apply_fill(account, fill, listed, order.purpose, order.decision_id)
        self._emit(OrderFilled(fill=fill, notional=Micros(notional), realized=outcome.realized))
        if outcome.trade is not None:
            self._emit(TradeClosed(trade=outcome.trade))

    def _fund(self) -> None:
        if self.state.round % 20 != 10:
            return
        for name, agent in self.state.agents.items():
            for symbol, position in agent.account.positions.items():
                paid = Micros(round(position.cost * 0.0001))
                self._emit(FundingPaid(agent=name, symbol=symbol, rate=0.0001, paid=paid))

    def _rarely(self) -> None:
        chance = self._random.random()
        scope = self._random.choice([ARENA, *self._names])
        if chance < 0.02:
            reason = "drawdown 20.1 % reached its limit of 20 %"
            tripped = BreakerTripped(
                scope=scope, breaker="drawdown", value=0.201, limit=0.2, reason=reason, stopped="trading"
            )
            self._emit(tripped)
            self._emit(BreakerReset(scope=scope, breaker="drawdown", by="a person"))
        elif chance < 0.03:
            self._emit(KillSwitchSet(on=True, by="a person"))
            self._emit(KillSwitchSet(on=False, by="a person"))
        elif chance < 0.04:
            self._emit(PauseSet(on=True, by="a person"))
            self._emit(PauseSet(on=False, by="a person"))
            self._emit(JournalOutage(lasted_ms=1_500, reason="database is locked"))
