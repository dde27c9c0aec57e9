"""What the dashboard needs of a bot: everything outside the screen comes through here."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cockpit.domain.debates import DebateMessage
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import Recorded
from cockpit.domain.profiles import ProfileKind
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState


class LinkLost(CockpitError):
    """The bot does not answer; the message says how that showed."""


class CommandRefused(CockpitError):
    """The bot, or the attempt to start it, said no; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class OutageNotice:
    """Passing word that the journal can't be written (and trading is halted), or None: that it can again."""

    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a model says while it says it: passing by, and no state.

    Attributes:
        agent: Who asked it; in a debate that was asked for, the agent, ``#`` and the debate's id.
        role: As what: ``decide``, ``bull`` …
        talk: Counts what was said by anybody; another number is another speech.
        start: Characters of it before `text`; more than came before where some were left out.
        text: The next of its words, untrusted.
    """

    agent: str
    role: str
    talk: int
    start: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a role of a debate has said, at the end of its turn: passing by, and no state.

    Attributes:
        agent: Who asked it; in a debate that was asked for, the agent, ``#`` and the debate's id.
        message: What its words came to, untrusted.
    """

    agent: str
    message: DebateMessage


Message = Recorded | OutageNotice | Words | Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a bot says to something it was asked to do, unless it says no.

    Attributes:
        done: Whether it is done; else it will be.
        message: What is the case, or will be, in the bot's words.
    """

    done: bool
    message: str


class BotLink(Protocol):
    """The way to one bot, whether it runs or not.

    Attributes:
        bot: Its name.
    """

    bot: str

    def is_running(self) -> bool:
        """Whether its process lives; cheap, and without asking it."""
        ...

    async def attach(self) -> ArenaState:
        """Its state as it is now.

        Raises:
            LinkLost: If it does not answer.
        """
        ...

    def messages(self, since: int) -> AsyncIterator[Message]:
        """Its events with a seq above `since`, those of the past first, then each as it happens.

        Raises:
            LinkLost: While iterating, when the bot goes away.
        """
        ...

    async def limits(self) -> Mapping[str, RiskLimits]:
        """What its risk gate allows each agent's orders, by agent.

        Raises:
            LinkLost: If it does not answer.
        """
        ...

    async def look_up(self, path: str, **params: str | int | None) -> Any:
        """What its control API tells, JSON-like; of a bot that does not run, its journal and the settings of
        its last run.

        Args:
            path: Such as ``/runs`` or ``/debates/7``; for all that a stopped bot has answers to see
                `cockpit.daemon.journal_answers.JournalAnswers`.
            params: The query's; those that are None are left out.

        Raises:
            CockpitError: If it does not answer, or there is nothing to tell.
        """
        ...

    async def profiles(self) -> Mapping[str, Any]:
        """All profiles, as its control API tells them; where it does not run, as its journal does, and
        ``missing_keys`` is None: only the bot knows its keys.

        Raises:
            LinkLost: If it does not answer.
            CockpitError: If the journal can't be read.
        """
        ...

    async def save_profile(self, kind: ProfileKind, name: str | None, fields: Mapping[str, Any]) -> Answer:
        """Makes a profile, or gives one other fields.

        Args:
            kind: Which list it is in.
            name: What it is called now; None: it is a new one.
            fields: All of them, as its control API takes them.

        Raises:
            CommandRefused: If it says no.
            LinkLost: If it does not answer.
        """
        ...

    async def delete_profile(self, kind: ProfileKind, name: str) -> Answer:
        """Deletes a profile.

        Raises:
            CommandRefused: If it says no.
            LinkLost: If it does not answer.
        """
        ...

    async def facts(self) -> Mapping[str, object]:
        """What it says of its health: names and values for people.

        Raises:
            LinkLost: If it does not answer.
        """
        ...

    async def send(self, path: str, **body: object) -> Answer:
        """Asks it to do something; paths and bodies are the control API's.

        Raises:
            CommandRefused: If it says no.
            LinkLost: If it does not answer.
        """
        ...

    async def start(self) -> None:
        """Starts it as a background process and returns when it answers.

        Raises:
            CommandRefused: If it can't be started.
        """
        ...

    async def close(self) -> None:
        """Lets go of connections; the bot goes on."""
        ...
