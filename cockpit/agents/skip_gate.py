"""Whether a round is worth asking models at all: not while nothing has moved since they were asked last.

Pure rules over the view and the account. What they compare with, `LastAsked`, the agent keeps as its memory,
as strategies keep theirs: it goes with the snapshot, and rounds after it are relived, with the same answer.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import inf

from cockpit.agents.agent import AccountView, MarketView
from cockpit.domain.accounts import Position
from cockpit.domain.decisions import Target
from cockpit.domain.formats import percent, short_symbol
from cockpit.trading.invalidation import (
    AllOf,
    AnyOf,
    Clock,
    Comparison,
    Condition,
    Crossing,
    Held,
    Level,
    checkable,
)

_BELOW = {Comparison.BELOW, Comparison.AT_MOST}


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipRule:
    """When nothing has moved.

    Attributes:
        max_move: Models are asked where a coin's mark is off by more than this fraction from where they were
            asked last.
        exit_distance: And where a position's mark is within this fraction of its stop, target or
            invalidation.
        max_rounds: So many rounds in a row may be skipped.
        round_ms: Market time from round to round: what comes about by the next one is near.
        names: Coin as written → symbol, to read invalidations by.
    """

    max_move: float
    exit_distance: float
    max_rounds: int
    round_ms: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAsked:
    """What there was to see when models were asked last.

    Attributes:
        marks: By symbol.
        lots: Signed, by symbol of each position.
        skipped: Rounds that were skipped since.
    """

    marks: dict[str, float]
    lots: dict[str, int]
    skipped: int = 0

    @classmethod
    def of(cls, view: MarketView, own: AccountView) -> "LastAsked":
        """What there is to see now."""
        return cls(marks=dict(view.marks), lots=_lots(own))

    def one_more(self) -> "LastAsked":
        """One more round was skipped."""
        return replace(self, skipped=self.skipped + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """Whether a round is skipped, and why or why not, in words and figures."""

    skips: bool
    reason: str


def gate(rule: SkipRule, last: LastAsked | None, view: MarketView, own: AccountView) -> GateVerdict:
    """Whether a round can do without asking models.

    Args:
        rule: When nothing has moved.
        last: None: they were never asked, or failed to decide then.
        view: Of the round.
        own: Likewise.
    """
    if last is None:
        return GateVerdict(skips=False, reason="there is no decision to go by yet")
    needed = (
        _overdue(rule, last)
        or _unheard(own)
        or _traded(last, own)
        or _moved(rule, last, view)
        or _near_an_exit(rule, view, own)
    )
    if needed:
        return GateVerdict(skips=False, reason=needed)
    count = f"round {last.skipped + 1} of at most {rule.max_rounds} in a row"
    furthest = _largest_move(last, view)
    return GateVerdict(
        skips=True, reason=f"no coin moved by more than {percent(furthest, decimals=3)}, {count}"
    )


def _overdue(rule: SkipRule, last: LastAsked) -> str:
    return f"{last.skipped} rounds in a row were skipped" if last.skipped >= rule.max_rounds else ""


def _unheard(own: AccountView) -> str:
    return "there is something that it has not been told yet" if own.lessons or own.broken else ""


def _traded(last: LastAsked, own: AccountView) -> str:
    return "its positions are not what they were" if _lots(own) != last.lots else ""


def _lots(own: AccountView) -> dict[str, int]:
    return {symbol: int(position.signed_lots) for symbol, position in own.account.positions.items()}


def _moved(rule: SkipRule, last: LastAsked, view: MarketView) -> str:
    if view.marks.keys() != last.marks.keys():
        return "there is a coin that had no price"
    symbol = max(view.marks, key=lambda each: _move(each, last, view), default=None)
    if symbol is None or _move(symbol, last, view) <= rule.max_move:
        return ""
    return f"{short_symbol(symbol)} moved by {percent(_move(symbol, last, view), decimals=3)}"


def _largest_move(last: LastAsked, view: MarketView) -> float:
    return max((_move(symbol, last, view) for symbol in view.marks), default=0.0)


def _move(symbol: str, last: LastAsked, view: MarketView) -> float:
    """Size of the return since models were asked, as a fraction."""
    before = last.marks[symbol]
    return abs(view.marks[symbol] / before - 1) if before > 0 else inf


def _near_an_exit(rule: SkipRule, view: MarketView, own: AccountView) -> str:
    for symbol, position in own.account.positions.items():
        target, mark = own.targets.get(symbol), view.marks.get(symbol)
        if target is None:
            continue
        if mark is None or mark <= 0:
            return f"{short_symbol(symbol)} has no price"
        word = _near_exit(rule, position, target, mark) or _near_invalidation(rule, position, target, view)
        if word:
            return f"{short_symbol(symbol)} is near its {word}"
    return ""


def _near_exit(rule: SkipRule, position: Position, target: Target, mark: float) -> str:
    side = 1 if position.signed_lots > 0 else -1
    if target.stop is not None and (mark / target.stop - 1) * side <= rule.exit_distance:
        return "stop"
    if target.take_profit is not None and (target.take_profit / mark - 1) * side <= rule.exit_distance:
        return "target"
    return ""


def _near_invalidation(rule: SkipRule, position: Position, target: Target, view: MarketView) -> str:
    """Words that can't be checked are always near: nobody but the model watches them."""
    text = "" if target.thesis is None else target.thesis.invalidation
    if not text:
        return ""
    timeframes: Collection[str] = view.candles.timeframes
    condition = checkable(text, position.symbol, rule.names, timeframes)
    return "invalidation" if condition is None or _is_near(condition, rule, position, view) else ""


def _is_near(condition: Condition, rule: SkipRule, position: Position, view: MarketView) -> bool:
    """Whether a condition is met, as far as prices tell, or may be soon; an RSI's always may."""
    match condition:
        case AllOf(conditions=parts):
            return all(_is_near(part, rule, position, view) for part in parts)
        case AnyOf(conditions=parts):
            return any(_is_near(part, rule, position, view) for part in parts)
        case Clock(comparison=comparison, instant_ms=instant_ms):
            # One that holds until an instant is met from the start, so what it is joined to decides.
            return comparison in _BELOW or view.ts_ms + rule.round_ms >= instant_ms
        case Held(length_ms=length_ms):
            return view.ts_ms + rule.round_ms - position.opened_ms >= length_ms
        case Level(reading=reading, comparison=comparison, bound=bound):
            is_below = comparison in _BELOW
        case Crossing(reading=reading, is_below=is_below, bound=bound):
            pass
    mark = view.marks.get(reading.symbol)
    if reading.rsi_period is not None or mark is None or bound <= 0:
        return True
    away = mark / bound - 1
    return away <= rule.exit_distance if is_below else -away <= rule.exit_distance
