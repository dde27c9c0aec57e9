"""A process that is a bot: lock, journal, arena, control API and signals, from start to exit."""

import asyncio
import logging
import os
import secrets
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from socket import socket

from cockpit.daemon.bot import Bot
from cockpit.daemon.consent import Consent
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import BotLock, remove_pid, write_pid
from cockpit.daemon.loopback import Loopback, opened_loopback
from cockpit.daemon.remembered_settings import remember_settings
from cockpit.daemon.server import ApiServer
from cockpit.daemon.unix_socket import opened_socket
from cockpit.domain.errors import CockpitError
from cockpit.domain.formats import time_of
from cockpit.report.export import export_results
from cockpit.settings.tree import Settings

LOG_BYTES = 2_000_000
LOG_FILES = 3

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosting:
    """How a process hosts its bot.

    Attributes:
        new: Begin a new run even if there is an unfinished one.
        by_hand: The settings' agents are all who compete: no trader's profile enters a new run.
        foreground: Whether a person watches it: then losing the terminal ends it in good order.
        tell: Called with one line at a time for that person.
        watch: Called with the bot once it is open, before its first step.
        errand: Done once the bot answers, and then the bot ends: market time does not pass, and nothing is
            exported. None: it plays its run.
        emergency_by: Who asks for an emergency stop of the unfinished run, which begins before its first
            step; empty: nobody.
        cost_accepted: Whether a person has accepted what asking models about recorded candles costs.
    """

    new: bool
    foreground: bool
    by_hand: bool = False
    emergency_by: str = ""
    cost_accepted: bool = False
    tell: Callable[[str], None] = lambda line: None
    watch: Callable[[Bot], None] = lambda bot: None
    errand: Callable[[], Awaitable[None]] | None = None

    @property
    def consent(self) -> Consent:
        """What is said of that cost; an errand and an emergency stop play no round."""
        if self.emergency_by or self.errand is not None:
            return Consent.NOT_NEEDED
        return Consent.GIVEN if self.cost_accepted else Consent.MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a bot ended: why, in words, and whether a person interrupted it."""

    reason: str
    interrupted: bool


def host(folder: BotFolder, settings: Settings, hosting: Hosting) -> Ended:
    """Runs a bot to its end.

    Raises:
        AlreadyRunning: If the bot runs in another process.
        SocketRefused: If it can't answer on its socket; then nothing has begun.
        TokenRefused, PortRefused: If it can't answer over TCP as it should; likewise.
        ConfigInvalid, CostNotAccepted, NothingUnfinished, RunDiffers, RecoveryError, JournalError,
        AllocationError: See `Bot.open`.
        ServerEnded: See `ApiServer.start`.
    """
    with BotLock(folder):
        log_to(folder)
        write_pid(folder)
        try:
            with (
                opened_socket(folder.socket) as bound,
                opened_loopback(settings.api.port, folder.token) as loopback,
            ):
                return asyncio.run(_host(folder, settings, hosting, bound, loopback))
        except CockpitError as error:
            _LOG.error("%s", error)
            raise
        except Exception:
            _LOG.exception("the bot failed")
            raise
        finally:
            remove_pid(folder)


def log_to(folder: BotFolder) -> None:
    """Sends the process's log to the bot's file, rotated."""
    handler = RotatingFileHandler(folder.log, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


async def _host(
    folder: BotFolder, settings: Settings, hosting: Hosting, bound: socket, loopback: Loopback | None
) -> Ended:
    wall_ms = time.time_ns() // 1_000_000
    bot = await Bot.open(
        folder,
        settings,
        new=hosting.new,
        run_id=_run_id(wall_ms),
        wall_ms=wall_ms,
        only_unfinished=bool(hosting.emergency_by),
        by_hand=hosting.by_hand,
        consent=hosting.consent,
    )
    remember_settings(folder.settings, bot.settings)
    _LOG.info("run %s taken up at round %d by pid %d", bot.state.run_id, bot.state.round, os.getpid())
    for notice in bot.notices:
        hosting.tell(notice)
    reason = "failed"
    try:
        hosting.watch(bot)
        async with ApiServer(bot, loopback, bound) as server:
            if server.address is not None:
                hosting.tell(f"the API answers at {server.address}, with the token in {folder.token}")
            signals = _heed_signals(bot, hosting)
            if hosting.emergency_by:
                await bot.begin_emergency(hosting.emergency_by)
            reason = await (bot.run() if hosting.errand is None else bot.attend(hosting.errand))
    finally:
        await bot.close(reason)
        _LOG.info("bot ended: %s", reason)
    if hosting.errand is None:
        for path in export_results(folder, bot.state.run_id, wall_ms=time.time_ns() // 1_000_000):
            hosting.tell(f"wrote {path}")
    return Ended(reason=reason, interrupted=signal.SIGINT in signals)


def _run_id(wall_ms: int) -> str:
    return f"{time_of(wall_ms).replace(':', '').replace('-', '')}-{secrets.token_hex(3)}"


def _heed_signals(bot: Bot, hosting: Hosting) -> list[signal.Signals]:
    """Stops the bot in good order on a signal, and at once on a second one; collects what came."""
    loop = asyncio.get_running_loop()
    came: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        came.append(number)
        at_once = len(came) > 1
        _LOG.info("%s: stopping%s", number.name, " now" if at_once else "")
        bot.request_stop(now=at_once, flatten=False)
        hosting.tell("stopping now" if at_once else "stopping after this round; once more to stop now")

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    if hosting.foreground:
        loop.add_signal_handler(signal.SIGHUP, stop, signal.SIGHUP)
    else:
        loop.add_signal_handler(signal.SIGHUP, _LOG.info, "SIGHUP: a background bot has no terminal to lose")
    return came
