"""Lines of styled text whose width in cells is known, and tables made of them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rich.cells import cell_len, set_cell_size

from cockpit.domain.plain_text import MAX_MARKS, MAX_TEXT
from cockpit.tui.safe import clean

Align = Literal["left", "right", "center"]


def cells_of(text: str) -> int:
    """Terminal cells that clean text takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int, align: Align = "left") -> str:
    """Clean text brought to exactly `width` cells: padded, or cut with an ellipsis.

    A number is never cut: where its last digits have no room, all of it is left out.
    """
    if width <= 0:
        return ""
    length = cells_of(text)
    if length > width:
        text = _cut(text, width - 1) + "…"
        length = cells_of(text)
    if align == "right":
        return " " * (width - length) + text
    if align == "center":
        left = (width - length) // 2
        return " " * left + text + " " * (width - length - left)
    return text + " " * (width - length)


_NUMBER_AT_END = re.compile(r"(?<![^\W\d_])[+−$]*(?:\d[\d.,]*)?$")
_NUMBER_GOES_ON = re.compile(r"[.,]?[\d%]")
_AFTER_NUMBER = frozenset(".,;:")


def _cut(text: str, width: int) -> str:
    """The beginning of text longer than `width` cells; no number at its end may look like half of one."""
    head = set_cell_size(text, width)
    if not text.startswith(head):
        return head
    if head[-1:].isdigit() or _NUMBER_GOES_ON.match(text, len(head)):
        return _NUMBER_AT_END.sub("", head)
    if head[-1:] in _AFTER_NUMBER and head[-2:-1].isdigit():
        return f"{head[:-1]} "
    return head


class Line:
    """One line to paint: pieces of text, each with a style.

    Attributes:
        spans: (text, Textual style) from left to right.
        width: Cells of all of them.
    """

    __slots__ = ("spans", "width")

    def __init__(self, text: str = "", style: str = "") -> None:
        self.spans: list[tuple[str, str]] = []
        self.width = 0
        if text:
            self.add(text, style)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and self.spans == other.spans

    def __hash__(self) -> int:
        return hash(tuple(self.spans))

    @property
    def plain(self) -> str:
        """The text alone."""
        return "".join(text for text, _ in self.spans)

    def add(self, text: str, style: str = "", width: int | None = None, align: Align = "left") -> "Line":
        """Appends text, cleaned; with `width`, in exactly that many cells."""
        text = clean(text)
        if width is not None:
            text = fit(text, width, align)
            self.width += max(0, width)
        else:
            self.width += cells_of(text)
        if text:
            self.spans.append((text, style))
        return self

    def extend(self, other: "Line") -> "Line":
        """Appends another line's pieces."""
        self.spans.extend(other.spans)
        self.width += other.width
        return self

    def cut(self, width: int) -> "Line":
        """This line in exactly `width` cells."""
        if self.width <= width:
            return self.add("", width=width - self.width) if self.width < width else self
        line = Line()
        for text, style in self.spans:
            room = width - line.width
            if cells_of(text) >= room:
                return line.add(f"{text} ", style, width=room)
            line.add(text, style)
        return line

    def spread(self, right: "Line", width: int) -> "Line":
        """This line at the left edge and another at the right edge of `width` cells; the left one yields."""
        room = max(0, width - right.width)
        touches = self.width == room and not self.plain.endswith(" ")
        if room > 1 and (self.width > room or touches):
            return self.cut(room - 1).add(" ").extend(right).cut(width)
        return self.cut(room).extend(right).cut(width)


Cell = tuple[str, str] | Line
"""(text, style), or pieces with styles of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        key: Names it among a row's cells.
        title: Its heading.
        width: Cells it needs.
        align: Where its text stands.
        keep: Columns with a lower value are dropped first where there is no room.
        grow: Its share of the room left over.
        sortable: Whether a click on its heading sorts by it.
    """

    key: str
    title: str
    width: int
    align: Align = "left"
    keep: int = 0
    grow: int = 0
    sortable: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns chosen for a width.

    Attributes:
        columns: Those there is room for, each with its width in cells.
    """

    columns: tuple[tuple[Column, int], ...]

    @classmethod
    def of(cls, columns: Sequence[Column], width: int) -> "Table":
        """The columns that fit into `width` cells with a space between them."""
        kept = list(columns)
        while len(kept) > 1 and sum(column.width + 1 for column in kept) - 1 > width:
            kept.remove(min(kept, key=lambda column: column.keep))
        spare = max(0, width - sum(column.width + 1 for column in kept) + 1)
        shares = sum(column.grow for column in kept)
        sized = []
        for column in kept:
            extra = spare * column.grow // shares if shares else 0
            spare, shares = spare - extra, shares - column.grow
            sized.append((column, column.width + extra))
        return cls(tuple(sized))

    def line(self, cells: Mapping[str, Cell]) -> Line:
        """A row of the table; cells of columns that were dropped are ignored."""
        line = Line()
        for column, width in self.columns:
            if line.spans:
                line.add(" ")
            cell = cells[column.key]
            if isinstance(cell, Line):
                line.extend(cell.cut(width))
            else:
                line.add(cell[0], cell[1], width, column.align)
        return line

    def header(self, style: str, sorted_by: str = "", *, descending: bool = True) -> Line:
        """The headings; the column that sorts carries an arrow."""
        line = Line()
        for column, width in self.columns:
            if line.spans:
                line.add(" ", style)
            if column.key == sorted_by:
                title = column.title[: width - 1] + ("▾" if descending else "▴")
                line.add(title, "bold", width, column.align)
            else:
                line.add(column.title, style, width, column.align)
        return line

    def width_of(self, key: str) -> int:
        """Cells of a column; 0 where it was dropped."""
        return next((width for column, width in self.columns if column.key == key), 0)

    def column_at(self, x: int) -> Column | None:
        """The column at a cell of the table's lines."""
        left = 0
        for column, width in self.columns:
            if left <= x <= left + width:
                return column
            left += width + 1
        return None


def fitted(columns: Iterable[Column], rows: Sequence[Mapping[str, Cell]]) -> list[Column]:
    """Columns wide enough for what stands in the right-aligned ones: those of numbers."""
    return [
        replace(column, width=max(column.width, *(_cell_width(row[column.key]) for row in rows)))
        if rows and column.align == "right"
        else column
        for column in columns
    ]


def _cell_width(cell: Cell) -> int:
    return cell.width if isinstance(cell, Line) else cells_of(cell[0])


def wrapped(text: str, width: int, limit: int) -> list[str]:
    """Clean text broken between words into at most `limit` lines of `width` cells."""
    lines: list[str] = []
    current = ""
    for word in _words(clean(text), width):
        joined = f"{current} {word}" if current else word
        if cells_of(joined) <= width:
            current = joined
            continue
        lines.append(current)
        current = word
    lines.append(current)
    if len(lines) > limit:
        lines = [*lines[: limit - 1], fit(" ".join(lines[limit - 1 :]), width).rstrip()]
    return lines


def broken(text: str, width: int) -> Iterator[str]:
    """One line of text, cleaned, in pieces of at most `width` cells: between words where they are short
    enough. Blanks stay as they are, for what is laid out by its writer.

    Args:
        text: Without line breaks.
        width: Cells, at least 2: a wide character takes that many.
    """
    if not text:
        yield ""
    for start in range(0, len(text), MAX_TEXT):
        rest = clean(text[start : start + MAX_TEXT])
        while cells_of(rest) > width:
            head = rest[:width] if rest.isascii() else set_cell_size(rest, width)
            if not rest.startswith(head):  # a wide character does not fit, and a blank stands for half of it
                head = head[:-1]
            blank = head.rfind(" ")
            if blank >= len(head) // 2:
                head = head[: blank + 1]
            yield head
            rest = rest[len(head) :]
        yield rest


def _words(text: str, width: int) -> Iterable[str]:
    for word in text.split():
        most = width * (1 + MAX_MARKS)  # characters that can have room
        while len(word) > most > 0 or cells_of(word) > width > 0:
            is_plain = word[: width + 1].isascii()
            head = word[:width] if is_plain else set_cell_size(word[: most + 1], width).rstrip()
            yield head
            word = word[len(head) :]  # noqa: PLW2901 - the rest of the same word
        yield word
