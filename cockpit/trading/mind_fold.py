"""How what agents say, and what models are asked for it, changes the arena's state."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    AgentGrounded,
    AskingSkipped,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    EntriesWithheld,
    Escalated,
    Event,
    ModelCalled,
    ThesisBroken,
)
from cockpit.domain.market import Micros
from cockpit.trading.agent_state import LESSONS, RECENT_DECISIONS, AgentState
from cockpit.trading.fold_checks import FoldError, agent_of, expect_id, instruments_of
from cockpit.trading.state import ArenaState, UnderWay


def _decision_made(state: ArenaState, event: DecisionMade, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    expect_id("decision", event.decision_id, state.next_decision_id)
    agent.decisions += 1
    _remember_outcome(agent, failed=False)
    if event.confidence is not None:
        agent.confidence.add(event.confidence)
    for target in event.targets:
        _state_thesis(agent, target, ts_ms)
        agent.targets[target.symbol] = target
    agent.refused += len(event.refused)
    _learn(agent, event.refused)
    state.next_decision_id = event.decision_id + 1


def _state_thesis(agent: AgentState, target: Target, ts_ms: int) -> None:
    last = agent.targets.get(target.symbol)
    said = target.thesis.invalidation if target.thesis is not None else ""
    if said == (last.thesis.invalidation if last is not None and last.thesis is not None else ""):
        return
    forget_thesis(agent, target.symbol)
    if said:
        agent.stated_ms[target.symbol] = ts_ms


def forget_thesis(agent: AgentState, symbol: str) -> None:
    """What would prove an agent wrong on a symbol is a thing of the past."""
    agent.stated_ms.pop(symbol, None)
    agent.broken.pop(symbol, None)


def _decision_failed(state: ArenaState, event: DecisionFailed, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    agent.failures += 1
    agent.last_failure = event.message
    _remember_outcome(agent, failed=True)
    _learn(agent, (event.message,))


def _remember_outcome(agent: AgentState, *, failed: bool) -> None:
    recent = agent.recent_failures
    recent.append(failed)
    if len(recent) > RECENT_DECISIONS:
        del recent[0]


def _learn(agent: AgentState, lessons: Iterable[str]) -> None:
    """An answer begins a new list; the risk gate's refusals of its orders come behind it."""
    if agent.lessons or lessons:
        agent.lessons = list(lessons)[:LESSONS]


def _model_called(state: ArenaState, event: ModelCalled, ts_ms: int) -> None:
    agent, call = agent_of(state, event.agent), event.call
    expect_id("model call", event.call_id, state.next_call_id)
    if call.cost is not None and call.cost < 0:
        raise FoldError(f"model call {event.call_id} can't have cost {call.cost} micro-dollars")
    use = agent.model_use
    use.calls += 1
    use.failed += bool(call.fault)
    use.repairs += call.role == "repair"
    use.unpriced += call.cost is None
    use.cost = Micros(use.cost + (call.cost or 0))
    use.input_tokens += call.input_tokens or 0
    use.output_tokens += call.output_tokens or 0
    use.latency_ms += call.latency_ms
    state.next_call_id = event.call_id + 1


def _debate_asked(state: ArenaState, event: DebateAsked, ts_ms: int) -> None:
    agent_of(state, event.agent)
    if event.symbol not in instruments_of(state):
        raise FoldError(f"{event.agent} can't debate on {event.symbol}, which this run does not trade")
    expect_id("debate", event.debate_id, state.next_debate_id)
    state.debates_under_way[event.debate_id] = UnderWay(
        agent=event.agent, symbol=event.symbol, by=event.by, execute=event.execute, asked_ms=ts_ms
    )
    state.next_debate_id = event.debate_id + 1


def _debate_held(state: ArenaState, event: DebateHeld, ts_ms: int) -> None:
    if event.asked:
        _end_debate(state, event)
        return
    agent_of(state, event.agent)
    expect_id("debate", event.debate_id, state.next_debate_id)
    state.next_debate_id = event.debate_id + 1


def _debate_abandoned(state: ArenaState, event: DebateAbandoned, ts_ms: int) -> None:
    _end_debate(state, event)


def _end_debate(state: ArenaState, event: DebateHeld | DebateAbandoned) -> None:
    under_way = state.debates_under_way.get(event.debate_id)
    if under_way is None or under_way.agent != event.agent:
        raise FoldError(f"{event.agent} has no debate {event.debate_id} under way that could end")
    del state.debates_under_way[event.debate_id]


def _escalated(state: ArenaState, event: Escalated, ts_ms: int) -> None:
    use = agent_of(state, event.agent).routing
    use.escalations += 1
    use.changed += bool(event.escalation.changed)


def _entries_withheld(state: ArenaState, event: EntriesWithheld, ts_ms: int) -> None:
    agent_of(state, event.agent).routing.withheld += 1


def _asking_skipped(state: ArenaState, event: AskingSkipped, ts_ms: int) -> None:
    agent_of(state, event.agent).routing.skipped += 1


def _thesis_broken(state: ArenaState, event: ThesisBroken, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    if event.symbol not in agent.account.positions or event.symbol not in agent.targets:
        raise FoldError(f"{event.agent} holds no {event.symbol} of which a thesis could be broken")
    agent.broken[event.symbol] = event.condition
    if event.closes:
        agent.targets[event.symbol] = replace(agent.targets[event.symbol], exposure=0.0, quantity=None)
    if len(agent.lessons) < LESSONS:
        done = "the position is closed" if event.closes else "what you said would prove you wrong"
        agent.lessons.append(f"{event.symbol}: {event.condition} has come about: {done}")


def _agent_grounded(state: ArenaState, event: AgentGrounded, ts_ms: int) -> None:
    agent_of(state, event.agent).grounded = event.reason


MIND_FOLDS: dict[type[Event], Callable[[ArenaState, Any, int], None]] = {
    DecisionMade: _decision_made,
    DecisionFailed: _decision_failed,
    ModelCalled: _model_called,
    DebateAsked: _debate_asked,
    DebateHeld: _debate_held,
    DebateAbandoned: _debate_abandoned,
    Escalated: _escalated,
    EntriesWithheld: _entries_withheld,
    AskingSkipped: _asking_skipped,
    ThesisBroken: _thesis_broken,
    AgentGrounded: _agent_grounded,
}
