"""Every event can be told in one line."""

from cockpit.arena.narration import is_routine, narrate
from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import (
    ARENA,
    KIND_OF,
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    DecisionFailed,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    PauseSet,
)
from cockpit.domain.market import Micros
from tests.arena.conftest import parts_of

FLAGS = {"arena": {"rounds": 90}, "market": {"speed": "max", "symbols": ["BTC", "DOGE"]}}

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
    ]
    assert [event for event in RARE if is_routine(event)] == [
        event for event in RARE if type(event) is FundingPaid
    ]
