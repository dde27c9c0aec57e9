"""Every event can be told in one line."""

from dataclasses import replace

from cockpit.arena.narration import is_routine, narrate
from cockpit.domain.debates import Debate, Stance, SymbolConsensus
from cockpit.domain.decisions import FailureKind, ModelCall, Target
from cockpit.domain.events import (
    ARENA,
    KIND_OF,
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
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    EntriesWithheld,
    Escalated,
    FeedMeasured,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    ModelCalled,
    OrderAmended,
    PauseSet,
    ReportRefused,
    ShortfallCovered,
    ThesisBroken,
    TraderProfileRemoved,
    TraderProfileSaved,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.market import Lots, Micros
from cockpit.domain.profiles import AiProfile, TraderKind, TraderProfile
from cockpit.domain.routing import Escalation, Trigger
from tests.arena.conftest import parts_of

FLAGS = {"arena": {"rounds": 90}, "market": {"speed": "max", "symbols": ["BTC", "DOGE"]}}


def debate_of(agreement, *, is_disagreed):
    views = (("BTC/USDC:USDC", Stance.LONG, agreement), ("DOGE/USDC:USDC", None, None))
    consensus = tuple(
        SymbolConsensus(symbol=symbol, stance=stance, confidence=0.7, agreement=share, opinions=5, mark=2.0)
        for symbol, stance, share in views
    )
    return Debate(
        symbols=tuple(each.symbol for each in consensus),
        messages=(),
        consensus=consensus,
        agreement=agreement,
        is_disagreed=is_disagreed,
        shadow=None,
        prompt_version="v",
        horizon_ms=60_000,
    )


def escalation_of(changed, powerful_cost):
    return Escalation(
        triggers=(Trigger.CONFIDENCE,),
        reason="confidence 0.4 in BTC is below 0.6",
        cheap=("x/small", "y/small"),
        powerful="x/y",
        changed=changed,
        cheap_cost=Micros(1_500),
        powerful_cost=powerful_cost,
    )


ASKED = DebateHeld(
    debate_id=3,
    agent="cash",
    round=2,
    first_call_id=9,
    debate=debate_of(0.8, is_disagreed=False),
    asked=True,
)
RARE = (
    BotStarted(wall_ms=0, recovered_from="state.json and 3 events", notices=("one gap",)),
    BotStopped(wall_ms=0, reason="stopped on request"),
    JournalOutage(lasted_ms=61_000, reason="disk full"),
    DecisionFailed(agent="cash", round=1, failure=FailureKind.TIMEOUT, message="no answer"),
    FundingPaid(agent="cash", symbol="BTC/USDC:USDC", rate=0.0001, paid=Micros(-5_000_000)),
    BreakerTripped(
        scope=ARENA, breaker="drawdown", value=0.21, limit=0.2, reason="21 % of 20 %", stopped="all trading"
    ),
    BreakerReset(scope="cash", breaker="drawdown", by="a person"),
    KillSwitchSet(on=True, by="a person"),
    PauseSet(on=False, by="a person"),
    OrderAmended(
        agent="cash",
        order_id=7,
        signed_lots=Lots(-40),
        trigger_price=49_000.0,
        limit_price=None,
        reason="follows its position",
    ),
    ReportRefused(agent="cash", order_id=7, report="executed", reason="more than the 3 left to fill"),
    AccountSynced(agent="cash", by="a person"),
    MarginExhausted(
        agent="cash",
        symbol="BTC/USDC:USDC",
        price=45_000.5,
        equity=Micros(9_000_000),
        maintenance=Micros(10_000_000),
    ),
    ShortfallCovered(agent="cash", amount=Micros(1_500_000)),
    EntriesLocked(
        agent="cash", symbol="BTC/USDC:USDC", protection="StoplossGuard", reason="4 stops", until_ms=0
    ),
    EntriesLocked(agent="cash", symbol=None, protection="MaxDrawdown", reason="it fell", until_ms=0),
    EntriesLocked(
        agent="cash", symbol=None, protection="StoplossGuard", reason="2 stops", until_ms=0, is_long=False
    ),
    TradingModeSet(mode=TradingMode.REDUCING, by="a person"),
    EmergencyAdvanced(stage=EmergencyStage.CANCELING, by="a person", attempt=1, detail="3 orders to cancel"),
    EmergencyAdvanced(
        stage=EmergencyStage.FLATTENING, by="a person", attempt=2, detail="1 positions still open"
    ),
    AlertAcknowledged(alert=12, by="a person"),
    FeedMeasured(age_ms=61_000, skew_ms=-40),
    ModelCalled(
        call_id=1,
        agent="cash",
        round=1,
        call=ModelCall(
            role="decide", model="x/y", key="k", request="{}", cost=Micros(3_120), latency_ms=2_100
        ),
    ),
    ModelCalled(
        call_id=2,
        agent="cash",
        round=1,
        call=ModelCall(role="bull", model="x/y", key="k", request="{}", fault="timeout", error="too slow"),
    ),
    DebateHeld(
        debate_id=1, agent="cash", round=1, first_call_id=1, debate=debate_of(0.8, is_disagreed=False)
    ),
    DebateHeld(debate_id=2, agent="cash", round=2, first_call_id=9, debate=debate_of(0.4, is_disagreed=True)),
    DebateAsked(debate_id=3, agent="cash", symbol="BTC/USDC:USDC", by="a person", execute=True),
    ASKED,
    replace(ASKED, proposal=(Target(symbol="BTC/USDC:USDC", exposure=-0.5),), decision_id=7),
    replace(ASKED, failed="the judge is mute"),
    DebateAbandoned(debate_id=4, agent="cash", reason="the bot was stopped"),
    Escalated(agent="cash", round=3, escalation=escalation_of(True, Micros(21_000))),
    Escalated(agent="cash", round=4, escalation=escalation_of(None, None)),
    EntriesWithheld(agent="cash", round=5, symbols=("BTC/USDC:USDC", "DOGE/USDC:USDC")),
    AskingSkipped(agent="cash", round=6, reason="nothing moved by 0.1%"),
    AgentGrounded(agent="cash", reason="set DEEPSEEK_API_KEY"),
    ThesisBroken(agent="cash", symbol="BTC/USDC:USDC", condition="price below 90000", closes=True),
    AiProfileSaved(profile=AiProfile(name="pro", model="deepseek/deepseek-chat"), by="alice", wall_ms=1),
    AiProfileRemoved(name="pro", by="alice", wall_ms=2),
    TraderProfileSaved(
        profile=TraderProfile(name="duo", kind=TraderKind.LLM, minds=("pro",)), by="alice", wall_ms=3
    ),
    TraderProfileSaved(
        profile=TraderProfile(name="duo", kind=TraderKind.LLM, minds=("pro",), competes=False),
        by="alice",
        wall_ms=4,
    ),
    TraderProfileRemoved(name="duo", by="alice", wall_ms=5),
)


async def test_every_kind_of_event_is_told_in_one_line(stage):
    coordinator = await stage.begin(parts_of(FLAGS))
    await coordinator.run()
    events = [each.event for each in stage.journal.events()] + list(RARE)
    instruments = {each.symbol: each for each in coordinator.recorder.committed.agreement.instruments}
    lines = {type(event): narrate(event, instruments) for event in events}
    assert lines.keys() == KIND_OF.keys()
    assert all(line and "\n" not in line for line in lines.values())


def test_what_matters_is_told_plainly():
    told = [narrate(event, {}) for event in RARE]
    assert told == [
        "bot started, recovered from state.json and 3 events; one gap",
        "bot stopped: stopped on request",
        "journal was out for 1m 1s (disk full); trading was halted",
        "cash failed to decide (timeout): no answer",
        "cash received $5.00 funding on BTC",
        "BREAKER drawdown tripped: 21 % of 20 %; stopped all trading",
        "cash's breaker drawdown armed again by a person",
        "KILL SWITCH on, by a person",
        "resumed by a person",
        "cash order 7 follows its position: -40 lots, trigger 49,000",
        "REFUSED the venue's executed of order 7: more than the 3 left to fill",
        "cash is in sync with the venue, by a person",
        "LIQUIDATION of cash's BTC at 45,000.50: $9.00 left, $10.00 needed",
        "cash lost $1.50 beyond what it had; the venue bore them",
        "StoplossGuard locks cash: no entries in BTC: 4 stops",
        "MaxDrawdown locks cash: no entries: it fell",
        "StoplossGuard (short) locks cash: no entries: 2 stops",
        "TRADING MODE reducing, by a person",
        "EMERGENCY STOP by a person: canceling; 3 orders to cancel",
        "EMERGENCY STOP by a person: flattening, attempt 2; 1 positions still open",
        "alert 12 acknowledged by a person",
        "feed 1m 1s old, clock off by -40 ms",
        "cash asked x/y (decide): 2s, $0.0031",
        "cash asked x/y (bull) in vain (timeout): too slow",
        "cash debated: BTC long 80%, DOGE no view",
        "cash debated: BTC long 40%, DOGE no view, SPLIT 40%",
        "a person asks cash to debate on BTC, to be acted upon",
        "cash debated as asked: BTC long 80%, DOGE no view; the judge proposes no change",
        "cash debated as asked: BTC long 80%, DOGE no view; the judge proposes BTC −50%, "
        "acted upon as decision 7",
        "cash debated as asked: BTC long 80%, DOGE no view; no verdict: the judge is mute",
        "cash's debate 4 came to nothing: the bot was stopped",
        "cash escalated from x/small, y/small to x/y, which decides otherwise, $0.0015 + $0.0210: "
        "confidence 0.4 in BTC is below 0.6",
        "cash escalated from x/small, y/small to x/y, which gave no decision, $0.0015 + price unknown: "
        "confidence 0.4 in BTC is below 0.6",
        "cash's cheap models may not enter by themselves: BTC, DOGE",
        "cash is not asked: nothing moved by 0.1%",
        "cash can't take part: set DEEPSEEK_API_KEY",
        "cash's thesis on BTC is broken: price below 90000; the position is closed",
        "AI profile pro (deepseek/deepseek-chat, decide) saved by alice",
        "AI profile pro removed by alice",
        "trader duo (llm) saved by alice; it competes in the next new run",
        "trader duo (llm) saved by alice; it rests from the next new run",
        "trader duo removed by alice",
    ]
    assert [type(event) for event in RARE if is_routine(event)] == [
        FundingPaid,
        OrderAmended,
        FeedMeasured,
        ModelCalled,
        DebateHeld,
        AskingSkipped,
    ]
