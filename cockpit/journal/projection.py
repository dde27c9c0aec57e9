"""What each event writes into the read models.

One event gives its rows with no look at any other event but its run's `RunStarted`; where a row
depends on an earlier one (a status, a position), SQL reads it from the tables themselves.
"""

from collections.abc import Callable, Iterator
from typing import Any

from cockpit.domain.events import (
    AccountSynced,
    AiProfileRemoved,
    AiProfileSaved,
    AlertAcknowledged,
    AskingSkipped,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    EmergencyAdvanced,
    EntriesLocked,
    EntriesWithheld,
    Escalated,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    ModelCalled,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    Recorded,
    ReportRefused,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
    ShortfallCovered,
    ThesisBroken,
    TradeClosed,
    TraderProfileRemoved,
    TraderProfileSaved,
    TradingModeSet,
)
from cockpit.journal import (
    debate_projection,
    fill_projection,
    mind_projection,
    order_projection,
    profile_projection,
    routing_projection,
    safety_projection,
)
from cockpit.journal.statements import Row, balance, insert, started

TABLES = (
    "competition_runs",
    "instruments",
    "contestants",
    "competition_rounds",
    "competition_scores",
    "balances",
    "positions",
    "decisions",
    "decision_targets",
    "decision_refusals",
    "llm_calls",
    "broken_theses",
    "debate_sessions",
    "debate_messages",
    "debate_stances",
    "debate_consensus",
    "escalations",
    "withheld_entries",
    "skipped_rounds",
    "decision_failures",
    "orders",
    "order_lifecycle_events",
    "fills",
    "position_snapshots",
    "trades",
    "funding_payments",
    "risk_events",
    "ai_outcome_links",
    "ai_agent_profiles",
    "trader_profiles",
)
"""Every read model: what a rebuild empties and fills again."""


def rows(recorded: Recorded, run: RunStarted | None) -> Iterator[Row]:
    """What an event writes into the read models, in order.

    Args:
        recorded: The event and its place.
        run: How its run was started; None for what a run holds before that.
    """
    project = _PROJECTIONS.get(type(recorded.event))
    return iter(()) if project is None else project(recorded, recorded.event, run)


def _run_started(recorded: Recorded, event: RunStarted, run: RunStarted | None) -> Iterator[Row]:
    yield insert(
        "competition_runs",
        run_id=recorded.run_id,
        seq=recorded.seq,
        bot=event.bot,
        settings_digest=event.settings_digest,
        seed=event.seed,
        market=event.market,
        venue=event.venue,
        mode=event.mode,
        quote=event.quote,
        market_interval_ms=event.market_interval_ms,
        round_interval_ms=event.round_interval_ms,
        start_ms=event.start_ms,
        capital_in_micros=event.capital_in,
        rounds_limit=event.rounds_limit,
        end_ms=event.end_ms,
    )
    for each in event.instruments:
        yield insert(
            "instruments",
            run_id=recorded.run_id,
            symbol=each.symbol,
            base=each.base,
            quote=each.quote,
            tick_size=each.tick_size,
            lot_size=each.lot_size,
            min_notional_micros=each.min_notional,
            maker_fee_rate=each.maker_fee_rate,
            taker_fee_rate=each.taker_fee_rate,
            max_leverage=each.max_leverage,
            funding_interval_ms=each.funding_interval_ms,
        )
    for number, agent in enumerate(event.contestants):
        who = {"run_id": recorded.run_id, "agent": agent.name}
        yield insert("contestants", **who, place=number, kind=agent.kind, summary=agent.summary)
        yield insert("balances", **who, updated_ms=event.start_ms)


def _run_finished(recorded: Recorded, event: RunFinished, run: RunStarted | None) -> Iterator[Row]:
    statement = "UPDATE competition_runs SET finished_ms = ?, finish_reason = ? WHERE run_id = ?"
    yield statement, (recorded.ts_ms, event.reason, recorded.run_id)


def _capital_allocated(recorded: Recorded, event: CapitalAllocated, run: RunStarted | None) -> Iterator[Row]:
    yield balance(recorded, event.agent, capital=event.amount)


def _round_opened(recorded: Recorded, event: RoundOpened, run: RunStarted | None) -> Iterator[Row]:
    yield insert(
        "competition_rounds",
        run_id=recorded.run_id,
        round=event.round,
        opened_ms=recorded.ts_ms,
        view_hash=event.view_hash,
    )


_SCORE = "INSERT INTO competition_scores (run_id, round, agent, ts_ms, equity_micros) VALUES (?, ?, ?, ?, ?)"


def _round_closed(recorded: Recorded, event: RoundClosed, run: RunStarted | None) -> Iterator[Row]:
    for agent, equity in zip(started(run, recorded).contestants, event.equities, strict=True):
        yield _SCORE, (recorded.run_id, event.round, agent.name, recorded.ts_ms, equity)
    closed = "UPDATE competition_runs SET rounds_closed = rounds_closed + 1 WHERE run_id = ?"
    yield closed, (recorded.run_id,)


_PROJECTIONS: dict[type, Callable[[Recorded, Any, RunStarted | None], Iterator[Row]]] = {
    RunStarted: _run_started,
    RunFinished: _run_finished,
    CapitalAllocated: _capital_allocated,
    RoundOpened: _round_opened,
    RoundClosed: _round_closed,
    DecisionMade: mind_projection.decision_made,
    DecisionFailed: mind_projection.decision_failed,
    ModelCalled: mind_projection.model_called,
    DebateAsked: debate_projection.debate_asked,
    DebateHeld: debate_projection.debate_held,
    DebateAbandoned: debate_projection.debate_abandoned,
    Escalated: routing_projection.escalated,
    EntriesWithheld: routing_projection.entries_withheld,
    AskingSkipped: routing_projection.asking_skipped,
    ThesisBroken: mind_projection.thesis_broken,
    OrderCreated: order_projection.order_created,
    OrderMoved: order_projection.order_moved,
    OrderAmended: order_projection.order_amended,
    ReportRefused: order_projection.report_refused,
    OrderFilled: fill_projection.order_filled,
    TradeClosed: fill_projection.trade_closed,
    FundingPaid: fill_projection.funding_paid,
    BreakerTripped: safety_projection.breaker_tripped,
    BreakerReset: safety_projection.breaker_reset,
    EntriesLocked: safety_projection.entries_locked,
    TradingModeSet: safety_projection.trading_mode_set,
    EmergencyAdvanced: safety_projection.emergency_advanced,
    AlertAcknowledged: safety_projection.alert_acknowledged,
    KillSwitchSet: safety_projection.kill_switch_set,
    JournalOutage: safety_projection.journal_outage,
    MarginExhausted: safety_projection.margin_exhausted,
    ShortfallCovered: safety_projection.shortfall_covered,
    AccountSynced: safety_projection.account_synced,
    AiProfileSaved: profile_projection.ai_profile_saved,
    AiProfileRemoved: profile_projection.ai_profile_removed,
    TraderProfileSaved: profile_projection.trader_profile_saved,
    TraderProfileRemoved: profile_projection.trader_profile_removed,
}
