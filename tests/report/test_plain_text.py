"""Text of others is made harmless, and otherwise left alone."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.report.plain_text import plain_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x9b31m", "\ufffd31m"),
        ("a\u202eb\u2066c", "a\ufffdb\ufffdc"),
        ("zero\u200bwidth\ufeff", "zero\ufffdwidth\ufffd"),
        ("family: \U0001f469\u200d\U0001f467", "family: \U0001f469\u200d\U0001f467"),
        ("日本語 – ñ – 🚀", "日本語 – ñ – 🚀"),
        ("[bold]not markup[/bold] <b>", "[bold]not markup[/bold] <b>"),
    ],
)
def test_controls_and_reordering_are_replaced(text: str, shown: str) -> None:
    assert plain_text(text) == shown


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert plain_text("x" * 10, limit=10) == "x" * 10
    assert plain_text("x" * 11, limit=10) == "x" * 9 + "…"


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_nothing_that_controls_remains(text: str) -> None:
    shown = plain_text(text)
    assert len(shown) == len(text)
    assert plain_text(shown) == shown
    assert all(unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"} for character in shown)
