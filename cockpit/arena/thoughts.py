"""What came with an agent's answer is told: models asked, a debate held, the way to who gave it."""

from collections.abc import Sequence

from cockpit.arena.recorder import Recorder
from cockpit.domain.decisions import Decision, DecisionFailure, ModelCall
from cockpit.domain.events import AskingSkipped, DebateHeld, EntriesWithheld, Escalated, ModelCalled


def tell_thoughts(recorder: Recorder, round_number: int, answer: Decision | DecisionFailure) -> None:
    """Tells all that came with an answer given in a round, before what the answer is.

    Args:
        recorder: Where events go.
        round_number: Which round.
        answer: Checked.
    """
    first_call_id = tell_calls(recorder, answer.agent, round_number, answer.calls)
    if answer.debate is not None:
        recorder.emit(
            DebateHeld(
                debate_id=recorder.draft.next_debate_id,
                agent=answer.agent,
                round=round_number,
                first_call_id=first_call_id,
                debate=answer.debate,
            )
        )
    _tell_routing(recorder, round_number, answer)


def tell_calls(
    recorder: Recorder,
    agent: str,
    round_number: int,
    calls: Sequence[ModelCall],
    debate_id: int | None = None,
) -> int:
    """Tells what models were asked; returns the number that the first of the calls has, or would have.

    Args:
        recorder: Where events go.
        agent: Who asked.
        round_number: In which round, or after which.
        calls: Checked.
        debate_id: Of the debate that somebody asked for and that they were made for, if any.
    """
    first_call_id = recorder.draft.next_call_id
    for call_id, call in enumerate(calls, first_call_id):
        recorder.emit(
            ModelCalled(call_id=call_id, agent=agent, round=round_number, call=call, debate_id=debate_id)
        )
    return first_call_id


def _tell_routing(recorder: Recorder, round_number: int, answer: Decision | DecisionFailure) -> None:
    """What was remarkable about the way to the model that gave an answer."""
    agent, routing = answer.agent, answer.routing
    if routing is None:
        return
    if routing.escalation is not None:
        recorder.emit(Escalated(agent=agent, round=round_number, escalation=routing.escalation))
    if routing.withheld:
        recorder.emit(EntriesWithheld(agent=agent, round=round_number, symbols=routing.withheld))
    if routing.skipped:
        recorder.emit(AskingSkipped(agent=agent, round=round_number, reason=routing.skipped))
