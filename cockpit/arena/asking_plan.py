"""What an arena's agents would ask models in a run, and what that costs: measured on its first view.

Nobody is asked. Tokens are those of the very prompts of that view. What can't be known before is assumed: how
often a decision is escalated, and how much of what is said comes back in later questions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import msgspec

from cockpit.agents.agent import MarketView
from cockpit.agents.answers.repair import RepairModel
from cockpit.agents.debate.debate_agent import DebateAgent
from cockpit.agents.llm_agent import LlmAgent
from cockpit.agents.models.cost_estimate import (
    CostEstimate,
    PlannedCall,
    cost_estimate,
    token_estimate,
    usual_output,
)
from cockpit.agents.models.model_call import Message
from cockpit.agents.providers.model_prices import ModelPrice
from cockpit.agents.tools.tool_use import ToolLimits
from cockpit.agents.tools.toolbox import TOOL_SPECS
from cockpit.arena.assembly import Parts
from cockpit.arena.opening import first_state, present_view
from cockpit.arena.roster import DECIDE, REPAIR, model_uses
from cockpit.arena.rounds import account_view
from cockpit.arena.run_span import market_end_ms, rounds_to_play
from cockpit.domain.debates import JUDGE, SHADOW
from cockpit.domain.market import DAY_MS, MICROS_PER_UNIT, Micros
from cockpit.domain.profiles import MIND_KINDS
from cockpit.domain.routing import Tier
from cockpit.markets.replay import ReplayMarket
from cockpit.settings.tree import AgentSettings, Settings
from cockpit.trading.state import ArenaState

ESCALATED_SHARE = Fraction(1, 4)
"""Of the decisions, how many are taken to be passed on to a powerful model."""

TOOL_ANSWER_TOKENS = 1_000
"""What a look-up is taken to bring at most."""

_TOOL_BYTES = len(msgspec.json.encode(TOOL_SPECS))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEstimate:
    """What a run's questions to models come to.

    Attributes:
        cost: Of all its rounds; of those of one day of market time, where it has no end.
        has_end: Whether the run has one.
        budget: Micro-dollars that all agents together may spend in the life of the journal; None: no limit.
    """

    cost: CostEstimate
    has_end: bool
    budget: Micros | None = None


@dataclass(frozen=True, slots=True)
class _Asker:
    """An agent, and what it would ask in the first round."""

    settings: AgentSettings
    prompts: Mapping[str, tuple[Message, ...]]


def asks_on_recorded_candles(settings: Settings, parts: Parts) -> bool:
    """Whether the run would ask real models about a market that is past."""
    return isinstance(parts.market, ReplayMarket) and bool(_who_asks(settings, parts))


async def run_estimate(settings: Settings, parts: Parts) -> RunEstimate | None:
    """What models would be asked; None where none would be.

    Args:
        settings: Resolved.
        parts: The arena made of them.

    Raises:
        AllocationError: If the treasury can't give every agent its capital.
        MarketError: If the market can't be read.
        PromptTemplateError: If a prompt can't be written.
    """
    if not _who_asks(settings, parts):
        return None
    rounds = rounds_to_play(parts.agreement, market_end_ms(parts.market))
    in_a_day = -(-DAY_MS // parts.agreement.round_interval_ms)
    state = first_state(parts)
    view = await present_view(parts, state)
    calls = tuple(_planned_calls(settings, parts, view, state))
    total = settings.models.budget.total
    return RunEstimate(
        cost=cost_estimate(calls, in_a_day if rounds is None else rounds),
        has_end=rounds is not None,
        budget=None if total is None else Micros(round(total * MICROS_PER_UNIT)),
    )


def _who_asks(settings: Settings, parts: Parts) -> dict[str, AgentSettings]:
    """Agents that would ask models in every run of these settings that isn't a replay of recorded calls."""
    if settings.models.mode == "replay" or parts.minds is None:
        return {}
    return {
        each.name: each
        for each in settings.agents
        if each.kind in MIND_KINDS and not parts.agents[each.name].grounded
    }


def _planned_calls(
    settings: Settings, parts: Parts, view: MarketView, state: ArenaState
) -> Iterator[PlannedCall]:
    assert parts.minds is not None
    asked = [(use, model) for model, uses in model_uses(settings).items() for use in uses]
    for name, given in _who_asks(settings, parts).items():
        agent = parts.agents[name]
        assert isinstance(agent, LlmAgent | DebateAgent)
        asker = _Asker(given, agent.prompts(view, account_view(state, name)))
        for use, model in asked:
            if use.agent == name:
                yield from _calls(asker, use.role, model, parts.minds.switchboard.facts(model).price)


def _calls(asker: _Asker, role: str, model: str, price: ModelPrice | None) -> Iterator[PlannedCall]:
    """The questions of one role in a round."""
    if role == REPAIR:
        plans = [_repair(asker, model)]
    elif asker.settings.kind == "llm":
        plans = [_decision(asker, role)]
    elif role in {JUDGE, SHADOW}:
        plans = [_verdict(asker, role)]
    else:
        plans = list(_statements(asker, role))
    for plan in plans:
        yield PlannedCall(
            agent=asker.settings.name,
            role=role,
            model=model,
            price=price,
            per_round=plan.per_round,
            most_per_round=plan.most_per_round,
            input_tokens=plan.first_tokens + plan.heard * usual_output(plan.heard_tokens),
            most_input_tokens=plan.first_tokens + plan.heard * plan.heard_tokens + plan.looked_up_tokens,
            max_tokens=plan.max_tokens,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """One question of a round.

    Attributes:
        per_round: How often it is usually asked.
        most_per_round: How often at most.
        first_tokens: What it has of its own.
        heard: How many answers of others are in it.
        heard_tokens: How long each of them may be.
        looked_up_tokens: What look-ups add at most.
        max_tokens: Of its answer.
    """

    per_round: Fraction = Fraction(1)
    most_per_round: int = 1
    first_tokens: int
    heard: int = 0
    heard_tokens: int = 0
    looked_up_tokens: int = 0
    max_tokens: int


def _decision(asker: _Asker, role: str) -> _Plan:
    mind = asker.settings.mind
    routing = mind.routing
    first_tokens, max_tokens = token_estimate(asker.prompts[DECIDE]), mind.max_tokens
    if routing is None or role != Tier.POWERFUL:
        return _Plan(first_tokens=first_tokens, max_tokens=max_tokens)
    return _Plan(
        per_round=ESCALATED_SHARE,
        first_tokens=first_tokens,
        heard=len(routing.cheap) if routing.show_cheap else 0,
        heard_tokens=max_tokens,
        max_tokens=max_tokens,
    )


def _repair(asker: _Asker, model: str) -> _Plan:
    """It is only asked where an answer's form is broken, with no more than that answer and its schema."""
    mind = asker.settings.mind
    is_debate = asker.settings.kind == "debate"
    return _Plan(
        per_round=Fraction(0),
        most_per_round=1 if is_debate or mind.routing is None else len(mind.routing.cheap) + 1,
        first_tokens=token_estimate(asker.prompts[SHADOW if is_debate else DECIDE]),
        heard=1,
        heard_tokens=mind.max_tokens,
        max_tokens=RepairModel(model=model).max_tokens,
    )


def _verdict(asker: _Asker, role: str) -> _Plan:
    mind = asker.settings.mind
    held = mind.debate
    spoken = len(held.analysts) * (held.rebuttals + 1) if role == JUDGE else 0
    return _Plan(
        first_tokens=token_estimate(asker.prompts[SHADOW]),
        heard=spoken,
        heard_tokens=mind.max_tokens,
        max_tokens=mind.max_tokens,
    )


def _statements(asker: _Asker, role: str) -> Iterator[_Plan]:
    """One a turn: in each, an analyst is shown again all that everybody has said before."""
    held, max_tokens = asker.settings.mind.debate, asker.settings.mind.max_tokens
    look_ups = ToolLimits().turns if held.tools else 0
    first_tokens = token_estimate(asker.prompts[role], _TOOL_BYTES if held.tools else 0)
    for turn in range(held.rebuttals + 1):
        yield _Plan(
            most_per_round=1 + look_ups,
            first_tokens=first_tokens,
            heard=turn * len(held.analysts),
            heard_tokens=max_tokens,
            looked_up_tokens=look_ups * (max_tokens + TOOL_ANSWER_TOKENS),
            max_tokens=max_tokens,
        )
