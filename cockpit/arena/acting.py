"""From a decision to orders: what changed is recorded, sized, placed and guarded."""

from collections.abc import Sequence
from dataclasses import replace

from cockpit.agents.agent import MarketView
from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.recorder import Recorder
from cockpit.domain.decisions import Decision, Target
from cockpit.domain.events import DecisionMade
from cockpit.domain.orders import OrderIntent
from cockpit.trading.allocation import Sizing, intents_for


def act_on(decision: Decision, view: MarketView, recorder: Recorder, desk: OrderDesk, sizing: Sizing) -> None:
    """Records a decision and places the orders that bring its agent's account to its targets.

    An instrument whose position is being closed from outside is left alone until that is done. What the
    agent wants no more is closed even where the order that was to turn it round is refused.

    Args:
        decision: Checked.
        view: What it was made on.
        recorder: Where events go.
        desk: Where orders go.
        sizing: From targets to sizes.
    """
    name, last = decision.agent, recorder.draft.agents[decision.agent].targets
    changed = [target for target in decision.targets if _differs(target, last.get(target.symbol))]
    decision_id = recorder.draft.next_decision_id
    recorder.emit(
        DecisionMade(
            decision_id=decision_id,
            agent=name,
            round=view.round,
            confidence=_mean_confidence(decision),
            targets=tuple(changed),
            refused=decision.refused,
        )
    )
    free = [target for target in decision.targets if not desk.blotter.is_closing(name, target.symbol)]
    for target in free:
        if target in changed:
            desk.supersede(name, target.symbol)
    weights = {target.symbol: target.weights for target in free}
    for intent in _intents(decision, free, view, desk, sizing, decision_id):
        if weights[intent.symbol]:
            desk.place_split(intent, weights[intent.symbol])
        else:
            desk.place(intent)
    desk.leave_unwanted(name, decision.thinking_ms)
    for target in changed:
        desk.protect(name, target.symbol)


def _intents(
    decision: Decision,
    free: Sequence[Target],
    view: MarketView,
    desk: OrderDesk,
    sizing: Sizing,
    decision_id: int,
) -> list[OrderIntent]:
    state = desk.blotter.recorder.draft
    agent = state.agents[decision.agent]
    intents = intents_for(
        agent.account,
        agent.watch.equity,
        free,
        view.instruments,
        state.marks,
        sizing,
        desk.styles[decision.agent],
        decision_id,
        {target.symbol: desk.blotter.lots_at_work(decision.agent, target.symbol) for target in free},
    )
    return [replace(intent, thinking_ms=decision.thinking_ms) for intent in intents]


def _differs(target: Target, last: Target | None) -> bool:
    return last is None or _word(target) != _word(last)


def _word(target: Target) -> tuple[object, ...]:
    return (
        target.exposure,
        target.quantity,
        target.stop,
        target.take_profit,
        target.thesis,
        target.reason,
    )


def _mean_confidence(decision: Decision) -> float | None:
    given = [target.confidence for target in decision.targets if target.confidence is not None]
    return sum(given) / len(given) if given else None
