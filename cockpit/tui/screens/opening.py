"""The first frame: the dashboard's outline, drawn by one widget, while everything else is being loaded."""

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from cockpit.tui.layout import EXPECTED_AGENTS, EXPECTED_SYMBOLS, is_compact, plan
from cockpit.tui.pane_titles import PANE_TITLES, PANES
from cockpit.tui.safe import content, paragraphs


class Outline(Widget):
    """Header, frames and titles.

    Args:
        bot: Its name.
    """

    def __init__(self, bot: str) -> None:
        super().__init__(id="outline")
        self._bot = bot

    def render(self) -> Content:
        """See Textual."""
        width, height = self.size
        if not width or not height:
            return content("")
        header = content(" cockpit ", "bold $text-accent") + content(f"{self._bot}  … CONNECTING", "$muted")
        if is_compact(width, height):
            return header
        cells = [[" "] * width for _ in range(height)]
        places = plan(
            width,
            height - 3,
            agents=EXPECTED_AGENTS,
            symbols=EXPECTED_SYMBOLS,
            single=None,
            strip=False,
        )
        for pane, place in places.items():
            _frame(cells, place.translate((0, 2)), f"{PANES.index(pane) + 1} {PANE_TITLES[pane]}")
        lines = ["".join(row) for row in cells]
        return content("\n").join([header, paragraphs([(line, "$frame") for line in lines[1:]])])


class OpeningScreen(Screen[None]):
    """The outline alone.

    Args:
        bot: Its name.
    """

    def __init__(self, bot: str) -> None:
        super().__init__(id="opening")
        self._outline = Outline(bot)

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self._outline


def _frame(cells: list[list[str]], place: Region, title: str) -> None:
    top, bottom, left, right = place.y, place.bottom - 1, place.x, place.right - 1
    for x in range(left + 1, right):
        cells[top][x] = cells[bottom][x] = "─"
    for y in range(top + 1, bottom):
        cells[y][left] = cells[y][right] = "│"
    for y, x, corner in ((top, left, "╭"), (top, right, "╮"), (bottom, left, "╰"), (bottom, right, "╯")):
        cells[y][x] = corner
    for at, character in enumerate(f" {title} "[: max(0, right - left - 3)]):
        cells[top][left + 2 + at] = character
