"""A canvas of braille dots: two by four to a cell, each cell in one colour."""

from cockpit.tui.line import Line

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BLANK = 0x2800


class BrailleCanvas:
    """Dots, addressed from the top left corner.

    Args:
        columns: Cells across; dots are twice as many.
        rows: Cells down; dots are four times as many.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self.width = columns * 2
        self.height = rows * 4
        self._bits = [[0] * columns for _ in range(rows)]
        self._styles = [[""] * columns for _ in range(rows)]

    def dot(self, x: int, y: int, style: str) -> None:
        """Sets a dot; its cell takes the style. Dots outside the canvas are dropped."""
        if 0 <= x < self.width and 0 <= y < self.height:
            row, column = y >> 2, x >> 1
            self._bits[row][column] |= _DOTS[x & 1][y & 3]
            self._styles[row][column] = style

    def curve(self, heights: list[int | None], style: str, *, dashed: bool = False) -> None:
        """Draws a line through one height per dot column, joined vertically.

        Args:
            heights: y of each column of dots from the left; None where there is no value.
            style: Of the cells it passes.
            dashed: Whether only every second dot is drawn.
        """
        before: int | None = None
        for x, y in enumerate(heights):
            if y is not None:
                self._stroke(x, y if before is None else before, y, style, 2 if dashed else 1)
            before = y

    def _stroke(self, x: int, before: int, y: int, style: str, every: int) -> None:
        step = 1 if y > before else -1
        for each in [y] if y == before else range(before + step, y + step, step):
            if (x + each) % every == 0:
                self.dot(x, each, style)

    def lines(self) -> list[Line]:
        """The canvas as lines of exactly `columns` cells."""
        return [self._line(row) for row in range(self.rows)]

    def _line(self, row: int) -> Line:
        line = Line()
        bits, styles = self._bits[row], self._styles[row]
        start = 0
        for column in range(1, self.columns + 1):
            if column == self.columns or styles[column] != styles[start]:
                text = "".join(chr(_BLANK + each) if each else " " for each in bits[start:column])
                line.add(text, styles[start])
                start = column
        return line
