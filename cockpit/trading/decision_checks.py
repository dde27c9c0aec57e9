"""Whether a decision can be acted on: numbers are checked and refused with a reason, never repaired."""

from collections.abc import Collection, Mapping

from cockpit.domain.decisions import Decision, DecisionFailure, ModelCall, Target, Thesis
from cockpit.domain.market import LEDGER_BOUND
from cockpit.trading.debate_checks import debate_fault
from cockpit.trading.routing_checks import routing_fault
from cockpit.trading.value_checks import is_within, shown, text_fault

MAX_REASON_LENGTH = 500

MAX_CALL_LENGTH = 2_000_000
"""Characters of a model call's request or answer."""


def decision_fault(
    decision: object, agent: str, marks: Mapping[str, float], listed: Collection[str] | None = None
) -> str | None:
    """What is wrong with an agent's answer, in one line; None when it can be acted on.

    Nothing in the answer is trusted to have the type it declares: no answer makes this raise.

    Args:
        decision: Whatever the agent returned.
        agent: Who was asked.
        marks: Mark price by symbol, for the side a stop has to be on.
        listed: What is traded, with a price or without one so far; what has a mark unless given.
    """
    if not isinstance(decision, Decision):
        return f"it returned {type(decision).__name__}, not a decision"
    if decision.agent != agent:
        return "it answered in another agent's name"
    targets: object = decision.targets
    if not isinstance(targets, tuple):
        return f"its targets are {type(targets).__name__}, not a tuple"
    fault = thoughts_fault(decision) or _refused_fault(decision.refused)
    if fault is not None:
        return fault
    seen = set[str]()
    for target in targets:
        fault = _target_fault(target, marks, marks if listed is None else listed, seen)
        if fault is not None:
            return fault
        seen.add(target.symbol)
    return None


def _target_fault(
    target: object, marks: Mapping[str, float], listed: Collection[str], seen: set[str]
) -> str | None:
    if not isinstance(target, Target):
        return f"a target is {type(target).__name__}, not a target"
    symbol: object = target.symbol
    if not isinstance(symbol, str):
        return f"a symbol is {type(symbol).__name__}, not text"
    if symbol not in listed:
        return f"{ascii(symbol)[1:-1]:.40}: it is not traded here, or has no price yet"
    if symbol in seen:
        return f"it gave two targets for {symbol}"
    fault = (
        _numbers_fault(target)
        or _reason_fault(target.reason)
        or _exits_fault(target, marks.get(symbol))
        or _weights_fault(target.weights)
        or _thesis_fault(target.thesis)
    )
    return f"{symbol}: {fault}" if fault else None


def _numbers_fault(target: Target) -> str | None:
    if not is_within(target.exposure, -1, 1):
        return f"an exposure of {shown(target.exposure)} is outside −1 … 1"
    if target.quantity is not None and not is_within(target.quantity, 0, LEDGER_BOUND):
        return f"a quantity of {shown(target.quantity)} is outside 0 … 2^53"
    if target.quantity == 0 and target.exposure != 0:
        return "a quantity of 0 is no position: an exposure of 0 ends one"
    if target.confidence is not None and not is_within(target.confidence, 0, 1):
        return f"a confidence of {shown(target.confidence)} is outside 0 … 1"
    return None


def _reason_fault(reason: object) -> str | None:
    return text_fault("reason", reason, MAX_REASON_LENGTH)


def _thesis_fault(thesis: object) -> str | None:
    if thesis is None:
        return None
    if not isinstance(thesis, Thesis):
        return f"its thesis is {type(thesis).__name__}, not a thesis"
    for word, number in (("leverage", thesis.leverage), ("risk", thesis.risk)):
        if number is not None and not is_within(number, 0, LEDGER_BOUND):
            return f"a {word} of {shown(number)} is outside 0 … 2^53"
    return text_fault("invalidation", thesis.invalidation, MAX_REASON_LENGTH)


def _refused_fault(refused: object) -> str | None:
    if not isinstance(refused, tuple):
        return f"what it refused is {type(refused).__name__}, not a tuple"
    return next(filter(None, (text_fault("refusal", each, MAX_REASON_LENGTH) for each in refused)), None)


def thoughts_fault(answer: Decision | DecisionFailure) -> str | None:
    """What is wrong with the model calls, the debate and the routing an answer came with, in one line.

    Returns:
        None when they can be written down.
    """
    return (
        _calls_fault(answer.calls)
        or debate_fault(answer.debate, len(answer.calls))
        or routing_fault(answer.routing)
    )


def _calls_fault(calls: object) -> str | None:
    if not isinstance(calls, tuple):
        return f"its model calls are {type(calls).__name__}, not a tuple"
    for call in calls:
        if not isinstance(call, ModelCall):
            return f"a model call is {type(call).__name__}, not a call"
        for name in ModelCall.__slots__:
            value: object = getattr(call, name)
            fault = text_fault(name, value, MAX_CALL_LENGTH) if isinstance(value, str) else None
            if isinstance(value, int) and not 0 <= value < LEDGER_BOUND:
                fault = f"its {name} of {shown(value)} is outside 0 … 2^53"
            if fault is not None:
                return f"a model call can't be written down: {fault}"
    return None


def _weights_fault(weights: object) -> str | None:
    if not isinstance(weights, tuple):
        return f"its weights are {type(weights).__name__}, not a tuple"
    for each in weights:
        match each:
            case (str(), int() | float() as weight) if 0 < weight < LEDGER_BOUND:
                continue
            case _:
                return "its weights are not names with numbers above 0"
    return None


def _exits_fault(target: Target, mark: float | None) -> str | None:
    if mark is None:
        has_exits = target.stop is not None or target.take_profit is not None
        return "it has no price yet that a stop or take profit could be measured by" if has_exits else None
    return _side_fault("stop", target.stop, target.exposure, mark, losing=True) or _side_fault(
        "take profit", target.take_profit, target.exposure, mark, losing=False
    )


def _side_fault(word: str, price: object, exposure: float, mark: float, *, losing: bool) -> str | None:
    if price is None:
        return None
    if not (isinstance(price, int | float) and 0 < price < LEDGER_BOUND):
        return f"a {word} of {shown(price)} is no price"
    below = (exposure > 0) == losing
    if exposure != 0 and (price >= mark if below else price <= mark):
        return f"a {word} of {price:g} is on the wrong side of the mark {mark:g}"
    return None
