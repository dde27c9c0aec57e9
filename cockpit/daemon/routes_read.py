"""The part of the control API that only tells."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from cockpit.arena.leaderboard import asks_models, leaderboard
from cockpit.arena.mind_records import read_mind_records
from cockpit.arena.windowed_leaderboard import read_standings, windowed_leaderboard
from cockpit.daemon.api_calls import CallDetail, CallLine, ModelCosts
from cockpit.daemon.api_costs import costs_answer
from cockpit.daemon.api_leaderboard import leaderboard_answer
from cockpit.daemon.api_models import Health, Leaderboard, Problem
from cockpit.daemon.api_orders import OrderFilter, OrderLine, Standing, orders_answer
from cockpit.daemon.api_positions import PositionLine, positions_answer
from cockpit.daemon.api_risk import Risk, risk_answer
from cockpit.daemon.api_rows import AuditTrail, DecisionLine, RunDetail, RunLine
from cockpit.daemon.api_safety import AlertLine, Breakers, alerts_answer, breakers_answer
from cockpit.daemon.context import Context, Reader
from cockpit.daemon.control import ControlRefused
from cockpit.daemon.metrics_text import CONTENT_TYPE
from cockpit.daemon.problems import NO_JOURNAL, UNKNOWN, Responses
from cockpit.daemon.request_desk import NotNow
from cockpit.daemon.sse import OUTAGE
from cockpit.daemon.windows import window_ms
from cockpit.daemon.word_feed import SAID, WORDS
from cockpit.domain.events import KIND_OF
from cockpit.domain.market import DAY_MS
from cockpit.domain.orders import OrderKind, OrderPurpose
from cockpit.journal.audit import audit
from cockpit.journal.call_views import read_call, read_calls, read_costs
from cockpit.journal.routing_summary import read_routing
from cockpit.journal.run_views import read_run, read_runs
from cockpit.trading.state import ArenaState

MAX_STREAMS = 64
_EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[1-9][0-9]*$"},
        "event": {"type": "string", "enum": [*KIND_OF.values(), OUTAGE, WORDS, SAID]},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
                "type": "object",
                "properties": {
                    "ts_ms": {"type": "integer"},
                    "run_id": {"type": "string"},
                    "payload": {"type": "object"},
                    "reason": {"type": ["string", "null"]},
                    "agent": {"type": "string"},
                    "role": {"type": "string"},
                    "talk": {"type": "integer"},
                    "start": {"type": "integer"},
                    "text": {"type": "string"},
                    "message": {"type": "object"},
                },
            },
        },
    },
    "required": ["event", "data"],
}
_EVENTS: Responses = {
    200: {
        "description": "Server-sent events: `id` is the event's place in the journal, `event` its kind, "
        '`data` an object `{"ts_ms", "run_id", "payload"}`. `outage`, `words` and `said` are passing by and '
        'have no id. The data of `outage` is `{"reason"}`; that of `words`, a piece of what a model says, is '
        '`{"agent", "role", "talk", "start", "text"}`: `talk` counts speeches, `start` the characters of '
        "this one before `text`; some are left out where it comes faster than it is read. `said`, what the "
        "words of a debate's role came to at the end of its turn, is told after them: "
        '`{"agent", "message": {"turn", "role", "model", "stances": [{"symbol", "stance", "confidence"}], '
        '"signals", "argument", "tools", "failed"}}`.',
        "content": {"text/event-stream": {"itemSchema": _EVENT}},
    },
    409: {"model": Problem, "description": "The journal ends before that place"},
    503: {"model": Problem, "description": "Too many streams"},
}

Window = Annotated[
    str, Query(pattern=r"^(all|[1-9][0-9]{0,5}[smhd])$", description="all, or such as 30m 1h 7d")
]
Limit = Annotated[int, Query(ge=1, le=1_000, description="How many at most, the newest first")]
NotGiven = SkipJsonSchema[None]
"""What a parameter is that was not given; an address has no word for it, so neither has the contract."""

_Name = Annotated[str, Field(min_length=1, max_length=100)]
JournalPlace = Annotated[int, Field(ge=0, lt=2**63)]
Agent = Annotated[_Name | NotGiven, Query(description="Of this agent only")]
Status = Annotated[
    Standing | NotGiven, Query(description="A status, or `working`: may still move, or `done`: the others")
]
Symbol = Annotated[_Name | NotGiven, Query(description="A unified symbol, or its base coin")]
Purpose = Annotated[OrderPurpose | NotGiven, Query(description="Why the order exists")]
Kind = Annotated[OrderKind | NotGiven, Query(description="How the order becomes a fill")]
Run = Annotated[_Name | NotGiven, Query(description="Of this run, else the newest")]
CallId = Annotated[int, Path(ge=1, lt=2**63)]
Before = Annotated[JournalPlace | NotGiven, Query(description="Only calls with a lower `call_id`")]
Words = Annotated[bool, Query(description="Whether models' words are told, while they are said")]
Seq = Annotated[JournalPlace | NotGiven, Query(description="The last event known; now unless given")]
LastEventId = Annotated[JournalPlace | NotGiven, Header(description="Wins over `since`")]

router = APIRouter()


@router.get("/health")
async def health(context: Context) -> Health:
    """How the bot is."""
    return context.health()


@router.get("/state", response_model=ArenaState)
async def state(context: Context) -> Response:
    """The arena's whole state, exactly: the fold of the journal up to its `seq`, money in micro-units."""
    return Response(context.state_bytes(), media_type="application/json")


@router.get("/leaderboard", responses=NO_JOURNAL)
async def leaderboard_over(context: Context, window: Window = "all") -> Leaderboard:
    """Who leads, over all of the run or its last stretch of market time."""
    state, length_ms = context.bot.state, window_ms(window)
    if state.run is None or (length_ms is None and not asks_models(state)):
        return leaderboard_answer(state, window, leaderboard(state))
    if length_ms is None:
        async with await context.open_journal() as reader:
            minds = await read_mind_records(reader, state.run_id, state.run.start_ms - 1, state.ts_ms)
            routing = await read_routing(reader, state.run_id, end_ms=state.ts_ms)
        return leaderboard_answer(state, window, leaderboard(state, minds), routing)
    end_ms = state.ts_ms
    start_ms = end_ms - length_ms
    async with await context.open_journal() as reader:
        standings = await read_standings(reader, state.run_id, start_ms, end_ms)
        routing = await read_routing(reader, state.run_id, start_ms, end_ms) if asks_models(state) else {}
    return leaderboard_answer(state, window, windowed_leaderboard(state, standings), routing)


@router.get("/positions")
async def positions(context: Context) -> list[PositionLine]:
    """The open positions of all agents."""
    return positions_answer(context.bot.state, context.bot.margin_terms)


@router.get("/breakers")
async def breakers(context: Context) -> Breakers:
    """Everything that keeps orders back: breakers, locks, kill switch, mode, an emergency stop."""
    return breakers_answer(context.bot.state)


@router.get("/risk")
async def risk(context: Context) -> Risk:
    """The risk gate's limits for every agent, and what stands against them."""
    return risk_answer(context.bot.state, context.bot.limits)


@router.get("/alerts")
async def alerts(context: Context) -> list[AlertLine]:
    """What nobody has acknowledged yet, oldest first."""
    return alerts_answer(context.bot.state)


@router.get("/orders", responses=NO_JOURNAL | UNKNOWN)
async def orders(
    reader: Reader,
    limit: Limit = 100,
    status: Status = None,
    agent: Agent = None,
    symbol: Symbol = None,
    purpose: Purpose = None,
    kind: Kind = None,
    run: Run = None,
) -> list[OrderLine]:
    """The latest orders, newest first: those at work, and those that are done."""
    wanted = OrderFilter(status=status, agent=agent, symbol=symbol, purpose=purpose, kind=kind)
    return await orders_answer(reader, limit, wanted, run)


@router.get("/decisions", responses=NO_JOURNAL | UNKNOWN)
async def decisions(
    reader: Reader, limit: Limit = 50, agent: Agent = None, run: Run = None
) -> list[DecisionLine]:
    """The latest decisions and failures to decide, newest first."""
    return [DecisionLine.model_validate(row) for row in await reader.decisions(limit, agent, run)]


@router.get("/calls", responses=NO_JOURNAL | UNKNOWN)
async def calls(
    reader: Reader, limit: Limit = 50, agent: Agent = None, before: Before = None, run: Run = None
) -> list[CallLine]:
    """The latest questions to models, newest first."""
    rows = await read_calls(reader, limit, agent=agent, before=before, run_id=run)
    return [CallLine.model_validate(row) for row in rows]


@router.get("/calls/{call_id}", responses=NO_JOURNAL | UNKNOWN)
async def call(reader: Reader, call_id: CallId, run: Run = None) -> CallDetail:
    """One question to a model, word for word, and all that came back."""
    return CallDetail.model_validate(await read_call(reader, call_id, run))


@router.get("/costs", responses=NO_JOURNAL)
async def costs(context: Context) -> ModelCosts:
    """What models have cost today, by agent and by model, and what they may."""
    state = context.bot.state
    async with await context.open_journal() as reader:
        found = await read_costs(reader, context.now_ms() // DAY_MS, state.seq)
    return costs_answer(found, state, context.bot.budgets)


@router.get("/runs", responses=NO_JOURNAL)
async def runs(reader: Reader, limit: Limit = 100) -> list[RunLine]:
    """The runs of this bot, newest first: how each went, who led, and what deciding came to."""
    return [RunLine.model_validate(row) for row in await read_runs(reader, limit)]


@router.get("/runs/{run_id}", responses=NO_JOURNAL | UNKNOWN)
async def run(reader: Reader, run_id: Annotated[str, Path(max_length=100)]) -> RunDetail:
    """One run: who competed, on what, how each stood, and what it did."""
    return RunDetail.model_validate(await read_run(reader, run_id))


@router.get("/audit/{ident}", responses=NO_JOURNAL | UNKNOWN)
async def audit_trail(
    reader: Reader, ident: Annotated[str, Path(max_length=40)], run: Run = None
) -> AuditTrail:
    """The whole trail of a decision, order or fill."""
    return AuditTrail.model_validate(asdict(await audit(reader, ident, run)))


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus's text format", "content": {"text/plain": {}}}},
)
async def metrics(context: Context) -> Response:
    """The bot's figures for Prometheus."""
    return Response(context.metrics.text(), headers={"content-type": CONTENT_TYPE})


@router.get("/events", response_class=StreamingResponse, responses=_EVENTS)
async def events(
    context: Context, since: Seq = None, words: Words = True, last_event_id: LastEventId = None
) -> StreamingResponse:
    """Every event of the journal after a place, then live."""
    end = context.bot.state.seq
    after = since if last_event_id is None else last_event_id
    if after is not None and after > end:
        raise ControlRefused(f"the journal ends at event {end}, before {after}: read /state again")
    if context.feed.streams >= MAX_STREAMS:
        raise NotNow(f"{MAX_STREAMS} event streams are open already: close one")
    stream = context.feed.stream(end if after is None else after, words=words)
    return StreamingResponse(
        stream,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
