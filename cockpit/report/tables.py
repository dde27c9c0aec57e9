"""Tables on the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from cockpit.arena.leaderboard import LeaderboardRow
from cockpit.domain.formats import duration, money, percent, ratio, time_of
from cockpit.domain.plain_text import plain_text
from cockpit.report.columns import NOF1, Preset, Ranked
from cockpit.report.sections import Cell, Heading, Section, section, sections
from cockpit.report.session import Session
from cockpit.report.statistics import ranked


def leaderboard_table(rows: Sequence[LeaderboardRow], title: str = "", preset: Preset = Preset.FULL) -> Table:
    """The leaderboard, best first; with all its own columns it fits 80 columns."""
    table = _nof1_table(title, rows) if preset is Preset.NOF1 else _full_table(title, rows)
    if any(row.benched for row in rows) and preset is Preset.FULL:
        table.caption = Text("× benched by a breaker", style="dim")
    return table


def report_tables(session: Session, preset: Preset = Preset.FULL) -> Group:
    """Everything `cockpit report` says on a terminal."""
    if preset is Preset.NOF1:
        return Group(_heading(session), _nof1_table("", ranked(session)))
    return Group(_heading(session), *map(section_table, sections(session)))


def section_table(shown: Section, *, folds: bool = False) -> Table:
    """One table of a report; where it gets narrow its texts are cut, or go over several lines if it folds."""
    table = _table(shown.title)
    for heading in shown.headings:
        _add_column(table, heading.words, is_text=heading.is_text, folds=folds)
    for line in shown.lines:
        is_last = shown.total is not None and line is shown.lines[-1]
        table.add_row(*map(_cell, line), end_section=is_last)
    if shown.total is not None:
        table.add_row(*map(_cell, shown.total), style="bold")
    return table


def printed(renderable: RenderableType, console: Console | None = None) -> str:
    """What a table looks like where standard output goes, as one text: in colour only on a terminal.

    Lines end with their last word: elsewhere, nobody wants the spaces up to a table's edge.
    """
    console = console or Console()
    with console.capture() as capture:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n"))


def _full_table(title: str, rows: Sequence[LeaderboardRow]) -> Table:
    costs = any(row.models is not None for row in rows)
    table = _table(title)
    _add_column(table, "#")
    _add_column(table, "agent", is_text=True)
    for heading in ("return", "equity", "P&L", "trades", "wins", "err"):
        _add_column(table, heading)
    if costs:
        _add_column(table, "cost US$")
    _add_column(table, "max DD")
    _add_column(table, "Sharpe")
    for row in rows:
        table.add_row(*_standing(row, costs=costs))
    return table


def _nof1_table(title: str, rows: Sequence[Ranked]) -> Table:
    shown = section(title, NOF1, rows)
    over_two_lines = tuple(Heading(words.replace(" ", "\n", 1), is_text) for words, is_text in shown.headings)
    return section_table(replace(shown, headings=over_two_lines))


def _standing(row: LeaderboardRow, *, costs: bool) -> Iterable[Text]:
    name = plain_text(row.agent)
    yield Text(row.place)
    yield Text(f"×{name}" if row.benched else name, style="dim" if row.benched else "")
    yield _signed(percent(row.return_fraction, signed=True), row.return_fraction)
    yield Text(money(row.equity))
    yield _signed(money(row.pnl, signed=True), row.pnl)
    yield Text(str(row.trades))
    yield Text(percent(row.win_rate, decimals=0))
    yield Text(str(row.errors), style="red" if row.errors else "")
    if costs:
        yield Text("–" if row.models is None else row.models.cost_words)
    yield Text(percent(row.max_drawdown))
    yield Text(ratio(row.sharpe))


def _heading(session: Session) -> Text:
    run = session.run
    length = duration(session.to_ms - session.from_ms)
    lines = (
        f"run {session.run_id} of bot {run.bot}: {run.market} market, {run.venue} venue, {run.mode.upper()}",
        f"{time_of(session.from_ms)} to {time_of(session.to_ms)} ({length}), {len(session.rounds)} rounds",
        session.finished or "not finished",
    )
    return Text("\n".join(map(plain_text, lines)))


def _cell(cell: Cell) -> Text:
    return Text(cell.text) if cell.signed is None else _signed(cell.text, cell.signed)


def _signed(text: str, value: float | None) -> Text:
    return Text(text, style="" if not value else "green" if value > 0 else "red")


def _table(title: str) -> Table:
    return Table(
        title=Text(plain_text(title), style="bold") if title else None,
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=0,
        show_edge=False,
        caption_justify="left",
    )


def _add_column(table: Table, heading: str, *, is_text: bool = False, folds: bool = False) -> None:
    # Where it gets narrow, only texts are cut: half a figure is worse than none.
    table.add_column(
        Text(heading),
        justify="left" if is_text else "right",
        no_wrap=not is_text,
        overflow="fold" if folds else "ellipsis",
    )
