"""Equity curves of all agents: axes, curves, and each curve's name at its end."""

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.domain.formats import percent
from cockpit.domain.market import DAY_MS
from cockpit.tui import look
from cockpit.tui.charts.braille import BrailleCanvas
from cockpit.tui.line import Line, fit

AXIS_CELLS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of the chart.

    Attributes:
        name: Written at its end.
        points: (UTC milliseconds, fraction won or lost), oldest first.
        style: Its colour.
        dashed: Whether it stands back.
        strong: Whether it is the one selected, drawn last and over the others.
    """

    name: str
    points: Sequence[tuple[int, float]]
    style: str
    dashed: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class _Frame:
    low: float
    high: float
    start_ms: int
    end_ms: int
    canvas_width: int
    canvas_height: int

    def y(self, value: float) -> int:
        return round((self.high - value) / (self.high - self.low) * (self.canvas_height - 1))

    def heights(self, points: Sequence[tuple[int, float]]) -> list[int | None]:
        """One y per column of dots: the last value at or before the column's instant."""
        heights: list[int | None] = []
        span = max(1, self.end_ms - self.start_ms)
        last = max(1, self.canvas_width - 1)
        at, value = 0, None
        for x in range(self.canvas_width):
            until_ms = self.start_ms + span * x / last
            while at < len(points) and points[at][0] <= until_ms:
                value = points[at][1]
                at += 1
            heights.append(None if value is None else self.y(value))
        return heights


def draw(curves: Sequence[Curve], width: int, height: int) -> list[Line]:
    """The chart in `height` lines of `width` cells; a sentence where there is nothing to draw."""
    if width < 24 or height < 4:
        return [Line("too small for a chart", look.MUTED).cut(width)]
    if not any(len(curve.points) > 1 for curve in curves):
        return [Line("Curves begin when two rounds are over.", look.MUTED).cut(width)]
    label_cells = 0 if width < 40 else 11 if width < 60 else 16 if width < 90 else 22
    columns = width - AXIS_CELLS - label_cells
    rows = height - 1
    frame = _frame(curves, columns, rows)
    canvas = BrailleCanvas(columns, rows)
    zero = frame.y(0.0)
    for x in range(0, canvas.width, 4):
        canvas.dot(x, zero, look.FAINT)
    for curve in sorted(curves, key=lambda each: (each.strong, not each.dashed)):
        style = f"bold {curve.style}" if curve.strong else curve.style
        heights = frame.heights(curve.points)
        canvas.curve(heights, style, dashed=curve.dashed and not curve.strong)
        if curve.strong:
            canvas.curve([None if y is None else y + 1 for y in heights], style)
    axis = _axis(frame, rows)
    labels = _labels(curves, frame, rows, label_cells) if label_cells else {}
    lines = [
        Line(axis.get(row, ""), look.MUTED).cut(AXIS_CELLS - 1).add("│", look.FAINT).extend(line)
        for row, line in enumerate(canvas.lines())
    ]
    for row, line in enumerate(lines):
        line.extend(labels.get(row, Line())).cut(width)
    return [*lines, _time_axis(frame, width, columns)]


def _frame(curves: Sequence[Curve], columns: int, rows: int) -> _Frame:
    values = [value for curve in curves for _, value in curve.points]
    times = [curve.points[at][0] for curve in curves if curve.points for at in (0, -1)]
    low, high = min(0.0, *values), max(0.0, *values)
    margin = max((high - low) * 0.04, 1e-5)
    return _Frame(low - margin, high + margin, min(times), max(times), columns * 2, rows * 4)


def _axis(frame: _Frame, rows: int) -> dict[int, str]:
    """Row → label, about every fourth row, zero among them."""
    decimals = 2 if frame.high - frame.low < 0.02 else 1 if frame.high - frame.low < 0.2 else 0
    labels: dict[int, str] = {}
    zero = frame.y(0.0) // 4
    for row in range(rows):
        if (row - zero) % 3 == 0:
            dot = row * 4 + 1.5
            value = frame.high - dot / (frame.canvas_height - 1) * (frame.high - frame.low)
            value = 0.0 if row == zero else value
            labels[row] = fit(percent(value, signed=True, decimals=decimals), AXIS_CELLS - 1, "right")
    return labels


def _labels(curves: Sequence[Curve], frame: _Frame, rows: int, cells: int) -> dict[int, Line]:
    """Row → name: the selected curve's at its own height, the others' as near to theirs as there is room."""
    wanted = [(frame.y(curve.points[-1][1]) // 4, curve) for curve in curves if curve.points]
    wanted.sort(key=lambda each: (not each[1].strong, each[1].dashed, each[0]))
    taken: dict[int, Line] = {}
    for row, curve in wanted:
        place = next((each for each in _near(row, rows) if each not in taken), None)
        if place is None or (abs(place - row) > 2 and not curve.strong):
            continue
        style = f"bold reverse {curve.style}" if curve.strong else curve.style
        taken[place] = Line(" ").add(fit(curve.name, min(len(curve.name), cells - 1)), style)
    return taken


def _near(row: int, rows: int) -> list[int]:
    return sorted(range(rows), key=lambda each: (abs(each - row), each))


def _time_axis(frame: _Frame, width: int, columns: int) -> Line:
    from_day = frame.start_ms // DAY_MS
    spans_days = frame.end_ms // DAY_MS != from_day

    def word(at_ms: int) -> str:
        clock = f"{at_ms % DAY_MS // 3_600_000:02d}:{at_ms % 3_600_000 // 60_000:02d}"
        return f"day {at_ms // DAY_MS - from_day + 1} {clock}" if spans_days else clock

    middle_ms = (frame.start_ms + frame.end_ms) // 2
    start, middle, end = word(frame.start_ms), word(middle_ms), word(frame.end_ms)
    line = Line(" " * (AXIS_CELLS - 1) + "└", look.FAINT).add(start, look.MUTED)
    gap = columns // 2 - len(start) - len(middle) // 2
    if gap > 1:
        line.add(" " * gap).add(middle, look.MUTED)
    rest = AXIS_CELLS + columns - line.width - len(end)
    return line.add(" " * max(1, rest)).add(end, look.MUTED).cut(width)
