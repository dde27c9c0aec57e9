"""How what agents say, and what models are asked for it, changes the arena's state."""

from collections.abc import Callable, Iterable
from typing import Any

from cockpit.domain.events import DecisionFailed, DecisionMade, Event, ModelCalled, ThesisBroken
from cockpit.domain.market import Micros
from cockpit.trading.agent_state import LESSONS, RECENT_DECISIONS, AgentState
from cockpit.trading.fold_checks import FoldError, agent_of, expect_id
from cockpit.trading.state import ArenaState


def _decision_made(state: ArenaState, event: DecisionMade, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    expect_id("decision", event.decision_id, state.next_decision_id)
    agent.decisions += 1
    _remember_outcome(agent, failed=False)
    if event.confidence is not None:
        agent.confidence.add(event.confidence)
    for target in event.targets:
        agent.targets[target.symbol] = target
        agent.broken.pop(target.symbol, None)
    agent.refused += len(event.refused)
    _learn(agent, event.refused)
    state.next_decision_id = event.decision_id + 1


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


def _thesis_broken(state: ArenaState, event: ThesisBroken, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    if event.symbol not in agent.account.positions:
        raise FoldError(f"{event.agent} holds no {event.symbol} of which a thesis could be broken")
    agent.broken[event.symbol] = event.condition


MIND_FOLDS: dict[type[Event], Callable[[ArenaState, Any, int], None]] = {
    DecisionMade: _decision_made,
    DecisionFailed: _decision_failed,
    ModelCalled: _model_called,
    ThesisBroken: _thesis_broken,
}
