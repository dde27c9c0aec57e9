"""Text of others is made harmless, and otherwise left alone."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.plain_text import plain_text, whole_characters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("a\u202eb\u2066c", "abc"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("family: \U0001f469\u200d\U0001f467", "family: \U0001f469\U0001f467"),
        ("日本語 – ñ – 🚀", "日本語 – ñ – 🚀"),
        ("[bold]not markup[/bold] <b>", "[bold]not markup[/bold] <b>"),
    ],
)
def test_what_drives_a_terminal_or_misleads_the_eye_is_left_out(text: str, shown: str) -> None:
    assert plain_text(text) == shown


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert plain_text("x" * 10, limit=10) == "x" * 10
    assert plain_text("x" * 11, limit=10) == "x" * 9 + "…"


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_nothing_that_controls_remains(text: str) -> None:
    shown = plain_text(text)
    assert len(shown) <= len(text)
    assert plain_text(shown) == shown
    assert all(unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"} for character in shown)


@pytest.mark.parametrize(
    ("text", "whole"), [("", ""), ("🚀 up\n\x00", "🚀 up\n\x00"), ("half \ud83d of one", "half ? of one")]
)
def test_half_a_character_becomes_a_question_mark_and_all_else_stays(text: str, whole: str) -> None:
    assert whole_characters(text) == whole
