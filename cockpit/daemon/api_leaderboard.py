"""The leaderboard in the words and units of the control API."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from cockpit.arena.leaderboard import LeaderboardRow
from cockpit.arena.model_figures import ModelFigures
from cockpit.daemon.api_models import CalibrationLine, Leaderboard, LeaderboardLine, ModelLine, RoutingLine
from cockpit.daemon.plain_units import times
from cockpit.domain.formats import time_of
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.journal.routing_summary import RoutingSummary
from cockpit.trading.calibration import CalibrationBin
from cockpit.trading.state import ArenaState


def leaderboard_answer(
    state: ArenaState,
    window: str,
    rows: Sequence[LeaderboardRow],
    routing: Mapping[str, RoutingSummary] = MappingProxyType({}),
) -> Leaderboard:
    """The leaderboard over a window.

    Args:
        state: Of the arena.
        window: As it was asked for.
        rows: Best first.
        routing: What policies came to over the window, by agent.
    """
    return Leaderboard(
        run_id=state.run_id,
        window=window,
        quote=None if state.run is None else state.run.quote,
        ts_ms=state.ts_ms,
        time=time_of(state.ts_ms),
        rows=[_line(row, routing.get(row.agent)) for row in rows],
    )


def _line(row: LeaderboardRow, routing: RoutingSummary | None) -> LeaderboardLine:
    return LeaderboardLine(
        rank=row.rank,
        agent=row.agent,
        kind=row.kind,
        return_percent=times(row.return_fraction, 100),
        equity=row.equity / MICROS_PER_UNIT,
        pnl=row.pnl / MICROS_PER_UNIT,
        trades=row.trades,
        win_rate_percent=times(row.win_rate, 100),
        errors=row.errors,
        cost=_units(row.cost),
        max_drawdown_percent=row.max_drawdown * 100,
        sharpe=row.sharpe,
        benched=row.benched,
        grounded=row.grounded,
        equities=[equity / MICROS_PER_UNIT for equity in row.equities],
        fees=row.fees / MICROS_PER_UNIT,
        biggest_win=_units(row.biggest_win),
        biggest_loss=_units(row.biggest_loss),
        alpha=_units(row.alpha),
        net_pnl=_units(row.net_pnl),
        net_rank=row.net_rank,
        models=None if row.models is None else _model_line(row.models),
        routing=None if routing is None else _routing_line(routing),
    )


def _model_line(figures: ModelFigures) -> ModelLine:
    latency_ms, curve, failures = figures.mean_latency_ms, figures.calibration, figures.failures
    return ModelLine(
        calls=figures.calls,
        failed_calls=figures.failed_calls,
        repairs=figures.repairs,
        unpriced_calls=figures.unpriced_calls,
        cost_at_least=figures.priced_cost / MICROS_PER_UNIT if figures.is_priced else None,
        projected_daily_cost=_units(figures.daily_cost),
        cost_per_alpha=figures.cost_per_alpha,
        input_tokens=figures.input_tokens,
        output_tokens=figures.output_tokens,
        mean_latency_s=None if latency_ms is None else latency_ms / 1000,
        refusals=figures.refusals,
        failures=None if failures is None else {str(kind): count for kind, count in failures.items()},
        mean_confidence=figures.confidence,
        hit_rate_percent=times(figures.hit_rate, 100),
        brier_score=figures.brier,
        calibration=None if curve is None else [_calibration_line(each) for each in curve],
    )


def _routing_line(summary: RoutingSummary) -> RoutingLine:
    share = None if summary.unpriced else summary.powerful_share
    return RoutingLine(
        rounds_asked=summary.rounds,
        rounds_skipped=summary.skipped,
        escalations=summary.escalations,
        changed=summary.changed,
        undecided=summary.undecided,
        withheld=summary.withheld,
        triggers={str(trigger): count for trigger, count in summary.triggers.items()},
        cheap_cost=summary.cheap_cost / MICROS_PER_UNIT,
        powerful_cost=summary.powerful_cost / MICROS_PER_UNIT,
        other_cost=summary.other_cost / MICROS_PER_UNIT,
        unpriced_calls=summary.unpriced,
        powerful_share_percent=times(share, 100),
    )


def _calibration_line(each: CalibrationBin) -> CalibrationLine:
    return CalibrationLine(
        lower=each.lower,
        upper=each.upper,
        trades=each.count,
        stated_percent=times(each.stated, 100),
        won_percent=times(each.realized, 100),
    )


def _units(micros: int | None) -> float | None:
    return None if micros is None else micros / MICROS_PER_UNIT
