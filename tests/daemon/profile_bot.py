"""Bots with profiles, for tests: settings that leave room for them, and runs of some rounds."""

from typing import Any

from cockpit.daemon.bot import Bot
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.profile_changes import RemoveProfile, SaveProfile
from cockpit.daemon.profile_desk import change_of_stopped
from cockpit.domain.profiles import AiProfile, ProfileKind, TraderKind, TraderProfile
from cockpit.settings.resolve import resolve
from cockpit.settings.tree import Settings

WALL_MS = 1_760_000_000_000
FLAGS: dict[str, Any] = {
    "arena": {"rounds": 40, "interval": "1m"},
    "market": {"speed": "max", "symbols": ["BTC", "SOL"]},
    "agents": [{"name": name} for name in ("ema_cross", "buy_and_hold", "random")],
}
EMA5 = TraderProfile(name="ema5", kind=TraderKind.STRATEGY, strategy="ema_cross", timeframe="5m")
SWEEP = TraderProfile(name="sweep", kind=TraderKind.STRATEGY, strategy="liquidity_sweep")
PRO = AiProfile(name="pro", model="deepseek/deepseek-chat")
SOLO = TraderProfile(name="solo", kind=TraderKind.LLM, minds=("pro",))


def settings_of(flags: dict[str, Any] = FLAGS) -> Settings:
    return resolve(environment={}, flags=flags).settings


def add(folder: BotFolder, *profiles: AiProfile | TraderProfile) -> None:
    for profile in profiles:
        change_of_stopped(folder, SaveProfile(profile=profile, is_new=True), "alice", WALL_MS)


def edit(folder: BotFolder, *profiles: AiProfile | TraderProfile) -> None:
    for profile in profiles:
        change_of_stopped(folder, SaveProfile(profile=profile, is_new=False), "alice", WALL_MS)


def remove(folder: BotFolder, kind: ProfileKind, name: str) -> None:
    change_of_stopped(folder, RemoveProfile(kind=kind, name=name), "alice", WALL_MS)


async def opened(
    folder: BotFolder, flags: dict[str, Any] = FLAGS, *, new: bool = False, run_id: str = "run-1"
) -> Bot:
    return await Bot.open(folder, settings_of(flags), new=new, run_id=run_id, wall_ms=WALL_MS)


async def play(bot: Bot, rounds: int) -> None:
    """Plays up to a round, and leaves the run there."""

    def look(_: object) -> None:
        if bot.state.rounds_closed >= rounds:
            bot.request_stop(now=False, flatten=False)

    bot.listen(look)
    await bot.close(await bot.run())
