"""Small runs, told event by event; the real fold takes every one of them."""

from dataclasses import dataclass, field, replace
from typing import Any

from cockpit.domain.debates import Debate, DebateMessage, Stance, SymbolConsensus, SymbolStance
from cockpit.domain.decisions import FailureKind, ModelCall, Target
from cockpit.domain.events import (
    AskingSkipped,
    BotStarted,
    CapitalAllocated,
    Contestant,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    EntriesWithheld,
    Escalated,
    Event,
    MarketAdvanced,
    ModelCalled,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    Recorded,
    RoundClosed,
    RoundOpened,
    RunStarted,
    TradeClosed,
)
from cockpit.domain.market import MICROS_PER_UNIT, MINUTE_MS, Instrument, Lots, Micros
from cockpit.domain.orders import Fill, Liquidity, Order, OrderKind, OrderPurpose, OrderStatus
from cockpit.domain.routing import Escalation, Trigger
from cockpit.trading.accounting import apply_fill, fee_micros, notional_micros
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState

START_MS = 1_735_689_600_000
"""2025-01-01T00:00:00Z."""

CONTROL = "buy_and_hold"
"""Who is a control where they take part."""

SYMBOL = "BTC/USDC:USDC"
BTC = Instrument(
    symbol=SYMBOL,
    base="BTC",
    quote="USDC",
    tick_size=0.01,
    lot_size=0.01,
    min_notional=Micros(0),
    maker_fee_rate=0.0,
    taker_fee_rate=0.001,
    max_leverage=10.0,
)


def micros(units: float) -> Micros:
    return Micros(round(units * MICROS_PER_UNIT))


@dataclass(slots=True)
class Story:
    """A run with one instrument, a round a step, $1,000 an agent, and something to spare."""

    names: tuple[str, ...] = ("alice", "bob")
    step_ms: int = MINUTE_MS
    spare: float = 0
    quote: str = "USDC"
    events: list[Recorded] = field(default_factory=list)
    state: ArenaState = field(default_factory=ArenaState)
    now_ms: int = START_MS

    def __post_init__(self) -> None:
        self.tell(
            RunStarted(
                bot="arena",
                settings_digest="0123456789abcdef",
                seed=7,
                market="simulated",
                venue="paper",
                mode="paper",
                quote=self.quote,
                instruments=(BTC,),
                contestants=tuple(
                    Contestant(name=name, kind="strategy", summary="does as told", is_control=name == CONTROL)
                    for name in self.names
                ),
                market_interval_ms=self.step_ms,
                round_interval_ms=self.step_ms,
                start_ms=START_MS,
                capital_in=micros(1_000 * len(self.names) + self.spare),
                agent_limits={"drawdown": 0.2},
                arena_limits={"drawdown": 0.2},
            )
        )
        for name in self.names:
            self.tell(CapitalAllocated(agent=name, amount=micros(1_000)))
        self.tell(BotStarted(wall_ms=1_800_000_000_000, recovered_from="", notices=("a notice",)))

    def tell(self, event: Event) -> None:
        recorded = Recorded(len(self.events) + 1, self.now_ms, "run-1", event)
        apply(self.state, recorded)
        self.events.append(recorded)

    def step(self, mark: float) -> None:
        """The next bar closes at `mark`."""
        self.now_ms += self.step_ms
        self.tell(MarketAdvanced(marks=(mark,), fresh=(True,)))

    def round(self) -> None:
        """A round in which nobody is asked."""
        number = self.state.round + 1
        self.tell(RoundOpened(round=number, view_hash=f"view-{number}"))
        equities = tuple(agent.watch.equity for agent in self.state.agents.values())
        self.tell(RoundClosed(round=number, equities=equities))

    def rounds(self, marks: list[float]) -> None:
        for mark in marks:
            self.step(float(mark))
            self.round()

    def decide(
        self,
        agent: str,
        confidence: float | None,
        reason: str = "",
        exposure: float = 1.0,
        refused: tuple[str, ...] = (),
    ) -> int:
        """A decision on the one instrument; its number."""
        decision_id = self.state.next_decision_id
        self.tell(
            DecisionMade(
                decision_id=decision_id,
                agent=agent,
                round=self.state.round,
                confidence=confidence,
                targets=(Target(symbol=SYMBOL, exposure=exposure, confidence=confidence, reason=reason),),
                refused=refused,
            )
        )
        return decision_id

    def fail(self, agent: str, message: str, failure: FailureKind = FailureKind.CRASH) -> None:
        self.tell(DecisionFailed(agent=agent, round=self.state.round, failure=failure, message=message))

    def ask(self, agent: str, cost: float | None, role: str = "decide", **call: Any) -> None:
        """A model is asked: what that cost is dollars, None where nobody knows."""
        asked = ModelCall(
            role=role,
            model="deepseek/deepseek-chat",
            key="k",
            request="{}",
            cost=None if cost is None else micros(cost),
            **call,
        )
        number = self.state.next_call_id
        self.tell(ModelCalled(call_id=number, agent=agent, round=self.state.round, call=asked))

    def hold(self, agent: str, debate: Debate) -> None:
        """A debate is held."""
        number = self.state.next_debate_id
        held = DebateHeld(
            debate_id=number, agent=agent, round=self.state.round, first_call_id=1, debate=debate
        )
        self.tell(held)

    def escalate(self, agent: str, changed: bool | None, *triggers: Trigger) -> None:
        """A decision was passed on to a powerful model."""
        escalation = Escalation(
            triggers=triggers,
            reason="it was so",
            cheap=("x/small",),
            powerful="x/large",
            changed=changed,
            cheap_cost=None,
            powerful_cost=None,
        )
        self.tell(Escalated(agent=agent, round=self.state.round, escalation=escalation))

    def order(self, agent: str, lots: int, decision_id: int | None = None) -> Order:
        order_id = self.state.next_order_id
        order = Order(
            order_id=order_id,
            client_order_id=f"cockpit-{order_id}",
            parent_id=None,
            decision_id=decision_id,
            agent=agent,
            symbol=SYMBOL,
            kind=OrderKind.MARKET,
            purpose=OrderPurpose.REBALANCE,
            signed_lots=Lots(lots),
            created_ms=self.now_ms,
        )
        self.tell(OrderCreated(order=order))
        return order

    def end_order(self, order: Order, status: OrderStatus, reason: str = "") -> None:
        """An order is denied or held as soon as it is created."""
        self.tell(
            OrderMoved(
                agent=order.agent,
                order_id=order.order_id,
                before=OrderStatus.CREATED,
                after=status,
                reason=reason,
            )
        )

    def trade(
        self, agent: str, lots: int, price: float, slippage: float = 0.0, decision_id: int | None = None
    ) -> None:
        """An order is created, sent and filled at once, with a fee of 0.1 %."""
        order = self.order(agent, lots, decision_id)
        self.send(order)
        self.fill(order, lots, price, slippage)

    def send(self, order: Order) -> None:
        for before, after in (
            (OrderStatus.CREATED, OrderStatus.SUBMITTED),
            (OrderStatus.SUBMITTED, OrderStatus.ACCEPTED),
        ):
            self.tell(OrderMoved(agent=order.agent, order_id=order.order_id, before=before, after=after))

    def fill(self, order: Order, lots: int, price: float, slippage: float = 0.0) -> None:
        notional = abs(notional_micros(lots, BTC.lot_size, price))
        fill = Fill(
            fill_id=self.state.next_fill_id,
            order_id=order.order_id,
            agent=order.agent,
            symbol=SYMBOL,
            ts_ms=self.now_ms,
            signed_lots=Lots(lots),
            price=price,
            fee_micros=Micros(fee_micros(notional, BTC.taker_fee_rate)),
            liquidity=Liquidity.TAKER,
            slippage=micros(slippage),
        )
        agent = self.state.agents[order.agent]
        excursion = agent.excursions.get(SYMBOL)
        seen = None if excursion is None else (excursion.lowest, excursion.highest)
        outcome = apply_fill(agent.account, fill, BTC, order.purpose, seen=seen)
        self.tell(OrderFilled(fill=fill, notional=Micros(notional), realized=outcome.realized))
        if outcome.trade is not None:
            self.tell(TradeClosed(trade=outcome.trade))


def minds(*, control: bool = True, quote: str = "USDC") -> Story:
    """Alice and bob ask models, carol asks none; $1,000 each, a round a minute, fees 0.1 %.

    Alice pays $0.0075 for three rounds: two decisions, of which one is repaired, and one without an answer.
    She wins $9.79 with a confidence of 0.8, and with one of 0.6 earns $0.10, of which fees leave −$0.1201.
    Bob loses $10.21 with a confidence of 0.9; of his two calls, one of $0.003, the other has no price.
    Buy & hold holds 9 BTC from 100.00 to 100.50, a fee of $0.90 paid: $3.60.
    """
    story = Story(names=("alice", "bob", "carol", *((CONTROL,) if control else ())), quote=quote)
    story.rounds([100])
    answered: dict[str, Any] = {"input_tokens": 3_000, "output_tokens": 200}
    story.ask("alice", 0.002, latency_ms=1_500, **answered)
    story.ask("alice", 0.0005, "repair", latency_ms=500, **answered)
    won = story.decide("alice", 0.8, refused=("ETH: leverage 1000 is over 20", "SOL: no such coin"))
    story.trade("alice", 100, 100.0, decision_id=won)
    if control:
        story.trade(CONTROL, 900, 100.0)
    story.rounds([110])
    story.trade("alice", -100, 110.0)
    story.ask("alice", 0.004, latency_ms=2_500, **answered)
    lost = story.decide("alice", 0.6)
    story.trade("alice", 100, 110.0, decision_id=lost)
    story.ask("bob", None, latency_ms=700)
    story.trade("bob", 100, 110.0, decision_id=story.decide("bob", 0.9))
    story.rounds([110.1])
    story.trade("alice", -100, 110.1)
    story.ask("alice", 0.001, fault="timeout", error="no answer within 10 s", latency_ms=10_000)
    story.fail("alice", "alice gave no answer within 10 s", FailureKind.TIMEOUT)
    story.rounds([100])
    story.ask("bob", 0.003, latency_ms=300, input_tokens=1_000)
    story.trade("bob", -100, 100.0, decision_id=story.decide("bob", 0.4, exposure=0.0))
    story.rounds([100.5])
    return story


def spoken(role: str, stance: Stance | None, confidence: float | None = 0.6, turn: int = 1) -> DebateMessage:
    """What a role says of the one instrument; None: nothing."""
    stances = () if stance is None else (SymbolStance(symbol=SYMBOL, stance=stance, confidence=confidence),)
    return DebateMessage(turn=turn, role=role, model="deepseek/deepseek-chat", stances=stances)


def debate(
    mark: float | None,
    agreement: float | None,
    consensus: Stance | None,
    *messages: DebateMessage,
    shadow: DebateMessage | None = None,
) -> Debate:
    """One that counts as disagreed below 0.6; two rounds later it shows who was right."""
    view = SymbolConsensus(
        symbol=SYMBOL, stance=consensus, confidence=0.6, agreement=agreement, opinions=2, mark=mark
    )
    return Debate(
        symbols=(SYMBOL,),
        messages=messages,
        consensus=(view,),
        agreement=agreement,
        is_disagreed=agreement is not None and agreement < 0.6,
        shadow=shadow,
        prompt_version="v",
        horizon_ms=2 * MINUTE_MS,
    )


def deliberations() -> Story:
    """Alice's roles debate in three rounds, bob asks a cheap model first in four; carol asks nobody.

    Alice's analysts agree, disagree and agree; her judge goes with them in the first and the last round.
    Prices go from 100 to 102, which is more than two fees of 0.1 %, and stay there.
    Bob is passed on twice, once with a change; he skips one round, and once may not enter.
    """
    story = Story(names=("alice", "bob", "carol"))
    long, short = spoken("bull", Stance.LONG, 0.9), spoken("bear", Stance.SHORT, 0.6)
    verdict, otherwise = spoken("judge", Stance.LONG, 0.7, 2), spoken("shadow", Stance.FLAT, 0.5, 0)
    story.rounds([100])
    story.ask("alice", 0.01, "bull")
    story.hold("alice", debate(100.0, 1.0, Stance.LONG, long, verdict, shadow=otherwise))
    story.ask("bob", 0.001, "cheap")
    story.rounds([101])
    story.ask("alice", 0.01, "bull")
    story.hold("alice", debate(101.0, 0.5, Stance.SHORT, long, short, verdict, shadow=verdict_of(otherwise)))
    story.ask("bob", 0.001, "cheap")
    story.ask("bob", 0.02, "powerful")
    story.escalate("bob", True, Trigger.CONFIDENCE, Trigger.NOTIONAL)
    story.rounds([102])
    story.hold("alice", debate(102.0, None, None, spoken("bull", None)))
    story.ask("bob", 0.001, "cheap")
    story.ask("bob", 0.01, "powerful")
    story.ask("bob", 0.0005, "repair")
    story.escalate("bob", None, Trigger.CONFIDENCE)
    story.rounds([102])
    story.tell(AskingSkipped(agent="bob", round=story.state.round, reason="nothing moved"))
    story.rounds([102])
    story.ask("bob", 0.0015, "cheap")
    story.tell(EntriesWithheld(agent="bob", round=story.state.round, symbols=(SYMBOL,)))
    story.rounds([102])
    return story


def verdict_of(shadow: DebateMessage) -> DebateMessage:
    """A shadow that says what the judge does."""
    return replace(shadow, stances=(SymbolStance(symbol=SYMBOL, stance=Stance.LONG, confidence=0.5),))
