import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.plain_text import MAX_TEXT
from cockpit.tui.line import Column, Line, Table, broken, cells_of, fit, fitted
from cockpit.tui.safe import clean


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("101,234.5678", 8, "…       "),
        ("−$1,234.56", 9, "…        "),
        ("filled at 101,234.5", 16, "filled at …     "),
        ("won +12.5%", 9, "won …    "),
        ("12 orders held", 9, "12 order…"),
        ("12 orders", 4, "12 …"),
        ("buy 3, sell 4", 8, "buy 3, …"),
        ("run a1b2c3", 9, "run a1b2…"),
        ("plain words", 8, "plain w…"),
        ("fee $0.49, realized", 11, "fee $0.49 …"),
        ("after 45 days", 9, "after …  "),
        ("7.25", 4, "7.25"),
    ],
)
def test_a_cut_never_goes_through_a_number(text, width, shown):
    assert fit(text, width) == shown


def test_numbers_that_have_no_room_leave_their_column_empty_but_for_the_sign_of_a_cut():
    assert fit("101,234.5678", 8, "right") == "       …"


COLUMNS = (
    Column(key="name", title="name", width=4, keep=2),
    Column(key="price", title="price", width=5, align="right", keep=1),
)


def test_columns_of_numbers_are_as_wide_as_their_widest_number():
    rows = [
        {"name": ("a long name", ""), "price": ("1.5", "")},
        {"name": Line("b"), "price": Line("12,345.5")},
    ]
    assert [column.width for column in fitted(COLUMNS, rows)] == [4, 8]
    assert [column.width for column in fitted(COLUMNS, [])] == [4, 5]


def test_a_column_without_room_goes_as_a_whole():
    table = Table.of(fitted(COLUMNS, [{"name": ("b", ""), "price": ("12,345.5", "")}]), 12)
    assert [column.key for column, _ in table.columns] == ["name"]


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        ("le", "le   right"),
        ("left ", "left right"),
        ("left!", "lef… right"),
        ("far left", "far… right"),
    ],
)
def test_what_stands_at_both_edges_never_touches(left, shown):
    assert Line(left).spread(Line("right"), 10).plain == shown


@given(st.text(max_size=6_000).map(lambda text: text.replace("\n", "")), st.integers(2, 60))
def test_a_line_broken_to_a_width_says_all_of_it_and_fits(text, width):
    pieces = list(broken(text, width))
    assert all(cells_of(piece) <= width for piece in pieces)
    whole = "".join(clean(text[at : at + MAX_TEXT]) for at in range(0, len(text), MAX_TEXT))
    assert "".join(pieces) == whole


def test_a_line_is_broken_between_words_and_keeps_its_blanks():
    assert list(broken("  one two three", 9)) == ["  one ", "two three"]
    assert list(broken("abcdefgh", 3)) == ["abc", "def", "gh"]
    assert list(broken("日本語", 3)) == ["日", "本", "語"]
    assert list(broken("", 3)) == [""]
