from cockpit.tui.charts.equity import Curve, draw

HOUR = 3_600_000


def curve(name: str, *values: float, **looks) -> Curve:
    points = [(at * HOUR, value) for at, value in enumerate(values)]
    return Curve(name=name, points=points, style="red", **looks)


def plain(*curves: Curve, width: int = 60, height: int = 10) -> list[str]:
    return [line.plain for line in draw(curves, width, height)]


def test_the_chart_fills_its_place_exactly():
    lines = draw([curve("ann", 0.0, 0.1, 0.05)], 60, 10)
    assert [line.width for line in lines] == [60] * 10


def test_values_times_and_names_stand_at_the_edges():
    lines = plain(curve("ann", 0.0, 0.02, 0.10), curve("bob", 0.0, -0.02, -0.05))
    assert any("0.0%│" in line for line in lines)
    assert lines[0].rstrip().endswith("ann") or lines[1].rstrip().endswith("ann")
    assert "bob" in "".join(lines[-4:])
    assert lines[-1].split() == ["└00:00", "01:00", "02:00"]


def test_days_are_counted_when_a_run_spans_several():
    lines = plain(Curve(name="ann", points=[(0, 0.0), (30 * HOUR, 0.1)], style="red"), width=80)
    assert "day 2 06:00" in lines[-1]


def test_names_give_way_to_each_other():
    lines = plain(*(curve(f"agent{at}", 0.0, 0.001 * at) for at in range(5)), width=80)
    named = [line for line in lines if "agent" in line]
    assert len(named) == 5


def test_the_selected_curve_is_twice_as_thick():
    thin = "".join(plain(curve("ann", 0.1, 0.1, 0.1), curve("bob", -0.1, -0.1)))
    thick = "".join(plain(curve("ann", 0.1, 0.1, 0.1, strong=True), curve("bob", -0.1, -0.1)))

    def dots(text: str) -> int:
        return sum((ord(cell) - 0x2800).bit_count() for cell in text if 0x2800 <= ord(cell) <= 0x28FF)

    assert dots(thick) > 1.3 * dots(thin)


def test_nothing_to_draw_is_said_in_words():
    assert plain(curve("ann", 0.0))[0].startswith("Curves begin")
    assert plain(curve("ann", 0.0, 0.1), width=10)[0].startswith("too")


def test_equal_values_draw_a_line():
    assert any(
        "⣀" in line or "⠉" in line or "⠒" in line or "⠤" in line for line in plain(curve("a", 0.0, 0.0))
    )
