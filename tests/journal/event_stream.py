"""An arena's events, made up but consistent: the fold takes every one of them."""

from collections.abc import Iterator
from random import Random
from typing import Any

from cockpit.domain.debates import Debate, DebateMessage, Stance, SymbolConsensus, SymbolStance
from cockpit.domain.decisions import FailureKind, ModelCall, Target, Thesis
from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    AgentGrounded,
    AiProfileRemoved,
    AiProfileSaved,
    AlertAcknowledged,
    AskingSkipped,
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    Contestant,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    EntriesWithheld,
    Escalated,
    Event,
    FeedMeasured,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    MarketAdvanced,
    ModelCalled,
    PauseSet,
    Recorded,
    ReportRefused,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
    ThesisBroken,
    TraderProfileRemoved,
    TraderProfileSaved,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.market import MINUTE_MS, Micros
from cockpit.domain.profiles import AiProfile, Tier, TraderKind, TraderProfile
from cockpit.domain.routing import Escalation, RoutingMode, Trigger
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState
from tests.journal.order_stream import PRICES, OrderStream, instrument

START_MS = 1_760_000_040_000
CAPITAL = 10_000_000_000
BARS_PER_ROUND = 3
ORDERS_PER_ROUND = 2
LIQUIDATION_EVERY = 40
MODELS_EVERY = 25
PEOPLE_EVERY = 50


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
        self._batch: list[Event] = []
        self._orders = OrderStream(self._emit, self.state, self._random, run_id, self._ts_ms)
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
            self._orders.ts_ms = self._ts_ms
            self._advance()
            self._orders.meet_market()
            if bar == 0:
                self._fund()
            if bar < BARS_PER_ROUND - 1:
                yield self._taken()
        number = self.state.round + 1
        self._emit(RoundOpened(round=number, view_hash=f"{self._random.getrandbits(64):016x}"))
        for name in self._names:
            self._decide(name, number)
        for name in self._random.sample(self._names, min(ORDERS_PER_ROUND, len(self._names))):
            decided = self._random.random() < 0.9
            self._orders.enter(name, self._last_decision.get(name) if decided else None)
        self._by_models(number)
        self._by_force(number)
        self._by_people(number)
        self._rarely()
        equities = tuple(agent.watch.equity for agent in self.state.agents.values())
        self._emit(RoundClosed(round=number, equities=equities))
        yield self._taken()

    def _advance(self) -> None:
        marks = self._orders.marks
        lows, highs = [], []
        for base, before in marks.items():
            marks[base] *= 1 + self._random.uniform(-0.002, 0.002)
            lows.append(min(before, marks[base]) * 0.9995)
            highs.append(max(before, marks[base]) * 1.0005)
        fresh = tuple(self._random.random() < 0.95 for _ in marks)
        self._emit(
            MarketAdvanced(marks=tuple(marks.values()), fresh=fresh, lows=tuple(lows), highs=tuple(highs))
        )

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
        price = self._orders.marks[base]
        return Target(
            symbol=f"{base}/USDC:USDC",
            exposure=exposure,
            stop=price * (0.97 if exposure > 0 else 1.03),
            confidence=self._random.random(),
            reason="fast average above slow, volume confirms",
        )

    def _fund(self) -> None:
        if self.state.round % 20 != 10:
            return
        for name, agent in self.state.agents.items():
            for symbol, position in agent.account.positions.items():
                paid = Micros(round(position.cost * 0.0001))
                self._emit(FundingPaid(agent=name, symbol=symbol, rate=0.0001, paid=paid))

    def _by_models(self, number: int) -> None:
        if number % MODELS_EVERY != 7:
            return
        name = self._names[0]
        asked = {
            "model": "deepseek/deepseek-chat",
            "request": '{"messages": []}',
            "asked_ms": START_MS + number,
        }
        answered = {"reply": "{}", "raw": '{"id": 1}', "finish_reason": "stop", "input_tokens": 3_000}
        calls = (
            ModelCall(role="decide", key="k1", cost=Micros(1_200), attempts=1, **asked, **answered),
            ModelCall(role="repair", key="k2", fault="timeout", error="no answer within 5 s", **asked),
        )
        first_call_id = self.state.next_call_id
        for call in calls:
            self._emit(ModelCalled(call_id=self.state.next_call_id, agent=name, round=number, call=call))
        base = next(iter(PRICES))
        debate_id = self.state.next_debate_id
        self._emit(
            DebateHeld(
                debate_id=debate_id,
                agent=name,
                round=number,
                first_call_id=first_call_id,
                debate=self._debate(f"{base}/USDC:USDC", self._orders.marks[base]),
            )
        )
        self._by_asking(name, number)
        self._by_route(name, number)
        thesis = Thesis(invalidation="price < 1", leverage=3.0, risk=25.0)
        target = Target(symbol=f"{base}/USDC:USDC", exposure=1.0, quantity=0.5, thesis=thesis)
        self._emit(
            DecisionMade(
                decision_id=self.state.next_decision_id,
                agent=name,
                round=number,
                confidence=None,
                targets=(target,),
                refused=("ETH: leverage 1000 is over 20",),
            )
        )
        for reason in ("set DEEPSEEK_API_KEY", ""):
            self._emit(AgentGrounded(agent=name, reason=reason))
        for holder, agent in self.state.agents.items():
            for symbol in agent.account.positions:
                if symbol not in agent.targets:
                    continue
                broken = ThesisBroken(
                    agent=holder, symbol=symbol, condition="price < 1", closes=number % 2 == 0
                )
                self._emit(broken)

    def _by_asking(self, name: str, number: int) -> None:
        """Debates that somebody asks for: acted upon, a proposal, without a verdict, abandoned, under way."""
        base = next(iter(PRICES))
        symbol = f"{base}/USDC:USDC"
        target = Target(symbol=symbol, exposure=-0.5, stop=9e6, thesis=Thesis(invalidation="price > 9"))
        said = {"proposal": (target,), "refused": ("no",), "checks": ("sell 1 at the market: passes",)}
        for how in (
            said | {"decision_id": self.state.next_decision_id},
            said,
            {"failed": "the judge is mute"},
        ):
            debate_id = self._ask(name, symbol, execute="decision_id" in how)
            call_id = self.state.next_call_id
            call = ModelCall(role="judge", model="x/y", key="k3", request="{}")
            self._emit(ModelCalled(call_id=call_id, agent=name, round=number, call=call, debate_id=debate_id))
            self._emit(
                DebateHeld(
                    debate_id=debate_id,
                    agent=name,
                    round=number,
                    first_call_id=call_id,
                    debate=self._debate(symbol, self._orders.marks[base]),
                    asked=True,
                    **how,
                )
            )
            if "decision_id" in how:
                self._emit(
                    DecisionMade(
                        decision_id=how["decision_id"],
                        agent=name,
                        round=number,
                        confidence=None,
                        targets=(target,),
                    )
                )
        abandoned = self._ask(name, symbol, execute=False)
        self._emit(DebateAbandoned(debate_id=abandoned, agent=name, reason="the bot was interrupted"))
        self._ask(name, symbol, execute=True)

    def _ask(self, name: str, symbol: str, *, execute: bool) -> int:
        debate_id = self.state.next_debate_id
        self._emit(DebateAsked(debate_id=debate_id, agent=name, symbol=symbol, by="alice", execute=execute))
        return debate_id

    def _by_route(self, name: str, number: int) -> None:
        escalation = Escalation(
            triggers=(Trigger.DISAGREEMENT, Trigger.NOTIONAL),
            reason="1 of 2 agree on BTC; it asks for 2.1 times its equity",
            cheap=("x/small", "y/small"),
            powerful="x/y",
            changed=(True, False, None)[number % 3],
            cheap_cost=Micros(300),
            powerful_cost=None if number % 2 else Micros(9_000),
        )
        symbols = tuple(f"{base}/USDC:USDC" for base in PRICES)
        self._emit(Escalated(agent=name, round=number, escalation=escalation))
        self._emit(EntriesWithheld(agent=self._names[-1], round=number, symbols=symbols))
        self._emit(AskingSkipped(agent=self._names[-1], round=number, reason="nothing moved"))

    def _debate(self, symbol: str, mark: float) -> Debate:
        def said(role: str, stance: Stance, turn: int, **how: Any) -> DebateMessage:
            stances = (SymbolStance(symbol=symbol, stance=stance, confidence=self._random.random()),)
            return DebateMessage(role=role, turn=turn, model="x/y", stances=stances, **how)

        bull = said("bull", Stance.LONG, 1, signals=("RSI 28",), argument="It is oversold.", call=0)
        bear = DebateMessage(turn=1, role="bear", model="x/y", failed="no answer within 5 s", call=1)
        return Debate(
            symbols=(symbol,),
            messages=(
                bull,
                bear,
                said("bull", Stance.FLAT, 2, tools=("bars",)),
                said("judge", Stance.LONG, 3),
            ),
            consensus=(
                SymbolConsensus(
                    symbol=symbol, stance=Stance.FLAT, confidence=0.6, agreement=None, opinions=1, mark=mark
                ),
            ),
            agreement=None,
            is_disagreed=False,
            shadow=said("shadow", Stance.SHORT, 0),
            prompt_version="0123",
            horizon_ms=MODELS_EVERY * BARS_PER_ROUND * MINUTE_MS,
        )

    def _by_force(self, number: int) -> None:
        holders = [name for name, agent in self.state.agents.items() if agent.account.positions]
        if number % LIQUIDATION_EVERY != 15 or not holders:
            return
        shorts = [name for name in holders if self._is_short(name)]
        self._orders.liquidate((shorts or holders)[0])

    def _is_short(self, name: str) -> bool:
        (*others, last) = self.state.agents[name].account.positions.values()
        return not others and last.signed_lots < 0

    def _by_people(self, number: int) -> None:
        if number % PEOPLE_EVERY != 20:
            return
        name, person = self._names[0], "a person"
        for mode in (TradingMode.REDUCING, TradingMode.ACTIVE):
            self._emit(TradingModeSet(mode=mode, by=person))
        for stage in EmergencyStage:
            self._emit(EmergencyAdvanced(stage=stage, by=person, attempt=1, detail="2 orders left"))
        self._emit(KillSwitchSet(on=False, by=person))
        refused = {"agent": name, "order_id": 1, "report": "executed", "reason": "it is filled already"}
        self._emit(ReportRefused(**refused))
        self._emit(AlertAcknowledged(alert=self.state.alerts[-1].seq, by=person))
        self._emit(AccountSynced(agent=name, by=person))
        self._emit(FeedMeasured(age_ms=1_200, skew_ms=-40))
        self._by_profiles(number)
        for symbol in (None, f"{next(iter(PRICES))}/USDC:USDC"):
            self._emit(
                EntriesLocked(
                    agent=name,
                    symbol=symbol,
                    protection="stoploss_guard",
                    reason="4 stops in 1h",
                    until_ms=self._ts_ms + 60 * MINUTE_MS,
                )
            )

    def _by_profiles(self, number: int) -> None:
        """One of each kind stays, one is saved again, one is removed."""
        saved = {"by": "a person", "wall_ms": START_MS + number}
        pro = AiProfile(name="pro", model="x/y", mode=RoutingMode.CHEAP_FIRST, budget_total=Micros(5))
        cheap = AiProfile(name=f"cheap_{number}", model="x/z", tier=Tier.CHEAP, budget_daily=Micros(7))
        duo = TraderProfile(name="duo", kind=TraderKind.LLM, minds=("pro", cheap.name), note="as a pair")
        rests = TraderProfile(
            name="ema", kind=TraderKind.STRATEGY, strategy="ema_cross", timeframe="15m", competes=False
        )
        for ai in (pro, cheap, AiProfile(name="gone", model="x/y")):
            self._emit(AiProfileSaved(profile=ai, **saved))
        for trader in (duo, rests, TraderProfile(name="gone", kind=TraderKind.LLM, minds=("gone",))):
            self._emit(TraderProfileSaved(profile=trader, **saved))
        self._emit(TraderProfileRemoved(name="gone", **saved))
        self._emit(AiProfileRemoved(name="gone", **saved))

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
