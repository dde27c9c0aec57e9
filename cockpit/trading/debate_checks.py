"""Whether a debate that an agent's answer came with can be written down; nothing in it is trusted."""

from cockpit.domain.debates import (
    MAX_ARGUMENT,
    MAX_SIGNAL,
    MAX_SIGNALS,
    Debate,
    DebateMessage,
    Stance,
    SymbolConsensus,
    SymbolStance,
)
from cockpit.domain.market import LEDGER_BOUND
from cockpit.trading.value_checks import is_within, shown, text_fault

MAX_NAME = 200
"""Characters of a symbol, a role, a model or a tool."""

MAX_FAILED = 500
"""Characters of why a role said nothing."""

MAX_MESSAGES = 100
MAX_SYMBOLS = 1_000
MAX_TOOLS = 1_000


def debate_fault(debate: object, calls: int) -> str | None:
    """What is wrong with a debate, in one line; None when it can be written down, or there is none.

    Args:
        debate: Whatever the agent returned.
        calls: How many model calls came with it.
    """
    if debate is None:
        return None
    if not isinstance(debate, Debate):
        return f"its debate is {type(debate).__name__}, not a debate"
    fault = (
        _sizes_fault(debate)
        or _names_fault("symbol", debate.symbols)
        or next(filter(None, map(_consensus_fault, debate.consensus)), None)
        or _twice("symbol", tuple(each.symbol for each in debate.consensus))
        or next(filter(None, (_message_fault(each, calls) for each in debate.messages)), None)
        or (None if debate.shadow is None else _message_fault(debate.shadow, calls))
        or _strays_fault(debate)
        or _fraction_fault("agreement", debate.agreement)
        or text_fault("prompt version", debate.prompt_version, MAX_NAME)
        or _whole_fault("horizon_ms", debate.horizon_ms, LEDGER_BOUND)
    )
    is_disagreed: object = debate.is_disagreed
    if fault is None and not isinstance(is_disagreed, bool):
        fault = f"is_disagreed is {shown(is_disagreed)}"
    return None if fault is None else f"a debate can't be written down: {fault}"


def _sizes_fault(debate: Debate) -> str | None:
    limits = (
        ("symbols", debate.symbols, MAX_SYMBOLS),
        ("messages", debate.messages, MAX_MESSAGES),
        ("consensus", debate.consensus, MAX_SYMBOLS),
    )
    return next(filter(None, (_tuple_fault(*each) for each in limits)), None)


def _strays_fault(debate: Debate) -> str | None:
    shadow = () if debate.shadow is None else (debate.shadow,)
    views = [*debate.consensus, *(each for said in (*debate.messages, *shadow) for each in said.stances)]
    stray = next((each.symbol for each in views if each.symbol not in debate.symbols), None)
    return None if stray is None else f"{stray} was not debated"


def _tuple_fault(word: str, given: object, most: int) -> str | None:
    if not isinstance(given, tuple):
        return f"its {word} are {type(given).__name__}, not a tuple"
    return f"it has {len(given)} {word}, more than {most}" if len(given) > most else None


def _names_fault(word: str, names: tuple[object, ...]) -> str | None:
    fault = next(filter(None, (text_fault(word, each, MAX_NAME) for each in names)), None)
    return fault or _twice(word, names)


def _twice(word: str, names: tuple[object, ...]) -> str | None:
    return f"it names a {word} twice" if len(set(names)) < len(names) else None


def _message_fault(message: object, calls: int) -> str | None:
    if not isinstance(message, DebateMessage):
        return f"a message is {type(message).__name__}, not a message"
    fault = (
        _tuple_fault("stances", message.stances, MAX_SYMBOLS)
        or _tuple_fault("signals", message.signals, MAX_SIGNALS)
        or _tuple_fault("tools", message.tools, MAX_TOOLS)
        or _names_fault("role", (message.role,))
        or _names_fault("model", (message.model,))
        or text_fault("argument", message.argument, MAX_ARGUMENT)
        or text_fault("failure", message.failed, MAX_FAILED)
        or _whole_fault("turn", message.turn, MAX_MESSAGES)
        or next(filter(None, (text_fault("signal", each, MAX_SIGNAL) for each in message.signals)), None)
        or next(filter(None, (text_fault("tool", each, MAX_NAME) for each in message.tools)), None)
        or next(filter(None, map(_stance_fault, message.stances)), None)
        or _twice("symbol", tuple(each.symbol for each in message.stances))
    )
    if fault is None and message.call is not None:
        fault = _whole_fault("call", message.call, calls)
    return fault


def _stance_fault(stance: object) -> str | None:
    if not isinstance(stance, SymbolStance):
        return f"a stance is {type(stance).__name__}, not a stance"
    side: object = stance.stance
    if not isinstance(side, Stance):
        return f"a stance is {shown(side)}"
    return _names_fault("symbol", (stance.symbol,)) or _fraction_fault("confidence", stance.confidence)


def _consensus_fault(consensus: object) -> str | None:
    if not isinstance(consensus, SymbolConsensus):
        return f"a consensus is {type(consensus).__name__}, not a consensus"
    side: object = consensus.stance
    if side is not None and not isinstance(side, Stance):
        return f"a stance is {shown(side)}"
    if consensus.mark is not None and not is_within(consensus.mark, 0, LEDGER_BOUND):
        return f"a mark of {shown(consensus.mark)} is no price"
    return (
        _names_fault("symbol", (consensus.symbol,))
        or _fraction_fault("confidence", consensus.confidence)
        or _fraction_fault("agreement", consensus.agreement)
        or _whole_fault("opinions", consensus.opinions, MAX_MESSAGES)
    )


def _fraction_fault(word: str, value: object) -> str | None:
    if value is None or is_within(value, 0, 1):
        return None
    return f"its {word} of {shown(value)} is outside 0 … 1"


def _whole_fault(word: str, value: object, below: int) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < below:
        return None
    return f"its {word} of {shown(value)} is no number from 0 to below {below}"
