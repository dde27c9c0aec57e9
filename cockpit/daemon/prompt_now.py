"""What an agent's models would be asked now: from the newest run of a bot, or before the first of a new one.

It is all read from the bot's folder, whether the bot is running or not, and nothing is written there.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.models.model_call import Message
from cockpit.arena.assembly import Parts, assemble
from cockpit.arena.opening import first_state, present_view
from cockpit.arena.rounds import account_view
from cockpit.daemon.enrolment import enrolled
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.newest_state import newest_state
from cockpit.daemon.remembered_settings import remembered_settings
from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.events import RunStarted
from cockpit.domain.formats import time_of
from cockpit.domain.profiles import MIND_KINDS
from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.tree import Settings
from cockpit.trading.state import ArenaState


class NotAsked(CockpitError):
    """There is no such agent, none that asks a model, or none that asks one in that role."""

    exit_code = USAGE


@runtime_checkable
class Prompted(Protocol):
    """An agent that asks models, and tells what."""

    def prompts(self, view: MarketView, own: AccountView) -> Mapping[str, tuple[Message, ...]]:
        """Role → what a model would be asked in it, as far as nobody has to speak before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptNow:
    """What would be asked, of whom, and when.

    Attributes:
        agent: Who asks.
        summary: Of the agent, in a line.
        version: Identifies the templates the messages are made of: 32 hexadecimal digits.
        grounded: Why it can't take part; empty: it can.
        run_id: Whose account it is; empty: of a run that has not begun.
        round: Which round it would be, held now.
        ts_ms: Now, UTC milliseconds of market time.
        prompts: Role → messages in the order they are sent. Of a debate those of its first turn, and what
            the judge would be asked without it (``shadow``).
    """

    agent: str
    summary: str
    version: str
    grounded: str
    run_id: str
    round: int
    ts_ms: int
    prompts: Mapping[str, tuple[Message, ...]]


def prompt_now(folder: BotFolder, settings: Settings, name: str, role: str | None = None) -> PromptNow:
    """What an agent would be asked if a round were held now.

    The newest run counts, under the settings it was last run with, or else under those that are given; if it
    knows no such agent, or was on another market, it is the beginning of a new run that counts.

    Args:
        folder: The bot's.
        settings: As they are now.
        name: Of the agent.
        role: Of the one prompt that is wanted; all of them unless given.

    Raises:
        NotAsked: If there is no such agent, none that asks a model, or none that asks one in that role.
        CockpitError: If the settings make no arena, or the journal or a template can't be read.
    """
    parts, state = _newest(folder, settings, name) or _new(folder, settings)
    agent = parts.agents.get(name)
    if agent is None:
        raise NotAsked(f"there is no agent {name}: `cockpit agents list` shows who competes")
    if agent.kind not in MIND_KINDS or parts.minds is None or not isinstance(agent, Prompted):
        raise NotAsked(f"{name} asks no model: it is of kind {agent.kind}")
    view = asyncio.run(present_view(parts, state))
    return PromptNow(
        agent=name,
        summary=agent.summary,
        version=parts.minds.prompt_versions()[name],
        grounded=agent.grounded,
        run_id=state.run_id,
        round=view.round,
        ts_ms=view.ts_ms,
        prompts=_wanted(name, agent.prompts(view, account_view(state, name)), role),
    )


def prompt_document(found: PromptNow) -> dict[str, Any]:
    """For programs."""
    return {
        "agent": found.agent,
        "summary": found.summary,
        "version": found.version,
        "grounded": found.grounded,
        "run_id": found.run_id or None,
        "round": found.round,
        "time": time_of(found.ts_ms),
        "prompts": {
            role: [{"role": each.role, "content": each.content} for each in messages]
            for role, messages in found.prompts.items()
        },
    }


def prompt_lines(found: PromptNow) -> list[str]:
    """For people: when and who, then each message, under who is asked and who speaks to it."""
    whose = f"of run {found.run_id}" if found.run_id else "of a run that has not begun"
    lines = [f"{found.agent} {found.summary}: as round {found.round} {whose}, at {time_of(found.ts_ms)}"]
    if found.grounded:
        lines.append(f"it can't take part: {found.grounded}")
    for role, messages in found.prompts.items():
        for each in messages:
            lines += ["", f"=== {role} · {each.role}", "", each.content.rstrip("\n")]
    return lines


def _wanted(
    name: str, prompts: Mapping[str, tuple[Message, ...]], role: str | None
) -> Mapping[str, tuple[Message, ...]]:
    if role is None:
        return prompts
    if role not in prompts:
        raise NotAsked(f"{name} asks no {role} before anybody has spoken: ask for {', '.join(prompts)}")
    return {role: prompts[role]}


def _newest(folder: BotFolder, settings: Settings, name: str) -> tuple[Parts, ArenaState] | None:
    state = newest_state(folder)
    if state is None or name not in state.agents:
        return None
    for each in _known_settings(folder, settings):
        if any(agent.name == name for agent in each.agents):
            parts = assemble(each, folder.name)
            if _is_same_market(state.agreement, parts.agreement):
                return parts, state
    return None


def _known_settings(folder: BotFolder, settings: Settings) -> Iterator[Settings]:
    try:
        remembered = remembered_settings(folder.settings)
    except ConfigInvalid:
        remembered = None  # of another version of the program: those that are given will do
    if remembered is not None:
        yield remembered
    yield enrolled(settings, folder, new=False).settings


def _is_same_market(run: RunStarted, other: RunStarted) -> bool:
    def of(each: RunStarted) -> tuple[object, ...]:
        return each.market, each.seed, each.instruments, each.market_interval_ms, each.start_ms

    return of(run) == of(other)


def _new(folder: BotFolder, settings: Settings) -> tuple[Parts, ArenaState]:
    parts = enrolled(settings, folder, new=True).parts
    return parts, first_state(parts)
