"""What models cost today: of what may be spent, by agent and by model, and by the day at this rate."""

from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.tui import look
from cockpit.tui.figures import cost_words, share_bar, usd
from cockpit.tui.line import Column, Line, Table, fitted
from cockpit.tui.panes.agent_pane import section
from cockpit.tui.panes.pane import Row
from cockpit.tui.panes.told import ToldPane
from cockpit.tui.store import Store

BAR = 8
LABEL = 12
NEAR = 0.8
"""Fraction of a budget from which it is said to be near its end."""

_COLUMNS = (
    Column(key="name", title="", width=12, keep=100, grow=1),
    Column(key="calls", title="calls", width=5, keep=80, align="right"),
    Column(key="cost", title="today", width=8, keep=99, align="right"),
    Column(key="left", title="left", width=6, keep=70, align="right"),
)


class CostsPane(ToldPane):
    """Sums first, then whose."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "costs")

    def answer_rows(self, width: int) -> Iterator[Row]:
        """See `ToldPane`."""
        said = self.answer
        budgets = {each["agent"]: each for each in said["budgets"]}
        yield _fact("today", cost_words(_sum(said["agents"])) if said["agents"] else "no model was asked")
        yield _fact("a day", _projection(said))
        if None in budgets:
            yield from _budget_rows(budgets[None])
        if said["agents"]:
            yield section("By agent", width)
            yield from _table_rows(said["agents"], "agent", budgets, width)
            yield section("By model", width)
            yield from _table_rows(said["models"], "model", {}, width)
        limited = [each for whose, each in budgets.items() if whose is not None and _is_limited(each)]
        for each in limited:
            yield section(f"Budget of {each['agent']}", width)
            yield from _budget_rows(each)


def _projection(said: Mapping[str, Any]) -> str:
    if said["projected_daily_cost"] is not None:
        return f"{usd(said['projected_daily_cost'])} projected"
    return "projection unknown" if said["agents"] else "n/a"


def _budget_rows(budget: Mapping[str, Any]) -> Iterator[Row]:
    """What is used and left of both limits; both count what is set aside for calls in flight."""
    if not _is_limited(budget):
        yield _fact("budget", "no limit is set")
        return
    for label, used, limit in (
        ("of the day", budget["spent_today"], budget["daily_limit"]),
        ("in total", budget["spent"], budget["total_limit"]),
    ):
        if limit is not None:
            gone = used + budget["reserved"]
            fraction = min(1.0, gone / limit) if limit else 1.0
            style = look.BAD if fraction >= 1 else look.WARN if fraction >= NEAR else look.GOOD
            line = Line().add(label, look.MUTED, LABEL).extend(share_bar(fraction, BAR, style))
            line.add(f"  {usd(max(0.0, limit - gone))} left", "bold").add(f" of {usd(limit)}", look.MUTED)
            yield Row.of(line)


def _is_limited(budget: Mapping[str, Any]) -> bool:
    return budget["daily_limit"] is not None or budget["total_limit"] is not None


def _table_rows(
    lines: list[Mapping[str, Any]], key: str, budgets: Mapping[str | None, Any], width: int
) -> Iterator[Row]:
    cells = [
        {
            "name": (each[key], ""),
            "calls": (f"{each['calls']:,}", look.MUTED),
            "cost": (cost_words(each), ""),
            "left": (_left(budgets.get(each[key])), look.MUTED),
        }
        for each in sorted(lines, key=lambda each: -(each["cost_at_least"] or 0))
    ]
    is_limited = any(_is_limited(each) for whose, each in budgets.items() if whose is not None)
    columns = [each for each in _COLUMNS if is_limited or each.key != "left"]
    table = Table.of(fitted(columns, cells), width)
    yield Row.of(table.header(look.HEADING))
    yield from (Row.of(table.line(each)) for each in cells)


def _left(budget: Mapping[str, Any] | None) -> str:
    """Of an agent's own budget, whichever of both ends first."""
    if budget is None or not _is_limited(budget):
        return "no limit"
    pairs = (
        (budget["daily_limit"], budget["spent_today"]),
        (budget["total_limit"], budget["spent"]),
    )
    return usd(max(0.0, min(limit - used - budget["reserved"] for limit, used in pairs if limit is not None)))


def _sum(lines: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "calls": sum(each["calls"] for each in lines),
        "unpriced_calls": sum(each["unpriced_calls"] for each in lines),
        "cost_at_least": sum(each["cost_at_least"] or 0 for each in lines),
    }


def _fact(label: str, words: str) -> Row:
    return Row.of(Line().add(label, look.MUTED, LABEL).add(words, "bold"))
