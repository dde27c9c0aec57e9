from cockpit.tui.charts.braille import BrailleCanvas


def drawn(canvas: BrailleCanvas) -> list[str]:
    return [line.plain for line in canvas.lines()]


def test_each_dot_has_its_place_in_the_cell():
    dots = {(0, 0): "⠁", (0, 1): "⠂", (0, 2): "⠄", (0, 3): "⡀", (1, 0): "⠈", (1, 3): "⢀"}
    for (x, y), cell in dots.items():
        canvas = BrailleCanvas(1, 1)
        canvas.dot(x, y, "")
        assert drawn(canvas) == [cell]


def test_dots_outside_are_dropped():
    canvas = BrailleCanvas(2, 1)
    for x, y in ((-1, 0), (4, 0), (0, -1), (0, 4)):
        canvas.dot(x, y, "")
    assert drawn(canvas) == ["  "]


def test_a_curve_is_joined_where_it_jumps():
    canvas = BrailleCanvas(1, 2)
    canvas.curve([0, 7], "red")
    assert drawn(canvas) == [
        "⢹"[:0] + chr(0x2800 | 0x01 | 0x10 | 0x20 | 0x80),
        chr(0x2800 | 0x08 | 0x10 | 0x20 | 0x80),
    ]


def test_a_curve_has_a_gap_where_there_is_no_value():
    canvas = BrailleCanvas(2, 1)
    canvas.curve([0, None, None, 0], "")
    assert drawn(canvas) == ["⠁⠈"]


def test_the_last_curve_colours_the_cells_it_shares():
    canvas = BrailleCanvas(2, 1)
    canvas.curve([0, 0, 0, 0], "red")
    canvas.curve([3, 3], "blue")
    assert [style for _, style in canvas.lines()[0].spans] == ["blue", "red"]
