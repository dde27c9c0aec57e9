"""What is told of a run, whether its bot answers for it or only its journal does."""

from collections.abc import Iterator
from typing import Any

from cockpit.daemon.api_safety import emergency_answer
from cockpit.daemon.status import HELD_FACTS
from cockpit.domain.formats import time_of
from cockpit.domain.market import MICROS_PER_UNIT, Lots
from cockpit.trading.accounting import entry_price
from cockpit.trading.state import ArenaState


def run_facts(state: ArenaState) -> dict[str, Any]:
    """The fields of `Health` that the run's state alone decides, by name."""
    run = state.run
    return {
        "run_id": state.run_id,
        "market": None if run is None else run.market,
        "venue": None if run is None else run.venue,
        "mode": None if run is None else run.mode,
        "quote": None if run is None else run.quote,
        "agents": len(state.agents),
        "round": state.round,
        "rounds_closed": state.rounds_closed,
        "rounds_limit": None if run is None else run.rounds_limit,
        "market_interval_ms": None if run is None else run.market_interval_ms,
        "ts_ms": state.ts_ms,
        "time": time_of(state.ts_ms),
        "seq": state.seq,
        "equity": state.watch.equity / MICROS_PER_UNIT,
        "paused": state.paused,
        "killed": state.killed,
        "halted": state.halted,
        "trading_mode": state.trading_mode,
        "asked_mode": state.mode,
        "emergency": emergency_answer(state),
        "unseen_alerts": len(state.alerts),
        "unsynced": [name for name, agent in state.agents.items() if agent.unsynced],
        "finished": state.finished,
    }


def positions_held(state: ArenaState) -> Iterator[dict[str, Any]]:
    """`HELD_FACTS` of every open position."""
    for name, agent in state.agents.items():
        for position in agent.account.positions.values():
            instrument = state.instrument(position.symbol)
            facts = (
                name,
                position.symbol,
                "long" if position.signed_lots > 0 else "short",
                instrument.quantity(Lots(abs(position.signed_lots))),
                entry_price(position, instrument),
            )
            yield dict(zip(HELD_FACTS, facts, strict=True))
