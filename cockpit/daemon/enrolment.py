"""Who competes: the agents that settings name, and the traders of profiles that enter a run beside them.

A new run takes the profiles as they are. An unfinished one goes on with those it began with, as the journal
had them then, whatever became of them since.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cockpit.arena.assembly import Parts, assemble
from cockpit.arena.opening import first_state
from cockpit.daemon.folder import BotFolder
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import Recorded, RunStarted
from cockpit.domain.profiles import ProfileBook, TraderProfile
from cockpit.journal.journal_end import unfinished_run
from cockpit.journal.profile_reading import read_profiles
from cockpit.settings.profile_agents import ProfileInvalid, agent_of
from cockpit.settings.tree import AgentSettings, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class StartList:
    """An arena with everybody who competes in it.

    Attributes:
        settings: As they were given, with the traders of profiles among the agents.
        parts: The arena made of them.
        traders: Names of the agents that profiles made, in start-list order.
        left_out: Why others are not among them, one line each.
        notices: What a person should know of all that, one line each.
    """

    settings: Settings
    parts: Parts
    traders: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def enrolled(settings: Settings, folder: BotFolder, *, new: bool, by_hand: bool = False) -> StartList:
    """The arena of the run that would be played now.

    A trader that can't compete in a new run keeps nobody else from it: a notice says why.

    Args:
        settings: Resolved; an agent they name goes before a trader of the same name.
        folder: The bot's; nothing is written there.
        new: A new run, even if there is an unfinished one.
        by_hand: Somebody has said who competes in a new run: the agents that settings name, and nobody else.

    Raises:
        ConfigInvalid: If the settings don't make an arena.
        CockpitError: If keys or prompts of models can't be used, or the journal can't be read.
    """
    begun = None if new else unfinished_run(folder.journal)
    if begun is not None:
        return _as_begun(settings, folder, begun)
    book = read_profiles(folder.journal)
    traders = [each for each in book.traders.values() if each.competes]
    if by_hand:
        left_out = tuple(f"trader {each.name} stays out: contestants were chosen by hand" for each in traders)
        return StartList(
            settings=settings, parts=assemble(settings, folder.name), left_out=left_out, notices=left_out
        )
    return _anew(settings, folder, traders, book)


def _as_begun(settings: Settings, folder: BotFolder, begun: Recorded) -> StartList:
    """With the traders that entered the unfinished run when it began."""
    run = begun.event
    assert isinstance(run, RunStarted)
    book = read_profiles(folder.journal, until_seq=begun.seq)
    entered = {contestant.name for contestant in run.contestants}
    traders = [each for each in book.traders.values() if each.competes and each.name in entered]
    agents, notices = _agents(settings, traders, book)
    if not _is_same(book, read_profiles(folder.journal)):
        notices.append("profiles have changed since this run began: they count when a new one begins (--new)")
    whole = _with(settings, agents)
    return StartList(
        settings=whole,
        parts=assemble(whole, folder.name),
        traders=tuple(each.name for each in agents),
        notices=tuple(notices),
    )


def _is_same(then: ProfileBook, now: ProfileBook) -> bool:
    return list(_entering(then)) == list(_entering(now))


def _entering(book: ProfileBook) -> Iterator[object]:
    """What decides who enters a run from profiles, and as what."""
    for trader in book.traders.values():
        if trader.competes:
            minds = (book.ai.get(name) for name in trader.minds)
            yield trader.name, trader.kind, trader.strategy, trader.timeframe, *minds


def _anew(
    settings: Settings, folder: BotFolder, traders: Sequence[TraderProfile], book: ProfileBook
) -> StartList:
    named = {each.name for each in settings.agents}
    left_out = [
        f"settings name an agent {each.name}: it competes, and the trader's profile does not"
        for each in traders
        if each.name in named
    ]
    agents, unable = _agents(settings, traders, book)
    left_out += unable
    try:
        whole = _with(settings, agents)
        parts = _that_can_begin(whole, folder)
    except CockpitError:
        whole, parts, agents, unable = _one_by_one(settings, folder, agents)
        left_out += unable
    names = tuple(each.name for each in agents)
    entered = (f"by their profiles compete {', '.join(names)}",) if names else ()
    return StartList(
        settings=whole,
        parts=parts,
        traders=names,
        left_out=tuple(left_out),
        notices=(*entered, *left_out),
    )


def _one_by_one(
    settings: Settings, folder: BotFolder, agents: Sequence[AgentSettings]
) -> tuple[Settings, Parts, list[AgentSettings], list[str]]:
    """The arena of those that make one together with the settings' own, who they are, and why others don't.

    Raises:
        CockpitError: If the settings alone make none.
    """
    whole, parts = settings, assemble(settings, folder.name)
    able: list[AgentSettings] = []
    notices = []
    for each in agents:
        wider = _with(settings, [*able, each])
        try:
            parts = _that_can_begin(wider, folder)
        except CockpitError as error:
            notices.append(f"trader {each.name} does not compete: {error}")
        else:
            whole = wider
            able.append(each)
    return whole, parts, able, notices


def _that_can_begin(settings: Settings, folder: BotFolder) -> Parts:
    parts = assemble(settings, folder.name)
    first_state(parts)
    return parts


def _agents(
    settings: Settings, traders: Sequence[TraderProfile], book: ProfileBook
) -> tuple[list[AgentSettings], list[str]]:
    named = {each.name for each in settings.agents}
    agents, notices = [], []
    for trader in traders:
        if trader.name in named:
            continue
        try:
            agents.append(agent_of(trader, book.ai))
        except ProfileInvalid as error:
            notices.append(f"trader {trader.name} does not compete: {error}")
    return agents, notices


def _with(settings: Settings, agents: Sequence[AgentSettings]) -> Settings:
    if not agents:
        return settings
    return settings.model_copy(update={"agents": (*settings.agents, *agents)})
