"""Whether a decision can be acted on: numbers are checked and refused with a reason, never repaired."""

from collections.abc import Mapping
from math import isfinite

from cockpit.domain.decisions import Decision, Target

MAX_REASON_LENGTH = 500


def decision_fault(decision: object, agent: str, marks: Mapping[str, float]) -> str | None:
    """What is wrong with an agent's answer, in one line; None when it can be acted on.

    Args:
        decision: Whatever the agent returned.
        agent: Who was asked.
        marks: Mark price by symbol, for the side a stop has to be on.
    """
    if not isinstance(decision, Decision):
        return f"it returned {type(decision).__name__}, not a decision"
    if decision.agent != agent:
        return "it answered in another agent's name"
    seen = set[str]()
    for target in decision.targets:
        if target.symbol in seen:
            return f"it gave two targets for {target.symbol}"
        seen.add(target.symbol)
        fault = _target_fault(target, marks)
        if fault is not None:
            return f"{target.symbol}: {fault}"
    return None


def _target_fault(target: Target, marks: Mapping[str, float]) -> str | None:
    mark = marks.get(target.symbol)
    if mark is None:
        return "it is not traded here, or has no price yet"
    if not (isfinite(target.exposure) and -1 <= target.exposure <= 1):
        return f"an exposure of {target.exposure} is outside −1 … 1"
    confidence = target.confidence
    if confidence is not None and not (isfinite(confidence) and 0 <= confidence <= 1):
        return f"a confidence of {confidence} is outside 0 … 1"
    if len(target.reason) > MAX_REASON_LENGTH:
        return f"its reason has {len(target.reason)} characters, more than {MAX_REASON_LENGTH}"
    return _side_fault("stop", target.stop, target.exposure, mark, losing=True) or _side_fault(
        "take profit", target.take_profit, target.exposure, mark, losing=False
    )


def _side_fault(word: str, price: float | None, exposure: float, mark: float, *, losing: bool) -> str | None:
    if price is None:
        return None
    if not (isfinite(price) and price > 0):
        return f"a {word} of {price} is no price"
    below = (exposure > 0) == losing
    if exposure != 0 and (price >= mark if below else price <= mark):
        return f"a {word} of {price:g} is on the wrong side of the mark {mark:g}"
    return None
