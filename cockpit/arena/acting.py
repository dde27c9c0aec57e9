"""From a decision to orders: what changed is recorded, sized, placed and guarded."""

from dataclasses import replace

from cockpit.agents.agent import MarketView
from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.recorder import Recorder
from cockpit.domain.decisions import Decision, Target
from cockpit.domain.events import DecisionMade
from cockpit.trading.allocation import Sizing, intents_for


def act_on(decision: Decision, view: MarketView, recorder: Recorder, desk: OrderDesk, sizing: Sizing) -> None:
    """Records a decision and places the orders that bring its agent's account to its targets.

    An instrument whose position is being closed from outside is left alone until that is done.

    Args:
        decision: Checked.
        view: What it was made on.
        recorder: Where events go.
        desk: Where orders go.
        sizing: From targets to sizes.
    """
    state = recorder.draft
    agent = state.agents[decision.agent]
    last = agent.targets
    changed = [target for target in decision.targets if _differs(target, last.get(target.symbol))]
    decision_id = state.next_decision_id
    recorder.emit(
        DecisionMade(
            decision_id=decision_id,
            agent=decision.agent,
            round=view.round,
            confidence=_mean_confidence(decision),
            targets=tuple(changed),
        )
    )
    free = [target for target in decision.targets if not desk.is_closing(decision.agent, target.symbol)]
    for target in free:
        if target in changed:
            desk.supersede(decision.agent, target.symbol)
    weights = {target.symbol: target.weights for target in free}
    style = desk.styles[decision.agent]
    at_work = {target.symbol: desk.lots_at_work(decision.agent, target.symbol) for target in free}
    intents = intents_for(
        agent.account,
        agent.watch.equity,
        free,
        view.instruments,
        state.marks,
        sizing,
        style,
        decision_id,
        at_work,
    )
    for intent in intents:
        delayed = replace(intent, thinking_ms=decision.thinking_ms)
        if weights[intent.symbol]:
            desk.place_split(delayed, weights[intent.symbol])
        else:
            desk.place(delayed)
    for target in changed:
        desk.protect(decision.agent, target.symbol)


def _differs(target: Target, last: Target | None) -> bool:
    return last is None or (target.exposure, target.stop, target.take_profit, target.reason) != (
        last.exposure,
        last.stop,
        last.take_profit,
        last.reason,
    )


def _mean_confidence(decision: Decision) -> float | None:
    given = [target.confidence for target in decision.targets if target.confidence is not None]
    return sum(given) / len(given) if given else None
