"""Whole bots whose agents ask a scripted provider over real sockets."""

import json
import sqlite3
import time
from contextlib import closing

from cockpit.daemon.bot import Bot
from cockpit.daemon.folder import BotFolder
from cockpit.journal.reading import read_events
from cockpit.settings.resolve import resolve

SHORT = {"timeframes": ["1m", "3m"]}
"""Needs a day of history, where the default needs two weeks of it."""

BUY = {
    "signal": "buy_to_enter",
    "quantity": 0.02,
    "leverage": 3,
    "profit_target": 900_000,
    "stop_loss": 1_000,
    "invalidation_condition": "3m close < 2000",
    "confidence": 0.7,
    "risk_usd": 100,
    "justification": "up",
}


def said(**coins):
    return json.dumps(coins)


def mind(name, *, model=None, **given):
    return {"name": name, "kind": "llm", "model": model or f"openai/{name}", "mind": SHORT | given}


def flags(server, agents, *, rounds=4, routes=None, models=None, **sections):
    """Settings of an arena whose models all stand on a server of the test's."""
    route = {"api_base": server.url, "input_price": 2.0, "output_price": 10.0}
    named = {each["model"]: route for each in agents if "model" in each}
    return {
        "arena": {"rounds": rounds, "interval": "1m"},
        "market": {"symbols": ["BTC"], "speed": "max"},
        "models": {"routes": named | (routes or {}), "attempts": 2} | (models or {}),
        "agents": [*agents, {"name": "buy_and_hold"}],
        **sections,
    }


async def opened(path, given, *, new=True):
    settings = resolve(environment={}, flags=given).settings
    return await Bot.open(
        BotFolder(path), settings, new=new, run_id=path.name, wall_ms=time.time_ns() // 1_000_000
    )


async def played(path, given):
    """A bot that has played its run to the end, and is closed."""
    bot = await opened(path, given)
    try:
        reason = await bot.run()
    finally:
        await bot.close("the run is over")
    assert reason.endswith("rounds are played"), reason
    return bot


def events_of(path, *types):
    found = [each.event for each in read_events(path / "journal.sqlite")]
    return [each for each in found if isinstance(each, types)] if types else found


def rows(path, query):
    with closing(sqlite3.connect(path / "journal.sqlite")) as connection:
        return connection.execute(query).fetchall()


def read_models(path):
    """Every row of every table but the events."""
    names = [
        name
        for (name,) in rows(path, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'events'")
    ]
    return {name: sorted(rows(path, f"SELECT * FROM {name}"), key=repr) for name in names}
