"""Calls are recorded as they were and replayed the same, whatever came back first; misses are explained."""

import asyncio
import json
import os
import stat
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.models.call_difference import call_difference
from cockpit.agents.models.call_tape import CallTape
from cockpit.agents.models.model_call import (
    CallFailed,
    CallFault,
    CallPurpose,
    Message,
    ModelReply,
    ModelRequest,
    ToolCall,
    ToolSpec,
)
from cockpit.agents.models.recorded_call import TapeUnusable
from cockpit.agents.models.recording import RecordingGateway
from cockpit.agents.models.replaying import ReplayingGateway
from cockpit.agents.models.tape_writer import TapeWriter
from cockpit.arena.rounds import Question, ask_all
from cockpit.domain.accounts import Account
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, Target
from cockpit.domain.market import Micros

REPLY = ModelReply(
    text='{"signal": "hold"}\n“wait” 🐻',
    tool_calls=(ToolCall(call_id="c1", name="quote", arguments='{"symbol": "BTC"}'),),
    finish_reason="tool_calls",
    input_tokens=2_810,
    output_tokens=64,
    cost=Micros(713),
    latency_ms=4_211,
    attempts=2,
    raw='{"id": "x"}',
)
UNPRICED = ModelReply(text="hold")


def request(*contents, **parameters):
    roles = ("system", "user", "assistant", "user")
    messages = tuple(Message(role=role, content=text) for role, text in zip(roles, contents, strict=False))
    return ModelRequest(**{"model": "deepseek/chat", "messages": messages, "max_tokens": 500, **parameters})


ASKED = request("You trade.", "BTC is at 64,000.", temperature=0.2, schema={"b": 1, "a": [None, 0.5]})


def purpose(agent="alice", role="decide", round_number=1, deadline_s=10.0, on_words=None):
    return CallPurpose(agent=agent, role=role, round=round_number, deadline_s=deadline_s, on_words=on_words)


class ScriptedModel:
    """Answers the n-th call with the n-th outcome: a reply, an error, or whatever an awaitable gives."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)

    async def call(self, request, purpose):
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, asyncio.Future):
            return await outcome
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def aclose(self):
        pass


@pytest.fixture
def path(tmp_path):
    return tmp_path / "calls.tape"


async def record(path, outcomes, calls):
    """Make calls one by one."""
    gateway = RecordingGateway(ScriptedModel(*outcomes), TapeWriter(path))
    answers = [await outcome_of(gateway, asked, why) for asked, why in calls]
    await gateway.aclose()
    return answers


async def replay(path, calls):
    gateway = ReplayingGateway(CallTape(path))
    answers = [await outcome_of(gateway, asked, why) for asked, why in calls]
    await gateway.aclose()
    return answers


async def outcome_of(gateway, asked, why):
    """A reply, or all there is to a failure."""
    try:
        return await gateway.call(asked, why)
    except CallFailed as failure:
        return failure.fault, str(failure), failure.latency_ms, failure.attempts, failure.cost


class TestReplaying:
    async def test_replies_and_failures_come_back_as_they_were(self, path):
        failed = CallFailed(
            CallFault.RATE_LIMITED, "too many calls: wait", latency_ms=900, attempts=4, cost=None
        )
        calls = [(ASKED, purpose(round_number=number)) for number in (1, 2, 3)]
        recorded = await record(path, [REPLY, failed, UNPRICED], calls)
        assert recorded == [
            REPLY, (CallFault.RATE_LIMITED, "too many calls: wait", 900, 4, None), UNPRICED
        ]  # fmt: skip
        assert await replay(path, calls) == recorded
        assert await replay(path, list(reversed(calls))) == list(reversed(recorded))

    async def test_the_tape_holds_each_request_in_full(self, path):
        tools = (ToolSpec(name="quote", description="a price", parameters={"type": "object"}),)
        asked = replace(ASKED, tools=tools, seed=7)
        await record(path, [REPLY], [(asked, purpose())])
        tape = CallTape(path)
        (slot,) = tape.slots()
        assert tape.read(slot, 0).request == asked
        assert slot == ("alice", "decide", 1, asked.key())
        tape.close()

    async def test_words_pass_by_in_a_replay_too(self, path):
        await record(path, [REPLY], [(ASKED, purpose())])
        words = []
        await replay(path, [(ASKED, purpose(on_words=words.append))])
        assert words == [REPLY.text]

    async def test_recorded_latency_is_not_waited_for(self, path):
        await record(path, [replace(REPLY, latency_ms=3_600_000)], [(ASKED, purpose())])
        (reply,) = await asyncio.wait_for(replay(path, [(ASKED, purpose())]), 5)
        assert reply.latency_ms == 3_600_000

    async def test_equal_requests_of_agents_roles_and_rounds_are_told_apart(self, path):
        calls = [
            (ASKED, purpose(agent, role, number))
            for agent in ("alice", "bob")
            for role in ("decide", "judge")
            for number in (1, 2, None)
        ]
        replies = [ModelReply(text=str(number)) for number in range(len(calls))]
        await record(path, replies, calls)
        assert await replay(path, calls[::-1]) == replies[::-1]

    async def test_text_that_is_not_unicode_is_the_same_recorded_and_replayed(self, path):
        odd = ModelReply(text="a\ud800b", tool_calls=(ToolCall(call_id="1", name="x", arguments="\udfff"),))
        recorded = await record(path, [odd, CallFailed(CallFault.SERVER, "\ud800")], [(ASKED, purpose())] * 2)
        assert recorded[0].text == "a?b"
        assert await replay(path, [(ASKED, purpose())] * 2) == recorded
        unsendable = request("\ud800")
        assert (await replay(path, [(unsendable, purpose())]))[0][0] is CallFault.REFUSED
        assert (await record(path, [], [(unsendable, purpose())]))[0][0] is CallFault.REFUSED


ORDERS = st.permutations(range(6))


class TestOrder:
    @settings(
        max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    )
    @given(coming_back=ORDERS)
    async def test_the_order_in_which_calls_come_back_makes_no_difference(self, tmp_path, coming_back):
        path = tmp_path / f"{''.join(map(str, coming_back))}.tape"
        path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        pending = [loop.create_future() for _ in range(6)]
        gateway = RecordingGateway(ScriptedModel(*pending), TapeWriter(path))
        calls = [(ASKED, purpose("alice" if number < 4 else "bob")) for number in range(6)]
        tasks = [asyncio.create_task(gateway.call(*call)) for call in calls]
        await asyncio.sleep(0)
        for number in coming_back:
            pending[number].set_result(ModelReply(text=str(number)))
            await asyncio.wait({tasks[number]})
        await gateway.aclose()
        assert [reply.text for reply in await replay(path, calls)] == list("012345")

    async def test_a_round_that_was_cut_short_counts_as_it_was_asked_again(self, path):
        again = (ASKED, purpose())
        await record(path, [ModelReply(text="lost"), ModelReply(text="lost too")], [again, again])
        await record(path, [ModelReply(text="acted on")], [again])
        assert [reply.text for reply in await replay(path, [again])] == ["acted on"]
        assert (await replay(path, [again, again]))[1][0] is CallFault.NOT_RECORDED

    async def test_a_replay_can_begin_at_any_round(self, path):
        calls = [(ASKED, purpose(round_number=number)) for number in range(1, 6)]
        replies = [ModelReply(text=str(number)) for number in range(1, 6)]
        await record(path, replies[:2], calls[:2])
        await record(path, replies[2:], calls[2:])
        assert await replay(path, calls[3:]) == replies[3:]

    async def test_outside_of_rounds_every_recording_counts(self, path):
        call = (ASKED, purpose(round_number=None))
        await record(path, [ModelReply(text="1")], [call])
        await record(path, [ModelReply(text="2")], [call])
        assert [reply.text for reply in await replay(path, [call, call])] == ["1", "2"]


VIEW = MarketView(ts_ms=0, round=1, view_hash="v", instruments={}, marks={"BTC/USDT": 64_000.0}, candles=None)  # type: ignore[arg-type]
OWN = AccountView(account=Account(agent="alice", cash=Micros(1), positions={}), equity=1)


class Thinker:
    """An agent that asks a panel at once, needs one answer, and then asks a judge."""

    name, kind, summary, history_ms = "alice", "llm", "", 0

    def __init__(self, gateway, deadline_s, panel=2):
        self.gateway, self.deadline_s, self.panel = gateway, deadline_s, panel

    async def decide(self, view, own):
        panel = await asyncio.gather(
            *(self.ask(f"analyst {number}") for number in range(self.panel)), return_exceptions=True
        )
        if not any(isinstance(answer, ModelReply) for answer in panel):
            return self.late()
        try:
            verdict = await self.ask("judge")
        except CallFailed as failure:
            if failure.fault is not CallFault.TIMEOUT:
                raise
            return self.late()
        return Decision(agent="alice", targets=(Target(symbol="BTC/USDT", exposure=float(verdict.text)),))

    async def ask(self, role):
        return await self.gateway.call(ASKED, purpose(role=role, deadline_s=self.deadline_s))

    def late(self):
        message = f"alice gave no answer within {TIMEOUT_S:g} s"
        return DecisionFailure(agent="alice", failure=FailureKind.TIMEOUT, message=message)


TIMEOUT_S = 0.3


async def one_round(gateway, deadline_s, panel=2):
    agent = Thinker(gateway, deadline_s, panel)
    began_s = asyncio.get_running_loop().time()
    answers = await ask_all(VIEW, [Question(agent=agent, own=OWN, timeout_s=TIMEOUT_S)])
    await asyncio.sleep(0)  # what was cancelled goes down
    waited_s = asyncio.get_running_loop().time() - began_s
    await gateway.aclose()
    return answers["alice"], waited_s


class TestDeadlines:
    @pytest.mark.parametrize(
        ("replies", "deadline_s"),
        [
            pytest.param(1, 60.0, id="an analyst hangs, for longer than the arena waits"),
            pytest.param(2, 60.0, id="the judge hangs, for longer than the arena waits"),
            pytest.param(2, TIMEOUT_S, id="the judge hangs, until its own deadline"),
        ],
    )
    async def test_a_decision_that_the_arena_gave_up_on_fails_the_same_in_a_replay(
        self, path, replies, deadline_s
    ):
        never = asyncio.get_running_loop().create_future()
        live = RecordingGateway(ScriptedModel(*[REPLY] * replies, never), TapeWriter(path))
        failed, _ = await one_round(live, deadline_s)
        assert failed == DecisionFailure(
            agent="alice", failure=FailureKind.TIMEOUT, message="alice gave no answer within 0.3 s"
        )
        again, waited_s = await one_round(ReplayingGateway(CallTape(path)), deadline_s)
        assert again == failed
        if deadline_s == TIMEOUT_S:
            assert waited_s < TIMEOUT_S

    async def test_a_call_cancelled_at_its_deadline_is_a_timeout_that_is_not_waited_for(self, path):
        now_s = iter([100.0, 159.9])
        never = asyncio.get_running_loop().create_future()
        gateway = RecordingGateway(ScriptedModel(never), TapeWriter(path), lambda: next(now_s))
        calling = asyncio.create_task(gateway.call(ASKED, purpose(deadline_s=60.0)))
        await asyncio.sleep(0)
        calling.cancel()
        await asyncio.wait({calling})
        await gateway.aclose()
        (outcome,) = await asyncio.wait_for(replay(path, [(ASKED, purpose(deadline_s=60.0))]), 5)
        said = "deepseek/chat gave alice no answer within 60 s"
        assert outcome == (CallFault.TIMEOUT, said, 60_000, 1, None)

    async def test_a_call_cancelled_by_its_agent_stays_unanswered_until_its_deadline(self, path):
        never = asyncio.get_running_loop().create_future()
        gateway = RecordingGateway(ScriptedModel(never), TapeWriter(path))
        calling = asyncio.create_task(gateway.call(ASKED, purpose(deadline_s=60.0)))
        await asyncio.sleep(0)
        calling.cancel()
        await asyncio.wait({calling})
        await gateway.aclose()
        again = ReplayingGateway(CallTape(path))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(again.call(ASKED, purpose(deadline_s=60.0)), 0.05)
        await again.aclose()
        (outcome,) = await replay(path, [(ASKED, purpose(deadline_s=0.05))])
        assert outcome[0] is CallFault.TIMEOUT

    async def test_calls_without_answer_end_when_a_replay_is_closed(self, path):
        never = asyncio.get_running_loop().create_future()
        live = RecordingGateway(ScriptedModel(never), TapeWriter(path))
        calling = asyncio.create_task(live.call(ASKED, purpose()))
        await asyncio.sleep(0)
        calling.cancel()
        await asyncio.wait({calling})
        await live.aclose()
        again = ReplayingGateway(CallTape(path))
        waiting = asyncio.create_task(outcome_of(again, ASKED, purpose(deadline_s=3_600)))
        await asyncio.sleep(0)
        await again.aclose()
        assert (await asyncio.wait_for(waiting, 5))[0] is CallFault.TIMEOUT

    async def test_a_reply_that_came_while_its_agent_was_cancelled_is_no_reply(self, path, monkeypatch):
        loop = asyncio.get_running_loop()
        written, sync = loop.create_future(), os.fsync
        gateway = RecordingGateway(ScriptedModel(REPLY), TapeWriter(path))

        def slow_sync(file):
            if not written.done():
                loop.call_soon_threadsafe(lambda: written.done() or written.set_result(None))
            sync(file)

        monkeypatch.setattr(os, "fsync", slow_sync)
        calling = asyncio.create_task(gateway.call(ASKED, purpose(deadline_s=0.1)))
        await asyncio.sleep(0)
        calling.cancel()
        await asyncio.wait({calling})
        assert calling.cancelled()
        await gateway.aclose()
        lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
        assert [(line["call"]["begun"], line["reply"] is None) for line in lines] == [(1, False), (1, True)]
        assert (await replay(path, [(ASKED, purpose(deadline_s=0.1))]))[0][0] is CallFault.TIMEOUT


class TestMisses:
    @pytest.mark.parametrize(
        ("asked", "why", "said"),
        [
            (replace(ASKED, messages=(Message(role="system", content="You trade!"), ASKED.messages[1])),
             purpose(), "in that round: the system prompt differs from character 10 on"),
            (replace(ASKED, messages=(ASKED.messages[0], Message(role="user", content="BTC is at 65,000."))),
             purpose(), "in that round: message #2 (user) differs from character 12 on"),
            (replace(ASKED, temperature=None), purpose(), "temperature is not set, recorded with 0.2"),
            (replace(ASKED, model="groq/x"), purpose(), "model is groq/x, recorded with deepseek/chat"),
            (replace(ASKED, schema=None), purpose(), "the answer's schema differs"),
            (ASKED, purpose(round_number=7), "the same request is recorded for alice as decide in round 1"),
            (ASKED, purpose(agent="bob"), "the same request is recorded for alice as decide in round 1"),
            (replace(ASKED, seed=1), purpose(round_number=3), "alice as decide in round 1: seed is 1"),
            (replace(ASKED, seed=1), purpose(agent="bob"), "nothing of bob as decide is on the tape"),
        ],
    )  # fmt: skip
    async def test_a_miss_names_the_call_and_what_differs(self, path, asked, why, said):
        await record(path, [REPLY], [(ASKED, purpose())])
        ((fault, message, _, attempts, cost),) = await replay(path, [(asked, why)])
        assert (fault, attempts, cost) == (CallFault.NOT_RECORDED, 0, 0)
        assert message.startswith(f"no recording of {asked.model} for {why.agent} as {why.role} in round")
        assert f"call {asked.key()}: " in message
        assert said in message
        assert message.endswith("; record the session again, or undo what has changed since")
        assert "64,000" not in message
        assert "\n" not in message

    async def test_a_call_made_more_often_than_recorded_is_a_miss(self, path):
        await record(path, [REPLY], [(ASKED, purpose())])
        _, missed = await replay(path, [(ASKED, purpose())] * 2)
        assert "asked 2 times, recorded 1 times" in missed[1]

    async def test_the_nearest_of_a_rounds_calls_is_the_one_that_begins_most_alike(self, path):
        talk = [request("You trade.", "BTC", "I look.", tail) for tail in ("Quote: 1", "Quote: 20")]
        await record(path, [REPLY] * 3, [(each, purpose()) for each in (request("Else."), *talk)])
        asked = request("You trade.", "BTC", "I look.", "Quote: 25")
        ((_, message, *_),) = await replay(path, [(asked, purpose())])
        assert "message #4 (user) differs from character 9 on" in message

    @pytest.mark.parametrize(
        ("recorded", "said"),
        [
            (request("a", "b", "c"), "the recorded conversation goes on with message #3"),
            (request("a"), "the recorded conversation ends before message #2"),
            (request("a", "b", tools=(ToolSpec(name="quote", description="", parameters={}),)),
             "the tools differ (quote)"),
            (request("a", "b"), "nothing differs"),
            (replace(request("a"), messages=(Message(role="system", content="a"), Message(
                role="assistant", content="b"))), "message #2 is from user, recorded from assistant"),
            (replace(request("a"), messages=(Message(role="system", content="a"), Message(
                role="user", content="b", tool_call_id="c"))), "the tool calls of message #2 differ"),
            (request("a", "x", max_tokens=9), "max_tokens is 500, recorded with 9; message #2 (user) differs"
             " from character 1 on"),
        ],
    )  # fmt: skip
    def test_differences_in_words(self, recorded, said):
        assert call_difference(request("a", "b"), recorded) == said


class TestTape:
    async def test_it_is_for_its_users_eyes_only(self, path):
        path.touch(0o644)
        await record(path, [REPLY], [(ASKED, purpose())])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    async def test_a_reply_is_on_disk_before_it_is_passed_on(self, path):
        gateway = RecordingGateway(ScriptedModel(REPLY), TapeWriter(path))
        await gateway.call(ASKED, purpose())
        assert json.loads(path.read_text().splitlines()[-1])["reply"]["cost"] == 713
        await gateway.aclose()

    @pytest.mark.parametrize("torn", [1, 40, 100_000])
    async def test_a_torn_last_line_is_left_out_and_said(self, path, torn, caplog):
        long = replace(REPLY, text="x" * 150_000)
        calls = [(ASKED, purpose(round_number=number)) for number in (1, 2)]
        await record(path, [REPLY, long], calls)
        os.truncate(path, path.stat().st_size - torn)
        tape = CallTape(path)
        assert (len(tape), len(tape.notices)) == (1, 1)
        assert "torn off" in tape.notices[0]
        tape.close()
        await record(path, [long], calls[1:])
        assert "torn off, and are dropped" in caplog.text
        assert await replay(path, calls) == [REPLY, long]

    @pytest.mark.parametrize("kept", range(0, 12, 3))
    async def test_a_tape_torn_off_in_its_first_line_begins_anew(self, path, kept):
        TapeWriter(path).close()
        os.truncate(path, kept)
        tape = CallTape(path)
        assert len(tape) == 0
        tape.close()
        await record(path, [REPLY], [(ASKED, purpose())])
        assert await replay(path, [(ASKED, purpose())]) == [REPLY]

    @pytest.mark.parametrize(
        "content", ["ts,open,high\n1,2,3\n", "one line without an end", '{"tape":"x"}\n']
    )
    def test_a_file_that_is_no_tape_is_left_alone(self, path, content):
        path.write_text(content)
        with pytest.raises(TapeUnusable, match="is no tape of recorded calls"):
            TapeWriter(path)
        assert path.read_text() == content
        if content.endswith("\n"):
            with pytest.raises(TapeUnusable, match="is no tape of recorded calls"):
                CallTape(path)

    def test_a_tape_of_another_format_is_refused(self, path):
        path.write_text('{"tape":2,"compressed":"yes, and more to say about it"}\n')
        for opened in (TapeWriter, CallTape):
            with pytest.raises(TapeUnusable, match="of format 2, and this version of cockpit reads format 1"):
                opened(path)

    def test_a_tape_takes_one_recording_at_a_time(self, path):
        writer = TapeWriter(path)
        with pytest.raises(TapeUnusable, match="recorded on by another bot"):
            TapeWriter(path)
        writer.close()
        TapeWriter(path).close()

    def test_without_a_file_there_is_nothing_to_replay(self, path):
        with pytest.raises(TapeUnusable, match="record a session first"):
            CallTape(path)
        with pytest.raises(TapeUnusable, match="can't be written"):
            TapeWriter(path / "in" / "no" / "folder")

    async def test_a_damaged_line_is_named(self, path):
        await record(path, [REPLY] * 2, [(ASKED, purpose())] * 2)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(lines[0] + b"\0\0\0\n" + lines[2])
        with pytest.raises(TapeUnusable, match="line 2 of the tape"):
            CallTape(path)

    async def test_damage_inside_a_call_fails_that_call_alone(self, path):
        calls = [(ASKED, purpose(round_number=number)) for number in (1, 2)]
        await record(path, [REPLY] * 2, calls)
        path.write_bytes(path.read_bytes().replace(b'"reply":{"text"', b'"reply":{{text"', 1))
        damaged, sound = await replay(path, calls)
        assert damaged[0] is CallFault.NOT_RECORDED
        assert "is damaged at byte" in damaged[1]
        assert sound == REPLY

    async def test_a_full_disk_fails_the_call_with_its_cost_and_leaves_no_torn_line(self, path, monkeypatch):
        tape = TapeWriter(path)
        gateway = RecordingGateway(ScriptedModel(REPLY, REPLY), tape)
        before = path.read_bytes()
        write = os.write

        def no_room(file, data):
            if len(data) > 20:
                return write(file, data[:20])
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as full:
            full.setattr(os, "write", no_room)
            fault, message, latency_ms, attempts, cost = await outcome_of(gateway, ASKED, purpose())
        assert (fault, latency_ms, attempts, cost) == (CallFault.NOT_RECORDED, 4_211, 2, 713)
        assert "No space left on device" in message
        assert path.read_bytes() == before
        assert await outcome_of(gateway, ASKED, purpose()) == REPLY
        await gateway.aclose()

    async def test_a_call_that_ends_after_closing_is_told_so(self, path):
        pending = asyncio.get_running_loop().create_future()
        gateway = RecordingGateway(ScriptedModel(pending), TapeWriter(path))
        calling = asyncio.create_task(outcome_of(gateway, ASKED, purpose()))
        await asyncio.sleep(0)
        await gateway.aclose()
        pending.set_result(REPLY)
        assert (await calling)[0] is CallFault.NOT_RECORDED
        await gateway.aclose()

    async def test_calls_that_end_together_share_the_wait_for_the_disk(self, path, monkeypatch):
        syncs, sync = [], os.fsync
        gateway = RecordingGateway(ScriptedModel(*[REPLY] * 50), TapeWriter(path))
        monkeypatch.setattr(os, "fsync", lambda file: (syncs.append(file), sync(file)))
        await asyncio.gather(*(gateway.call(ASKED, purpose(f"agent {number}")) for number in range(50)))
        await gateway.aclose()
        tape = CallTape(path)
        assert len(tape) == 50
        tape.close()
        assert len(syncs) < 50


REPLIES = st.builds(
    ModelReply,
    text=st.text(),
    input_tokens=st.none() | st.integers(0, 10**9),
    cost=st.none() | st.integers(0, 2**53),
    latency_ms=st.integers(0, 10**9),
    raw=st.text(),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=st.lists(st.text(), max_size=4), agent=st.text(), role=st.text(), reply=REPLIES)
async def test_whatever_is_said_comes_back_to_the_letter(tmp_path, asked, agent, role, reply):
    path = tmp_path / "any.tape"
    path.unlink(missing_ok=True)
    call = (request(*asked), purpose(agent, f'{role}"}},"request":'))
    await record(path, [reply], [call])
    assert await replay(path, [call]) == [reply]
