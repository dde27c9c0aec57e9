"""What the control API needs of a bot."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cockpit.agents.models.budget import BudgetStanding
from cockpit.arena.controls import ControlRefused
from cockpit.arena.reconciliation import Reconciliation
from cockpit.arena.roster import RosterModel, StrategyUse
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.profile_changes import ProfileChange
from cockpit.domain.debates import DebateMessage
from cockpit.domain.events import Recorded, TradingMode
from cockpit.settings.tree import Settings
from cockpit.trading.margin import MarginTerms
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState

__all__ = ["BotControl", "ControlRefused"]


class BotControl(Protocol):
    """A running bot, as its API sees it.

    Attributes:
        folder: Where it keeps its things.
        settings: What it runs with, traders of profiles among the agents.
        started_ms: Real time at which the process took up the run, UTC milliseconds.
        speed: Market seconds per second; None: as fast as it can.
        limits: What the risk gate allows each agent, by name.
        margin_terms: What the venue lends on.
        strategy_uses: Who runs each strategy that is run.
    """

    folder: BotFolder
    settings: Settings
    started_ms: int
    speed: float | None
    limits: Mapping[str, RiskLimits]
    margin_terms: MarginTerms
    strategy_uses: Mapping[str, Sequence[StrategyUse]]

    @property
    def state(self) -> ArenaState:
        """The state that counts: nothing in it can be lost. Owned by the bot; read it, never change it."""
        ...

    @property
    def outage(self) -> str | None:
        """Why the journal can't be written now (trading is halted until it can); None when it can."""
        ...

    @property
    def models(self) -> Sequence[RosterModel]:
        """Every model that somebody may ask, or settings have a route to, as it stands now."""
        ...

    @property
    def budgets(self) -> Mapping[str | None, BudgetStanding]:
        """Where budgets for models stand, by agent, and under None that of all together; empty: there are
        none.
        """
        ...

    def listen(self, listener: Callable[[Sequence[Recorded]], None]) -> None:
        """Calls `listener` on the event loop with the events of every commit, once they count."""
        ...

    def listen_words(self, listener: Callable[[str, str, str], None]) -> None:
        """Calls `listener` on the event loop with what models say while they say it.

        It is given the name of the agent that asked, the role the model was asked in, and a piece of text. In
        a debate that somebody asked for, the name is followed by ``#`` and the debate's number.
        """
        ...

    def listen_said(self, listener: Callable[[str, DebateMessage], None]) -> None:
        """Calls `listener` on the event loop with what a role of a debate has said, once its turn is over.

        It is given who asked, as `listen_words` is, and the message; which call brought it may be missing.
        """
        ...

    async def pause(self, by: str) -> None:
        """Lets market time stand still."""
        ...

    async def resume(self, by: str) -> None:
        """Lets market time go on."""
        ...

    async def kill(self, by: str, *, flatten: bool) -> None:
        """Turns the kill switch on; with `flatten`, by an emergency stop that closes everything first.

        Raises:
            ControlRefused: If an emergency stop is under way.
        """
        ...

    async def unkill(self, by: str) -> None:
        """Turns the kill switch off."""
        ...

    async def set_mode(self, mode: TradingMode, by: str) -> None:
        """Says what orders may do: anything, only reduce exposure, or nothing."""
        ...

    async def debate(self, *, symbol: str, agent: str | None, execute: bool, by: str) -> int:
        """Lets an agent debate on one instrument now, outside its rounds.

        Args:
            symbol: A unified symbol of the run, or its base coin.
            agent: Whose roles debate; the first of the start list that can now, unless given.
            execute: Whether the verdict is to be acted upon as the agent's decision.
            by: Who asks.

        Returns:
            The debate's number, once it counts; `DebateHeld` or `DebateAbandoned` tells what came of it.

        Raises:
            ControlRefused: If it can't be held.
        """
        ...

    async def acknowledge(self, alert: int, by: str) -> None:
        """Takes an alert off the list of what nobody has seen.

        Raises:
            ControlRefused: If there is no such alert.
        """
        ...

    async def reconcile(self) -> Sequence[Reconciliation]:
        """Compares every account with the venue's; on paper, with what the journal's fills add up to.

        Raises:
            JournalError: If the journal can't be read.
        """
        ...

    async def sync(self, found: Sequence[Reconciliation], by: str) -> None:
        """Trusts the accounts again that were found to agree."""
        ...

    async def change_profile(self, change: ProfileChange, by: str) -> None:
        """Changes a profile of a model or trader; the run under way is none the wiser.

        Raises:
            ProfileUnknown, ProfileRefused, ProfileInvalid: If it can't be changed so.
            JournalError: If the journal can't be read.
        """
        ...

    async def reset_breaker(self, breaker: str, scope: str, by: str) -> None:
        """Arms a breaker again.

        Raises:
            ControlRefused: If there is no such breaker, or it is armed.
        """
        ...

    def request_stop(self, *, now: bool, flatten: bool) -> None:
        """Asks the bot to end: after the round in progress, or `now`, abandoning it."""
        ...
