"""How an arena comes to life: as a new run, or where an unfinished one was left."""

import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cockpit.agents.agent import Agent, MarketView
from cockpit.arena.asked_debates import abandon_all
from cockpit.arena.assembly import Parts
from cockpit.arena.blotter import Blotter
from cockpit.arena.coordinator import Coordinator
from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.pacing import Pacer
from cockpit.arena.recorder import EventSink, Recorder
from cockpit.arena.recovery import Recovery
from cockpit.arena.tape import Tape, last_closes
from cockpit.domain.events import AgentGrounded, CapitalAllocated, Recorded, RunStarted
from cockpit.markets.market import Market, MarketStep
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of the run so far.

    Attributes:
        state: As the newest snapshot has it; an empty state where there is none.
        memories: What agents remembered then, by name.
        events: The journal's events after the state's.
    """

    state: ArenaState = field(default_factory=ArenaState)
    memories: Mapping[str, object] = field(default_factory=dict)
    events: Iterable[Recorded] = ()


async def begin(parts: Parts, sink: EventSink, last_seq: int, run_id: str, pacer: Pacer) -> Coordinator:
    """A new run: capital is allocated, and agents have history to look at before the first round.

    Raises:
        AllocationError: If the treasury can't give every agent its capital; nothing is written.
        MarketError: If the market can't be read.
    """
    recorder = Recorder(sink=sink, committed=ArenaState(seq=last_seq), monotonic=time.monotonic)
    recorder.now_ms = parts.agreement.start_ms
    for event in _first_events(parts):
        recorder.emit(event, run_id=run_id)
    _ground(recorder, parts.agents)
    tape = parts.tape()
    steps = await _history(parts.market, tape, parts.agreement.start_ms, parts.history_bars)
    tape.drop_seen(parts.agreement.start_ms)
    return _coordinator(parts, recorder, tape, steps, pacer)


async def take_up(parts: Parts, sink: EventSink, past: Past, pacer: Pacer) -> tuple[Coordinator, int]:
    """An unfinished run, where its journal ends; also says how many events were replayed for it.

    Raises:
        RecoveryError: If the market no longer says what the journal remembers.
        FoldError: If the journal contradicts itself.
        MarketError: If the market can't be read.
    """
    state, tape = past.state, parts.tape()
    at_ms = parts.agreement.start_ms if state.run is None else state.ts_ms
    steps = await _history(parts.market, tape, at_ms, parts.history_bars)
    tape.drop_seen(at_ms if state.run is None else state.round_ms)
    for name, memory in past.memories.items():
        parts.agents[name].restore(memory)
    recovery = Recovery(state=state, tape=tape, agents=parts.agents, steps=steps)
    replayed = await recovery.catch_up(past.events)
    recorder = Recorder(sink=sink, committed=state, monotonic=time.monotonic)
    _ground(recorder, parts.agents)
    abandon_all(recorder, "the bot was interrupted")
    return _coordinator(parts, recorder, tape, steps, pacer), replayed


def first_state(parts: Parts) -> ArenaState:
    """What a new run begins with, before it has begun.

    Raises:
        AllocationError: If the treasury can't give every agent its capital.
    """
    state = ArenaState()
    for event in _first_events(parts):
        apply(state, Recorded(state.seq + 1, parts.agreement.start_ms, "", event))
    return state


async def present_view(parts: Parts, state: ArenaState) -> MarketView:
    """What agents would see if a round were held now; the state stays as it is.

    Where the market has told nothing since the run began, marks are the last closes of its history.

    Args:
        parts: What the arena is made of.
        state: Of a run on the same market.

    Raises:
        MarketError: If the market can't be read.
    """
    tape, now_ms = parts.tape(), state.ts_ms
    await _history(parts.market, tape, now_ms, parts.history_bars)
    tape.drop_seen(state.round_ms)
    view = tape.view(state, now_ms)
    return replace(view, marks=last_closes(view.candles, view.instruments) | dict(view.marks))


def _first_events(parts: Parts) -> Iterator[RunStarted | CapitalAllocated]:
    yield parts.agreement
    for name in parts.agents:
        yield CapitalAllocated(agent=name, amount=parts.agent_capital)


def _ground(recorder: Recorder, agents: Mapping[str, Agent]) -> None:
    """Tells who can't take part, and who can again."""
    for name, agent in agents.items():
        if agent.grounded != recorder.draft.agents[name].grounded:
            recorder.emit(AgentGrounded(agent=name, reason=agent.grounded))


async def _history(market: Market, tape: Tape, until_ms: int, bars: int) -> AsyncIterator[MarketStep]:
    """Fills the tape with what closed by an instant, and gives the steps after it."""
    steps = aiter(market.steps(until_ms, bars))
    async for step in steps:
        if step.ts_ms > until_ms:
            return _chained(step, steps)
        tape.append(step)
    return steps


async def _chained(first: MarketStep, rest: AsyncIterator[MarketStep]) -> AsyncIterator[MarketStep]:
    yield first
    async for step in rest:
        yield step


def _coordinator(
    parts: Parts, recorder: Recorder, tape: Tape, steps: AsyncIterator[MarketStep], pacer: Pacer
) -> Coordinator:
    return Coordinator(
        recorder=recorder,
        desk=OrderDesk(
            blotter=Blotter(recorder=recorder), venue=parts.venue, limits=parts.limits, styles=parts.styles
        ),
        tape=tape,
        steps=steps,
        agents=parts.agents,
        pacer=pacer,
        rules=parts.rules,
    )
