"""What a report's tables say of models, shown where some agent asks them.

What models cost is US dollars, whatever the run's quote currency; the headings say so.
"""

from collections.abc import Callable

from cockpit.arena.model_figures import ModelFigures, dollars
from cockpit.domain.formats import NOT_AVAILABLE, duration, money, percent, ratio
from cockpit.report.columns import NAME, Column
from cockpit.report.models.statistics import CalibrationRow, ModelRow, NetRow

NET_TITLE = "Net of models, against buy & hold"
NET: tuple[Column[NetRow], ...] = (
    Column("#", lambda row: "" if row.standing.net_rank is None else str(row.standing.net_rank)),
    NAME,
    Column("net P&L", lambda row: money(row.standing.net_pnl, signed=True), lambda row: row.standing.net_pnl),
    Column("P&L", lambda row: money(row.pnl, signed=True), lambda row: row.pnl),
    Column("models, US$", lambda row: _of(row, lambda figures: figures.cost_words)),
    Column("alpha", lambda row: money(row.standing.alpha, signed=True), lambda row: row.standing.alpha),
    Column("US$ per $ alpha", lambda row: _of(row, lambda figures: ratio(figures.cost_per_alpha, 4))),
)

CALLS_TITLE = "Models"
CALLS: tuple[Column[ModelRow], ...] = (
    NAME,
    Column("calls", lambda row: str(row.figures.calls)),
    Column("failed", lambda row: str(row.figures.failed_calls)),
    Column("repairs", lambda row: str(row.figures.repairs)),
    Column("tokens in", lambda row: f"{row.figures.input_tokens:,}"),
    Column("out", lambda row: f"{row.figures.output_tokens:,}"),
    Column("latency", lambda row: _seconds(row.figures.mean_latency_ms)),
    Column("US$", lambda row: row.figures.cost_words),
    Column("US$ a day", lambda row: dollars(row.figures.daily_cost)),
)

ANSWERS_TITLE = "What models said"
ANSWERS: tuple[Column[ModelRow], ...] = (
    NAME,
    Column("refused", lambda row: str(row.figures.refusals)),
    Column("failed decisions", lambda row: failure_words(row.figures), is_text=True),
    Column("confidence", lambda row: ratio(row.figures.confidence)),
    Column("hit rate", lambda row: percent(row.figures.hit_rate, decimals=1)),
    Column("Brier", lambda row: ratio(row.figures.brier, 4)),
)

CALIBRATIONS_TITLE = "Calibration: confidence, round trips that won"
CALIBRATIONS: tuple[Column[CalibrationRow], ...] = (
    NAME,
    Column("confidence", lambda row: f"{row.bin.lower:.1f} … {row.bin.upper:.1f}"),
    Column("stated", lambda row: ratio(row.bin.stated)),
    Column("won", lambda row: percent(row.bin.realized, decimals=1)),
    Column("round trips", lambda row: str(row.bin.count)),
)


def failure_words(figures: ModelFigures) -> str:
    """``2 timeout, 1 invalid``; a dash for none, ``n/a`` where only their number is known."""
    if figures.failures is None:
        return NOT_AVAILABLE
    return ", ".join(f"{count} {kind}" for kind, count in figures.failures.items()) or "–"


def _seconds(length_ms: float | None) -> str:
    if length_ms is None:
        return NOT_AVAILABLE
    return duration(round(length_ms)) if length_ms >= 60_000 else f"{length_ms / 1000:.1f}s"


def _of(row: NetRow, words: Callable[[ModelFigures], str]) -> str:
    """A figure of models; a dash for who asks none."""
    return "–" if row.standing.models is None else words(row.standing.models)
