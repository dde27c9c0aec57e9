"""An agent that asks a model: what it shows, what it makes of answers, and what it says without one."""

import json
from dataclasses import replace

import msgspec
import pytest

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.answers.repair import RepairModel
from cockpit.agents.llm_agent import LlmAgent, Mind
from cockpit.agents.models.model_call import CallFailed, CallFault, ModelReply, ModelRequest
from cockpit.agents.prompts.figures import MarketForm
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.domain.accounts import Account, Position
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, Target, Thesis
from cockpit.domain.market import MINUTE_MS, Bar, Lots, Micros
from cockpit.markets.candles import Candles
from cockpit.markets.market import MarketStep
from cockpit.trading.decision_checks import MAX_REASON_LENGTH, decision_fault
from tests.agents.arena_rules import rules
from tests.servers.model_server import HOSTILE_TEXTS
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, usd

NOW_MS = START_MS + 30 * MINUTE_MS
BUY = {
    "signal": "buy_to_enter",
    "quantity": 0.15,
    "leverage": 5,
    "profit_target": 55_000,
    "stop_loss": 48_000,
    "invalidation_condition": "3m close < 47500",
    "confidence": 0.7,
    "risk_usd": 300,
    "justification": "Higher lows.",
}
BOUGHT = Target(
    symbol=BTC.symbol,
    exposure=1.0,
    quantity=0.15,
    stop=48_000.0,
    take_profit=55_000.0,
    confidence=0.7,
    reason="Higher lows.",
    thesis=Thesis(invalidation="3m close < 47500", leverage=5.0, risk=300.0),
)
GOOD = json.dumps({"BTC": BUY})
PROSE = "My call on BTC: signal: buy_to_enter, quantity 0.15, leverage 5, stop_loss = 48000. Confidence 0.7!"
SAID = {key: BUY[key] for key in ("signal", "quantity", "leverage", "stop_loss", "confidence")}


class ScriptedGateway:
    """Answers call after call by a list: words, a reply, or a failure; keeps what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    async def call(self, request, purpose):
        self.asked.append((request, purpose))
        answer = self.answers.pop(0)
        if isinstance(answer, CallFailed):
            raise answer
        if isinstance(answer, str):
            answer = ModelReply(text=answer, latency_ms=1_500, cost=Micros(700), raw='{"id": 1}')
        if purpose.on_words is not None:
            purpose.on_words(answer.text)
        return answer

    async def aclose(self):
        """Nothing is open."""


def agent_of(gateway, *, repair=None, on_words=None, timeout_s=90.0, templates=None, **changes):
    writer = PromptWriter(templates or PromptTemplates(), MarketForm.of(("1m", "3m")))
    mind = Mind(
        model="test/model",
        max_tokens=900,
        timeout_s=timeout_s,
        max_leverage=10.0,
        temperature=0.3,
        repair=repair,
    )
    arena = rules(**changes)
    return LlmAgent("ann", mind, gateway, writer=writer, rules=arena, start_ms=START_MS, on_words=on_words)


def view_of(closes=(49_900.0, 50_000.0)):
    candles = Candles([BTC.symbol, ETH.symbol], MINUTE_MS)
    opened_ms = NOW_MS - len(closes) * MINUTE_MS
    for number, close in enumerate(closes):
        open_ms = opened_ms + number * MINUTE_MS
        bars = tuple(Bar(open_ms, price, price, price, price, 5.0) for price in (close, close / 25))
        candles.append(MarketStep(ts_ms=open_ms + MINUTE_MS, bars=bars))
    return MarketView(
        ts_ms=NOW_MS,
        round=10,
        view_hash="a" * 32,
        instruments={each.symbol: each for each in (BTC, ETH)},
        marks={BTC.symbol: closes[-1], ETH.symbol: closes[-1] / 25},
        candles=candles.cut(NOW_MS),
    )


VIEW = view_of()
HELD = Position(
    symbol=BTC.symbol,
    signed_lots=Lots(150),
    cost=usd(7_500),
    opened_ms=START_MS,
    entry_lots=Lots(150),
)
OWN = AccountView(account=Account(agent="ann", cash=CAPITAL), equity=CAPITAL, capital=CAPITAL)
HOLDING = replace(OWN, account=replace(OWN.account, positions={BTC.symbol: HELD}))


async def decided(*answers, own=OWN, **given):
    gateway = ScriptedGateway(*answers)
    answer = await agent_of(gateway, **given).decide(VIEW, own)
    assert not gateway.answers, "a question was not asked"
    return answer, gateway.asked


# --- What it makes of an answer

# fmt: off
DECISIONS = [
    (GOOD,                                             (BOUGHT,), ()),
    (f"I will buy.\n```json\n{GOOD}\n```\nGood luck!", (BOUGHT,), ()),
    (json.dumps({"BTC": {"signal": "hold"}}),          (),        ()),
    (json.dumps({"BTC": BUY, "SHIB": BUY}),            (BOUGHT,), ("it is no coin traded here",)),
    (json.dumps({"BTC": BUY | {"leverage": 1_000}}),   (),        ("leverage: 1000 is more than 10",)),
    (json.dumps({"BTC": BUY | {"stop_loss": 51_000}}), (),        ("wrong side of the mark",)),
    (json.dumps({"BTC": BUY | {"quantity": -1}}),      (),        ("-1 is negative",)),
    (GOOD.replace("0.15", "NaN"),                      (),        ("quantity",)),
    (json.dumps({"ETH": {"signal": "close"}}),         (),        ("there is no position to close",)),
]
REFUSALS = [
    ("I would rather wait.", "the answer was refused: "),
    (GOOD[:60],              "the answer was refused: "),
    ("",                     "the answer was refused: "),
    ("[" * 100_000,          "the answer was refused: "),
    (GOOD + json.dumps({"BTC": BUY | {"quantity": 3}}), "several decisions, which disagree about BTC"),
]
# fmt: on


@pytest.mark.parametrize(("text", "targets", "refused"), DECISIONS)
async def test_an_answer_is_taken_at_its_word_coin_by_coin(text, targets, refused):
    answer, _ = await decided(text)
    assert isinstance(answer, Decision)
    assert answer.targets == targets
    assert len(answer.refused) == len(refused)
    assert all(words in told for words, told in zip(refused, answer.refused, strict=True))
    assert decision_fault(answer, "ann", VIEW.marks) is None


@pytest.mark.parametrize(("text", "reason"), REFUSALS)
async def test_an_answer_without_a_decision_is_a_failure_that_says_why(text, reason):
    answer, _ = await decided(text)
    assert isinstance(answer, DecisionFailure)
    assert answer.failure is FailureKind.INVALID
    assert reason in answer.message
    assert [call.reply for call in answer.calls] == [text]


async def test_thinking_is_as_long_as_its_calls_took():
    broken, mended = ModelReply(text=PROSE, latency_ms=4_000), ModelReply(text=json.dumps({"BTC": SAID}))
    answer, _ = await decided(broken, replace(mended, latency_ms=700), repair=RepairModel(model="test/cheap"))
    assert answer.thinking_ms == 4_700


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        (CallFault.TIMEOUT, FailureKind.TIMEOUT, "ann gave no answer within 90 s"),
        (CallFault.MISSING_KEY, FailureKind.UNANSWERED, "there is no key: set TEST_API_KEY"),
        (CallFault.BUDGET, FailureKind.UNANSWERED, "the daily budget of ann has no room"),
        (CallFault.SERVER, FailureKind.UNANSWERED, "the provider is down"),
        (CallFault.BENCHED, FailureKind.UNANSWERED, "it may be asked again in 60 s"),
        (CallFault.NOT_RECORDED, FailureKind.UNANSWERED, "no recording of test/model for ann"),
    ],
)
async def test_without_an_answer_it_says_in_one_line_why(fault, kind, message):
    failed = CallFailed(fault, message, latency_ms=300, attempts=2, cost=None)
    answer, _ = await decided(failed)
    assert (answer.failure, answer.message) == (kind, message)
    (call,) = answer.calls
    assert (call.fault, call.error, call.attempts, call.cost, call.reply) == (fault, message, 2, None, "")


# --- A cheap model that mends the form


async def test_a_broken_answer_is_mended_by_the_repair_model_once():
    answer, asked = await decided(PROSE, json.dumps({"BTC": SAID}), repair=RepairModel(model="test/cheap"))
    assert isinstance(answer, Decision)
    assert (answer.targets[0].quantity, answer.targets[0].stop) == (0.15, 48_000.0)
    assert [call.role for call in answer.calls] == ["decide", "repair"]
    assert [request.model for request, _ in asked] == ["test/model", "test/cheap"]
    assert asked[1][1].deadline_s == 20.0


async def test_what_even_that_leaves_broken_is_refused_and_nobody_is_asked_again():
    answer, asked = await decided(PROSE, "sorry", repair=RepairModel(model="test/cheap"))
    assert answer.failure is FailureKind.INVALID
    assert len(asked) == len(answer.calls) == 2


async def test_a_repair_that_fails_leaves_the_first_refusal():
    failed = CallFailed(CallFault.RATE_LIMITED, "too many calls")
    answer, _ = await decided(PROSE, failed, repair=RepairModel(model="test/cheap"))
    assert answer.message == (await decided(PROSE))[0].message
    assert [call.fault for call in answer.calls] == ["", "rate_limited"]


async def test_no_time_is_spent_on_a_repair_when_none_is_left():
    slow = ModelReply(text=PROSE, latency_ms=90_000)
    answer, asked = await decided(slow, repair=RepairModel(model="test/cheap"))
    assert answer.failure is FailureKind.INVALID
    assert len(asked) == 1


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"BTC": BUY | {"stop_loss": 51_000}}),
        json.dumps({"BTC": BUY | {"leverage": 1_000}}),
        GOOD[:60],
    ],
)
async def test_what_is_wrong_in_itself_is_never_mended(text):
    _, asked = await decided(text, repair=RepairModel(model="test/cheap"))
    assert len(asked) == 1


# --- What a model's words can do


@pytest.mark.parametrize("name", list(HOSTILE_TEXTS))
async def test_hostile_words_come_out_inert_wherever_they_stand(name):
    words = HOSTILE_TEXTS[name][:20_000]
    said = BUY | {"justification": words, "invalidation_condition": words}
    answer, _ = await decided(json.dumps({"BTC": said}))
    (target,) = answer.targets
    for text in (target.reason, target.thesis.invalidation):
        assert text.isprintable()
        assert len(text) <= MAX_REASON_LENGTH
    assert (target.quantity, target.stop) == (0.15, 48_000.0)
    assert decision_fault(answer, "ann", VIEW.marks) is None
    asked = (
        agent_of(ScriptedGateway()).prompt(VIEW, replace(HOLDING, targets={BTC.symbol: target}))[1].content
    )
    assert all(line.isprintable() for line in asked.split("\n"))
    assert len(asked) < 20_000


@pytest.mark.parametrize("name", list(HOSTILE_TEXTS))
async def test_a_hostile_answer_is_no_decision(name):
    answer, _ = await decided(HOSTILE_TEXTS[name])
    assert answer.failure is FailureKind.INVALID
    assert answer.message.isprintable()
    assert len(answer.message) <= 500


# --- What it asks


async def test_its_prompt_is_what_the_model_is_asked():
    _, ((request, purpose),) = await decided(GOOD)
    assert request.messages == agent_of(ScriptedGateway()).prompt(VIEW, OWN)
    assert [message.role for message in request.messages] == ["system", "user"]
    assert (request.model, request.max_tokens, request.temperature) == ("test/model", 900, 0.3)
    assert set(request.schema["properties"]) == {"BTC", "ETH"}
    assert (purpose.agent, purpose.role, purpose.round, purpose.deadline_s) == ("ann", "decide", 10, 90.0)


async def test_every_call_is_told_with_the_exact_request_and_reply():
    broken = ModelReply(
        text=PROSE, raw='{"a": 1}', finish_reason="stop", input_tokens=900, output_tokens=30, cost=Micros(5)
    )
    answer, asked = await decided(broken, json.dumps({"BTC": SAID}), repair=RepairModel(model="test/cheap"))
    for call, (request, _) in zip(answer.calls, asked, strict=True):
        assert msgspec.json.decode(call.request, type=ModelRequest) == request
        assert (call.model, call.key) == (request.model, request.key())
    first = answer.calls[0]
    assert (first.reply, first.raw, first.finish_reason) == (PROSE, '{"a": 1}', "stop")
    assert (first.input_tokens, first.output_tokens, first.cost) == (900, 30, 5)


async def test_what_was_refused_comes_back_as_a_lesson_in_the_next_prompt():
    answer, _ = await decided(json.dumps({"BTC": BUY | {"leverage": 1_000}, "SHIB": BUY}))
    _, ((request, _),) = await decided(GOOD, own=replace(OWN, lessons=answer.refused, rounds_asked=1))
    asked = request.messages[1].content
    _, _, refused = asked.partition("# REFUSED IN YOUR LAST ROUND")
    assert "leverage: 1000 is more than 10" in refused
    assert "it is no coin traded here (BTC, ETH)" in refused
    assert "this is invocation 2" in asked


async def test_the_thesis_of_what_it_holds_comes_back_each_round():
    asked = agent_of(ScriptedGateway()).prompt(VIEW, replace(HOLDING, targets={BTC.symbol: BOUGHT}))
    assert "invalidation_condition: 3m close < 47500" in asked[1].content
    assert "checked by the arena: yes, at every bar" in asked[1].content
    words = replace(BOUGHT, thesis=replace(BOUGHT.thesis, invalidation="when the mood turns"))
    asked = agent_of(ScriptedGateway()).prompt(VIEW, replace(HOLDING, targets={BTC.symbol: words}))
    assert "checked by the arena: no, watch it yourself" in asked[1].content


def test_the_same_inputs_give_the_same_bytes():
    prompts = [agent_of(ScriptedGateway()).prompt(view_of(), replace(OWN)) for _ in range(2)]
    assert prompts[0] == prompts[1]
    assert prompts[0] != agent_of(ScriptedGateway()).prompt(view_of((49_900.0, 50_001.0)), OWN)


async def test_the_rules_that_it_is_told_are_those_that_it_is_held_to():
    strict, _ = await decided(GOOD, own=HOLDING)
    assert "the rules don't allow adding to it" in strict.refused[0]
    free, _ = await decided(GOOD, own=HOLDING, may_pyramid=True)
    assert free.targets[0].quantity == pytest.approx(0.30)
    told = [
        agent_of(ScriptedGateway(), may_pyramid=may).prompt(VIEW, HOLDING)[0].content for may in (False, True)
    ]
    assert "can't be added to" in told[0]
    assert "may be added to" in told[1]


async def test_its_words_are_passed_on_while_they_stream():
    heard = []
    await decided(GOOD, on_words=lambda *words: heard.append(words))
    assert heard == [("ann", "decide", GOOD)]


# --- What it remembers


def test_it_remembers_nothing_and_takes_back_nothing():
    agent = agent_of(ScriptedGateway())
    agent.relive(VIEW, OWN)
    assert agent.memory() == b"null"
    agent.restore(json.loads(agent.memory()))
    with pytest.raises(ValueError, match="memory of ann"):
        agent.restore({"a": 1})


async def test_a_person_s_template_that_fails_is_a_failure_and_nobody_is_asked(tmp_path):
    (tmp_path / "user.j2").write_text("{{ market.nope }}", encoding="utf-8")
    gateway = ScriptedGateway(GOOD)
    answer = await agent_of(gateway, templates=PromptTemplates(tmp_path)).decide(VIEW, OWN)
    assert (answer.failure, gateway.asked) == (FailureKind.CRASH, [])
    assert "user.j2, line 1" in answer.message
