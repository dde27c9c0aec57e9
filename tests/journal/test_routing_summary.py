"""What a policy of cheap and powerful models came to, from the read models."""

from pathlib import Path

import pytest

from cockpit.domain.decisions import ModelCall
from cockpit.domain.events import AskingSkipped, EntriesWithheld, Escalated, ModelCalled
from cockpit.domain.market import Micros
from cockpit.domain.routing import Escalation, Trigger
from cockpit.journal.journal import Journal
from cockpit.journal.routing_summary import RoutingSummary, read_routing
from cockpit.journal.views import JournalReader
from tests.journal.event_stream import START_MS, EventStream

ANN, BOB = "agent_00", "agent_01"
EARLY, LATE = START_MS + 1_000_000, START_MS + 2_000_000


class Calls:
    """Makes up model calls, and what else is told of their rounds."""

    def __init__(self) -> None:
        self._next = 1

    def asked(self, agent: str, number: int, **costs: int | None) -> list[ModelCalled]:
        events = []
        for role, cost in costs.items():
            spent = None if cost is None else Micros(cost)
            call = ModelCall(role=role, model="x/y", key="k", request="{}", cost=spent)
            events.append(ModelCalled(call_id=self._next, agent=agent, round=number, call=call))
            self._next += 1
        return events

    def escalated(self, agent: str, number: int, changed: bool | None, *triggers: Trigger) -> Escalated:
        escalation = Escalation(
            triggers=triggers,
            reason="it was so",
            cheap=("x/small",),
            powerful="x/y",
            changed=changed,
            cheap_cost=Micros(1),
            powerful_cost=None,
        )
        return Escalated(agent=agent, round=number, escalation=escalation)


@pytest.fixture
async def reader(journal: Journal, path: Path):
    for ts_ms, batch in EventStream(agents=2).batches(0):
        await journal.commit("run-1", ts_ms, batch)
    calls = Calls()
    early = [
        *calls.asked(ANN, 1, cheap=100),
        *calls.asked(ANN, 2, cheap=100, cheap_2=150, repair=20, powerful=5_000),
        calls.escalated(ANN, 2, True, Trigger.CONFIDENCE, Trigger.NOTIONAL),
        AskingSkipped(agent=ANN, round=3, reason="nothing moved"),
        AskingSkipped(agent=ANN, round=4, reason="nothing moved"),
    ]
    late = [
        *calls.asked(ANN, 5, cheap=None, powerful=None),
        calls.escalated(ANN, 5, None, Trigger.CONFIDENCE),
        *calls.asked(ANN, 6, cheap=100, powerful=3_000),
        calls.escalated(ANN, 6, False, Trigger.DRAWDOWN),
        *calls.asked(ANN, 7, cheap=50),
        EntriesWithheld(agent=ANN, round=7, symbols=("BTC/USDC:USDC", "ETH/USDC:USDC")),
        *calls.asked(BOB, 7, decide=700),
    ]
    for ts_ms, events in ((EARLY, early), (LATE, late)):
        await journal.commit("run-1", ts_ms, events)
    async with await JournalReader.open(path) as opened:
        yield opened


async def test_it_says_what_the_policy_cost_and_what_it_changed(reader: JournalReader) -> None:
    assert await read_routing(reader, "run-1") == {
        ANN: RoutingSummary(
            rounds=5,
            skipped=2,
            escalations=3,
            changed=1,
            undecided=1,
            withheld=1,
            triggers={Trigger.CONFIDENCE: 2, Trigger.NOTIONAL: 1, Trigger.DRAWDOWN: 1},
            cheap_cost=Micros(500),
            powerful_cost=Micros(8_000),
            other_cost=Micros(20),
            unpriced=2,
        )
    }


async def test_shares_are_of_what_there_was(reader: JournalReader) -> None:
    summary = (await read_routing(reader, "run-1"))[ANN]
    assert summary.cost == 8_520
    assert summary.powerful_share == pytest.approx(8_000 / 8_520)
    assert summary.escalation_rate == pytest.approx(3 / 5)
    assert summary.change_rate == pytest.approx(1 / 2)
    assert summary.skip_rate == pytest.approx(2 / 7)


def test_what_never_was_has_no_share() -> None:
    nothing = RoutingSummary()
    rates = (nothing.powerful_share, nothing.escalation_rate, nothing.change_rate, nothing.skip_rate)
    assert rates == (None,) * 4


async def test_a_stretch_of_time_has_only_what_happened_in_it(reader: JournalReader) -> None:
    early = (await read_routing(reader, "run-1", end_ms=EARLY))[ANN]
    late = (await read_routing(reader, "run-1", start_ms=EARLY))[ANN]
    assert (early.rounds, early.skipped, early.escalations, early.cost) == (2, 2, 1, 5_370)
    assert (late.rounds, late.skipped, late.escalations, late.cost) == (3, 0, 2, 3_150)


async def test_who_asks_one_model_in_every_round_is_left_out(reader: JournalReader) -> None:
    assert BOB not in await read_routing(reader, "run-1")
    assert await read_routing(reader, "run-0") == {}
