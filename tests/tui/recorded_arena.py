"""Events of a real arena: market, strategies, risk, ledger and fold as a bot runs them, in memory."""

import asyncio
import gzip
import json
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cockpit.arena.assembly import assemble
from cockpit.arena.coordinator import Coordinator
from cockpit.arena.opening import begin
from cockpit.arena.pacing import Pacer
from cockpit.domain.events import KIND_OF, BotStarted, Event, Recorded
from cockpit.journal.codec import decode_event, encode_event
from cockpit.settings.resolve import resolve
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState


@dataclass(slots=True)
class MemorySink:
    """A journal that forgets with its process."""

    events: list[Recorded] = field(default_factory=list)

    async def commit(self, run_id: str, ts_ms: int, events: Sequence[Event]) -> list[Recorded]:
        seq = len(self.events)
        recorded = [Recorded(seq + at, ts_ms, run_id, event) for at, event in enumerate(events, start=1)]
        self.events += recorded
        return recorded


async def played(flags: dict[str, Any], rounds: int) -> tuple[Recorded, ...]:
    """All events of a run up to a round."""
    coordinator, sink = await open_arena(flags)
    enough = asyncio.Event()
    coordinator.recorder.listen(
        lambda _: enough.set() if coordinator.recorder.committed.rounds_closed >= rounds else None
    )
    running = asyncio.ensure_future(coordinator.run())
    await enough.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    for agent in coordinator.agents.values():
        agent.close()
    return tuple(sink.events)


async def open_arena(flags: dict[str, Any]) -> tuple[Coordinator, MemorySink]:
    parts = assemble(resolve(environment={}, flags=flags).settings, "arena")
    sink = MemorySink()
    pacer = Pacer(speed=None, monotonic=time.monotonic)
    coordinator = await begin(parts, sink, 0, "run-1", pacer)
    coordinator.recorder.emit(BotStarted(wall_ms=1_735_689_600_000, recovered_from=""))
    await coordinator.recorder.commit()
    return coordinator, sink


@cache
def events_of(rounds: int, limit: int | None = None) -> tuple[Recorded, ...]:
    """All events of a run of the default arena on the built-in market."""
    flags = {"arena": {"rounds": limit or rounds}, "market": {"speed": "max"}}
    return asyncio.run(played(flags, rounds))


def state_at(events: Sequence[Recorded], seq: int) -> ArenaState:
    """The fold of the events up to a place."""
    state = ArenaState()
    for recorded in events:
        if recorded.seq > seq:
            break
        apply(state, recorded)
    return deepcopy(state)


VARIED: dict[str, Any] = {
    "arena": {"rounds": 160},
    "market": {"speed": "max"},
    "agents": [
        {"name": "liquidity_sweep", "orders": {"entry": "limit", "time_in_force": "post_only"}},
        {"name": "ema_cross", "orders": {"stop": "trailing_stop"}},
        {"name": "donchian_breakout", "orders": {"stop": "stop_limit"}},
        {"name": "rsi_reversion", "orders": {"entry": "limit", "time_in_force": "ioc"}},
        {"name": "bollinger_reversion", "risk": {"max_concentration": 0.5}},
        {"name": "macd_trend"},
        {"name": "two_minds", "kind": "blend", "weights": {"ema_cross": 0.5, "macd_trend": 0.5}},
        {"name": "momentum_rank"},
        {"name": "buy_and_hold"},
        {"name": "cash"},
        {"name": "random"},
    ],
    "protections": [{"method": "CooldownPeriod", "stop_duration": "30m"}],
}
"""An arena in which every kind of order is used: what the frozen run was played with, to its last but one
event."""

FROZEN = Path(__file__).parent / "data" / "run.jsonl.gz"
"""A run kept as it was, for pictures: strategies and markets may change without changing them."""


def freeze(events: Sequence[Recorded], path: Path = FROZEN) -> None:
    """Keeps events in a file, as the journal spells them."""
    lines = [
        json.dumps([each.seq, each.ts_ms, each.run_id, KIND_OF[type(each.event)]])[:-1]
        + f", {encode_event(each.event).decode()}]"
        for each in events
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def thawed(path: Path = FROZEN) -> list[Recorded]:
    """The events of a file."""
    events = []
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        seq, ts_ms, run_id, kind, payload = json.loads(line)
        events.append(Recorded(seq, ts_ms, run_id, decode_event(kind, json.dumps(payload))))
    return events
