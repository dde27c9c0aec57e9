"""The judge's part of a debate: what it decides, and as which side of each instrument that counts."""

from dataclasses import dataclass, replace

from cockpit.agents.answers.coin_checks import Situation
from cockpit.agents.answers.decision_reply import ReplyRead, ReplyRefused
from cockpit.agents.answers.decision_schema import CoinDecision, Signal
from cockpit.agents.answers.repair import RepairModel, read_reply_of
from cockpit.agents.models.asking import Asking
from cockpit.agents.models.model_call import CallFailed, ModelRequest
from cockpit.domain.debates import MAX_ARGUMENT, DebateMessage, Stance, SymbolStance
from cockpit.domain.decisions import DecisionFailure
from cockpit.domain.plain_text import plain_text
from cockpit.domain.spoken_names import spoken_names

MAX_REASON = 300
"""Characters of why there is no verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a judge said, and what it comes to.

    Attributes:
        message: For the debate.
        outcome: The decision, or why there is none.
    """

    message: DebateMessage
    outcome: ReplyRead | DecisionFailure


async def judged(
    asking: Asking,
    request: ModelRequest,
    situation: Situation,
    *,
    role: str,
    turn: int,
    repair: RepairModel | None,
) -> Verdict:
    """What a judge decides.

    Args:
        asking: Asks the model.
        request: What to ask.
        situation: What the answer is checked against.
        role: ``judge``, or ``shadow``.
        turn: Of the debate.
        repair: Which model mends the form of the answer; None: none.
    """
    said = DebateMessage(turn=turn, role=role, model=request.model, call=len(asking.calls))
    try:
        reply = await asking.ask(request, role)
    except CallFailed as failed:
        reason = plain_text(str(failed), MAX_REASON) or failed.fault.value
        return Verdict(message=replace(said, failed=reason), outcome=asking.failure(failed))
    read = await read_reply_of(reply, situation, asking, repair)
    if isinstance(read, ReplyRefused):
        failure = asking.refused(f"the answer was refused: {read.reason}")
        return Verdict(message=replace(said, failed=plain_text(read.reason, MAX_REASON)), outcome=failure)
    stances, argument = stances_of(read, situation), _argument(read, situation)
    return Verdict(message=replace(said, stances=stances, argument=argument), outcome=read)


def stances_of(read: ReplyRead, situation: Situation) -> tuple[SymbolStance, ...]:
    """The sides a decision takes, in the run's order: holding is taking the side of what is held.

    What it says of a coin counts even where it can't be done.
    """
    return tuple(
        SymbolStance(
            symbol=symbol,
            stance=_stance(decision, situation.held.get(symbol, 0)),
            confidence=decision.confidence,
        )
        for symbol in situation.instruments
        if (decision := read.decisions.get(symbol)) is not None
    )


def _stance(decision: CoinDecision, held: int) -> Stance:
    match decision.signal:
        case Signal.BUY_TO_ENTER:
            return Stance.LONG
        case Signal.SELL_TO_ENTER:
            return Stance.SHORT
        case Signal.HOLD if held:
            return Stance.LONG if held > 0 else Stance.SHORT
        case _:
            return Stance.FLAT


def _argument(read: ReplyRead, situation: Situation) -> str:
    spoken = spoken_names(situation.instruments.values())
    words = (
        f"{spoken[symbol]}: {decision.justification}"
        for symbol, decision in read.decisions.items()
        if symbol in situation.instruments and decision.justification
    )
    return plain_text(" · ".join(words), MAX_ARGUMENT)
