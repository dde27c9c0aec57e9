"""What the debate view asks of the bot: debates of the past, and new ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from textual.app import App
from textual.screen import Screen

from cockpit.domain.errors import CockpitError
from cockpit.domain.formats import price, short_symbol
from cockpit.tui.asking import Tell, asked
from cockpit.tui.debate_answers import debate_entry, whole_debate
from cockpit.tui.debate_history import DebateEntry
from cockpit.tui.keys import key_word
from cockpit.tui.link import BotLink
from cockpit.tui.screens.confirm import ChoiceScreen, ConfirmScreen
from cockpit.tui.store import DEBATE, Store

PAGE = 50
"""Debates that are read at once."""

_HEAR = "hear"
_ACT = "act"
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateDesk:
    """Reads debates and asks for them; what goes wrong is told in words.

    Attributes:
        app: Where questions appear.
        link: The way to the bot.
        store: How things stand.
        keys: Action id → key.
        tell: Says something in passing; with ``bad=True``, that something went wrong.
        reachable: Whether the bot answers; where it does not, that is said.
    """

    app: App[str]
    link: BotLink
    store: Store
    keys: Mapping[str, str]
    tell: Tell
    reachable: Callable[[], bool]

    async def read_before(self, debate_id: int | None) -> dict[int, DebateEntry] | None:
        """The newest debates with a lower number, by number; None where nobody can say.

        Args:
            debate_id: The number; None: all there are.
        """
        try:
            rows = await self.link.look_up("/debates", before=debate_id, limit=PAGE)
        except CockpitError:  # those of the latest events are there all the same
            return None
        return {row["debate_id"]: debate_entry(row) for row in rows}

    async def read_whole(self, debate_id: int) -> DebateEntry | str:
        """A debate with all that was said, or why it can't be told."""
        try:
            return whole_debate(await self.link.look_up(f"/debates/{debate_id}"))
        except CockpitError as error:
            return str(error)

    async def ask(self) -> bool:
        """Asks who is to debate on what, and lets them; whether the bot took it."""
        debaters = self.store.debaters
        if (debaters or self.store.state.run is None) and not self.reachable():
            return False
        if not debaters:
            profiles = key_word(self.keys["profiles"])
            self.tell(
                f'Nobody debates in this run: give an agent kind = "{DEBATE}" in the settings,'
                f" or make a trader profile that debates with {profiles}; the next run has it."
            )
            return False
        agent = debaters[0] if len(debaters) == 1 else await self._choice("Who is to debate?", debaters)
        symbol = None if agent is None else await self._symbol()
        if agent is None or symbol is None:
            return False
        execute = await self._is_executed(agent, symbol)
        return False if execute is None else await self._send(agent, symbol, execute=execute)

    async def _choice(self, question: str, names: tuple[str, ...]) -> str | None:
        return await self._asked(ChoiceScreen(self.store, question, [(name, name) for name in names]))

    async def _symbol(self) -> str | None:
        marks = self.store.state.marks
        choices = [
            (symbol, f"{short_symbol(symbol):<6} {price(marks.get(symbol)):>12}  {symbol}")
            for symbol in self.store.instruments
        ]
        return await self._asked(ChoiceScreen(self.store, "Which coin is to be debated on?", choices))

    async def _is_executed(self, agent: str, symbol: str) -> bool | None:
        """Whether the verdict is to be acted upon; None: nothing is to be asked after all."""
        question = f"{agent} debates on {short_symbol(symbol)}. What is to become of the verdict?"
        choices = [
            (_HEAR, "only to hear it: no order is sent"),
            (_ACT, f"to act upon it, as {agent}'s decision"),
        ]
        choice = await self._asked(ChoiceScreen(self.store, question, choices))
        if choice != _ACT:
            return None if choice is None else False
        question = (
            f"Let {agent} ACT on what its judge decides about {short_symbol(symbol)}? Orders then go through"
            " the risk gate as in a round, with nobody asked again."
        )
        answer = await self._asked(ConfirmScreen(question, [("y", "debate and act"), ("n", "go back")]))
        if answer != "y":
            self.tell("No debate is asked for.")
            return None
        return True

    async def _send(self, agent: str, symbol: str, *, execute: bool) -> bool:
        request = self.link.send("/debates", agent=agent, symbol=symbol, execute=execute)
        refused = await asked(request, self.tell)
        if refused:
            self.tell(refused, bad=True)
        return not refused

    async def _asked(self, screen: Screen[_Result]) -> _Result | None:
        return await self.app.push_screen_wait(screen)
