"""Calls through litellm to a provider on a real socket."""

import asyncio
import json
import threading
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from email.utils import formatdate

import pytest

from cockpit.agents.models.model_call import CallFailed, CallFault, Message, ToolCall, ToolSpec
from cockpit.agents.providers.model_route import AnswerForm
from tests.agents.model_desk import MODEL, PRICED, gateway_to, purpose, request
from tests.servers import model_server as scripts
from tests.servers.model_server import DECISION, GOOD, ModelServer, Scripted
from tests.servers.native_answers import (
    CACHED_TOKENS,
    INPUT_TOKENS,
    NATIVE,
    NO_CACHE,
    OUTPUT_TOKENS,
    TEXT,
    THOUGHTS,
)

KEY = "sk-planted-0123456789abcdefghij"
KEYED = {"environment": {"PLANTED_API_KEY": KEY}, "route": {"key_variable": "PLANTED_API_KEY"}}


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


@asynccontextmanager
async def opened(server, **given):
    async with aclosing(gateway_to(server, **given)) as gateway:
        await gateway.ready()
        yield gateway


async def failure(gateway, asked=None, **given):
    with pytest.raises(CallFailed) as failed:
        await gateway.call(asked or request(), purpose(**given))
    message = str(failed.value)
    assert "\n" not in message
    assert len(message) <= 400
    return failed.value


@pytest.mark.parametrize(
    ("scripted", "text", "finish_reason", "tokens", "cost"),
    [
        (GOOD, DECISION, "stop", (1_000, 200), 4_000),
        (scripts.FENCED, scripts.FENCED.text, "stop", (1_000, 200), 4_000),
        (scripts.TRUNCATED, DECISION[:50], "length", (1_000, 200), 4_000),
        (scripts.PROSE, scripts.PROSE.text, "stop", (1_000, 200), 4_000),
        (scripts.WRONG_SYMBOL, scripts.WRONG_SYMBOL.text, "stop", (1_000, 200), 4_000),
        (scripts.NOT_A_NUMBER, scripts.NOT_A_NUMBER.text, "stop", (1_000, 200), 4_000),
        (replace(GOOD, reasoning="first, the trend"), DECISION, "stop", (1_000, 200), 4_000),
        (Scripted(text="over and " * 300, piece_chars=9), "over and " * 300, "stop", (1_000, 200), 4_000),
        (replace(GOOD, finish_reason=None), DECISION, "length", (1_000, 200), 4_000),
        (scripts.NO_USAGE, DECISION, "stop", (None, None), None),
        (scripts.NEGATIVE_USAGE, DECISION, "stop", (None, None), None),
        (replace(GOOD, usage={"prompt_tokens": 7}), DECISION, "stop", (7, None), None),
        (
            replace(GOOD, usage={"prompt_tokens": 0, "completion_tokens": 0}),
            DECISION,
            "stop",
            (None, None),
            None,
        ),
        (
            replace(GOOD, usage={"prompt_tokens": 10**15, "completion_tokens": 9}),
            DECISION,
            "stop",
            (None, 9),
            None,
        ),
        (
            replace(GOOD, usage={"prompt_tokens": "12", "completion_tokens": 9.5}),
            DECISION,
            "stop",
            (None, None),
            None,
        ),
    ],
)
async def test_what_a_model_answers_arrives_with_what_its_provider_counted(
    server, scripted, text, finish_reason, tokens, cost
):
    server.script(scripted)
    async with opened(server) as gateway:
        reply = await gateway.call(request(), purpose())
    assert (reply.text, reply.finish_reason) == (text, finish_reason)
    assert (reply.input_tokens, reply.output_tokens) == tokens
    assert reply.cost == cost
    assert reply.attempts == len(server.requests) == 1
    assert json.loads(reply.raw)["choices"][0]["message"]["content"] == text


async def test_a_reply_of_a_model_without_a_price_has_no_cost(server):
    async with opened(server, route=dict.fromkeys(PRICED)) as gateway:
        reply = await gateway.call(request(), purpose())
    assert (reply.input_tokens, reply.cost) == (1_000, None)


# fmt: off
BILLS = [                          # model, what its provider says of the cost, and what counts
    ("openrouter/a/x", {"cost": 0.0012345},                  1_235),
    ("openrouter/a/x", {"cost": 0},                          0),
    ("openrouter/a/x", {"cost": 0.00006, "is_byok": True},   4_000),
    ("openrouter/a/x", {"cost": -1.0},                       4_000),
    ("openrouter/a/x", {"cost": 5_000},                      4_000),
    ("openrouter/a/x", {"cost": "0.1"},                      4_000),
    (MODEL,            {"cost": 0.0012345},                  4_000),
]
# fmt: on


@pytest.mark.parametrize(("model", "said", "cost"), BILLS)
async def test_a_bill_in_dollars_goes_before_what_prices_come_to(server, model, said, cost):
    server.script(replace(GOOD, usage=scripts.USAGE | said))
    async with opened(server, models=(model,)) as gateway:
        assert (await gateway.call(request(model=model), purpose())).cost == cost


@pytest.mark.parametrize("name", sorted(set(scripts.HOSTILE) - {"huge", "surrogate"}))
async def test_hostile_text_is_text(server, name):
    server.script(scripts.HOSTILE[name])
    async with opened(server) as gateway:
        reply = await gateway.call(request(), purpose())
    assert reply.text == scripts.HOSTILE_TEXTS[name]
    assert reply.tool_calls == ()
    assert json.loads(reply.raw)["choices"][0]["message"]["content"] == reply.text


async def test_half_a_character_is_replaced_and_one_in_two_pieces_put_together(server):
    server.script(Scripted(text="half \ud83d of one, \ud83d\ude80 whole", piece_chars=1))
    async with opened(server) as gateway:
        reply = await gateway.call(request(), purpose())
    assert reply.text == "half \ufffd of one, 🚀 whole"
    assert reply.raw.encode()


async def test_a_huge_reply_is_cut_at_the_limit_and_says_so(server):
    server.script(scripts.HOSTILE["huge"])
    async with opened(server, reply_bytes=100_000, raw_bytes=20_000) as gateway:
        reply = await gateway.call(request(), purpose())
    assert (len(reply.text), reply.finish_reason) == (100_000, "length")
    assert len(reply.raw) < 20_000
    assert json.loads(reply.raw)["choices"][0]["message"]["content"].endswith("[cut]")


@pytest.mark.parametrize("model", [MODEL, "deepseek/x", "gemini/x"])
async def test_an_answer_without_an_end_is_ended(server, model, monkeypatch):
    server.script(replace(GOOD, endless_line=True))
    async with opened(server, models=(model,), **KEYED) as gateway:
        monkeypatch.setattr("cockpit.agents.providers.model_http.WIRE_BYTES", 2**20)
        reply = await gateway.call(request(model=model), purpose())
    assert (reply.text, reply.finish_reason, reply.cost) == ("", "length", None)


async def test_a_stream_of_far_more_pieces_than_tokens_asked_for_is_cut(server):
    server.script(Scripted(text="".join(f"{number:04} " for number in range(3_000)), piece_chars=5))
    async with opened(server) as gateway:
        reply = await gateway.call(request(max_tokens=10), purpose())
    assert (reply.finish_reason, reply.text[:10]) == ("length", "0000 0001 ")
    assert len(reply.text) < 6_000


async def test_words_are_shown_on_the_callers_loop_as_they_come(server):
    server.script(replace(GOOD, piece_chars=10, pause_s=0.01))
    shown = []
    async with opened(server) as gateway:
        on_words = lambda words: shown.append((words, threading.current_thread()))  # noqa: E731
        reply = await gateway.call(request(), purpose(on_words=on_words))
    assert "".join(words for words, _ in shown) == reply.text
    assert len(shown) > 2
    assert {thread for _, thread in shown} == {threading.current_thread()}


@pytest.mark.parametrize(
    ("scripted", "fault", "attempts", "cost_is_known_to_be"),
    [
        (scripts.BROKEN, CallFault.SERVER, 3, 0),
        (replace(scripts.BROKEN, status=503), CallFault.SERVER, 3, 0),
        (scripts.RATE_LIMITED, CallFault.RATE_LIMITED, 3, 0),
        (replace(scripts.BROKEN, status=400), CallFault.REFUSED, 1, 0),
        (replace(scripts.BROKEN, status=404), CallFault.REFUSED, 1, 0),
        (replace(scripts.BROKEN, status=422), CallFault.REFUSED, 1, 0),
        (replace(scripts.BROKEN, status=401), CallFault.DENIED, 1, 0),
        (replace(scripts.BROKEN, status=403), CallFault.DENIED, 1, 0),
        (replace(GOOD, breaks_after=2), CallFault.UNREACHABLE, 1, "worst"),
        (replace(GOOD, after_words=("data: {nonsense\n\n",)), CallFault.SERVER, 1, "worst"),
        (
            replace(GOOD, after_words=('data: {"error": {"message": "overloaded"}}\n\n',)),
            CallFault.SERVER,
            1,
            "worst",
        ),
    ],
)
async def test_each_failure_has_its_fault_its_attempts_and_what_it_may_have_cost(
    server, scripted, fault, attempts, cost_is_known_to_be
):
    server.script(scripted)
    async with opened(server) as gateway:
        failed = await failure(gateway)
        worst = gateway._directory.worst_case_cost(request())
    assert (failed.fault, failed.attempts, len(server.requests)) == (fault, attempts, attempts)
    assert failed.cost == (worst if cost_is_known_to_be == "worst" else 0)
    assert str(failed).startswith(f"{MODEL}: ")


async def test_a_server_that_is_not_there_is_unreachable(server):
    async with opened(server) as gateway:
        gateway._directory = gateway_to(_Nowhere())._directory
        failed = await failure(gateway)
    assert (failed.fault, failed.attempts) == (CallFault.UNREACHABLE, 3)


class _Nowhere:
    url = "http://127.0.0.1:9/v1"


async def test_a_failure_for_a_while_is_tried_again_and_the_reply_counts_the_attempts(server):
    server.script(scripts.BROKEN, scripts.RATE_LIMITED, GOOD)
    async with opened(server) as gateway:
        reply = await gateway.call(request(), purpose())
    assert (reply.text, reply.attempts, reply.cost) == (DECISION, 3, 4_000)


async def test_the_next_attempt_waits_as_long_as_the_provider_asks(server):
    server.script(replace(scripts.RATE_LIMITED, headers={"Retry-After": "0.4"}), GOOD)
    async with opened(server) as gateway:
        reply = await gateway.call(request(), purpose())
    assert (reply.attempts, reply.latency_ms >= 400) == (2, True)


@pytest.mark.parametrize("retry_after", ["30", formatdate(1_000_030, usegmt=True)])
async def test_a_wait_past_the_deadline_is_not_begun(server, retry_after):
    server.script(replace(scripts.RATE_LIMITED, headers={"Retry-After": retry_after}), GOOD)
    async with opened(server, clock={"wall_s": lambda: 1_000_000.0}) as gateway:
        failed = await failure(gateway, deadline_s=5.0)
    assert (failed.fault, failed.attempts) == (CallFault.RATE_LIMITED, 1)
    assert failed.latency_ms < 5_000


@pytest.mark.parametrize(
    "scripted", [scripts.HANGING, replace(scripts.SLOW, piece_chars=1), replace(GOOD, endless_line=True)]
)
async def test_one_deadline_holds_for_everything_and_the_worst_is_assumed_of_the_cost(server, scripted):
    server.script(scripted)
    async with opened(server) as gateway:
        failed = await failure(gateway, deadline_s=0.4)
        worst = gateway._directory.worst_case_cost(request())
    assert (failed.fault, failed.attempts, failed.cost) == (CallFault.TIMEOUT, 1, worst)
    assert failed.latency_ms >= 400


async def test_a_timeout_of_a_model_without_a_price_may_have_cost_anything(server):
    server.script(scripts.HANGING)
    async with opened(server, route=dict.fromkeys(PRICED)) as gateway:
        assert (await failure(gateway, deadline_s=0.3)).cost is None


async def test_waiting_in_line_counts_and_says_that_nothing_was_sent(server):
    server.script(scripts.HANGING)
    async with opened(server, concurrency_per_provider=1, failures_to_open=1) as gateway:
        first = asyncio.create_task(failure(gateway, deadline_s=2.0))
        await _until(lambda: server.in_flight == 1)
        second = await failure(gateway, deadline_s=0.2)
        assert (second.fault, second.attempts, second.cost) == (CallFault.TIMEOUT, 0, 0)
        assert gateway.benched_for_s(MODEL) == 0  # nothing was learnt of the model
        assert (await first).attempts == 1
        assert gateway.benched_for_s(MODEL) > 0


async def test_no_more_requests_than_a_provider_may_get_are_under_way_at_once(server):
    server.script(scripts.pausing(GOOD, 0.02))
    async with opened(server, concurrency_per_provider=3) as gateway:
        await asyncio.gather(*(gateway.call(request(), purpose()) for _ in range(9)))
    assert (server.most_in_flight, len(server.requests)) == (3, 9)


async def test_a_cancelled_caller_cancels_the_call_and_its_place_in_line_is_free(server):
    server.script(scripts.HANGING, GOOD)
    async with opened(server, concurrency_per_provider=1) as gateway:
        task = asyncio.create_task(gateway.call(request(), purpose()))
        await _until(lambda: server.in_flight == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await gateway.call(request(), purpose(deadline_s=3.0))).text == DECISION


async def test_a_model_that_fails_on_end_is_benched_asked_once_more_later_and_comes_back(server):
    now = [0.0]
    server.script(scripts.BROKEN)
    async with opened(
        server, failures_to_open=2, attempts=1, clock={"monotonic_s": lambda: now[0]}
    ) as gateway:
        for _ in range(2):
            assert (await failure(gateway)).fault is CallFault.SERVER
        benched = await failure(gateway)
        assert (benched.fault, benched.attempts, len(server.requests)) == (CallFault.BENCHED, 0, 2)
        assert "60 s" in str(benched)
        now[0] = 60.0
        assert (await failure(gateway)).fault is CallFault.SERVER
        assert (await failure(gateway)).fault is CallFault.BENCHED
        now[0], _ = 180.0, server.script(GOOD)
        assert (await gateway.call(request(), purpose())).text == DECISION
        assert gateway.benched_for_s(MODEL) == 0


async def test_a_slow_model_delays_no_other(server):
    server.script(scripts.HANGING, model="slow")
    async with opened(server, models=(MODEL, "openai/slow")) as gateway:
        slow = asyncio.create_task(failure(gateway, request(model="openai/slow"), deadline_s=50.0))
        await _until(lambda: server.in_flight == 1)
        await gateway.call(request(), purpose())
        assert not slow.done()
        slow.cancel()


async def test_one_session_serves_all_providers_and_calls_one_after_the_other(server):
    models = (MODEL, "deepseek/x", "groq/x")
    async with opened(server, models=models) as gateway:
        for model in 3 * models:
            await gateway.call(request(model=model), purpose())
            await asyncio.sleep(0.01)
    assert server.connections <= 2
    assert "cookie" not in server.requests[-1].headers


async def test_the_key_goes_to_the_provider_and_nowhere_else(server):
    server.script(Scripted(text=f"your key is {KEY}, is it?", piece_chars=5))
    shown = []
    async with opened(server, **KEYED) as gateway:
        reply = await gateway.call(request(), purpose(on_words=shown.append))
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
        assert "".join(shown) == reply.text == "your key is [key], is it?"
        assert KEY not in reply.raw
        server.script(replace(scripts.BROKEN, status=401, error=f"Incorrect API key provided: {KEY}"))
        failed = await failure(gateway)
    assert "[key]" in str(failed)
    assert KEY not in str(failed)
    assert failed.__cause__ is failed.__context__ is None


async def test_a_providers_own_key_is_not_sent_to_another_server(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with opened(server, environment={"OPENAI_API_KEY": KEY}) as gateway:
        await gateway.call(request(), purpose())
    assert KEY not in str(server.requests[0].headers)


async def test_a_missing_key_names_the_variable_and_sends_nothing(server):
    async with opened(server, route={"key_variable": "PLANTED_API_KEY"}) as gateway:
        failed = await failure(gateway)
    assert (failed.fault, failed.attempts, failed.cost) == (CallFault.MISSING_KEY, 0, 0)
    assert "set PLANTED_API_KEY" in str(failed)
    assert server.requests == []


QUOTE = ToolSpec(
    name="quote",
    description="The price now.",
    parameters={"type": "object", "properties": {"symbol": {"type": "string"}}, "required": ["symbol"]},
)


async def test_a_model_uses_tools_and_is_told_what_they_said(server):
    server.script(scripts.WANTS_TOOLS)
    async with opened(server) as gateway:
        reply = await gateway.call(request(tools=(QUOTE,)), purpose())
        assert reply.finish_reason == "tool_calls"
        assert reply.tool_calls == (
            ToolCall(call_id="call_1", name="quote", arguments='{"symbol": "BTC"}'),
            ToolCall(call_id="call_2", name="bars", arguments='{"symbol": "ETH", "count": 5}'),
        )
        told = (
            Message(role="user", content="?"),
            Message(role="assistant", content="", tool_calls=reply.tool_calls[:1]),
            Message(role="tool", content="104000", tool_call_id="call_1"),
        )
        await gateway.call(replace(request(tools=(QUOTE,)), messages=told), purpose())
    first, second = (asked.body for asked in server.requests)
    assert first["tools"][0]["function"] == {
        "name": "quote",
        "description": "The price now.",
        "parameters": QUOTE.parameters,
    }
    assert second["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"symbol": "BTC"}'
    assert second["messages"][2] == {"role": "tool", "content": "104000", "tool_call_id": "call_1"}


async def test_what_decides_an_answer_reaches_the_provider(server):
    schema = {"type": "object", "properties": {"x": {"type": "string"}}}
    route = {"answer_form": AnswerForm.SCHEMA}
    async with opened(server, route=route) as gateway:
        await gateway.call(request(temperature=0.25, seed=7, schema=schema, max_tokens=321), purpose())
    body = server.requests[0].body
    assert (body["temperature"], body["seed"], body["max_tokens"]) == (0.25, 7, 321)
    assert body["stream"] is True
    assert body["response_format"]["json_schema"] == {"name": "answer", "schema": schema, "strict": False}


async def test_a_temperature_that_a_model_does_not_take_is_left_out(server):
    async with opened(server, models=("openai/gpt-5",)) as gateway:
        reply = await gateway.call(request(model="openai/gpt-5", temperature=0.3), purpose())
    assert (reply.text, len(server.requests)) == (DECISION, 1)
    assert "temperature" not in server.requests[0].body


SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}}
NO_SCHEMA = Scripted(status=400, error="This response_format type is unavailable now")
NO_TEMPERATURE = Scripted(status=422, error="invalid temperature: only 1 is allowed for this model")


async def test_a_wish_that_a_provider_refuses_is_given_up_and_not_made_again(server):
    server.script(NO_SCHEMA, NO_TEMPERATURE, GOOD)
    async with opened(server, route={"answer_form": AnswerForm.SCHEMA}, attempts=1) as gateway:
        first = await gateway.call(request(schema=SCHEMA, temperature=0.3), purpose())
        second = await gateway.call(request(schema=SCHEMA, temperature=0.3), purpose())
    assert (first.text, first.attempts, first.cost, second.attempts) == (DECISION, 3, 4_000, 1)
    forms = [asked.body["response_format"]["type"] for asked in server.requests]
    assert forms == ["json_schema", "json_object", "json_object", "json_object"]
    assert ["temperature" in asked.body for asked in server.requests] == [True, True, False, False]


async def test_what_is_refused_beside_tools_is_still_wished_for_without_them(server):
    server.script(NO_SCHEMA, GOOD)
    async with opened(server, route={"answer_form": AnswerForm.SCHEMA}) as gateway:
        for tools in ((QUOTE,), ()):
            await gateway.call(request(schema=SCHEMA, tools=tools), purpose())
    forms = [asked.body["response_format"]["type"] for asked in server.requests]
    assert forms == ["json_schema", "json_object", "json_schema"]


async def test_a_provider_that_streams_no_json_is_asked_for_all_of_it_at_once(server):
    server.script(GOOD)
    async with opened(server, models=("groq/x",)) as gateway:
        reply = await gateway.call(request(model="groq/x", schema=SCHEMA), purpose())
    assert (reply.text, reply.finish_reason, reply.cost) == (DECISION, "stop", 4_000)
    assert "stream" not in server.requests[-1].body


async def test_a_provider_that_refuses_whatever_is_asked_is_left_in_peace(server):
    server.script(NO_SCHEMA)
    async with opened(server, route={"answer_form": AnswerForm.SCHEMA}) as gateway:
        failed = await failure(gateway, request(schema=SCHEMA))
        server.script(GOOD)
        await gateway.call(request(schema=SCHEMA), purpose())
    assert (failed.fault, failed.attempts, failed.cost) == (CallFault.REFUSED, 3, 0)
    assert server.requests[-1].body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    "model", ["deepseek/x", "groq/x", "xai/x", "openrouter/a/x", "mistral/x", "hosted_vllm/x"]
)
async def test_other_providers_of_the_same_form_are_read_alike(server, model):
    server.script(replace(GOOD, reasoning="hm"), scripts.WANTS_TOOLS)
    async with opened(server, models=(model,)) as gateway:
        reply = await gateway.call(request(model=model), purpose())
        assert (reply.text, reply.finish_reason, reply.cost) == (DECISION, "stop", 4_000)
        reply = await gateway.call(request(model=model, tools=(QUOTE,)), purpose())
        assert [call.name for call in reply.tool_calls] == ["quote", "bars"]


@pytest.mark.parametrize("model", sorted(NATIVE))
async def test_providers_with_a_wire_form_of_their_own_are_read_alike(server, model):
    server.script(NATIVE[model])
    keyed = {**KEYED, "route": {**KEYED["route"], "cached_usd_per_million": 0.5}}
    shown = []
    async with opened(server, models=(model,), **keyed) as gateway:
        reply = await gateway.call(request(model=model, tools=(QUOTE,)), purpose(on_words=shown.append))
    cost = 4_000 if model in NO_CACHE else 4_000 - CACHED_TOKENS * 3 // 2
    assert (reply.text, reply.cost, reply.attempts) == (TEXT, cost, 1)
    assert (reply.input_tokens, reply.output_tokens) == (INPUT_TOKENS, OUTPUT_TOKENS)
    [call] = reply.tool_calls
    assert (call.name, json.loads(call.arguments)) == ("quote", {"coin": "BTC"})
    assert json.loads(reply.raw)["choices"][0]["message"]["reasoning_content"] == THOUGHTS
    assert "".join(shown) == f"<think>{THOUGHTS}</think>\n{TEXT}"


async def test_a_stream_of_a_form_of_its_own_goes_through_litellm(server):
    model = "text-completion-openai/x"
    async with opened(server, models=(model,)) as gateway:
        reply = await gateway.call(request(model=model), purpose())
    assert server.requests[0].path.endswith("/v1/completions")
    assert (reply.text, reply.finish_reason) == (DECISION, "stop")


async def test_closing_fails_the_calls_in_flight_and_later_ones(server):
    server.script(scripts.HANGING)
    async with opened(server) as gateway:
        flying = asyncio.create_task(failure(gateway))
        await _until(lambda: server.in_flight == 1)
        worst = gateway._directory.worst_case_cost(request())
        await gateway.aclose()
        failed = await flying
        assert (failed.fault, failed.cost) == (CallFault.UNREACHABLE, worst)
        assert (await failure(gateway)).attempts == 0
    assert not [thread for thread in threading.enumerate() if thread.name == "cockpit-models"]


async def _until(met, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not met():
            await asyncio.sleep(0.005)
