import pytest

from cockpit.tui.charts.marks import bar, sparkline


@pytest.mark.parametrize(
    ("values", "width", "drawn"),
    [
        ([], 4, "    "),
        ([5], 3, "  ▄"),
        ([1, 1, 1], 3, "▄▄▄"),
        ([0, 7], 2, "▁█"),
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"),
        ([0, 9, 9, 7, 0, 7], 2, "█▁"),
        ([0, 9, 0, 7, 0, 0], 2, "▄▄"),
        ([1, 2], 0, ""),
    ],
)
def test_a_sparkline_shows_the_last_value_of_each_share(values, width, drawn):
    assert sparkline(values, width) == drawn


@pytest.mark.parametrize(
    ("fraction", "drawn"),
    [(0.0, "────"), (0.125, "╸───"), (0.5, "━━──"), (1.0, "━━━━"), (7.0, "━━━━"), (-1.0, "────")],
)
def test_a_bar_is_thick_where_it_is_full(fraction, drawn):
    assert bar(fraction, 4, "bold", "").plain == drawn
