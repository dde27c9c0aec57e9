"""The part of the control API that changes something."""

import os
from collections.abc import Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from cockpit.daemon.api_models import AccountCheck, Done, Problem, Synced
from cockpit.daemon.api_requests import ControlRequest, KillRequest, ModeRequest, StopRequest
from cockpit.daemon.context import ApiContext, Context
from cockpit.daemon.control import ControlRefused
from cockpit.domain.events import ARENA, TradingMode

_REFUSED: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Refused"}}
_ANSWERS: dict[int | str, dict[str, Any]] = _REFUSED | {
    202: {"model": Done, "description": "Taken; carried out as soon as the bot can"},
    503: {"model": Problem, "description": "The journal is out; carried out once it can be written"},
}
_ANYONE = ControlRequest()
_KILL = KillRequest()
_STOP = StopRequest()

Breaker = Annotated[str, Path(min_length=1, max_length=100)]
Alert = Annotated[int, Path(ge=1, lt=2**63, description="The event that raised it")]
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
    """Turns the kill switch on: orders are created and held back.

    With `flatten` by an emergency stop, also while it is on already: every order is cancelled, every position
    closed, and then nothing goes out. It is over when the event ``emergency_advanced`` says ``halted``; its
    ``left`` is 0 unless something could not be cancelled or closed in time.
    """
    begun = "the emergency stop has begun: every order is cancelled, every position closed"
    words = begun if request.flatten else "the kill switch is on"
    action = context.bot.kill(request.by, flatten=request.flatten)
    return await _carry_out(context, response, words, action)


@router.post("/unkill", responses=_ANSWERS)
async def unkill(context: Context, response: Response, request: ControlRequest = _ANYONE) -> Done:
    """Turns the kill switch off."""
    return await _carry_out(context, response, "the kill switch is off", context.bot.unkill(request.by))


_MODES = {
    TradingMode.ACTIVE: "orders may do anything",
    TradingMode.REDUCING: "orders may only reduce exposure",
    TradingMode.HALTED: "no order goes out",
}


@router.post("/mode", responses=_ANSWERS)
async def set_mode(context: Context, response: Response, request: ModeRequest) -> Done:
    """Says what orders may do; cancels always pass, and so does what an emergency stop closes."""
    action = context.bot.set_mode(request.mode, request.by)
    return await _carry_out(context, response, f"{request.mode}: {_MODES[request.mode]}", action)


@router.post("/alerts/{seq}/acknowledge", responses=_ANSWERS)
async def acknowledge(
    context: Context, response: Response, seq: Alert, request: ControlRequest = _ANYONE
) -> Done:
    """Takes an alert off the list of what nobody has seen."""
    action = context.bot.acknowledge(seq, request.by)
    return await _carry_out(context, response, f"alert {seq} is acknowledged", action)


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


@router.post("/sync", responses=_ANSWERS | {202: {"model": Synced, "description": "Taken"}})
async def sync(context: Context, response: Response, request: ControlRequest = _ANYONE) -> Synced:
    """Compares every account with the venue's, and trusts those again that agree.

    The paper venue keeps no accounts of its own: there the journal's fills say what they must be.
    """
    run = context.bot.state.run
    if run is None or run.venue != "paper":
        raise ControlRefused("only the paper venue is known here, and no run has begun on it")
    found = await context.bot.reconcile()
    differing = [each.agent for each in found if not each.agrees]
    words = f"{', '.join(differing)} differ" if differing else f"all {len(found)} accounts agree"
    done = await _carry_out(context, response, words, context.bot.sync(found, request.by))
    accounts = [
        AccountCheck(
            agent=each.agent,
            agrees=each.agrees,
            differences=list(each.differences),
            unsynced=each.unsynced,
        )
        for each in found
    ]
    return Synced(done=done.done, message=done.message, seq=done.seq, accounts=accounts)


async def _carry_out(
    context: ApiContext, response: Response, what: str, action: Coroutine[Any, Any, None]
) -> Done:
    done = await context.desk.carry_out(what, action)
    response.status_code = 200 if done.done else 202
    return done
