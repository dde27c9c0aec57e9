"""The part of the control API that tells of profiles, and changes them."""

import asyncio
import os
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from cockpit.daemon.api_models import Done, Problem
from cockpit.daemon.api_profiles import (
    AiProfileLine,
    AiProfileRequest,
    Profiles,
    TraderProfileLine,
    TraderProfileRequest,
    ai_line,
    profiles_answer,
    trader_line,
)
from cockpit.daemon.api_requests import Asker
from cockpit.daemon.context import ApiContext, Context
from cockpit.daemon.problems import NO_JOURNAL, UNKNOWN, Responses
from cockpit.daemon.profile_changes import (
    ProfileChange,
    ProfileUnknown,
    RemoveProfile,
    SaveProfile,
    done_words,
)
from cockpit.daemon.profile_desk import missing_keys
from cockpit.domain.profiles import ProfileBook, ProfileKind
from cockpit.journal.profile_reading import read_profiles
from cockpit.settings.profile_agents import ProfileInvalid
from cockpit.settings.profile_tree import PROFILE_NAME

_CHANGED: Responses = {
    202: {"model": Done, "description": "Taken; carried out as soon as the bot can"},
    409: {"model": Problem, "description": "Refused: it is there already, or a trader needs it as it is"},
    503: {"model": Problem, "description": "The journal is out; carried out once it can be written"},
}

Name = Annotated[str, Path(pattern=PROFILE_NAME)]
By = Annotated[Asker, Query(description="Who removes it")]

router = APIRouter()


@router.get("/profiles", responses=NO_JOURNAL)
async def profiles(context: Context) -> Profiles:
    """All profiles, and what keeps them from competing."""
    book = await _book(context)
    return profiles_answer(book, missing_keys(book, context.bot.settings.models, os.environ))


@router.get("/profiles/ai", responses=NO_JOURNAL)
async def ai_profiles(context: Context) -> list[AiProfileLine]:
    """How models are used."""
    return [ai_line(each) for each in (await _book(context)).ai.values()]


@router.get("/profiles/ai/{name}", responses=NO_JOURNAL | UNKNOWN)
async def ai_profile(context: Context, name: Name) -> AiProfileLine:
    """How one model is used."""
    found = (await _book(context)).ai.get(name)
    if found is None:
        raise ProfileUnknown(ProfileKind.AI, name)
    return ai_line(found)


@router.post("/profiles/ai", status_code=201, responses=_CHANGED)
async def add_ai_profile(context: Context, response: Response, request: AiProfileRequest) -> Done:
    """Adds a profile of a model."""
    change = SaveProfile(profile=request.profile(), is_new=True)
    return await _changed(context, response, change, request.by)


@router.put("/profiles/ai/{name}", responses=_CHANGED | UNKNOWN)
async def edit_ai_profile(
    context: Context, response: Response, name: Name, request: AiProfileRequest
) -> Done:
    """Puts a profile of a model in the place of the one of its name."""
    _expect_name(name, request.name)
    change = SaveProfile(profile=request.profile(), is_new=False)
    return await _changed(context, response, change, request.by)


@router.delete("/profiles/ai/{name}", responses=_CHANGED | UNKNOWN)
async def remove_ai_profile(context: Context, response: Response, name: Name, by: By = "a person") -> Done:
    """Removes a profile of a model that no trader uses."""
    return await _changed(context, response, RemoveProfile(kind=ProfileKind.AI, name=name), by)


@router.get("/profiles/traders", responses=NO_JOURNAL)
async def trader_profiles(context: Context) -> list[TraderProfileLine]:
    """Traders of people's own making."""
    return [trader_line(each) for each in (await _book(context)).traders.values()]


@router.get("/profiles/traders/{name}", responses=NO_JOURNAL | UNKNOWN)
async def trader_profile(context: Context, name: Name) -> TraderProfileLine:
    """One trader of a person's own making."""
    found = (await _book(context)).traders.get(name)
    if found is None:
        raise ProfileUnknown(ProfileKind.TRADER, name)
    return trader_line(found)


@router.post("/profiles/traders", status_code=201, responses=_CHANGED)
async def add_trader_profile(context: Context, response: Response, request: TraderProfileRequest) -> Done:
    """Adds a profile of a trader; one that competes enters the next new run."""
    change = SaveProfile(profile=request.profile(), is_new=True)
    return await _changed(context, response, change, request.by)


@router.put("/profiles/traders/{name}", responses=_CHANGED | UNKNOWN)
async def edit_trader_profile(
    context: Context, response: Response, name: Name, request: TraderProfileRequest
) -> Done:
    """Puts a profile of a trader in the place of the one of its name; an unfinished run keeps the old one."""
    _expect_name(name, request.name)
    change = SaveProfile(profile=request.profile(), is_new=False)
    return await _changed(context, response, change, request.by)


@router.delete("/profiles/traders/{name}", responses=_CHANGED | UNKNOWN)
async def remove_trader_profile(
    context: Context, response: Response, name: Name, by: By = "a person"
) -> Done:
    """Removes a profile of a trader; an unfinished run keeps it."""
    return await _changed(context, response, RemoveProfile(kind=ProfileKind.TRADER, name=name), by)


async def _book(context: ApiContext) -> ProfileBook:
    return await asyncio.to_thread(read_profiles, context.bot.folder.journal)


def _expect_name(name: str, given: str) -> None:
    if name != given:
        raise ProfileInvalid(f"a profile keeps its name: {name}, not {given}; add another one", "name")


async def _changed(context: ApiContext, response: Response, change: ProfileChange, by: str) -> Done:
    done = await context.desk.carry_out(done_words(change), context.bot.change_profile(change, by))
    if not done.done:
        response.status_code = 202
    return done
