"""What a session says of models, for other programs: one object per agent, flat for spreadsheets."""

from cockpit.arena.model_figures import ModelFigures
from cockpit.domain.plain_text import plain_text
from cockpit.report.models.statistics import ModelReport, NetRow
from cockpit.report.values import Document, amount, statistic
from cockpit.trading.calibration import CalibrationBin

MODEL_COLUMNS = (
    "alpha",
    "net_pnl",
    "net_rank",
    "model_calls",
    "model_calls_failed",
    "model_repairs",
    "model_calls_unpriced",
    "model_cost_at_least_usd",
    "model_daily_cost_usd",
    "model_cost_per_alpha",
    "input_tokens",
    "output_tokens",
    "mean_latency_s",
    "refusals",
    "hit_rate",
    "brier_score",
)
"""What sheets of a session with models have beside the other columns."""


def models_document(report: ModelReport) -> Document:
    """All agents, best return first, and the arena; costs are US dollars, whatever the quote currency."""
    return {
        "cost_currency": "USD",
        "agents": [_net_row(row) for row in report.agents],
        "arena": _net_row(report.arena),
    }


def model_cells(report: ModelReport) -> dict[str, Document]:
    """Columns of a sheet, by the agent's name; who asks no models has none of their figures."""
    return {row.name: _net_cells(row) for row in (*report.agents, report.arena)}


def _net_cells(row: NetRow) -> Document:
    standing = row.standing
    cells: Document = dict.fromkeys(MODEL_COLUMNS)
    cells |= {
        "alpha": amount(standing.alpha),
        "net_pnl": amount(standing.net_pnl),
        "net_rank": standing.net_rank,
    }
    if standing.models is None:
        return cells
    facts = _model_row(standing.models)
    return cells | {
        "model_calls": facts["calls"],
        "model_calls_failed": facts["failed_calls"],
        "model_repairs": facts["repairs"],
        "model_calls_unpriced": facts["unpriced_calls"],
        "model_cost_at_least_usd": facts["cost_at_least"],
        "model_daily_cost_usd": facts["projected_daily_cost"],
        "model_cost_per_alpha": facts["cost_per_alpha"],
        **{name: facts[name] for name in MODEL_COLUMNS if name in facts},
    }


def _net_row(row: NetRow) -> Document:
    standing = row.standing
    return {
        "name": plain_text(row.name),
        "pnl": amount(row.pnl),
        "alpha": amount(standing.alpha),
        "net_pnl": amount(standing.net_pnl),
        "net_rank": standing.net_rank,
        "models": None if standing.models is None else _model_row(standing.models),
    }


def _model_row(figures: ModelFigures) -> Document:
    latency_ms, failures, curve = figures.mean_latency_ms, figures.failures, figures.calibration
    return {
        "calls": figures.calls,
        "failed_calls": figures.failed_calls,
        "repairs": figures.repairs,
        "unpriced_calls": figures.unpriced_calls,
        "cost": amount(figures.cost),
        "cost_at_least": amount(figures.priced_cost) if figures.is_priced else None,
        "projected_daily_cost": amount(figures.daily_cost),
        "cost_per_alpha": statistic(figures.cost_per_alpha),
        "input_tokens": figures.input_tokens,
        "output_tokens": figures.output_tokens,
        "mean_latency_s": statistic(None if latency_ms is None else latency_ms / 1000),
        "refusals": figures.refusals,
        "failures": None if failures is None else {str(kind): count for kind, count in failures.items()},
        "confidence": statistic(figures.confidence),
        "hit_rate": statistic(figures.hit_rate),
        "brier_score": statistic(figures.brier),
        "calibration": None if curve is None else [_bin_row(each) for each in curve],
    }


def _bin_row(each: CalibrationBin) -> Document:
    return {
        "from": each.lower,
        "to": each.upper,
        "trades": each.count,
        "stated": statistic(each.stated),
        "won": statistic(each.realized),
    }
