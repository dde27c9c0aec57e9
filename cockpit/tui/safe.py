"""The one door through which text from outside reaches the screen.

Agents, venues, files and people can say anything: escape sequences that drive the terminal,
direction overrides that reorder a line, marks that pile up over other lines. What passes here is
plain text of a bounded length. Panes draw through `line.Line`, which calls `clean` on every piece of
text; everything else asks `content`. Nothing in `tui/` makes a Textual or Rich text of its own.
"""

from textual.content import Content

from cockpit.domain.plain_text import MAX_TEXT, plain_text

clean = plain_text
"""The rule itself, the same for files and screens; panes take it from here, and from nowhere else."""


def content(text: str, style: str = "", limit: int = MAX_TEXT) -> Content:
    """Text from anywhere as Textual content: nothing in it is markup.

    Args:
        text: What to show.
        style: A Textual style of ours for all of it.
        limit: Characters.
    """
    return Content.styled(clean(text, limit), style) if style else Content(clean(text, limit))


def paragraphs(lines: list[tuple[str, str]]) -> Content:
    """Several lines as Textual content.

    Args:
        lines: (text, style) of each.
    """
    return Content("\n").join(content(text, style) for text, style in lines)
