"""A debate where no bot runs: the bot is opened for it alone, in this process, and closed again.

It is journaled like any other, answers on its socket meanwhile, and lets no market time pass.
"""

from collections.abc import Awaitable, Callable

from cockpit.arena.asked_debates import HOW_TO_DEBATE
from cockpit.daemon.enrolment import enrolled
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.hosting import Ended, Hosting, host
from cockpit.daemon.remembered_settings import remembered_settings
from cockpit.domain.errors import REFUSED, CockpitError
from cockpit.journal.journal_end import unfinished_run
from cockpit.settings.tree import Settings


class NobodyDebates(CockpitError):
    """No agent of the arena debates, or none that does can."""

    exit_code = REFUSED


def host_debate(
    folder: BotFolder, settings: Settings, errand: Callable[[], Awaitable[None]], *, new: bool
) -> Ended:
    """Opens a bot while something is asked of it.

    An unfinished run is taken up under the settings it was last run with; where there is none, or `new` says
    so, a new one begins under those that are given.

    Args:
        folder: The bot's.
        settings: As they are now.
        errand: Asks it, over its socket.
        new: Begin a new run even if there is an unfinished one.

    Raises:
        NobodyDebates: If no agent of the run debates, or none that does can; then nothing has begun.
        CockpitError: See `hosting.host`.
    """
    last = None if new else _last_settings(folder)
    chosen = settings if last is None else last
    _refuse_unable(folder, chosen, new=new, is_unfinished=last is not None)
    return host(folder, chosen, Hosting(new=new, foreground=True, errand=errand))


def _last_settings(folder: BotFolder) -> Settings | None:
    """Those of the unfinished run; None where there is none, or they are not known."""
    if unfinished_run(folder.journal) is None:
        return None
    return remembered_settings(folder.settings)


def _refuse_unable(folder: BotFolder, settings: Settings, *, new: bool, is_unfinished: bool) -> None:
    agents = enrolled(settings, folder, new=new).parts.agents
    debaters = [agent for agent in agents.values() if agent.kind == "debate"]
    if not debaters:
        where = "in the unfinished run, and --new would begin another" if is_unfinished else "here"
        raise NobodyDebates(f"nobody debates {where}: {HOW_TO_DEBATE}")
    if all(agent.grounded for agent in debaters):
        raise NobodyDebates(f"{debaters[0].name} can't debate: {debaters[0].grounded}")
