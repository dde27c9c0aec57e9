"""Text that others wrote, made harmless before it is written anywhere.

Source: Unicode 15, general categories; N. Boucher, R. Anderson (2021), Trojan Source, on reordering.
"""

import unicodedata

MAX_TEXT = 2_000
"""Characters kept of one text."""

_HARMFUL = frozenset({"Cc", "Cf", "Cs"})
"""Controls, formats (among them what reorders text), lone surrogates."""

_JOINERS = frozenset({"\u200c", "\u200d"})
"""Formats which scripts and emoji need, and which move nothing."""


def plain_text(text: str, limit: int = MAX_TEXT) -> str:
    """One line without control or reordering characters, cut at `limit` with an ellipsis."""
    shown = "".join(map(_shown, text[: limit + 1]))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    is_harmless = unicodedata.category(character) not in _HARMFUL or character in _JOINERS
    return character if is_harmless else "\ufffd"
