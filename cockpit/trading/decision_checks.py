"""Whether a decision can be acted on: numbers are checked and refused with a reason, never repaired."""

from collections.abc import Mapping

from cockpit.domain.decisions import Decision, ModelCall, Target, Thesis
from cockpit.domain.market import LEDGER_BOUND

MAX_REASON_LENGTH = 500

MAX_CALL_LENGTH = 2_000_000
"""Characters of a model call's request or answer."""


def decision_fault(decision: object, agent: str, marks: Mapping[str, float]) -> str | None:
    """What is wrong with an agent's answer, in one line; None when it can be acted on.

    Nothing in the answer is trusted to have the type it declares: no answer makes this raise.

    Args:
        decision: Whatever the agent returned.
        agent: Who was asked.
        marks: Mark price by symbol, for the side a stop has to be on.
    """
    if not isinstance(decision, Decision):
        return f"it returned {type(decision).__name__}, not a decision"
    if decision.agent != agent:
        return "it answered in another agent's name"
    targets: object = decision.targets
    if not isinstance(targets, tuple):
        return f"its targets are {type(targets).__name__}, not a tuple"
    fault = calls_fault(decision.calls) or _refused_fault(decision.refused)
    if fault is not None:
        return fault
    seen = set[str]()
    for target in targets:
        fault = _target_fault(target, marks, seen)
        if fault is not None:
            return fault
        seen.add(target.symbol)
    return None


def _target_fault(target: object, marks: Mapping[str, float], seen: set[str]) -> str | None:
    if not isinstance(target, Target):
        return f"a target is {type(target).__name__}, not a target"
    symbol: object = target.symbol
    if not isinstance(symbol, str):
        return f"a symbol is {type(symbol).__name__}, not text"
    if symbol not in marks:
        return f"{ascii(symbol)[1:-1]:.40}: it is not traded here, or has no price yet"
    if symbol in seen:
        return f"it gave two targets for {symbol}"
    fault = (
        _numbers_fault(target)
        or _reason_fault(target.reason)
        or _exits_fault(target, marks[symbol])
        or _weights_fault(target.weights)
        or _thesis_fault(target.thesis)
    )
    return f"{symbol}: {fault}" if fault else None


def _numbers_fault(target: Target) -> str | None:
    if not _is_within(target.exposure, -1, 1):
        return f"an exposure of {_shown(target.exposure)} is outside −1 … 1"
    if target.quantity is not None and not _is_within(target.quantity, 0, LEDGER_BOUND):
        return f"a quantity of {_shown(target.quantity)} is outside 0 … 2^53"
    if target.confidence is not None and not _is_within(target.confidence, 0, 1):
        return f"a confidence of {_shown(target.confidence)} is outside 0 … 1"
    return None


def _is_within(value: object, low: int, high: int) -> bool:
    return isinstance(value, int | float) and low <= value <= high


def _shown(value: object) -> str:
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < LEDGER_BOUND):
        return str(value)
    return f"type {type(value).__name__}" if not isinstance(value, int) else "more than 2^53"


def _reason_fault(reason: object) -> str | None:
    return _text_fault("reason", reason, MAX_REASON_LENGTH)


def _text_fault(word: str, text: object, longest: int) -> str | None:
    if not isinstance(text, str):
        return f"its {word} is {type(text).__name__}, not text"
    if len(text) > longest:
        return f"its {word} has {len(text)} characters, more than {longest}"
    try:
        text.encode()
    except UnicodeEncodeError:
        return f"its {word} has half a character (a lone surrogate), which can't be written down"
    return None


def _thesis_fault(thesis: object) -> str | None:
    if thesis is None:
        return None
    if not isinstance(thesis, Thesis):
        return f"its thesis is {type(thesis).__name__}, not a thesis"
    for word, number in (("leverage", thesis.leverage), ("risk", thesis.risk)):
        if number is not None and not _is_within(number, 0, LEDGER_BOUND):
            return f"a {word} of {_shown(number)} is outside 0 … 2^53"
    return _text_fault("invalidation", thesis.invalidation, MAX_REASON_LENGTH)


def _refused_fault(refused: object) -> str | None:
    if not isinstance(refused, tuple):
        return f"what it refused is {type(refused).__name__}, not a tuple"
    return next(filter(None, (_text_fault("refusal", each, MAX_REASON_LENGTH) for each in refused)), None)


def calls_fault(calls: object) -> str | None:
    """What is wrong with the model calls an answer came with; None when they can be written down."""
    if not isinstance(calls, tuple):
        return f"its model calls are {type(calls).__name__}, not a tuple"
    for call in calls:
        if not isinstance(call, ModelCall):
            return f"a model call is {type(call).__name__}, not a call"
        for name in ModelCall.__slots__:
            value: object = getattr(call, name)
            fault = _text_fault(name, value, MAX_CALL_LENGTH) if isinstance(value, str) else None
            if isinstance(value, int) and not 0 <= value < LEDGER_BOUND:
                fault = f"its {name} of {_shown(value)} is outside 0 … 2^53"
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


def _exits_fault(target: Target, mark: float) -> str | None:
    return _side_fault("stop", target.stop, target.exposure, mark, losing=True) or _side_fault(
        "take profit", target.take_profit, target.exposure, mark, losing=False
    )


def _side_fault(word: str, price: object, exposure: float, mark: float, *, losing: bool) -> str | None:
    if price is None:
        return None
    if not (isinstance(price, int | float) and 0 < price < LEDGER_BOUND):
        return f"a {word} of {_shown(price)} is no price"
    below = (exposure > 0) == losing
    if exposure != 0 and (price >= mark if below else price <= mark):
        return f"a {word} of {price:g} is on the wrong side of the mark {mark:g}"
    return None
