"""Debates read back: what was said and cost, what it led to and what became of that; asked for or not."""

from dataclasses import replace

import pytest

from cockpit.domain.debates import Stance
from cockpit.domain.decisions import FailureKind, ModelCall, Target, Thesis
from cockpit.domain.events import (
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    ModelCalled,
    OrderCreated,
    OrderMoved,
    RoundOpened,
)
from cockpit.domain.market import MINUTE_MS, Micros
from cockpit.domain.orders import OrderPurpose, OrderStatus
from cockpit.journal.debate_views import read_debate, read_debates
from cockpit.journal.errors import UnknownIdent
from cockpit.journal.views import JournalReader
from tests.journal.event_stream import EventStream
from tests.journal.order_stream import listed
from tests.journal.test_debates import BTC, debate, said
from tests.trading.arena_facts import order as order_of

AGENT = "agent_00"
LONG, SHORT, FLAT = Stance.LONG, Stance.SHORT, Stance.FLAT
TARGET = Target(
    symbol=BTC,
    exposure=1.0,
    stop=48_000.0,
    quantity=0.1,
    confidence=0.7,
    reason="up",
    thesis=Thesis(invalidation="3m close < 2000", leverage=3.0, risk=100.0),
)
SHADOW = said("shadow", FLAT, turn=0, call=4)
HELD = debate(
    50_000.0,
    said("bull", LONG, argument="Up.", signals=("RSI 28",), tools=("quote",), call=1),
    said("bear", None, failed="too slow", call=2),
    said("judge", LONG, turn=2, call=3),
    shadow=SHADOW,
)
# The bull looked something up before it spoke, the judge was mended; what the bear cost nobody knows.
CALLS = (
    ("bull", 1_000, 400),
    ("bull", 2_000, 600),
    ("bear", None, 900),
    ("judge", 5_000, 1_500),
    ("shadow", 4_000, 1_000),
    ("repair", 100, 200),
)


class Past:
    """A run whose first agent debates."""

    def __init__(self, journal):
        self.journal = journal

    async def begin(self):
        self.ts_ms, batch = next(EventStream(agents=2).batches(0))
        await self.commit(*batch)

    async def commit(self, *events):
        await self.journal.commit("run-1", self.ts_ms, list(events))
        self.ts_ms += MINUTE_MS

    async def read(self, debate_id):
        async with await JournalReader.open(self.journal.path) as reader:
            return await read_debate(reader, debate_id)

    async def list(self, limit=10, **which):
        async with await JournalReader.open(self.journal.path) as reader:
            return await read_debates(reader, limit, **which)


@pytest.fixture
async def past(journal):
    past = Past(journal)
    await past.begin()
    return past


def calls(first, debate_id=None):
    for number, (role, cost, latency_ms) in enumerate(CALLS):
        call = ModelCall(
            role=role,
            model="x/y",
            key="k",
            request="{}",
            cost=None if cost is None else Micros(cost),
            latency_ms=latency_ms,
            asked_ms=1_000_000 + 100 * number,
            attempts=1,
        )
        yield ModelCalled(call_id=first + number, agent=AGENT, round=1, call=call, debate_id=debate_id)


def held(debate_id, first, **how):
    return DebateHeld(
        debate_id=debate_id, agent=AGENT, round=1, first_call_id=first, debate=how.pop("said", HELD), **how
    )


def asked(debate_id, **how):
    given = {"agent": AGENT, "symbol": BTC, "by": "a test", "execute": False} | how
    return DebateAsked(debate_id=debate_id, **given)


def made(decision_id, *targets, **how):
    return DecisionMade(decision_id=decision_id, agent=AGENT, round=1, confidence=0.7, targets=targets, **how)


async def test_a_round_s_debate_is_told_with_each_message_s_calls_and_the_decision_after_it(past):
    await past.commit(RoundOpened(round=1, view_hash="0"), *calls(1), held(1, 1))
    await past.commit(made(1, TARGET, refused=("ETH: no such coin",)))
    found = await past.read(1)
    assert (found["status"], found["asked"], found["by"], found["decision_id"]) == ("held", 0, None, 1)
    spent = {each["role"]: (each["calls"], each["cost_usd"], each["latency_s"]) for each in found["messages"]}
    assert spent == {
        "bull": (2, 0.003, 1.0),
        "bear": (1, None, 0.9),
        "judge": (2, 0.0051, 1.7),
    }
    assert [each["unpriced_calls"] for each in found["messages"]] == [0, 1, 0]
    assert (found["shadow"]["calls"], found["shadow"]["cost_usd"]) == (1, 0.004)
    assert (found["calls"], found["unpriced_calls"], found["cost_usd"]) == (6, 1, pytest.approx(0.0121))
    assert found["elapsed_s"] == 1.8, "from the first call to the end of the judge's"
    bull = found["messages"][0]
    assert (bull["argument"], bull["signals"], bull["tools"]) == ("Up.", ["RSI 28"], ["quote"])
    assert bull["stances"] == [{"symbol": BTC, "stance": "long", "confidence": 0.6}]
    (target,) = found["proposal"]
    assert (target["quantity"], target["leverage"], target["invalidation"]) == (0.1, 3.0, "3m close < 2000")
    assert (found["refused"], found["checks"]) == (["ETH: no such coin"], [])


async def test_one_that_was_asked_for_has_its_own_calls_and_verdict_beside_its_agent_s_round(past):
    await past.commit(RoundOpened(round=1, view_hash="0"), *calls(1), held(1, 1), made(1))
    await past.commit(asked(2))
    under_way = await past.read(2)
    assert (under_way["status"], under_way["calls"], under_way["cost_usd"]) == ("under_way", 0, None)
    assert (under_way["messages"], under_way["shadow"], under_way["consensus"]) == ([], None, [])
    assert under_way["verdict"] == []
    verdict = {"proposal": (TARGET,), "refused": ("no",), "checks": ("buy 0.1 BTC: passes",)}
    await past.commit(*calls(7, 2), held(2, 7, asked=True, **verdict))
    found = await past.read(2)
    assert (found["status"], found["by"], found["execute"], found["decision_id"]) == (
        "held",
        "a test",
        0,
        None,
    )
    assert [each["call_id"] for each in found["messages"]] == [8, 9, 10]
    assert (found["calls"], found["round"]) == (6, 1)
    (target,) = found["proposal"]
    round_s = (await past.read(1))["proposal"]
    assert round_s == []
    assert (target["stop"], target["risk"], target["take_profit"]) == (48_000.0, 100.0, None)
    assert (found["refused"], found["checks"]) == (["no"], ["buy 0.1 BTC: passes"])


async def test_a_list_of_debates_tells_the_judge_s_sides_and_nobody_else_s(past):
    mute = replace(HELD, messages=HELD.messages[:2])
    await past.commit(RoundOpened(round=1, view_hash="0"), *calls(1), held(1, 1), held(2, 7, said=mute))
    mute_row, row = await past.list()
    assert row["verdict"] == [{"symbol": BTC, "stance": "long", "confidence": 0.6}]
    assert (mute_row["verdict"], len(mute_row["consensus"])) == ([], 1)
    assert (await past.read(1))["verdict"] == row["verdict"]


async def test_what_was_executed_is_told_with_its_orders_and_what_became_of_them(past):
    await past.commit(RoundOpened(round=1, view_hash="0"))
    await past.commit(asked(1, execute=True))
    order = order_of(1, AGENT, listed(BTC), 10, decision_id=1, purpose=OrderPurpose.REBALANCE)
    denied = OrderMoved(
        agent=AGENT,
        order_id=1,
        before=OrderStatus.CREATED,
        after=OrderStatus.DENIED,
        rule="order_notional",
        reason="too much",
    )
    await past.commit(
        held(1, 1, asked=True, proposal=(TARGET,), decision_id=1), made(1, TARGET), OrderCreated(order=order)
    )
    await past.commit(denied)
    found = await past.read(1)
    assert (found["execute"], found["decision_id"], len(found["proposal"])) == (1, 1, 1)
    (told,) = found["orders"]
    assert (told["order_id"], told["status"], told["rule"], told["reason"]) == (
        1, "denied", "order_notional", "too much"
    )  # fmt: skip
    (outcome,) = found["outcomes"]
    assert (outcome["outcome"], outcome["pnl"]) == ("none", None)


async def test_without_a_verdict_the_reason_is_told(past):
    await past.commit(RoundOpened(round=1, view_hash="0"), *calls(1), held(1, 1))
    late = DecisionFailed(agent=AGENT, round=1, failure=FailureKind.TIMEOUT, message="too late")
    await past.commit(late, asked(2), asked(3))
    await past.commit(held(2, 7, asked=True, failed="only 2 spoke"))
    await past.commit(DebateAbandoned(debate_id=3, agent=AGENT, reason="the bot was stopped"))
    told = [(each["debate_id"], each["status"], each["reason"]) for each in await past.list()]
    assert told == [
        (3, "abandoned", "the bot was stopped"),
        (2, "failed", "only 2 spoke"),
        (1, "failed", "too late"),
    ]


async def test_they_are_listed_newest_first_by_agent_and_page(past):
    await past.commit(RoundOpened(round=1, view_hash="0"))
    for number in range(1, 6):
        await past.commit(asked(number, agent=f"agent_0{number % 2}"))
    assert [each["debate_id"] for each in await past.list(2)] == [5, 4]
    assert [each["debate_id"] for each in await past.list(before=4)] == [3, 2, 1]
    assert [each["debate_id"] for each in await past.list(agent="agent_00")] == [4, 2]
    assert "messages" not in (await past.list())[0]


async def test_what_is_not_there_is_said_not_to_be(past):
    with pytest.raises(UnknownIdent, match="run run-1 has no debate 9"):
        await past.read(9)
    with pytest.raises(UnknownIdent, match="no run run-9"):
        await past.list(run_id="run-9")
