"""Text that others wrote, made harmless before it is shown or written anywhere.

Escape sequences can drive a terminal, direction overrides reorder a line, and marks pile up over other
lines. Source: Unicode 15, general categories; N. Boucher, R. Anderson (2021), Trojan Source, on reordering.
"""

import re
from functools import lru_cache

MAX_TEXT = 2_000
"""Characters; what is longer ends in an ellipsis."""

MAX_MARKS = 2
"""Combining marks one character may carry; a stack of them paints over neighbouring lines."""

_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_STACK = re.compile(f"([{_MARKS}]{{{MAX_MARKS}}})[{_MARKS}]+")
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]")
_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links, the clipboard
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor, modes
    r"|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\|\x9c)?"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"
)
_BLANK = dict.fromkeys(map(ord, "\n\r\t\v\f\x85\u2028\u2029"), " ")


def plain_text(text: str, limit: int = MAX_TEXT) -> str:
    """`text` as one line of printable characters, at most `limit` of them.

    Whole escape sequences, control characters (C0, C1), direction controls and characters of no width
    are left out; line breaks and tabs become spaces.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    return _clean(text[: 4 * limit], limit)


def whole_characters(text: str) -> str:
    """`text` with each half of a character (a lone surrogate), which no file takes, as a question mark."""
    return text.encode("utf-8", "replace").decode()


@lru_cache(4_096)
def _clean(text: str, limit: int) -> str:
    text = _ESCAPE_SEQUENCE.sub("", text).translate(_BLANK)
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable() or character == "\u3000")
    if not text.isascii():
        text = _STACK.sub(r"\1", _VARIATION_SELECTORS.sub("", text))
    return text if len(text) <= limit else text[: limit - 1] + "…"
