"""The part of the control API that tells what an arena is made of, and how reliable it is."""

import asyncio
import importlib

from fastapi import APIRouter

from cockpit.agents.providers.api_keys import KeysRefused
from cockpit.arena.leaderboard import leaderboard
from cockpit.daemon.api_library import (
    LibraryModel,
    LibraryStrategy,
    LibraryTool,
    models_answer,
    strategies_answer,
    tools_answer,
)
from cockpit.daemon.api_models import Problem
from cockpit.daemon.api_reliability import reliability_answer
from cockpit.daemon.api_rows import Reliability
from cockpit.daemon.context import Context
from cockpit.daemon.problems import NO_JOURNAL, UNKNOWN, Responses
from cockpit.daemon.request_desk import NotNow
from cockpit.daemon.routes_read import Run, Window
from cockpit.journal.library_views import read_model_figures, read_tool_uses

_NO_KEYS: Responses = {
    503: {"model": Problem, "description": "The journal is out, or the file of models' keys can't be used"}
}

router = APIRouter()


@router.get("/reliability", responses=NO_JOURNAL | UNKNOWN)
async def reliability(context: Context, window: Window = "all", run: Run = None) -> Reliability:
    """How often agents decided, failed to, and were refused: in a run, or its last stretch of time."""
    async with await context.open_journal() as reader:
        return await reliability_answer(reader, window, run)


@router.get("/models", responses=_NO_KEYS)
async def models(context: Context) -> list[LibraryModel]:
    """Every model that agents or settings name, in the order they do."""
    try:
        known = context.bot.models
    except KeysRefused as error:
        raise NotNow(str(error)) from error
    if not known:
        return []
    async with await context.open_journal() as reader:
        return models_answer(known, await read_model_figures(reader, context.bot.state.run_id))


@router.get("/tools", responses=NO_JOURNAL)
async def tools(context: Context) -> list[LibraryTool]:
    """Every tool that models may use."""
    await asyncio.to_thread(importlib.import_module, "cockpit.agents.tools.toolbox")
    async with await context.open_journal() as reader:
        return tools_answer(await read_tool_uses(reader, context.bot.state.run_id))


@router.get("/strategies")
async def strategies(context: Context) -> list[LibraryStrategy]:
    """Every trading rule there is."""
    return strategies_answer(context.bot.strategy_uses, leaderboard(context.bot.state))
