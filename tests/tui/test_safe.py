import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cockpit.tui.line import Line, fit
from cockpit.tui.safe import MAX_TEXT, clean, content


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("[b]bold[/b] [/x] [@click=app.quit]x[/]", "[b]bold[/b] [/x] [@click=app.quit]x[/]"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]52;c;ZXZpbA==\x1b\\clip", "clip"),
        ("\x1bPq#0;2;0;0;0\x1b\\sixel", "sixel"),
        ("\x1b", ""),
        ("a\nb\tc\r\nd", "a b c  d"),
        ("bell\x07 back\x08 nul\x00 del\x7f", "bell back nul del"),
        ("\u202etxt.exe\u202c", "txt.exe"),
        ("\u2066a\u2069\u200b\u200d\ufeff\u061c", "a"),
        ("soft\u00adhyphen", "softhyphen"),
        ("line\u2028sep\u2029par", "line sep par"),
        ("e\u0301" + "\u0301" * 50, "e\u0301\u0301"),
        ("❤\ufe0f", "❤"),
        ("tag\U000e0041", "tag"),
        ("日本 ▲ 🥇", "日本 ▲ 🥇"),
    ],
)
def test_what_could_drive_the_terminal_or_mislead_the_eye_is_left_out(text, shown):
    assert clean(text) == shown


def test_long_text_ends_in_an_ellipsis():
    assert clean("x" * 100, limit=10) == "x" * 9 + "…"
    assert len(clean("é" * 10 * MAX_TEXT)) == MAX_TEXT


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(), max_size=80))
def test_whatever_comes_in_only_printable_text_without_format_controls_comes_out(text):
    shown = clean(text)
    assert all(character.isprintable() or character == "\u3000" for character in shown)
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} for character in shown)
    assert clean(shown) == shown


@settings(max_examples=100)
@given(st.text(max_size=40), st.integers(1, 30), st.sampled_from(["left", "right", "center"]))
def test_fitted_text_takes_exactly_its_cells(text, width, align):
    assert cell_len(fit(clean(text), width, align)) == width


@settings(max_examples=100)
@given(st.lists(st.text(max_size=12), max_size=5), st.integers(0, 40))
def test_a_cut_line_takes_exactly_its_cells(pieces, width):
    line = Line()
    for piece in pieces:
        line.add(piece, "bold")
    assert cell_len(line.cut(width).plain) == width


def test_content_is_never_markup():
    shown = content("[red]x[/red] \x1b[1m", "$muted")
    assert shown.plain == "[red]x[/red] "
    assert len(shown.spans) == 1
