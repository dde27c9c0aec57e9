"""The part of the control API that is about debates: to ask for one, and to read what was said."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from cockpit.daemon.api_debates import DebateDetail, DebateLine, DebateRequest, DebateTaken
from cockpit.daemon.api_models import Problem
from cockpit.daemon.context import Context, Reader
from cockpit.daemon.problems import NO_JOURNAL, UNKNOWN, Responses
from cockpit.daemon.routes_read import Agent, JournalPlace, Limit, NotGiven, Run
from cockpit.journal.debate_views import read_debate, read_debates

_NOT_TAKEN: Responses = {
    409: {"model": Problem, "description": "Refused"},
    503: {"model": Problem, "description": "The journal is out; begun once it can be written"},
}
Before = Annotated[JournalPlace | NotGiven, Query(description="Only debates with a lower `debate_id`")]
DebateId = Annotated[int, Path(ge=1, lt=2**63)]

router = APIRouter()


@router.post("/debates", status_code=202, responses=_NOT_TAKEN)
async def ask_debate(context: Context, request: DebateRequest) -> DebateTaken:
    """Lets an agent of kind debate hold one now, outside its rounds, on one instrument.

    The answer does not wait for it. While it goes on, ``/events`` passes on the words of who speaks (`words`)
    and what each has said (`said`) under the name of the agent, ``#`` and the debate's id; ``debate_held``
    or ``debate_abandoned`` says that it is over.
    """
    begun: list[DebateTaken] = []

    async def ask() -> None:
        bot = context.bot
        debate_id = await bot.debate(
            symbol=request.symbol, agent=request.agent, execute=request.execute, by=request.by
        )
        under_way = bot.state.debates_under_way.get(debate_id)
        begun.append(
            DebateTaken(
                debate_id=debate_id,
                agent=request.agent if under_way is None else under_way.agent,
                symbol=request.symbol if under_way is None else under_way.symbol,
                message=f"debate {debate_id} begins",
                seq=bot.state.seq,
            )
        )

    who = request.agent or "an agent"
    done = await context.desk.carry_out(f"{who} debates on {request.symbol}", ask())
    if begun:
        return begun[0]
    return DebateTaken(
        debate_id=None, agent=request.agent, symbol=request.symbol, message=done.message, seq=done.seq
    )


@router.get("/debates", responses=NO_JOURNAL | UNKNOWN)
async def debates(
    reader: Reader, limit: Limit = 50, agent: Agent = None, before: Before = None, run: Run = None
) -> list[DebateLine]:
    """The latest debates, newest first: those of rounds, and those that somebody asked for."""
    rows = await read_debates(reader, limit, agent=agent, before=before, run_id=run)
    return [DebateLine.model_validate(row) for row in rows]


@router.get("/debates/{debate_id}", responses=NO_JOURNAL | UNKNOWN)
async def debate(reader: Reader, debate_id: DebateId, run: Run = None) -> DebateDetail:
    """One debate with all that was said, what it led to, and what became of that."""
    return DebateDetail.model_validate(await read_debate(reader, debate_id, run))
