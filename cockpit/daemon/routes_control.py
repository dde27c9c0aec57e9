"""The part of the control API that changes something."""

import os
from collections.abc import Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from cockpit.daemon.api_models import Done, Problem
from cockpit.daemon.api_requests import ControlRequest, KillRequest, StopRequest
from cockpit.daemon.context import ApiContext, Context
from cockpit.daemon.control import ControlRefused
from cockpit.domain.events import ARENA

_REFUSED: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Refused"}}
_ANSWERS: dict[int | str, dict[str, Any]] = _REFUSED | {
    202: {"model": Done, "description": "Taken; carried out as soon as the bot can"},
    503: {"model": Problem, "description": "The journal is out; carried out once it can be written"},
}
_ANYONE = ControlRequest()
_KILL = KillRequest()
_STOP = StopRequest()

Breaker = Annotated[str, Path(min_length=1, max_length=100)]
Scope = Annotated[str, Query(min_length=1, max_length=100, description="An agent, or `arena`")]

router = APIRouter()


@router.post("/start", responses=_REFUSED)
async def start(context: Context, request: ControlRequest = _ANYONE) -> Done:
    """Refuses: a bot that answers runs already."""
    raise ControlRefused(f"the bot {context.bot.folder.name} is running already (pid {os.getpid()})")


@router.post("/pause", responses=_ANSWERS)
async def pause(context: Context, response: Response, request: ControlRequest = _ANYONE) -> Done:
    """Lets market time stand still."""
    return await _carry_out(context, response, "market time stands still", context.bot.pause(request.by))


@router.post("/resume", responses=_ANSWERS)
async def resume(context: Context, response: Response, request: ControlRequest = _ANYONE) -> Done:
    """Lets market time go on."""
    return await _carry_out(context, response, "market time goes on", context.bot.resume(request.by))


@router.post("/kill", responses=_ANSWERS)
async def kill(context: Context, response: Response, request: KillRequest = _KILL) -> Done:
    """Turns the kill switch on: orders are created and held back."""
    words = "the kill switch is on" + (", and all positions are being closed" if request.flatten else "")
    action = context.bot.kill(request.by, flatten=request.flatten)
    return await _carry_out(context, response, words, action)


@router.post("/unkill", responses=_ANSWERS)
async def unkill(context: Context, response: Response, request: ControlRequest = _ANYONE) -> Done:
    """Turns the kill switch off."""
    return await _carry_out(context, response, "the kill switch is off", context.bot.unkill(request.by))


@router.post("/breakers/{name}/reset", responses=_ANSWERS)
async def reset_breaker(
    context: Context,
    response: Response,
    name: Breaker,
    scope: Scope = ARENA,
    request: ControlRequest = _ANYONE,
) -> Done:
    """Arms a tripped breaker again."""
    action = context.bot.reset_breaker(name, scope, request.by)
    return await _carry_out(context, response, f"the breaker {name} of {scope} is armed", action)


@router.post("/stop", status_code=202, responses=_REFUSED)
async def stop(context: Context, request: StopRequest = _STOP) -> Done:
    """Asks the bot to end; it is gone when its socket is."""
    context.bot.request_stop(now=request.now, flatten=request.flatten)
    manner = "at once, abandoning the round in progress" if request.now else "after the round in progress"
    first = " once its positions are closed," if request.flatten else ""
    words = f"the bot {context.bot.folder.name} (pid {os.getpid()}) ends{first} {manner}"
    return Done(done=False, message=words, seq=context.bot.state.seq)


@router.post("/sync", responses=_REFUSED)
async def sync(context: Context, request: ControlRequest = _ANYONE) -> Done:
    """Compares the accounts with the venue's; the paper venue has none of its own."""
    run = context.bot.state.run
    if run is None or run.venue != "paper":
        raise ControlRefused("only the paper venue is known here, and no run has begun on it")
    words = "the paper venue keeps no accounts beside the journal: nothing to sync"
    return Done(done=True, message=words, seq=context.bot.state.seq)


async def _carry_out(
    context: ApiContext, response: Response, what: str, action: Coroutine[Any, Any, None]
) -> Done:
    done = await context.desk.carry_out(what, action)
    response.status_code = 200 if done.done else 202
    return done
