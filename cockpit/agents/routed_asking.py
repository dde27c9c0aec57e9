"""Asks an agent's models for a decision: cheap ones first, and a powerful one where theirs won't do."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.answers.coin_checks import Situation
from cockpit.agents.answers.decision_reply import ReplyRead, ReplyRefused
from cockpit.agents.answers.repair import RepairModel, read_reply_of
from cockpit.agents.cheap_answers import with_answers
from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import CallFailed, Message, ModelRequest
from cockpit.agents.routing import (
    CheapAnswer,
    CheapWord,
    Route,
    cheap_word,
    differs,
    reason_of,
    triggers_of,
)
from cockpit.domain.decisions import ModelCall
from cockpit.domain.market import Micros
from cockpit.domain.routing import Escalation, Routing, RoutingMode, Tier, Trigger, cheap_role

Outcome: TypeAlias = ReplyRead | ReplyRefused | CallFailed
"""What came of a question: an answer, one that can't be used, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionQuestion:
    """What any of an agent's models is asked, and how its answer is read.

    Attributes:
        messages: The conversation.
        schema: JSON schema of a decision.
        situation: What answers are checked against.
        max_tokens: Of one answer.
        temperature: None: the provider's own.
        repair: Which model mends the form of answers; None: none.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    situation: Situation
    max_tokens: int
    temperature: float | None
    repair: RepairModel | None

    async def put(self, asking: Asking, model: str, role: str) -> Outcome:
        """What a model makes of it."""
        request = ModelRequest(
            model=model,
            messages=self.messages,
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            schema=self.schema,
        )
        try:
            reply = await asking.ask(request, role)
        except CallFailed as failed:
            return failed
        return await read_reply_of(reply, self.situation, asking, self.repair)


async def ask_by_route(
    route: Route, question: DecisionQuestion, asking: Asking, view: MarketView, own: AccountView
) -> tuple[Outcome, Routing | None]:
    """The decision of whose it is to make, and what was remarkable about the way there.

    Where it is escalated, the powerful model's outcome counts, whatever it is.
    """
    answers = await _ask_cheap(route, question, asking)
    word = cheap_word(answers, tuple(view.instruments), own)
    triggers = triggers_of(route, word, view, own)
    if triggers:
        return await _escalated(route, question, asking, answers, word, triggers)
    if route.mode is RoutingMode.CHEAP_FIRST or not word.targets:
        return ReplyRead(targets=word.targets), None
    return ReplyRead(targets=()), Routing(withheld=tuple(target.symbol for target in word.targets))


async def _ask_cheap(route: Route, question: DecisionQuestion, asking: Asking) -> list[CheapAnswer]:
    branches = [asking.branch(route.cheap_timeout_s) for _ in route.cheap]
    outcomes = await asyncio.gather(
        *(
            question.put(branch, model, cheap_role(number))
            for number, (branch, model) in enumerate(zip(branches, route.cheap, strict=True), 1)
        )
    )
    asking.join(branches)
    return [_answer(model, outcome) for model, outcome in zip(route.cheap, outcomes, strict=True)]


def _answer(model: str, outcome: Outcome) -> CheapAnswer:
    if isinstance(outcome, ReplyRead):
        return CheapAnswer(model=model, read=outcome)
    fault = str(outcome) if isinstance(outcome, CallFailed) else outcome.reason
    return CheapAnswer(model=model, read=None, fault=fault)


async def _escalated(
    route: Route,
    question: DecisionQuestion,
    asking: Asking,
    answers: Sequence[CheapAnswer],
    word: CheapWord,
    triggers: Mapping[Trigger, str],
) -> tuple[Outcome, Routing]:
    asked_before = len(asking.calls)
    if route.shows_cheap:
        question = replace(question, messages=with_answers(question.messages, answers))
    outcome = await question.put(asking, route.powerful, Tier.POWERFUL)
    changed = differs(word.targets, outcome.targets) if isinstance(outcome, ReplyRead) else None
    escalation = Escalation(
        triggers=tuple(triggers),
        reason=reason_of(triggers),
        cheap=route.cheap,
        powerful=route.powerful,
        changed=changed,
        cheap_cost=_cost(asking.calls[:asked_before]),
        powerful_cost=_cost(asking.calls[asked_before:]),
    )
    return outcome, Routing(escalation=escalation)


def _cost(calls: Sequence[ModelCall]) -> Micros | None:
    costs = [call.cost for call in calls if call.cost is not None]
    return Micros(sum(costs)) if len(costs) == len(calls) else None
