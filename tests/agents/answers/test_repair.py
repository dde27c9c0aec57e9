"""A broken answer is put into form by a cheap model at most once, which may copy and no more."""

import json

import pytest

from cockpit.agents.answers.decision_reply import ReplyRefused
from cockpit.agents.answers.decision_schema import decision_schema
from cockpit.agents.answers.repair import (
    MAX_REPAIRED_LENGTH,
    RepairModel,
    read_reply_of,
    read_with_repair,
)
from cockpit.agents.answers.reply_text import ReplyStage
from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import CallFailed, CallFault, ModelReply
from tests.agents.answers.test_decision_reply import BOUGHT, BUY, CLOSE, COVERED, SITUATION


class ScriptedGateway:
    """Says one thing, or fails, and keeps what it was asked."""

    def __init__(self, answer):
        self.answer = answer if isinstance(answer, str | CallFailed) else json.dumps(answer)
        self.asked = []

    async def call(self, request, purpose):
        self.asked.append((request, purpose))
        if isinstance(self.answer, CallFailed):
            raise self.answer
        return ModelReply(text=self.answer)

    async def aclose(self):
        """Nothing is open."""


async def read(text, answer, situation=SITUATION, **model):
    """What the chain makes of a text where the cheap model gives that answer, and what it was asked."""
    gateway = ScriptedGateway(answer)
    asking = Asking(gateway, agent="ann", round=7, timeout_s=60.0)
    came = await read_with_repair(text, situation, asking, RepairModel(model="x/cheap", **model))
    assert [call.role for call in asking.calls] == ["repair"] * len(gateway.asked)
    return came, gateway.asked


# Quotes that don't match: json_repair is not asked, since what it would close is anyone's guess.
BROKEN = (
    '{"BTC": {"signal": "buy_to_enter, "quantity": 0.15, "leverage": 5, "profit_target": 55000, '
    '"stop_loss": 48000, "invalidation_condition": "close below 47500 on 4h", "confidence": 0.7, '
    '"risk_usd": 300, "justification": "Higher lows."}}'
)
PROSE = "My call on BTC: signal: buy_to_enter, quantity 0.15, leverage 5, stop_loss = 48000. Confidence 0.7!"
SAID = {key: BUY[key] for key in ("signal", "quantity", "leverage", "stop_loss", "confidence")}


@pytest.mark.parametrize(
    ("text", "stage"),
    [(json.dumps({"BTC": BUY}), ReplyStage.STRICT), (str({"BTC": BUY}), ReplyStage.JSON_REPAIR)],
)
async def test_what_can_be_read_costs_no_call(text, stage):
    came, asked = await read(text, {"BTC": BUY})
    assert (came.stage, came.outcome.targets, asked) == (stage, (BOUGHT,), [])


@pytest.mark.parametrize("text", [BROKEN, f"<think>hm</think>{BROKEN}"])
async def test_what_can_not_is_put_into_form_by_a_cheap_model(text):
    came, [(request, purpose)] = await read(text, {"BTC": BUY})
    assert (came.stage, came.outcome.targets) == (ReplyStage.MODEL, (BOUGHT,))
    assert (purpose.agent, purpose.role, purpose.round, purpose.deadline_s) == ("ann", "repair", 7, 20.0)
    assert request.schema is None
    task, question = (message.content for message in request.messages)
    assert json.dumps(decision_schema(SITUATION.coins()), separators=(",", ":")) in task
    assert question.endswith(
        f"because: its JSON is broken: quotes or braces don't match\n\nThe answer:\n{BROKEN}"
    )


async def test_a_model_that_can_be_held_to_a_schema_is():
    _, [(request, _)] = await read(BROKEN, {"BTC": BUY}, has_schema=True)
    assert request.schema == decision_schema(("BTC", "ETH", "DOGE"))


async def test_prose_is_put_into_form_too():
    came, _ = await read(PROSE, {"BTC": SAID})
    [target] = came.outcome.targets
    assert (came.stage, target.quantity, target.stop) == (ReplyStage.MODEL, 0.15, 48_000)


# fmt: off
INVENTED = [
    (BROKEN, {"BTC": BUY | {"quantity": 0.2}}, "its quantity for BTC/USDC:USDC is 0.2, which was not said"),
    (BROKEN, {"BTC": BUY | {"leverage": 15}}, "its leverage for BTC/USDC:USDC is 15, which was not said"),
    (BROKEN, {"ETH": CLOSE}, "it names ETH/USDC:USDC, which was not said"),
    (BROKEN, {"BTC": BUY | {"signal": "hold"}}, "its signal for BTC/USDC:USDC is hold, which was not said"),
    (BROKEN, {"BTC": BUY | {"stop_loss": None}}, "it has lost a stop_loss"),
    (BROKEN, {"BTC": BUY | {"invalidation_condition": "close below 47500 on 1m"}},
     "its invalidation_condition for BTC/USDC:USDC was not said"),
    ("BTC signal: buy_to_enter, quantity 1,000.5", {"BTC": {"signal": "buy_to_enter", "quantity": 0.5}},
     "its quantity for BTC/USDC:USDC is 0.5, which was not said"),
    ("BTC signal: buy_to_enter, quantity 0.15, leverage 10x", {"BTC": SAID | {"leverage": 10}},
     "its leverage for BTC/USDC:USDC is 10, which was not said"),
    ("BTC signal: buy_to_enter, quantity 0.15, confidence 70%", {"BTC": {**SAID, "leverage": None}},
     "its stop_loss for BTC/USDC:USDC is 48000, which was not said"),
    ("I would buy some BTC and hold it.", {"BTC": {"signal": "hold"}},
     "its signal for BTC/USDC:USDC is hold, which was not said"),
    (BROKEN, "I can't.", "it has no JSON object that can be read"),
    (BROKEN, json.dumps({"BTC": BUY})[:-20], "it was cut off"),
    (BROKEN, BROKEN, "its JSON is broken: quotes or braces don't match"),
]
# fmt: on


@pytest.mark.parametrize(("text", "repaired", "reason"), INVENTED)
async def test_a_repair_that_says_what_was_not_said_is_refused(text, repaired, reason):
    came, asked = await read(text, repaired)
    assert came.stage is ReplyStage.REFUSED
    assert isinstance(came.outcome, ReplyRefused)
    assert came.outcome.reason.endswith(f"; put into form, {reason}")
    assert len(asked) == 1


# fmt: off
NOT_ASKED = [
    ('{"BTC": {"signal": "buy_to_enter", "quantity": 0.1', "it was cut off"),
    (BROKEN + "x" * MAX_REPAIRED_LENGTH + "}", "its JSON is broken: quotes or braces don't match"),
    ("", "it has no JSON object that can be read"),
    (json.dumps({"BTC": CLOSE}) + json.dumps({"BTC": BUY}),
     "it gave several decisions, which disagree about BTC/USDC:USDC"),
]
# fmt: on


@pytest.mark.parametrize(("text", "reason"), NOT_ASKED)
async def test_what_nobody_else_can_know_is_not_asked(text, reason):
    came, asked = await read(text, {"BTC": BUY})
    assert (came.stage, came.outcome.reason, asked) == (ReplyStage.REFUSED, reason, [])


async def test_what_is_refused_for_what_it_says_is_not_repaired():
    came, asked = await read(json.dumps({"BTC": BUY | {"leverage": 1000}, "ETH": CLOSE}), {"BTC": BUY})
    assert (came.stage, came.outcome.targets, asked) == (ReplyStage.STRICT, (COVERED,), [])
    assert came.outcome.refusals == ("BTC/USDC:USDC: leverage: 1000 is more than 20",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"leverage": 1000}, "leverage: 1000 is more than 20"),
        ({"stop_loss": 52_000}, "stop_loss: 52000 is on the wrong side of the mark 50000"),
    ],
)
async def test_what_is_put_into_form_is_checked_like_any_answer(change, reason):
    [(name, number)] = change.items()
    text = BROKEN.replace(f'"{name}": {BUY[name]}', f'"{name}": {number}')
    came, _ = await read(text, {"BTC": BUY | change})
    assert (came.outcome.targets, came.outcome.refusals) == ((), (f"BTC/USDC:USDC: {reason}",))


async def test_without_a_repair_model_a_broken_answer_is_refused():
    asking = Asking(ScriptedGateway({"BTC": BUY}), agent="ann", round=7, timeout_s=60.0)
    came = await read_with_repair(BROKEN, SITUATION, asking, None)
    assert (came.stage, asking.calls) == (ReplyStage.REFUSED, [])


async def test_a_repair_call_that_fails_leaves_the_refusal():
    came, _ = await read(BROKEN, CallFailed(CallFault.TIMEOUT, "no answer within 20 s"))
    refused = ReplyRefused(reason="its JSON is broken: quotes or braces don't match", is_repairable=True)
    assert (came.stage, came.outcome) == (ReplyStage.REFUSED, refused)


async def test_half_characters_reach_the_cheap_model_as_question_marks():
    _, [(request, _)] = await read("BTC \ud800", "no")
    assert request.messages[1].content.endswith("BTC ?")
    assert request.key()


@pytest.mark.parametrize(
    ("finish_reason", "ends"), [("stop", "can be read"), ("length", "raise mind.max_tokens")]
)
async def test_who_thought_until_no_words_were_left_is_refused_with_what_to_do(finish_reason, ends):
    asking = Asking(ScriptedGateway("no"), agent="ann", round=7, timeout_s=60.0)
    outcome = await read_reply_of(ModelReply(text="", finish_reason=finish_reason), SITUATION, asking, None)
    assert outcome.reason.startswith("it has no JSON object that can be read")
    assert outcome.reason.endswith(ends)


async def test_an_answer_of_the_longest_length_that_can_be_read_stands():
    asking = Asking(ScriptedGateway("no"), agent="ann", round=7, timeout_s=60.0)
    reply = ModelReply(text=json.dumps({"BTC": BUY}), finish_reason="length")
    assert (await read_reply_of(reply, SITUATION, asking, None)).targets == (BOUGHT,)
