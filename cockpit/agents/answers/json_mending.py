"""Objects that are not quite JSON, mended.

json_repair drops what it can't place (``50%`` becomes 50, ``1 000`` becomes 1, the first of two equal keys is
lost), so what it makes is taken only where it changed nothing but punctuation: every word and number of
the text has to be there, in its order, and nothing besides; and no text may have swallowed a key that was
next to it, such as a stop loss. Comments alone may go.
"""

import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from math import isinf, isnan
from typing import Any

MAX_BROKEN_LENGTH = 8_000
"""Characters that are mended; json_repair's time grows with the square of some texts."""

MAX_BROKEN_MARKS = 600
"""Quotes, parentheses and backticks in them: at each of these json_repair may look ahead to the end."""

_COSTLY = "\"'“”(`"

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
"""What is strictly a number, as text: no separators, no units, no percent."""

TOKEN = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*|[{}\[\]]', re.DOTALL
)
"""What decides where an object ends: strings and comments, which hide braces, and braces."""

_LEXEME_BREAK = re.compile(r"[\s,:{}\[\]\"'“”‘’\\]+")
_KEY_END = re.compile(r"[\"'”’]\s*:")
_ESCAPED_BREAK = re.compile(r"\\[nrtbf]")
_ESCAPED_CHARACTER = re.compile(r"\\u([0-9a-fA-F]{4})")
_QUOTES = (('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"))
_CONSTANTS = {"none": "null"}


def mended(text: str) -> dict[str, Any] | None:
    """What json_repair makes of an object's text, if that has all of its words and numbers, and no other."""
    if len(text) > MAX_BROKEN_LENGTH or sum(map(text.count, _COSTLY)) > MAX_BROKEN_MARKS:
        return None
    from json_repair import repair_json  # noqa: PLC0415 - few answers are broken, and it is slow to import

    try:
        value = repair_json(text, return_objects=True, skip_json_loads=True)
    except Exception:  # noqa: BLE001 - whatever it raises, it could not mend the text
        return None
    if not isinstance(value, dict) or _has_swallowed(value, text):
        return None
    told = list(_told(value))
    bare = TOKEN.sub(lambda token: " " if token.group()[0] in "/#" else token.group(), text)
    return value if _is_told(text, told) or _is_told(bare, told) else None


def _has_swallowed(value: Any, text: str) -> bool:
    """Whether a string with a colon in it, which may be that of a key, was not a string in the text."""
    match value:
        case dict():
            return any(_has_swallowed(each, text) for member in value.items() for each in member)
        case list():
            return any(_has_swallowed(each, text) for each in value)
        case str() if ":" in value:
            spellings = (value, json.dumps(value)[1:-1])
            literals = (f"{start}{each}{end}" for each in spellings for start, end in _QUOTES)
            return bool(_KEY_END.search(value)) or not any(literal in text for literal in literals)
        case _:
            return False


def lexemes(text: str) -> list[str]:
    """The words and numbers of a text, punctuation of JSON left out."""
    return [lexeme for lexeme in _LEXEME_BREAK.split(text) if lexeme]


def is_same_lexeme(one: str, other: str) -> bool:
    """Whether two lexemes are the same word, in any case, or the same number, in any spelling."""
    if one == other or one.lower() == other.lower():
        return True
    if NUMBER.fullmatch(one) and NUMBER.fullmatch(other):
        return float(one) == float(other)
    return False


def _is_told(text: str, told: list[str]) -> bool:
    plain = _ESCAPED_CHARACTER.sub(lambda escape: chr(int(escape.group(1), 16)), text)
    written = (_CONSTANTS.get(each.lower(), each) for each in lexemes(_ESCAPED_BREAK.sub(" ", plain)))
    return all(is_same_lexeme(one, other) for one, other in zip_longest(written, told, fillvalue=""))


def _told(value: Any) -> Iterator[str]:
    """The lexemes of a JSON value, in its order."""
    match value:
        case dict():
            for key, member in value.items():
                yield from _told(key)
                yield from _told(member)
        case list():
            for member in value:
                yield from _told(member)
        case str():
            yield from (_CONSTANTS.get(each.lower(), each) for each in lexemes(value))
        case None:
            yield "null"
        case float() if isnan(value) or isinf(value):
            yield {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
        case _:
            yield str(value)
