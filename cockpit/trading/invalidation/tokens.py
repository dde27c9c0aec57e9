"""The vocabulary of conditions: from text to tokens. One word that is not in it, and the text is refused."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum, auto
from typing import NamedTuple

from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS, Instrument
from cockpit.domain.spoken_names import spoken_names

MAX_TEXT = 1_000
"""Characters of a condition; what is longer is not read."""

MAX_NAME = 40
"""Characters of an instrument's name."""

MAX_HELD_MS = 3_650 * DAY_MS
MAX_NUMBER = 10**12


class NotInGrammar(Exception):
    """The text is no condition."""


class Kind(StrEnum):
    """What a token is."""

    SYMBOL = auto()
    NUMBER = auto()
    DURATION = auto()
    ADVERB = auto()
    INSTANT = auto()
    RSI = auto()
    COMPARISON = auto()
    PRICE = auto()
    CLOSE = auto()
    CANDLE = auto()
    CHART = auto()
    ON = auto()
    IS = auto()
    MOVE = auto()
    BACK = auto()
    EXIT = auto()
    IF = auto()
    AND = auto()
    OR = auto()
    AFTER = auto()
    BEFORE = auto()
    TIME = auto()
    POSITION = auto()
    HELD = auto()
    FOR = auto()
    LONGER = auto()
    THAN = auto()
    OPENING = auto()
    CLOSING = auto()
    COMMA = auto()
    END = auto()


class Token(NamedTuple):
    """One word.

    Attributes:
        kind: What it is.
        text: Of a symbol its unified form, of a comparison its sign, of a move the sign of its direction,
            which is empty where the word says none; of a number its spelling.
        number: Of a number its value, of a duration its length and of an instant its time in milliseconds,
            of an RSI its period; None where there is none.
    """

    kind: Kind
    text: str = ""
    number: float | None = None


_ARTICLES = frozenset({"a", "an", "the"})

_COMPARISONS = {
    "less than": "<",
    "lower than": "<",
    "more than": ">",
    "greater than": ">",
    "higher than": ">",
    "at or below": "<=",
    "at or above": ">=",
    "≤": "<=",
    "≥": ">=",
}

_WORDS: Mapping[str, Token] = {
    word: token
    for words, token in {
        "price": Token(Kind.PRICE),
        "close closes closing closed": Token(Kind.CLOSE),
        "candle candlestick bar": Token(Kind.CANDLE),
        "chart timeframe": Token(Kind.CHART),
        "on at": Token(Kind.ON),
        "is trades": Token(Kind.IS),
        "cross crosses crossing break breaks breaking go goes move moves": Token(Kind.MOVE),
        "fall falls falling drop drops dropping dip dips": Token(Kind.MOVE, "<"),
        "rise rises rising climb climbs climbing": Token(Kind.MOVE, ">"),
        "back": Token(Kind.BACK),
        "exit invalid invalidated": Token(Kind.EXIT),
        "if when once": Token(Kind.IF),
        "and": Token(Kind.AND),
        "or": Token(Kind.OR),
        "after": Token(Kind.AFTER),
        "before": Token(Kind.BEFORE),
        "time": Token(Kind.TIME),
        "position": Token(Kind.POSITION),
        "held": Token(Kind.HELD),
        "for": Token(Kind.FOR),
        "longer": Token(Kind.LONGER),
        "than": Token(Kind.THAN),
        "(": Token(Kind.OPENING),
        ")": Token(Kind.CLOSING),
        ",": Token(Kind.COMMA),
        "hourly": Token(Kind.ADVERB, number=HOUR_MS),
        "daily": Token(Kind.ADVERB, number=DAY_MS),
        "below under": Token(Kind.COMPARISON, "<"),
        "above over": Token(Kind.COMPARISON, ">"),
    }.items()
    for word in words.split()
}

_NO_NAMES = frozenset(
    {"not", "no", "never", "unless", "until", "high", "low", "open", "volume", "mark", "last", "mid"}
    | {"index", "long", "short"}
)
"""Words a sentence may mean by themselves: a coin called so has to be named by its whole symbol."""

_UNITS_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<instant>(?P<day>2[01][0-9]{2}-[0-9]{2}-[0-9]{2})[t\ ](?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)
        (?:z|\ ?utc)(?![a-z0-9_]))
    | (?P<duration>(?P<count>[0-9]{1,7}(?:\.[0-9]{1,3})?)[ ]?-?
        (?P<unit>m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z0-9_]))
    | (?P<rsi>rsi(?:[-_ ]?(?P<period>[0-9]{1,3})
        (?![0-9a-z_-]|[.,][0-9]|\ (?:m|mins?|minutes?|h|hrs?|hours?|d|days?)\b))?(?![a-z0-9_]))
    | (?P<number>\$?\ ?(?P<digits>
        (?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,3}(?:_[0-9]{3}){1,3}|[0-9]{1,12})(?:\.[0-9]{1,12})?)
        (?P<thousands>k?)(?![0-9a-z_%$]|[.,][0-9]))
    | (?P<comparison><=|>=|[<>≤≥]|at\s+or\s+(?:below|above)\b|(?:less|lower|more|greater|higher)\s+than\b)
    | (?P<word>[a-z]+(?![a-z0-9_])|[(),])
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9/:._-]*[a-z0-9])?")


def coin_names(instruments: Sequence[Instrument]) -> dict[str, str]:
    """What instruments are called in conditions → their unified symbols.

    Each goes by its symbol; and by ``BTC/USDC``, ``BTCUSDC`` and its coin, unless others would as well.
    """
    names = {each.symbol: each.symbol for each in instruments}
    coins = spoken_names(instruments)
    owners: dict[str, set[str]] = {}
    for each in instruments:
        for name in (f"{each.base}/{each.quote}", f"{each.base}{each.quote}", coins[each.symbol]):
            owners.setdefault(name, set()).add(each.symbol)
    return {name: next(iter(symbols)) for name, symbols in owners.items() if len(symbols) == 1} | names


def tokenize(text: str, symbol: str, names: Mapping[str, str]) -> list[Token]:
    """The words of a condition, articles left out, an `END` behind them.

    Args:
        text: As it was written.
        symbol: The position's own, which can be named as well.
        names: Coin or symbol as written → unified symbol.

    Raises:
        NotInGrammar: If there is anything in it that is no word of a condition, or it is too long.
    """
    if len(text) > MAX_TEXT:
        raise NotInGrammar
    text = text.lower().strip().removesuffix(".")
    spellings = _spellings(symbol, names)
    named = _any_of(spellings)
    tokens, place = [], 0
    while place < len(text):
        found = named.match(text, place)
        if found is not None:
            tokens.append(Token(Kind.SYMBOL, spellings[found[0]]))
        else:
            found = _TOKEN.match(text, place)
            if found is None:
                raise NotInGrammar
            if found["space"] is None and found[0] not in _ARTICLES:
                tokens.append(_token(found))
        place = found.end()
    return [*tokens, Token(Kind.END)]


def _spellings(symbol: str, names: Mapping[str, str]) -> dict[str, str]:
    """Names in lower case; those that mean two things, or could be another word, are left out."""
    owners: dict[str, set[str]] = {}
    for name, unified in [*names.items(), *((own, own) for own in (symbol, *names.values()))]:
        owners.setdefault(name.lower(), set()).add(unified)
    return {
        name: next(iter(symbols)) for name, symbols in owners.items() if len(symbols) == 1 and _is_name(name)
    }


def _is_name(name: str) -> bool:
    if len(name) > MAX_NAME or name in _WORDS or name in _NO_NAMES or name in _ARTICLES:
        return False
    found = _TOKEN.fullmatch(name)
    return _NAME.fullmatch(name) is not None and (found is None or found["word"] is not None)


def _any_of(spellings: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(spellings, key=lambda name: (-len(name), name))
    choices = "|".join(map(re.escape, longest_first)) or r"(?!)"
    return re.compile(rf"(?<![a-z0-9_/:.-])(?:{choices})(?![a-z0-9_/:]|[.-][a-z0-9])")


def _token(found: re.Match[str]) -> Token:
    assert found.lastgroup is not None
    return _MAKERS[found.lastgroup](found)


def _instant(found: re.Match[str]) -> Token:
    try:
        instant = datetime.fromisoformat(f"{found['day']}T{found['clock']}+00:00")
    except ValueError as error:
        raise NotInGrammar from error
    return Token(Kind.INSTANT, number=instant.timestamp() * 1_000)


def _duration(found: re.Match[str]) -> Token:
    length_ms = Decimal(found["count"]) * _UNITS_MS[found["unit"][0]]
    if length_ms % MINUTE_MS or not 0 < length_ms <= MAX_HELD_MS:
        raise NotInGrammar
    return Token(Kind.DURATION, number=float(length_ms))


def _rsi(found: re.Match[str]) -> Token:
    return Token(Kind.RSI, number=None if found["period"] is None else float(found["period"]))


def _number(found: re.Match[str]) -> Token:
    value = Decimal(found["digits"].replace(",", "").replace("_", ""))
    if found["thousands"]:
        value *= 1_000
    if value >= MAX_NUMBER:
        raise NotInGrammar
    return Token(Kind.NUMBER, found[0], float(value))


def _comparison(found: re.Match[str]) -> Token:
    words = " ".join(found[0].split())
    return Token(Kind.COMPARISON, _COMPARISONS.get(words, words))


def _word(found: re.Match[str]) -> Token:
    if found[0] not in _WORDS:
        raise NotInGrammar
    return _WORDS[found[0]]


_MAKERS: Mapping[str, Callable[[re.Match[str]], Token]] = {
    "instant": _instant,
    "duration": _duration,
    "rsi": _rsi,
    "number": _number,
    "comparison": _comparison,
    "word": _word,
}
