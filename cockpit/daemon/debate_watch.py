"""A debate that is asked of a bot, and seen to its end: what is said is told as it comes."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from cockpit.daemon.client import BotClient, BotUnreachable, Passing, PassingMessage, PassingWords
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import (
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    Event,
    MarketAdvanced,
    Recorded,
    RunFinished,
)


class DebateUnseen(CockpitError):
    """A debate that was taken was not seen to its end, or did not begin after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateWish:
    """What is to be debated.

    Attributes:
        symbol: A unified symbol, or its base coin.
        agent: Which agent is to debate; None: the first that can.
        execute: Whether the verdict is acted upon.
        by: Who asks, for the journal.
    """

    symbol: str
    agent: str | None
    execute: bool
    by: str

    def body(self) -> dict[str, Any]:
        """As a request."""
        given = {"symbol": self.symbol, "execute": self.execute, "by": self.by}
        return given if self.agent is None else given | {"agent": self.agent}


@dataclass(slots=True, kw_only=True)
class DebateWatch:
    """Watches one debate.

    Attributes:
        client: Of the bot.
        begun: Is given the debate's event once it has begun.
        heard: Is given what is said, as it is said.
    """

    client: BotClient
    begun: Callable[[DebateAsked], None]
    heard: Callable[[PassingWords | PassingMessage], None]
    _asked: DebateAsked | None = field(init=False, default=None)

    @property
    def debate_id(self) -> int | None:
        """Of the debate; None while it has not begun."""
        return None if self._asked is None else self._asked.debate_id

    async def see(self, wish: DebateWish) -> dict[str, Any]:
        """Asks for a debate and waits for its end.

        Returns:
            What ``GET /debates/{id}`` tells of it.

        Raises:
            BotUnreachable, BotRefused: If there is no bot, or it says no.
            DebateUnseen: If the bot goes away before it is over, or could not begin it once it had the time.
        """
        since = int((await self.client.health())["seq"])
        taken = await self.client.post("/debates", **wish.body())
        try:
            async with aclosing(self.client.events(since, words=True)) as events:
                await self._follow(events, wish, taken)
        except BotUnreachable as error:
            raise DebateUnseen(
                f"the bot is gone in the middle of {self._name()}: it counts as abandoned once the bot is"
                " started again"
            ) from error
        assert self._asked is not None
        found: dict[str, Any] = await self.client.get(f"/debates/{self._asked.debate_id}")
        return found

    async def _follow(
        self, events: AsyncIterator[Recorded | Passing], wish: DebateWish, taken: Mapping[str, Any]
    ) -> None:
        steps = 0
        async for message in events:
            if isinstance(message, PassingWords | PassingMessage):
                if self._asked is not None and message.agent == _speaker(self._asked):
                    self.heard(message)
            elif isinstance(message, Recorded):
                event = message.event
                if isinstance(event, DebateAsked) and self._asked is None:
                    self._begin(event, wish, taken["debate_id"])
                elif isinstance(event, DebateHeld | DebateAbandoned) and event.debate_id == self.debate_id:
                    return
                elif self._asked is None and message.seq > taken["seq"]:
                    steps += isinstance(event, MarketAdvanced)
                    _refuse_missed(event, steps)

    def _begin(self, event: DebateAsked, wish: DebateWish, debate_id: int | None) -> None:
        if _is_it(event, wish, debate_id):
            self._asked = event
            self.begun(event)

    def _name(self) -> str:
        return "the debate" if self._asked is None else f"debate {self._asked.debate_id}"


def _refuse_missed(event: Event, steps: int) -> None:
    """What was taken begins in the market step that was in progress, or right after it, or not at all.

    Raises:
        DebateUnseen: If it has not.
    """
    if steps > 1 or isinstance(event, RunFinished):
        raise DebateUnseen("the debate could not begin after the round in progress: the bot's log says why")


def _speaker(asked: DebateAsked) -> str:
    return f"{asked.agent}#{asked.debate_id}"


def _is_it(event: DebateAsked, wish: DebateWish, debate_id: int | None) -> bool:
    """Whether it is the debate that was wished for; where that had to wait, its number is not known yet."""
    if debate_id is not None:
        return event.debate_id == debate_id
    symbol = event.symbol.casefold()
    is_symbol = wish.symbol.casefold() in {symbol, symbol.partition("/")[0]}
    return is_symbol and event.by == wish.by and wish.agent in {None, event.agent}
