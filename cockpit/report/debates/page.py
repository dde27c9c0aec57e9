"""A debate that is over, from the first word to what it led to: in panels on a terminal, else plain text."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from cockpit.domain.formats import short_symbol, time_of
from cockpit.domain.plain_text import plain_text
from cockpit.report.debates.words import (
    consensus_lines,
    cost_line,
    message_lines,
    message_of,
    spent_words,
    title_of,
    verdict_lines,
)


def debate_page(debate: Mapping[str, Any], *, in_panels: bool) -> Group:
    """All there is to tell of a debate.

    Args:
        debate: As ``GET /debates/{id}`` tells it.
        in_panels: Draws borders; else what is told stands indented under its heading.
    """
    parts: list[RenderableType] = [_heading(debate)]
    rows = [*debate["messages"], *([debate["shadow"]] if debate["shadow"] else [])]
    turns = max((each["turn"] for each in debate["messages"][:-1]), default=1)
    for row in rows:
        message = message_of(row)
        title = Text.assemble(title_of(message, turns), (f"  {spent_words(row, row['latency_s'])}", "dim"))
        parts.append(_part(title, list(message_lines(message)), in_panels=in_panels))
    if debate["consensus"]:
        parts.append(
            _part(Text("agreement", style="bold"), list(consensus_lines(debate)), in_panels=in_panels)
        )
    parts.append(_part(Text("verdict", style="bold"), list(verdict_lines(debate)), in_panels=in_panels))
    return Group(*parts, cost_line(debate))


def _heading(debate: Mapping[str, Any]) -> Text:
    symbols = ", ".join(plain_text(short_symbol(each)) for each in debate["symbols"])
    asked = (
        f"asked for by {plain_text(debate['by'])}" if debate["asked"] else f"held in round {debate['round']}"
    )
    which = f"debate {debate['debate_id']} of run {plain_text(debate['run_id'])}"
    return Text.assemble(
        (f"{plain_text(debate['agent'])} on {symbols}", "bold"),
        f"  {which}, {asked}, {time_of(debate['ts_ms'])}",
    )


def _part(title: Text, lines: Sequence[Text], *, in_panels: bool) -> RenderableType:
    if in_panels:
        return Panel(Group(*lines), title=title, title_align="left", box=ROUNDED, border_style="dim")
    return Group(Text(), title, *(Padding(line, (0, 0, 0, 2)) for line in lines))
