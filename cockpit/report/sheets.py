"""Tables as CSV, for spreadsheets: money in units of quote, fractions of one, undefined is ``n/a``.

What models cost is US dollars; there are columns of models, debates and routing only where there are some.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from cockpit.arena.leaderboard import LeaderboardRow
from cockpit.domain.formats import NOT_AVAILABLE
from cockpit.domain.plain_text import plain_text
from cockpit.report.extra_columns import ExtraColumns, extra_columns
from cockpit.report.rows import statistics_row
from cockpit.report.session import Record, Session
from cockpit.report.statistics import Statistics, arena_statistics, ranked
from cockpit.report.values import amount, statistic
from cockpit.trading.metrics import CONFIDENCE_EDGES

LEADERBOARD_COLUMNS = (
    "rank",
    "agent",
    "kind",
    "return_fraction",
    "equity",
    "pnl",
    "trades",
    "win_rate",
    "errors",
    "cost",
    "max_drawdown",
    "sharpe",
    "benched",
    "fees",
    "slippage",
    "funding",
)

CONFIDENCE_COLUMNS = tuple(f"confidence_from_{edge:g}" for edge in CONFIDENCE_EDGES[:-1])
"""Decisions per bin."""

REPORT_COLUMNS = (
    "rank",
    "agent",
    "kind",
    "capital",
    "equity",
    "pnl",
    "return_fraction",
    "trades",
    "win_rate",
    "profit_factor",
    "expectancy",
    "best_trade",
    "worst_trade",
    "max_drawdown",
    "max_drawdown_duration_ms",
    "sharpe",
    "sortino",
    "cagr",
    "calmar",
    "realized",
    "fees",
    "slippage",
    "funding",
    "costs",
    "fees_fraction",
    "slippage_fraction",
    "funding_fraction",
    "costs_fraction",
    "covered",
    "liquidations",
    "wins",
    "losses",
    "pending",
    "adverse_excursion",
    "favorable_excursion",
    "turnover",
    "exposure",
    "time_in_market",
    "fills",
    "intents",
    "intents_filled",
    "intents_won",
    "intents_lost",
    "intents_pending",
    "decisions",
    "errors",
    "orders",
    "denied",
    "held",
    "trips",
    "benched",
    "cost",
    "confidence_mean",
    *CONFIDENCE_COLUMNS,
)

_FORMULA_STARTS = ("=", "+", "-", "@", "|", "%")
_MARK = "'"
"""Spreadsheets show what follows it as text. Source: OWASP, CSV Injection."""


def leaderboard_sheet(
    rows: Iterable[LeaderboardRow], records: Iterable[Record], extra: ExtraColumns | None = None
) -> str:
    """The leaderboard, best first.

    Args:
        rows: Who leads.
        records: What each agent paid, over the same time.
        extra: More columns, over the same time; none unless given.
    """
    paid = {record.name: record for record in records}
    more = extra or ExtraColumns()
    lines = ([*_standing(row, paid[row.agent]), *more.of(row.agent)] for row in rows)
    return _sheet((*LEADERBOARD_COLUMNS, *more.names), lines)


def report_sheet(session: Session) -> str:
    """The figures of all agents, best first, and of the arena on the last line."""
    more = extra_columns(session)
    rows = [*ranked(session), arena_statistics(session)]
    lines = ([*_figures(row), *more.of(row.name)] for row in rows)
    return _sheet((*REPORT_COLUMNS, *more.names), lines)


def _sheet(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(columns)
    for line in lines:
        writer.writerow([_cell(value) for value in line])
    return sheet.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return NOT_AVAILABLE
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    text = plain_text(value)
    return _MARK + text if text.lstrip().startswith(_FORMULA_STARTS) else text


def _standing(row: LeaderboardRow, paid: Record) -> Sequence[object]:
    return (
        row.rank,
        row.agent,
        row.kind,
        statistic(row.return_fraction),
        amount(row.equity),
        amount(row.pnl),
        row.trades,
        statistic(row.win_rate),
        row.errors,
        amount(row.cost),
        statistic(row.max_drawdown),
        statistic(row.sharpe),
        row.benched,
        amount(paid.fees),
        amount(paid.slippage),
        amount(paid.funding),
    )


def _figures(row: Statistics) -> Sequence[object]:
    facts = statistics_row(row)
    counts = dict(zip(CONFIDENCE_COLUMNS, row.confidence.counts, strict=True))
    named = facts | counts | {"agent": facts["name"]}
    return [named[column] for column in REPORT_COLUMNS]
