"""From an agent's words to a condition; what is not understood to the last word is not understood."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS
from cockpit.trading.invalidation.condition import (
    AllOf,
    AnyOf,
    Clock,
    Comparison,
    Condition,
    Crossing,
    Held,
    Level,
    Reading,
)
from cockpit.trading.invalidation.tokens import Kind, NotInGrammar, Token, tokenize

GRAMMAR_HELP = """\
A condition written as below is checked after every bar; any other text is kept, but nobody checks it.
- Price: `price < 95000`, `BTC price above $120k`, `BTC breaks below 105,000`.
- Close of a bar: `4h close < 95,000`, `BTC closes below 95000 on 4h`,
  `If the price closes above 3.2 on a 3-minute candle`.
- RSI of a bar: `4h RSI < 40`, `RSI7(15m) > 70`, `4-hour RSI crosses below 40`; of 14 bars if none are said.
- Time, UTC: `time > 2026-01-01T00:00Z`; since the position was opened: `after 48h`, `held longer than 2d`.
- Several, joined by `and` or by `or`; by both only with parentheses:
  `4h close < 95000 and (1h RSI < 30 or after 2d)`.
Comparisons: < <= > >=, below, above, at or below, at or above. Timeframes: 1m 3m 5m 15m 30m 1h 4h 1d.
Closes and RSI count from the first bar that closes after the condition was given.
Crosses, breaks, falls, rises: on that side now, and on the other once since the condition was given.
Where no coin is named, the position's own is meant.
Add no other words: one that is not understood, and nothing is checked."""
"""The grammar in words, for who writes conditions."""

TIMEFRAMES_MS: Mapping[str, int] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "4h": 4 * HOUR_MS,
    "1d": DAY_MS,
}
"""Timeframes that can be named → their lengths in milliseconds."""

MAX_DEPTH = 4
"""Parentheses within parentheses."""

MAX_COMPARISONS = 8

DEFAULT_RSI_PERIOD = 14
MAX_RSI_PERIOD = 50

_TIMEFRAME_NAMES = {length_ms: name for name, length_ms in TIMEFRAMES_MS.items()}
_STRICT = {"<", ">"}


def parse_invalidation(text: str, symbol: str, names: Mapping[str, str]) -> Condition | None:
    """The condition a text states; None where it states none that can be checked.

    Never raises: every text is one or the other.

    Args:
        text: As `GRAMMAR_HELP` says, in any case.
        symbol: The position's instrument, meant where none is named.
        names: Coin or symbol as written → unified symbol; unified symbols are always understood.
    """
    try:
        return _Parser(tokens=tokenize(text, symbol, names), symbol=symbol).whole()
    except NotInGrammar:
        return None


def checkable(
    text: str, symbol: str, names: Mapping[str, str], timeframes: Collection[str]
) -> Condition | None:
    """The condition a text states, if all it rests on is there to be read; see `parse_invalidation`.

    Args:
        text: As `GRAMMAR_HELP` says, in any case.
        symbol: The position's instrument, meant where none is named.
        names: Coin or symbol as written → unified symbol.
        timeframes: Whose candles there are.
    """
    condition = parse_invalidation(text, symbol, names)
    symbols = names.values()
    needs = () if condition is None else condition.needs()
    is_readable = all(
        need.symbol in symbols and (need.timeframe is None or need.timeframe in timeframes) for need in needs
    )
    return condition if is_readable else None


@dataclass(slots=True, kw_only=True)
class _Subject:
    """What a comparison is about, as far as it has been read."""

    symbol: str | None = None
    timeframe: str | None = None
    is_price: bool = False
    is_close: bool = False
    is_rsi: bool = False
    is_candle: bool = False
    rsi_period: int | None = None


@dataclass(slots=True, kw_only=True)
class _Parser:
    tokens: Sequence[Token]
    symbol: str
    _next: int = 0
    _comparisons: int = 0

    def whole(self) -> Condition:
        condition = self._joined(0)
        self._expect(Kind.END)
        return condition

    def _joined(self, depth: int) -> Condition:
        parts, joints = [self._part(depth)], set()
        while (joint := self._joint()) is not None:
            joints.add(joint)
            parts.append(self._part(depth))
        if len(joints) > 1:  # which binds tighter is for parentheses to say
            raise NotInGrammar
        if not joints:
            return parts[0]
        return (AllOf if Kind.AND in joints else AnyOf)(conditions=tuple(parts))

    def _joint(self) -> Kind | None:
        is_comma = self._take(Kind.COMMA) is not None
        for kind in (Kind.AND, Kind.OR):
            if self._take(kind) is not None:
                return kind
        if is_comma:
            raise NotInGrammar
        return None

    def _part(self, depth: int) -> Condition:
        if self._take(Kind.EXIT) is not None:
            self._expect(Kind.IF)
        else:
            self._take(Kind.IF)
        if self._take(Kind.OPENING) is None:
            return self._comparison()
        if depth == MAX_DEPTH:
            raise NotInGrammar
        condition = self._joined(depth + 1)
        self._expect(Kind.CLOSING)
        return condition

    def _comparison(self) -> Condition:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise NotInGrammar
        match self._peek():
            case Kind.AFTER:
                return self._after()
            case Kind.TIME:
                return self._clock()
            case Kind.HELD | Kind.POSITION:
                return self._held()
            case _:
                return self._of_market()

    def _after(self) -> Condition:
        self._expect(Kind.AFTER)
        if self._peek() is Kind.INSTANT:
            return Clock(comparison=Comparison.ABOVE, instant_ms=self._whole_number(Kind.INSTANT))
        return Held(length_ms=self._whole_number(Kind.DURATION))

    def _clock(self) -> Condition:
        self._expect(Kind.TIME)
        self._take(Kind.IS)
        if self._take(Kind.AFTER) is not None:
            comparison = Comparison.ABOVE
        elif self._take(Kind.BEFORE) is not None:
            comparison = Comparison.BELOW
        else:
            comparison = Comparison(self._expect(Kind.COMPARISON).text)
        return Clock(comparison=comparison, instant_ms=self._whole_number(Kind.INSTANT))

    def _held(self) -> Condition:
        if self._take(Kind.POSITION) is not None:
            self._take(Kind.IS)
        self._expect(Kind.HELD)
        self._take(Kind.FOR)
        if self._take(Kind.LONGER) is not None:
            self._expect(Kind.THAN)
        else:
            comparison = self._take(Kind.COMPARISON)
            if comparison is not None and comparison.text not in (">", ">="):
                raise NotInGrammar
        return Held(length_ms=self._whole_number(Kind.DURATION))

    def _of_market(self) -> Condition:
        subject = self._subject()
        move = None
        if self._take(Kind.IS) is None:
            move = self._take(Kind.MOVE)
        is_back = self._take(Kind.BACK) is not None
        comparison = self._expect(Kind.COMPARISON).text
        number = self._expect(Kind.NUMBER)
        if self._peek() is Kind.ON:
            self._on_bars(subject)
        reading = self._reading(subject)
        bound = _bound(number, reading)
        if move is None and not is_back:
            return Level(reading=reading, comparison=Comparison(comparison), bound=bound)
        if comparison not in _STRICT or (move is not None and move.text not in ("", comparison)):
            raise NotInGrammar
        return Crossing(reading=reading, is_below=comparison == "<", bound=bound)

    def _subject(self) -> _Subject:
        """Reads what stands before the comparison: each word at most once, in any order."""
        subject = _Subject()
        while True:
            match self._peek():
                case Kind.SYMBOL if subject.symbol is None:
                    subject.symbol = self._expect(Kind.SYMBOL).text
                case Kind.DURATION | Kind.ADVERB:
                    self._timeframe(subject)
                case Kind.ON:
                    self._on_bars(subject)
                case Kind.PRICE if not subject.is_price:
                    subject.is_price = self._take(Kind.PRICE) is not None
                case Kind.CANDLE if not subject.is_candle:
                    subject.is_candle = self._take(Kind.CANDLE) is not None
                case Kind.CLOSE if not subject.is_close:
                    subject.is_close = self._take(Kind.CLOSE) is not None
                    self._in_parentheses(subject)
                case Kind.RSI if not subject.is_rsi:
                    subject.is_rsi = True
                    period = self._expect(Kind.RSI).number
                    subject.rsi_period = None if period is None else int(period)
                    self._in_parentheses(subject)
                case _:
                    return subject

    def _in_parentheses(self, subject: _Subject) -> None:
        """``(4h)`` behind a close; ``(14)``, ``(4h)``, ``(14, 4h)`` or ``(14) (4h)`` behind an RSI."""
        while self._take(Kind.OPENING) is not None:
            period = self._take(Kind.NUMBER) if subject.is_rsi and subject.rsi_period is None else None
            if period is not None:
                subject.rsi_period = int(period.text) if period.text.isdecimal() else 0
            if period is None or self._take(Kind.COMMA) is not None:
                self._timeframe(subject)
            self._expect(Kind.CLOSING)

    def _on_bars(self, subject: _Subject) -> None:
        """``on a 4h candle``, ``on the daily chart``, ``at the 4h close``."""
        self._expect(Kind.ON)
        self._timeframe(subject)
        if self._take(Kind.CANDLE) is None:
            self._take(Kind.CHART)
        if self._take(Kind.CLOSE) is not None:
            subject.is_close = True

    def _timeframe(self, subject: _Subject) -> None:
        kind = Kind.ADVERB if self._peek() is Kind.ADVERB else Kind.DURATION
        name = _TIMEFRAME_NAMES.get(self._whole_number(kind))
        if name is None or subject.timeframe is not None:
            raise NotInGrammar
        subject.timeframe = name

    def _reading(self, subject: _Subject) -> Reading:
        symbol = subject.symbol or self.symbol
        if subject.is_rsi:
            period = DEFAULT_RSI_PERIOD if subject.rsi_period is None else subject.rsi_period
            if subject.is_price or subject.timeframe is None or not 2 <= period <= MAX_RSI_PERIOD:
                raise NotInGrammar
            return Reading(symbol=symbol, timeframe=subject.timeframe, rsi_period=period)
        if subject.is_close:
            if subject.timeframe is None:
                raise NotInGrammar
            return Reading(symbol=symbol, timeframe=subject.timeframe)
        is_named = subject.is_price or subject.symbol is not None
        if not is_named or subject.timeframe is not None or subject.is_candle:
            raise NotInGrammar
        return Reading(symbol=symbol)

    def _peek(self) -> Kind:
        return self.tokens[self._next].kind

    def _take(self, kind: Kind) -> Token | None:
        token = self.tokens[self._next]
        if token.kind is not kind:
            return None
        self._next += 1
        return token

    def _expect(self, kind: Kind) -> Token:
        token = self._take(kind)
        if token is None:
            raise NotInGrammar
        return token

    def _whole_number(self, kind: Kind) -> int:
        number = self._expect(kind).number
        assert number is not None
        return int(number)


def _bound(token: Token, reading: Reading) -> float:
    assert token.number is not None
    is_rsi = reading.rsi_period is not None
    if token.number <= 0 or (is_rsi and (token.number >= 100 or "$" in token.text)):
        raise NotInGrammar
    return token.number
